// SPDX-License-Identifier: GPL-3.0-or-later
/* Equivalence: its p are those of the tests that R's answers vouch for, and the number of runs it asks for is about right. */
#include "runner/base/random.h"
#include "stats/equivalence.h"
#include "stats/means.h"
#include "stats/ratio.h"
#include "tests/unit/reference.h"

#define ALPHA 0.05
#define SAMPLE(...) ((Sample) { (const double[]) { __VA_ARGS__ }, G_N_ELEMENTS(((const double[]) { __VA_ARGS__ })) })

START_TEST(the_p_of_being_inside_is_that_of_two_one_sided_tests)
{
    Sample base = SAMPLE(10, 11, 12, 9, 10, 13), other = SAMPLE(10.5, 11, 12, 9.5, 11);
    Equivalence ratio = equivalence_of_ratio(base, other, 0.8, 1.25, ALPHA);
    Equivalence difference = equivalence_of_difference(base, other, -2, 2, ALPHA);
    MeanTest welch = means_welch(base, other, 0.9);

    ck_assert_double_eq_tol(ratio.p_inside, ratio_equivalence(base, other, 0.8, 1.25), 1e-12);
    ck_assert_double_eq_tol(difference.p_inside, means_equivalence(&welch, -2, 2), 1e-12);
    ck_assert_double_eq(difference.interval.low, welch.interval.low);
    ck_assert_double_eq(ratio.estimate, 10.8 / (65 / 6.));
}
END_TEST

/* One rule for people: shown to be inside exactly when the 90 % interval of the difference lies between the bounds. */
START_TEST(inside_is_when_the_interval_is)
{
    Sample base = SAMPLE(10, 11, 12, 9, 10, 13);

    for (double shift = -4; shift <= 4; shift += 0.125) {
        Sample other = SAMPLE(10 + shift, 11 + shift, 12 + shift, 9 + shift, 11 + shift);
        Equivalence test = equivalence_of_difference(base, other, -2, 2, ALPHA);
        bool within = test.interval.low > -2 && test.interval.high < 2;
        bool apart = test.interval.low > 2 || test.interval.high < -2;

        ck_assert_int_eq(test.p_inside < ALPHA, within);
        ck_assert(apart || test.p_outside >= ALPHA); /* the other way round it needs a 95 % interval */
        ck_assert(!(test.p_inside < ALPHA && test.p_outside < ALPHA));
    }
    ck_assert_double_lt(equivalence_of_difference(base, SAMPLE(30, 31, 32), -2, 2, ALPHA).p_outside, 0.001);
}
END_TEST

/* A normal variate, near enough: the sum of twelve uniform ones. */
static double normal(Random *random)
{
    double sum = -6;

    for (int i = 0; i < 12; i++)
        sum += random_next(random) / 4294967296.0;
    return sum;
}

/* n values around a mean. Caller frees. */
static double *drawn(Random *random, size_t n, double mean, double stddev)
{
    double *values = g_new(double, n);

    for (size_t i = 0; i < n; i++)
        values[i] = mean + stddev * normal(random);
    return values;
}

START_TEST(as_many_as_it_asks_for_are_enough_four_times_of_five)
{
    enum { BASE = 200, FEW = 6, TRIES = 2000 };
    Random random;
    int64_t needed;
    double before[FEW];
    g_autofree double *base = NULL;
    int decided = 0;

    random_init(&random, 5, 5);
    base = drawn(&random, BASE, 100, 5);
    for (int i = 0; i < FEW; i++)
        before[i] = 100 + (i % 2 == 0 ? -1 : 1) * 12 * sqrt(5 / 6.); /* mean 100, standard deviation 12 */
    needed = equivalence_of_ratio((Sample) { base, BASE }, (Sample) { before, FEW }, 0.95, 1.05, ALPHA).needed;
    ck_assert_int_gt(needed, FEW);
    for (int i = 0; i < TRIES; i++) {
        g_autofree double *other = drawn(&random, (size_t) needed, 100, 12);
        Sample sample = { other, (size_t) needed };

        decided += equivalence_of_ratio((Sample) { base, BASE }, sample, 0.95, 1.05, ALPHA).p_inside < ALPHA;
    }
    /* both bounds at once take a little more than one: 0.8 for each makes 0.6 to 0.8 for the two */
    ck_assert_double_gt(decided / (double) TRIES, 0.6);
    ck_assert_double_lt(decided / (double) TRIES, 0.9);
}
END_TEST

START_TEST(where_no_number_helps_it_says_so)
{
    Sample wild = SAMPLE(10, 90, 50, 10, 90);

    ck_assert_int_eq(equivalence_of_ratio(wild, SAMPLE(50, 51, 49), 0.99, 1.01, ALPHA).needed, EQUIVALENCE_NEVER);
    ck_assert_int_eq(equivalence_of_ratio(SAMPLE(50), SAMPLE(50, 51, 49), 0.9, 1.1, ALPHA).needed, EQUIVALENCE_NEVER);
    ck_assert_int_eq(equivalence_of_ratio(SAMPLE(50, 51), (Sample) { NULL, 0 }, 0.9, 1.1, ALPHA).needed,
                     EQUIVALENCE_UNKNOWN);
    ck_assert_int_ge(equivalence_of_ratio(SAMPLE(50, 51, 50, 49), SAMPLE(50), 0.9, 1.1, ALPHA).needed, 2);
    ck_assert(isnan(equivalence_of_ratio(SAMPLE(50, 51), SAMPLE(50), 0.9, 1.1, ALPHA).p_inside));
}
END_TEST

START_TEST(without_spread_the_values_decide)
{
    Equivalence same = equivalence_of_ratio(SAMPLE(5, 5, 5), SAMPLE(5.2, 5.2), 0.9, 1.1, ALPHA);
    Equivalence other = equivalence_of_ratio(SAMPLE(5, 5, 5), SAMPLE(6, 6), 0.9, 1.1, ALPHA);

    ck_assert(same.no_spread && same.p_inside == 0 && same.p_outside == 1);
    ck_assert(other.no_spread && other.p_inside == 1 && other.p_outside == 0);
    ck_assert_double_eq(equivalence_of_difference(SAMPLE(0, 0), SAMPLE(0, 0), -1, 1, ALPHA).p_inside, 0);
}
END_TEST

START_TEST(ratios_of_what_is_negative_or_nothing)
{
    Equivalence negative = equivalence_of_ratio(SAMPLE(-10, -11, -9, -10), SAMPLE(-10, -10.5, -9.5, -10), 0.8, 1.2, ALPHA);

    ck_assert_double_lt(negative.p_inside, ALPHA);
    ck_assert_double_lt(equivalence_of_ratio(SAMPLE(-10, -11, -9, -10), SAMPLE(10, 10.5, 9.5, 10), 0.8, 1.2, ALPHA).p_outside,
                        ALPHA); /* the other side of 0 */
    ck_assert(isnan(equivalence_of_ratio(SAMPLE(0, 0, 0), SAMPLE(1, 2, 3), 0.8, 1.2, ALPHA).p_inside));
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, the_p_of_being_inside_is_that_of_two_one_sided_tests);
    tcase_add_test(tcase, inside_is_when_the_interval_is);
    tcase_add_test(tcase, as_many_as_it_asks_for_are_enough_four_times_of_five);
    tcase_add_test(tcase, where_no_number_helps_it_says_so);
    tcase_add_test(tcase, without_spread_the_values_decide);
    tcase_add_test(tcase, ratios_of_what_is_negative_or_nothing);
}

int main(void)
{
    return unit_run("stats/equivalence", add_tests);
}
