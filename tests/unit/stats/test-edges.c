// SPDX-License-Identifier: GPL-3.0-or-later
/* Where there is no answer, and what has no reference value. */
#include "runner/base/random.h"
#include "stats/bootstrap.h"
#include "stats/components.h"
#include "stats/correction.h"
#include "stats/means.h"
#include "stats/outliers.h"
#include "stats/ranks.h"
#include "stats/ratio.h"
#include "tests/unit/reference.h"

#define LEVEL 0.95
#define SAMPLE(...) ((Sample) { (const double[]) { __VA_ARGS__ }, G_N_ELEMENTS(((const double[]) { __VA_ARGS__ })) })

START_TEST(one_value_a_side_has_a_difference_and_nothing_else)
{
    MeanTest test = means_welch(SAMPLE(3), SAMPLE(5, 6, 7), LEVEL);
    RatioTest ratio = ratio_independent(SAMPLE(3), SAMPLE(5, 6, 7), LEVEL);

    ck_assert_double_eq(test.difference, 3);
    ck_assert(isnan(test.p) && !interval_is_known(test.interval) && !test.no_spread);
    ck_assert(isnan(means_detectable(&test, 0.05, 0.8)) && isnan(means_equivalence(&test, -1, 1)));
    ck_assert_double_eq(ratio.ratio, 2);
    ck_assert(!interval_is_known(ratio.interval));
    ck_assert(isnan(ratio_equivalence(SAMPLE(3), SAMPLE(5, 6), 0.8, 1.25)));
    test = means_paired(SAMPLE(3), SAMPLE(5), LEVEL);
    ck_assert_double_eq(test.difference, 2);
    ck_assert(isnan(test.p));
}
END_TEST

START_TEST(no_value_at_all_is_no_crash)
{
    Sample none = { NULL, 0 };
    MeanTest test = means_welch(none, none, LEVEL);

    ck_assert(isnan(test.difference) && isnan(test.p));
    ck_assert(isnan(ranks_mann_whitney(none, SAMPLE(1)).u) && isnan(sample_median(none)));
    ck_assert_uint_eq(outliers_scores(none, NULL), 0);
    ck_assert(!interval_is_known(bootstrap_centre(BOOTSTRAP_MEDIAN, none, LEVEL, 1)));
    ck_assert(!interval_is_known(bootstrap_difference(BOOTSTRAP_MEAN, none, none, LEVEL, 1)));
}
END_TEST

START_TEST(values_without_spread_have_no_test)
{
    MeanTest test = means_welch(SAMPLE(100, 100, 100), SAMPLE(200, 200, 200), LEVEL);

    ck_assert_double_eq(test.difference, 100);
    ck_assert(test.no_spread && isnan(test.p) && !interval_is_known(test.interval));
    test = means_paired(SAMPLE(1, 2, 3), SAMPLE(2, 3, 4), LEVEL);
    ck_assert_double_eq(test.difference, 1);
    ck_assert(test.no_spread && isnan(test.p));
    ck_assert(means_welch(SAMPLE(0.1 + 0.2, 0.3), SAMPLE(0.3, 0.3), LEVEL).no_spread); /* rounding is no spread */
    ck_assert(isnan(ranks_mann_whitney(SAMPLE(5, 5, 5, 5), SAMPLE(5, 5, 5, 5)).p));
    ck_assert_double_eq(ranks_mann_whitney(SAMPLE(5, 5, 5, 5), SAMPLE(5, 5, 5, 5)).cliffs_delta, 0);
    ck_assert(isnan(ranks_signed_p(SAMPLE(5, 6, 7, 8), SAMPLE(5, 6, 7, 8))));
}
END_TEST

