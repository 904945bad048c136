// SPDX-License-Identifier: GPL-3.0-or-later
/* The stopping rule, and what it does to the interval that is printed in the end. */
#include <Rmath.h>
#include <glib.h>
#include <math.h>
#include <stdio.h>

#include "runner/base/random.h"
#include "stats/stopping.h"
#include "tests/unit/unit.h"

enum { EXPERIMENTS = 20000, MOST = 60, STREAM = 77, SEED = 3 };

#define MEAN 100.
#define SAMPLE(...) ((Sample) { (const double[]) { __VA_ARGS__ }, G_N_ELEMENTS(((const double[]) { __VA_ARGS__ })) })

START_TEST(the_half_width_is_students)
{
    /* R: t.test(c(9, 10, 11, 12))$conf.int is 8.445739 ... 12.554261, around 10.5 */
    ck_assert_double_eq_tol(stopping_half_width(SAMPLE(9, 10, 11, 12), 0.95), 2.054261 / 10.5, 1e-7);
    ck_assert_double_eq_tol(stopping_half_width(SAMPLE(-9, -10, -11, -12), 0.95), 2.054261 / 10.5, 1e-7);
    ck_assert(stopping_half_width(SAMPLE(9, 10, 11, 12), 0.99) > stopping_half_width(SAMPLE(9, 10, 11, 12), 0.95));
    ck_assert(isinf(stopping_half_width(SAMPLE(5), 0.95)) && isinf(stopping_half_width((Sample) { NULL, 0 }, 0.95)));
    ck_assert(isinf(stopping_half_width(SAMPLE(-1, 1), 0.95)));
    ck_assert_double_eq(stopping_half_width(SAMPLE(7, 7, 7), 0.95), 0);
    ck_assert_double_eq(stopping_half_width(SAMPLE(0, 0, 0), 0.95), 0);
}
END_TEST

START_TEST(it_stops_after_the_least_number_where_there_is_no_spread)
{
    StoppingRule rule = { 0.02, 0.95, 5, STOPPING_LOOKS };

    ck_assert(!stopping_is_reached(SAMPLE(3, 3, 3, 3), &rule));
    ck_assert(stopping_is_reached(SAMPLE(3, 3, 3, 3, 3), &rule));
    ck_assert(!stopping_is_reached((Sample) { NULL, 0 }, &rule));
    rule.min = 1;
    ck_assert(!stopping_is_reached(SAMPLE(3), &rule)); /* one value has no interval */
    ck_assert(stopping_is_reached(SAMPLE(3, 3), &rule));
}
END_TEST

START_TEST(one_narrow_look_is_not_enough)
{
    StoppingRule rule = { 0.05, 0.95, 2, 4 };

    ck_assert_double_lt(stopping_half_width(SAMPLE(100, 110, 105, 105, 105, 105), 0.95), 0.05);
    ck_assert_double_gt(stopping_half_width(SAMPLE(100, 110, 105), 0.95), 0.05);
    ck_assert(!stopping_is_reached(SAMPLE(100, 110, 105, 105, 105, 105), &rule)); /* of 3 values it was too wide */
    ck_assert(stopping_is_reached(SAMPLE(100, 110, 105, 105, 105, 105, 105, 105), &rule));
}
END_TEST

static double uniform(Random *random)
{
    return (random_next(random) + 0.5) / 4294967296.;
}

/* One value of a normal distribution (inversion; qnorm is Wichura's AS 241). */
static double draw(Random *random, double sd)
{
    return qnorm(uniform(random), MEAN, sd, 1, 0);
}

/* Run experiments that stop by the rule; the share of those whose printed interval (95 %) holds the true mean. */
static double coverage(double needed, const StoppingRule *rule, double *ret_mean_n)
{
    double sd = rule->relative * MEAN * sqrt(needed) / 1.96;
    unsigned held = 0, values_total = 0;
    Random random;

    random_init(&random, SEED, STREAM);
    for (unsigned i = 0; i < EXPERIMENTS; i++) {
        double values[MOST];
        Sample sample = { values, 0 };
        Moments moments;

        while (sample.n < MOST && !stopping_is_reached(sample, rule))
            values[sample.n++] = draw(&random, sd);
        moments = moments_of(sample);
        held += fabs(moments_mean(&moments) - MEAN)
                <= stopping_half_width(sample, 0.95) * fabs(moments_mean(&moments));
        values_total += (unsigned) sample.n;
    }
    *ret_mean_n = (double) values_total / EXPERIMENTS;
    return (double) held / EXPERIMENTS;
}

/* `needed`: how many values the wanted width takes when the spread is known. The middle of the range is the worst. */
static const struct {
    double needed, relative;
    size_t min;
} situations[] = {
    { 3, 0.02, 5 },  { 6, 0.02, 5 },  { 10, 0.02, 5 }, { 15, 0.02, 5 }, { 20, 0.02, 5 },
    { 30, 0.02, 5 }, { 45, 0.02, 5 }, { 80, 0.02, 5 }, { 10, 0.2, 5 },  { 30, 0.2, 5 },
    { 15, 0.02, 10 },
};

START_TEST(the_printed_interval_holds_the_mean_as_often_as_it_says)
{
    StoppingRule rule = { situations[_i].relative, 0.95, situations[_i].min, STOPPING_LOOKS };
    double mean_n, share = coverage(situations[_i].needed, &rule, &mean_n);

    if (g_getenv("SHOW") != NULL)
        fprintf(stderr, "needed %3.0f relative %.2f min %2zu: coverage %.4f, n %.1f\n", situations[_i].needed,
                rule.relative, rule.min, share, mean_n);
    ck_assert_double_ge(share, 0.93);
    ck_assert_double_le(share, 0.97);
    ck_assert_double_le(mean_n, MAX(situations[_i].needed * 1.1 + 8, (double) rule.min)); /* and it is not bought dearly */
}
END_TEST

START_TEST(stopping_at_the_first_narrow_look_would_break_the_promise)
{
    StoppingRule rule = { 0.02, 0.95, 5, 1 };
    double mean_n;

    ck_assert_double_lt(coverage(15, &rule, &mean_n), 0.93);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, the_half_width_is_students);
    tcase_add_test(tcase, it_stops_after_the_least_number_where_there_is_no_spread);
    tcase_add_test(tcase, one_narrow_look_is_not_enough);
    tcase_add_test(tcase, stopping_at_the_first_narrow_look_would_break_the_promise);
    tcase_add_loop_test(tcase, the_printed_interval_holds_the_mean_as_often_as_it_says, 0, G_N_ELEMENTS(situations));
}

int main(void)
{
    return unit_run("stats/stopping", add_tests);
}
