// SPDX-License-Identifier: GPL-3.0-or-later
/* The steady-state rule against what tests/data/stats/make-steady.py found, and its edges. */
#include "stats/steady.h"
#include "tests/unit/reference.h"

#define SAMPLE(...) ((Sample) { (const double[]) { __VA_ARGS__ }, G_N_ELEMENTS(((const double[]) { __VA_ARGS__ })) })

enum { NAME, WINDOW, LIMIT, IS_STEADY, FROM, VARIATION, VALUES, COLUMNS };

START_TEST(every_series_is_judged_as_by_the_reference)
{
    g_auto(GStrv) lines = reference_lines("steady.tsv");

    ck_assert_uint_eq(g_strv_length(lines), 42);
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) words = g_strsplit(lines[i], "\t", -1);
        Numbers numbers = reference_numbers(words[VALUES]);
        SteadyRule rule = { (size_t) reference_number(words[WINDOW]), reference_number(words[LIMIT]) };
        Steadiness found = steadiness_of((Sample) { numbers.values, numbers.n }, &rule);

        ck_assert_uint_eq(g_strv_length(words), COLUMNS);
        reference_check(words[NAME], "is it steady", found.is_steady, reference_number(words[IS_STEADY]));
        reference_check(words[NAME], "from", (double) found.from, reference_number(words[FROM]));
        reference_check(words[NAME], "variation", found.variation, reference_number(words[VARIATION]));
        g_free(numbers.values);
    }
}
END_TEST

START_TEST(the_limit_itself_is_steady)
{
    SteadyRule rule = { 2, 0 };
    Steadiness found;

    ck_assert(steadiness_of(SAMPLE(1, 2, 2), &rule).is_steady);
    ck_assert_uint_eq(steadiness_of(SAMPLE(1, 2, 2), &rule).from, 1);
    rule = (SteadyRule) { 3, 0.1 };
    rule.variation = coefficient_of_variation(SAMPLE(9, 10, 11));
    ck_assert_double_eq_tol(rule.variation, 0.1, 1e-15);
    ck_assert(steadiness_of(SAMPLE(9, 10, 11), &rule).is_steady);
    rule.variation = 0.0999;
    found = steadiness_of(SAMPLE(9, 10, 11, 19), &rule);
    ck_assert(!found.is_steady && found.from == 0);
    ck_assert_double_eq_tol(found.variation, 0.1, 1e-15);
}
END_TEST

START_TEST(fewer_iterations_than_a_window_are_not_steady)
{
    SteadyRule rule = { 3, 0.5 };

    ck_assert(!steadiness_of(SAMPLE(1, 1), &rule).is_steady && isinf(steadiness_of(SAMPLE(1, 1), &rule).variation));
    ck_assert(!steadiness_of((Sample) { NULL, 0 }, &rule).is_steady);
    ck_assert(isinf(coefficient_of_variation(SAMPLE(-1, 1))) && isnan(coefficient_of_variation(SAMPLE(1))));
    ck_assert_double_eq(coefficient_of_variation(SAMPLE(0, 0)), 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, every_series_is_judged_as_by_the_reference);
    tcase_add_test(tcase, the_limit_itself_is_steady);
    tcase_add_test(tcase, fewer_iterations_than_a_window_are_not_steady);
}

int main(void)
{
    return unit_run("stats/steady", add_tests);
}