START_TEST(a_baseline_that_may_be_zero_has_no_ratio_interval)
{
    ck_assert(!interval_is_known(ratio_independent(SAMPLE(-1, 0.5, 1), SAMPLE(3, 4, 5), LEVEL).interval));
    ck_assert(!interval_is_known(ratio_paired(SAMPLE(-1, 0.5, 1), SAMPLE(3, 4, 5), LEVEL).interval));
    ck_assert(isnan(ratio_independent(SAMPLE(-1, 1), SAMPLE(3, 4), LEVEL).ratio));
    ck_assert(!interval_is_known(bootstrap_ratio(BOOTSTRAP_MEAN, SAMPLE(-1, 0.5, 1), SAMPLE(3, 4, 5), LEVEL, 1)));
    ck_assert(!interval_is_known(bootstrap_ratio(BOOTSTRAP_MEAN, SAMPLE(0, 0, 0), SAMPLE(3, 4, 5), LEVEL, 1)));
}
END_TEST

START_TEST(there_are_floors)
{
    ck_assert(isnan(ranks_mann_whitney(SAMPLE(1, 2, 3), SAMPLE(4, 5, 6, 7, 8)).p));
    ck_assert_double_eq(ranks_mann_whitney(SAMPLE(1, 2, 3), SAMPLE(4, 5, 6, 7, 8)).cliffs_delta, 1);
    ck_assert(!isnan(ranks_mann_whitney(SAMPLE(1, 2, 3, 4), SAMPLE(5, 6, 7, 8)).p));
    ck_assert(isnan(ranks_signed_p(SAMPLE(1, 2, 3), SAMPLE(4, 5, 7))));
    ck_assert_double_eq_tol(ranks_signed_p(SAMPLE(1, 2, 3, 4), SAMPLE(5, 7, 9, 11)), 0.125, 1e-12);
    ck_assert(!interval_is_known(bootstrap_centre(BOOTSTRAP_MEDIAN, SAMPLE(1, 2, 3, 4, 5), LEVEL, 1)));
    ck_assert(interval_is_known(bootstrap_centre(BOOTSTRAP_MEDIAN, SAMPLE(1, 2, 3, 4, 5, 6), LEVEL, 1)));
    ck_assert(!interval_is_known(
        bootstrap_difference(BOOTSTRAP_MEDIAN, SAMPLE(1, 2, 3, 4, 5), SAMPLE(1, 2, 3, 4, 5, 6), LEVEL, 1)));
}
END_TEST

START_TEST(a_seed_gives_its_interval_again)
{
    Sample base = SAMPLE(10.13, 11.57, 9.04, 10.26, 14.91, 10.5, 9.7), other = SAMPLE(12, 13.5, 11, 12.25, 16, 12.5);
    Interval first = bootstrap_difference(BOOTSTRAP_MEDIAN, base, other, LEVEL, 7);
    Interval again = bootstrap_difference(BOOTSTRAP_MEDIAN, base, other, LEVEL, 7);
    Interval mean = bootstrap_centre(BOOTSTRAP_MEAN, base, LEVEL, 7), elsewhere;

    ck_assert_double_eq(first.low, again.low);
    ck_assert_double_eq(first.high, again.high);
    elsewhere = bootstrap_centre(BOOTSTRAP_MEAN, base, LEVEL, 8);
    ck_assert(mean.low != elsewhere.low || mean.high != elsewhere.high);
    ck_assert_double_eq_tol(mean.low, elsewhere.low, 0.1);
}
END_TEST

