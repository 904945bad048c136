// SPDX-License-Identifier: GPL-3.0-or-later
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reports/print.h"
#include "tests/unit/unit.h"

#define INTEGER(number) { .type = VALUE_INTEGER, .integer = (number) }
#define REAL(number) { .type = VALUE_REAL, .real = (number) }
#define TEXT(string) { .type = VALUE_TEXT, .text = (char *) (string) }
#define NOTHING { .type = VALUE_NULL }

static const char *plain_columns[] = { "cell", "n", "mean", NULL };
static Value plain_values[] = {
    TEXT("delay=10ms size=64"), INTEGER(3), REAL(20.125),
    TEXT("delay=0ms"), INTEGER(12), REAL(1. / 3),
    TEXT("größe=1"), INTEGER(1), NOTHING, /* as wide as it looks */
};
static const char *odd_columns[] = { "a,b", "c|d", NULL };
static Value odd_values[] = {
    TEXT("say \"hi\", \\ & <b>"), TEXT("two\nlines\ttab"),
    TEXT(""), TEXT("\x1b[31m*red*"), /* would colour the terminal */
    TEXT("bad \xff utf-8"), REAL(INFINITY),
};
static Value mixed_values[] = { REAL(1), TEXT("x"), NOTHING, REAL(0.1) };

static const char *wide_columns[] = { "id", "attempt", "sha256", "start_ns", "step", "at_s", NULL };
static Value wide_values[] = {
    INTEGER(1), INTEGER(1), TEXT("größe6789abcdef"), INTEGER(123456789), NOTHING, REAL(0.00012),
    INTEGER(2), INTEGER(1), TEXT("0123456789abcdef"), INTEGER(987), NOTHING, REAL(12.5),
};

static const char *rounded_columns[] = { "metric", "mean", NULL };
static Value rounded_values[] = { TEXT("50% of {a_b}"), TEXT("-12.30"), TEXT("#1 & \\x"), TEXT("4e+07") };

static const Table rounded = { (char **) rounded_columns, 2, 2, rounded_values };
static const Table plain = { (char **) plain_columns, 3, 3, plain_values };
static const Table wide = { (char **) wide_columns, 6, 2, wide_values };
static const Table odd = { (char **) odd_columns, 2, 3, odd_values };
static const Table mixed = { (char **) odd_columns, 2, 2, mixed_values };
static const Table empty = { (char **) plain_columns, 3, 0, NULL };

static const struct {
    const char *title;
    const Table *table;
    PrintFormat format;
    const char *expected;
} goldens[] = {
    { "text is aligned, points one above the other", &plain, PRINT_TEXT,
      "cell                 n       mean\n"
      "delay=10ms size=64   3  20.125\n"
      "delay=0ms           12   0.333333\n"
      "größe=1              1   -\n" },
    { "text shows control characters, and does not obey them", &odd, PRINT_TEXT,
      "a,b                c|d\n"
      "say \"hi\", \\ & <b>  two\\nlines\\ttab\n"
      "                   \\x1b[31m*red*\n"
      "bad \xef\xbf\xbd utf-8        inf\n" },
    { "text of a column with a text stands on the left", &mixed, PRINT_TEXT,
      "a,b  c|d\n"
      "  1  x\n"
      "  -  0.1\n" },
    { "text of no row is the heading", &empty, PRINT_TEXT, "cell  n  mean\n" },
    { "csv reads back the same", &plain, PRINT_CSV,
      "cell,n,mean\n"
      "delay=10ms size=64,3,20.125\n"
      "delay=0ms,12,0.3333333333333333\n"
      "größe=1,1,\n" },
    { "csv quotes as RFC 4180 says", &odd, PRINT_CSV,
      "\"a,b\",c|d\n"
      "\"say \"\"hi\"\", \\ & <b>\",\"two\nlines\ttab\"\n"
      "\"\",\x1b[31m*red*\n"
      "bad \xef\xbf\xbd utf-8,inf\n" },
    { "json keeps the types", &plain, PRINT_JSON,
      "[\n"
      "  {\"cell\": \"delay=10ms size=64\", \"n\": 3, \"mean\": 20.125},\n"
      "  {\"cell\": \"delay=0ms\", \"n\": 12, \"mean\": 0.3333333333333333},\n"
      "  {\"cell\": \"größe=1\", \"n\": 1, \"mean\": null}\n"
      "]\n" },
    { "json escapes, and has no infinity", &odd, PRINT_JSON,
      "[\n"
      "  {\"a,b\": \"say \\\"hi\\\", \\\\ & <b>\", \"c|d\": \"two\\u000alines\\u0009tab\"},\n"
      "  {\"a,b\": \"\", \"c|d\": \"\\u001b[31m*red*\"},\n"
      "  {\"a,b\": \"bad \xef\xbf\xbd utf-8\", \"c|d\": null}\n"
      "]\n" },
    { "json of no row is an empty array", &empty, PRINT_JSON, "[]\n" },
    { "markdown is a pipe table", &plain, PRINT_MARKDOWN,
      "| cell               |   n |     mean |\n"
      "| ------------------ | --: | -------: |\n"
      "| delay=10ms size=64 |   3 |   20.125 |\n"
      "| delay=0ms          |  12 | 0.333333 |\n"
      "| größe=1            |   1 |        - |\n" },
    { "markdown escapes what would be markup", &odd, PRINT_MARKDOWN,
      "| a,b                                    | c\\|d              |\n"
      "| -------------------------------------- | ----------------- |\n"
      "| say &quot;hi&quot;, \\\\ &amp; &lt;b&gt; | two<br>lines\\ttab |\n"
      "|                                        | \\x1b\\[31m\\*red\\*  |\n"
      "| bad \xef\xbf\xbd utf-8                            | inf               |\n" },
    { "texts that are numbers have their points one above the other, too", &rounded, PRINT_TEXT,
      "metric            mean\n"
      "50% of {a_b}    -12.30\n"
      "#1 & \\x       4e+07\n" },
    { "latex escapes what would be commands", &rounded, PRINT_LATEX,
      "\\begin{tabular}{lr}\n\\toprule\n"
      "metric                   &   mean \\\\\n\\midrule\n"
      "50\\% of \\{a\\_b\\}         & -12.30 \\\\\n"
      "\\#1 \\& \\textbackslash{}x &  4e+07 \\\\\n"
      "\\bottomrule\n\\end{tabular}\n" },
    { "html escapes what would be markup", &odd, PRINT_HTML,
      "<table>\n<thead>\n"
      "<tr><th scope=\"col\">a,b</th><th scope=\"col\">c|d</th></tr>\n"
      "</thead>\n<tbody>\n"
      "<tr><td>say &quot;hi&quot;, \\ &amp; &lt;b&gt;</td><td>two\\nlines\\ttab</td></tr>\n"
      "<tr><td></td><td>\\x1b[31m*red*</td></tr>\n"
      "<tr><td>bad \xef\xbf\xbd utf-8</td><td>inf</td></tr>\n"
      "</tbody>\n</table>\n" },
};

