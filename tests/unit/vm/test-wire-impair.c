// SPDX-License-Identifier: GPL-3.0-or-later
/* What becomes of frames is luck, but with a seed: intervals are five standard deviations wide and hold for these seeds for ever. */
#include "runner/vm/wire/impair.h"

#include <glib.h>
#include <math.h>

#include "tests/unit/unit.h"

enum { FRAMES = 200000, SIZE = 1000 };

static Impair impair_of(uint64_t seed, const Impairment *what)
{
    Impair impair;

    impair_init(&impair, seed, 7);
    impair_set(&impair, what);
    return impair;
}

/* The number of hits among FRAMES lies within five standard deviations of a binomial distribution. */
static void assert_binomial(unsigned hits, double percent)
{
    double p = percent / 100, sigma = sqrt(FRAMES * p * (1 - p));

    ck_assert_msg(fabs(hits - FRAMES * p) <= 5 * sigma, "%u hits of %d at %g %%", hits, FRAMES, percent);
}

static const double shares[] = { 0.01, 1, 5, 33.3, 90 };

START_TEST(shares_are_binomial_and_do_not_touch_each_other)
{
    double percent = shares[_i];
    const Impairment what = { .delay_s = 0.01, .loss_percent = percent, .duplicate_percent = percent, .reorder_percent = percent,
                              .corrupt_percent = percent };
    Impair impair = impair_of(1, &what);
    unsigned lost = 0, both = 0, doubled = 0, copies = 0, early = 0, corrupt = 0;

    for (unsigned i = 0; i < FRAMES; i++) {
        Passage passage;

        impair_pass(&impair, 0, SIZE, 0, &passage);
        lost += passage.lost;
        doubled += passage.copies + passage.lost == 2;
        both += passage.lost && passage.copies == 1;
        copies += passage.copies;
        for (unsigned k = 0; k < passage.copies; k++) {
            early += passage.copy[k].is_early;
            ck_assert_int_eq(passage.copy[k].due_ns, passage.copy[k].is_early ? 0 : 10000000);
            corrupt += passage.copy[k].is_corrupt;
            ck_assert_uint_lt(passage.copy[k].corrupt_bit, SIZE * 8);
        }
    }
    assert_binomial(lost, percent);
    assert_binomial(doubled, percent);
    assert_binomial(both, percent * percent / 100); /* independent */
    ck_assert_uint_eq(copies, FRAMES + doubled - lost);
    assert_binomial((unsigned) ((double) early * FRAMES / copies), percent);
    assert_binomial((unsigned) ((double) corrupt * FRAMES / copies), percent);
}
END_TEST

/* Bernoulli losses: the number of losses right after a loss is that share of the losses again. */
START_TEST(a_loss_says_nothing_of_the_next_one)
{
    const Impairment what = { .loss_percent = 20 };
    Impair impair = impair_of(3, &what);
    unsigned losses = 0, after = 0;
    bool before = false;

    for (unsigned i = 0; i < FRAMES; i++) {
        Passage passage;

        impair_pass(&impair, 0, SIZE, 0, &passage);
        losses += passage.lost;
        after += before && passage.lost;
        before = passage.lost;
    }
    ck_assert(fabs(after - losses * 0.2) < 5 * sqrt(losses * 0.2 * 0.8));
}
END_TEST

static void moments(const double *values, size_t count, double *ret_mean, double *ret_variance, double *ret_kurtosis)
{
    double sum = 0, second = 0, fourth = 0;

    for (size_t i = 0; i < count; i++)
        sum += values[i];
    *ret_mean = sum / (double) count;
    for (size_t i = 0; i < count; i++) {
        double square = (values[i] - *ret_mean) * (values[i] - *ret_mean);

        second += square;
        fourth += square * square;
    }
    *ret_variance = second / (double) count;
    *ret_kurtosis = fourth / (double) count / (*ret_variance * *ret_variance);
}

/* A uniform distribution over 2j has variance j^2/3 and kurtosis 9/5. */
START_TEST(jitter_is_uniform_around_the_delay)
{
    const Impairment what = { .delay_s = 0.020, .jitter_s = 0.005 };
    Impair impair = impair_of(4, &what);
    g_autofree double *delays = g_new(double, FRAMES);
    double mean, variance, kurtosis, low = 1e9, high = 0;

    for (unsigned i = 0; i < FRAMES; i++) {
        Passage passage;

        impair_pass(&impair, 1000, SIZE, 0, &passage);
        delays[i] = (double) (passage.copy[0].due_ns - 1000) / 1e6;
        low = MIN(low, delays[i]);
        high = MAX(high, delays[i]);
    }
    moments(delays, FRAMES, &mean, &variance, &kurtosis);
    ck_assert_double_eq_tol(mean, 20, 5 * sqrt(25. / 3 / FRAMES));
    ck_assert_double_eq_tol(variance, 25. / 3, 5 * (25. / 3) * sqrt(0.8 / FRAMES));
    ck_assert_double_eq_tol(kurtosis, 1.8, 0.02);
    ck_assert_double_ge(low, 15);
    ck_assert_double_le(low, 15.001);
    ck_assert_double_le(high, 25);
    ck_assert_double_ge(high, 24.999);
}
END_TEST

