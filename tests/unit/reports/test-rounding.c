// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <string.h>

#include "reports/numbers.h"
#include "reports/print.h"
#include "reports/rounding.h"
#include "tests/unit/unit.h"

static const struct {
    double value, uncertainty;
    const char *text;
} roundings[] = {
    { 12.3456, 0.0789, "12.346" },
    { 12.3456, 0.5, "12.35" },
    { 12, 0.5, "12.00" },          /* zeros are digits, too */
    { 45678, 1234, "45700" },
    { 45678, 12, "45678" },
    { -0.0001, 0.5, "0.00" },      /* no "-0.00" */
    { 0.000123456, 0.0000012, "0.0001235" },
    { 1. / 3, NAN, "0.333333" },   /* n = 1: six digits */
    { 1. / 3, 0, "0.333333" },     /* all the same */
    { INFINITY, 1, "inf" },
    { 1, INFINITY, "1" },
    { 1e20, 1e18, "1e+20" },
};

START_TEST(a_number_has_the_digits_that_its_uncertainty_leaves)
{
    g_autofree char *text = rounding_text(roundings[_i].value, roundings[_i].uncertainty);

    ck_assert_str_eq(text, roundings[_i].text);
}
END_TEST

#define TEXT(string) { .type = VALUE_TEXT, .text = (char *) (string) }
#define REAL(number) { .type = VALUE_REAL, .real = (number) }
#define INTEGER(number) { .type = VALUE_INTEGER, .integer = (number) }

static const char *columns[] = { "cell", "metric", "unit", "n", "mean", "sem", NULL };
static Value values[] = {
    TEXT("loss=1%"), TEXT("boot"), TEXT("s"), INTEGER(3), REAL(0.0123456), REAL(0.00021), /* in ms as 450 */
    TEXT("loss=5%"), TEXT("boot"), TEXT("s"), INTEGER(1), REAL(0.45), { .type = VALUE_NULL },
    TEXT("loss=1%"), TEXT("size"), TEXT("B"), INTEGER(3), REAL(2500000), REAL(12000),     /* in MB */
    TEXT("loss=1%"), TEXT("temp"), TEXT("K"), INTEGER(3), REAL(0.0025), REAL(0.0001),     /* no unit that we know */
};
static const Table summary = { (char **) columns, 6, 4, values };

START_TEST(a_summary_has_one_unit_a_metric_and_rounds_each_row_by_its_error)
{
    g_autoptr(Table) rounded = rounding_summary(&summary);
    g_autofree char *text = print_table_text(rounded, PRINT_TEXT);

    ck_assert_str_eq(text, "cell     metric  unit  n       mean      sem\n"
                           "loss=1%  boot    ms    3   12.35     0.21\n"
                           "loss=5%  boot    ms    1  450        -\n"
                           "loss=1%  size    MB    3    2.500    0.012\n"
                           "loss=1%  temp    K     3    0.00250  0.00010\n");
}
END_TEST

START_TEST(latex_gets_every_number_by_its_name)
{
    g_autoptr(Table) rounded = rounding_summary(&summary);
    g_autofree char *text = numbers_latex(rounded);

    ck_assert(g_str_has_prefix(text, "% Numbers by trialbed."));
    ck_assert(strstr(text, "\n\\trialbed@number{boot}{loss=1-}{mean}{12.35}\n") != NULL);
    ck_assert(strstr(text, "\n\\trialbed@number{boot}{loss=5-}{n}{1}\n") != NULL);
    ck_assert(strstr(text, "\n\\trialbed@number{boot}{loss=5-}{sem}{--}\n") != NULL);
    ck_assert(g_str_has_suffix(text, "{temp}{loss=1-}{sem}{0.00010}\n\\makeatother\n"));
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_number_has_the_digits_that_its_uncertainty_leaves, 0, G_N_ELEMENTS(roundings));
    tcase_add_test(tcase, a_summary_has_one_unit_a_metric_and_rounds_each_row_by_its_error);
    tcase_add_test(tcase, latex_gets_every_number_by_its_name);
}

int main(void)
{
    return unit_run("reports/rounding", add_tests);
}