START_TEST(every_format_looks_like_its_golden)
{
    g_autofree char *text = print_table_text(goldens[_i].table, goldens[_i].format);

    ck_assert_msg(strcmp(text, goldens[_i].expected) == 0, "%s:\n%s---- expected ----\n%s", goldens[_i].title, text,
                  goldens[_i].expected);
}
END_TEST

static char *columns_text(const Table *table, const PrintColumn *columns)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    print_columns(table, columns, out);
    fclose(out);
    return text;
}

START_TEST(chosen_columns_leave_out_what_is_dull)
{
    static const PrintColumn columns[] = {
        { .name = "at_s", .decimals = 3 }, { .name = "id", .title = "run" }, { .name = "attempt", .dull = "1" },
        { .name = "step" },                { .name = "sha256", .width = 6 }, { 0 },
    };
    static const PrintColumn attempt[] = { { .name = "attempt", .dull = "2" }, { 0 } };
    g_autofree char *text = columns_text(&wide, columns);
    g_autofree char *attempts = columns_text(&wide, attempt);

    ck_assert_str_eq(text, "  at_s  run  sha256\n"
                           " 0.000    1  größe6\n"
                           "12.500    2  012345\n");
    ck_assert_str_eq(attempts, "attempt\n      1\n      1\n");
}
END_TEST

static const struct {
    double number;
    const char *people, *programs;
} numbers[] = {
    { 0.1, "0.1", "0.1" },
    { -0.0, "0", "-0" },
    { 1. / 3, "0.333333", "0.3333333333333333" },
    { 0.1 + 0.2, "0.3", "0.30000000000000004" }, /* needs all 17 digits */
    { 123456789, "1.23457e+08", "123456789" },
    { 1e300, "1e+300", "1e+300" },
    { 100, "100", "100" },
};

START_TEST(numbers_are_rounded_for_people_and_exact_for_programs)
{
    g_autofree char *people = print_number(numbers[_i].number);
    g_autofree char *programs = print_number_exact(numbers[_i].number);

    ck_assert_str_eq(people, numbers[_i].people);
    ck_assert_str_eq(programs, numbers[_i].programs);
    ck_assert_double_eq(g_ascii_strtod(programs, NULL), numbers[_i].number);
}
END_TEST

/* Only says something where a locale with a decimal comma is installed. */
START_TEST(a_locale_with_a_decimal_comma_changes_nothing)
{
    static const char *const names[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8" };
    g_autofree char *text = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(names) && setlocale(LC_ALL, names[i]) == NULL;)
        i++;
    text = print_table_text(&plain, PRINT_TEXT);
    ck_assert_str_eq(text, goldens[0].expected);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, every_format_looks_like_its_golden, 0, G_N_ELEMENTS(goldens));
    tcase_add_test(tcase, chosen_columns_leave_out_what_is_dull);
    tcase_add_loop_test(tcase, numbers_are_rounded_for_people_and_exact_for_programs, 0, G_N_ELEMENTS(numbers));
    tcase_add_test(tcase, a_locale_with_a_decimal_comma_changes_nothing);
}

int main(void)
{
    return unit_run("reports/print", add_tests);
}