/* With many values the percentile interval of a mean is the normal one: half width 1.96 s / sqrt(n). */
START_TEST(the_bootstrap_agrees_with_theory)
{
    enum { N = 400 };
    double base[N], other[N];
    Random random;
    Interval interval;

    random_init(&random, 3, 3);
    for (int i = 0; i < N; i++) {
        base[i] = 1e6 + random_next(&random) / 4294967296.0;
        other[i] = 2e6 + random_next(&random) / 4294967296.0;
    }
    interval = bootstrap_centre(BOOTSTRAP_MEAN, (Sample) { base, N }, LEVEL, 1);
    ck_assert_double_eq_tol((interval.high - interval.low) / 2, 1.96 * sqrt(1 / 12. / N), 0.003);
    interval = bootstrap_difference(BOOTSTRAP_MEAN, (Sample) { base, N }, (Sample) { other, N }, LEVEL, 1);
    ck_assert_double_eq_tol((interval.high - interval.low) / 2, 1.96 * sqrt(2 / 12. / N), 0.004);
    interval = bootstrap_ratio(BOOTSTRAP_MEDIAN, (Sample) { base, N }, (Sample) { other, N }, LEVEL, 1);
    ck_assert(interval.low < 2.0000000 && interval.high > 1.9999990 && interval.high - interval.low < 1e-6);
}
END_TEST

START_TEST(what_is_shown_to_be_detectable_is_detected)
{
    MeanTest test = means_welch(SAMPLE(10, 11, 12, 9, 10), SAMPLE(10, 11, 12, 9, 11), LEVEL);
    double detectable = means_detectable(&test, 0.05, 0.8);

    ck_assert_double_gt(detectable, test.interval.high - test.difference);
    ck_assert_double_gt(means_detectable(&test, 0.01, 0.8), detectable);
    ck_assert_double_gt(means_detectable(&test, 0.05, 0.9), detectable);
    ck_assert_double_gt(means_equivalence(&test, -0.1, 0.1), 0.05);
    ck_assert_double_lt(means_equivalence(&test, -9, 9), 0.01);
    /* two runs a side and a hundred comparisons: a large number, but a number */
    test = means_welch(SAMPLE(10, 11), SAMPLE(10, 12), LEVEL);
    ck_assert(isfinite(means_detectable(&test, 0.05 / 100, 0.8)));
}
END_TEST

START_TEST(a_split_needs_runs_and_iterations)
{
    Components components;

    ck_assert(!components_split((Group[]) { { 20, 5, 1 } }, 1, &components));
    ck_assert(!components_split((Group[]) { { 1, 5, NAN }, { 1, 6, NAN } }, 2, &components));
    ck_assert(components_split((Group[]) { { 1, 5, NAN }, { 2, 6, 2 } }, 2, &components));
    ck_assert_double_eq(components.within, 2);
    components = (Components) { .mean = 1, .between = 1, .within = 0 };
    ck_assert_double_eq(components_iterations(&components, 10, 1), 1);
    ck_assert_double_eq(components_runs(&components, 1, 1e-9, LEVEL), 0);
    components = (Components) { .mean = 1 };
    ck_assert_double_eq(components_runs(&components, 1, 0.01, LEVEL), 2);
}
END_TEST

START_TEST(scores_point_at_the_value_that_is_far)
{
    double scores[7];

    ck_assert_uint_eq(outliers_scores(SAMPLE(10, 11, 12, 10, 11, 90, 12), scores), 1);
    ck_assert_double_gt(scores[5], OUTLIER_SCORE);
    ck_assert_double_eq_tol(scores[0], -0.6745, 1e-12);
    ck_assert_uint_eq(correction_count((double[]) { 0.1, NAN, 0 }, 3), 2);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, one_value_a_side_has_a_difference_and_nothing_else);
    tcase_add_test(tcase, no_value_at_all_is_no_crash);
    tcase_add_test(tcase, values_without_spread_have_no_test);
    tcase_add_test(tcase, a_baseline_that_may_be_zero_has_no_ratio_interval);
    tcase_add_test(tcase, there_are_floors);
    tcase_add_test(tcase, a_seed_gives_its_interval_again);
    tcase_add_test(tcase, the_bootstrap_agrees_with_theory);
    tcase_add_test(tcase, what_is_shown_to_be_detectable_is_detected);
    tcase_add_test(tcase, a_split_needs_runs_and_iterations);
    tcase_add_test(tcase, scores_point_at_the_value_that_is_far);
}

int main(void)
{
    return unit_run("stats/edges", add_tests);
}