START_TEST(a_delay_is_never_negative)
{
    const Impairment what = { .delay_s = 0.001, .jitter_s = 0.003 };
    Impair impair = impair_of(5, &what);
    unsigned at_once = 0;

    for (unsigned i = 0; i < FRAMES; i++) {
        Passage passage;

        impair_pass(&impair, 500, SIZE, 0, &passage);
        ck_assert_int_ge(passage.copy[0].due_ns, 500);
        at_once += passage.copy[0].due_ns == 500;
    }
    assert_binomial(at_once, 100. / 3); /* -2 ms to 0 of -2 ms to 4 ms */
}
END_TEST

START_TEST(the_same_seed_loses_the_same_frames_whatever_else_is_on)
{
    const Impairment alone = { .loss_percent = 10 };
    const Impairment among = { .loss_percent = 10, .delay_s = 0.1, .jitter_s = 0.1, .duplicate_percent = 30, .corrupt_percent = 50,
                               .reorder_percent = 50, .rate_bit_s = 1e6 };
    Impair first = impair_of(6, &alone), second = impair_of(6, &among), other = impair_of(7, &alone), neighbour;
    unsigned differs = 0, apart = 0;

    impair_init(&neighbour, 6, 8);
    impair_set(&neighbour, &alone);
    for (unsigned i = 0; i < 10000; i++) {
        Passage a, b, c, d;

        impair_pass(&first, 0, SIZE, 0, &a);
        impair_pass(&second, i * 1000, SIZE, 0, &b);
        impair_pass(&other, 0, SIZE, 0, &c);
        impair_pass(&neighbour, 0, SIZE, 0, &d);
        ck_assert_uint_eq(a.lost, b.lost);
        differs += a.lost != c.lost;
        apart += a.lost != d.lost;
    }
    ck_assert_uint_gt(differs, 1500); /* 1800 are expected of independent luck */
    ck_assert_uint_gt(apart, 1500);
}
END_TEST

START_TEST(a_rate_lets_out_bit_by_bit)
{
    const Impairment what = { .rate_bit_s = 8e6, .delay_s = 0.010 }; /* a byte a microsecond */
    Impair impair = impair_of(8, &what);
    Passage passage;

    for (unsigned i = 1; i <= 100; i++) { /* all at once: one behind the other */
        impair_pass(&impair, 0, SIZE, 0, &passage);
        ck_assert_int_eq(passage.copy[0].due_ns, (int64_t) i * 1000000 + 10000000);
    }
    impair_pass(&impair, 500000000, 100, 0, &passage); /* after a pause nothing is owed, nothing saved */
    ck_assert_int_eq(passage.copy[0].due_ns, 500000000 + 100000 + 10000000);
}
END_TEST

START_TEST(a_burst_passes_at_once_and_then_the_rate_holds)
{
    const Impairment what = { .rate_bit_s = 8e6, .burst_bytes = 3000 };
    Impair impair = impair_of(9, &what);
    Passage passage;

    for (unsigned i = 1; i <= 10; i++) {
        impair_pass(&impair, 1000000000, SIZE, 0, &passage);
        ck_assert_int_eq(passage.copy[0].due_ns, 1000000000 + (i <= 3 ? 0 : (int64_t) (i - 3) * 1000000));
    }
}
END_TEST

START_TEST(a_full_queue_drops_what_comes)
{
    const Impairment what = { .delay_s = 1, .duplicate_percent = 100, .queue = 5 };
    Impair impair = impair_of(10, &what);
    Passage passage;

    impair_pass(&impair, 0, SIZE, 4, &passage);
    ck_assert_uint_eq(passage.copies, 1);
    ck_assert_uint_eq(passage.dropped, 1);
    impair_pass(&impair, 0, SIZE, 5, &passage);
    ck_assert_uint_eq(passage.copies, 0);
    ck_assert_uint_eq(passage.dropped, 2);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, shares_are_binomial_and_do_not_touch_each_other, 0, G_N_ELEMENTS(shares));
    tcase_add_test(tcase, a_loss_says_nothing_of_the_next_one);
    tcase_add_test(tcase, jitter_is_uniform_around_the_delay);
    tcase_add_test(tcase, a_delay_is_never_negative);
    tcase_add_test(tcase, the_same_seed_loses_the_same_frames_whatever_else_is_on);
    tcase_add_test(tcase, a_rate_lets_out_bit_by_bit);
    tcase_add_test(tcase, a_burst_passes_at_once_and_then_the_rate_holds);
    tcase_add_test(tcase, a_full_queue_drops_what_comes);
}

int main(void)
{
    return unit_run("vm/wire-impair", add_tests);
}
