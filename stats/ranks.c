// SPDX-License-Identifier: GPL-3.0-or-later
#include "stats/ranks.h"

#include <Rmath.h>
#include <glib.h>
#include <math.h>
#include <stdlib.h>

enum { EXACT_BELOW = 50 };

typedef struct Ranked {
    double value;
    bool is_other; /* with signed ranks: the difference is positive */
} Ranked;

/* What ranking both sides together gives. */
typedef struct RankSums {
    double other; /* sum of its midranks */
    double ties;  /* sum of t^3 - t over groups of t equal values */
} RankSums;

static int compare_ranked(const void *a, const void *b)
{
    double x = ((const Ranked *) a)->value, y = ((const Ranked *) b)->value;

    return (x > y) - (x < y);
}

static void sort(Ranked *all, size_t n)
{
    if (n > 1)
        qsort(all, n, sizeof *all, compare_ranked);
}

static Ranked *ranked_both(Sample base, Sample other)
{
    Ranked *all = g_new(Ranked, base.n + other.n);

    for (size_t i = 0; i < base.n; i++)
        all[i] = (Ranked) { base.values[i], false };
    for (size_t i = 0; i < other.n; i++)
        all[base.n + i] = (Ranked) { other.values[i], true };
    sort(all, base.n + other.n);
    return all;
}

static RankSums rank_sums(const Ranked *all, size_t n)
{
    RankSums sums = { 0, 0 };

    for (size_t first = 0, end; first < n; first = end) {
        double equal, midrank;

        for (end = first + 1; end < n && all[end].value == all[first].value; end++)
            ;
        equal = (double) (end - first);
        midrank = (double) (first + 1 + end) / 2;
        sums.ties += equal * equal * equal - equal;
        for (size_t i = first; i < end; i++)
            sums.other += all[i].is_other ? midrank : 0;
    }
    return sums;
}

static double two_sided_normal(double distance, double sigma)
{
    if (sigma == 0)
        return NAN;
    return fmin(2 * pnorm((fabs(distance) - (distance != 0 ? 0.5 : 0)) / sigma, 0, 1, 0, 0), 1);
}

static double exact_p(double u, double base_n, double other_n)
{
    double p = u > base_n * other_n / 2 ? pwilcox(u - 1, base_n, other_n, 0, 0) : pwilcox(u, base_n, other_n, 1, 0);

    return fmin(2 * p, 1);
}

static double normal_p(double u, double ties, double base_n, double other_n)
{
    double n = base_n + other_n;

    return two_sided_normal(u - base_n * other_n / 2, sqrt(base_n * other_n / 12 * (n + 1 - ties / (n * (n - 1)))));
}

RankTest ranks_mann_whitney(Sample base, Sample other)
{
    g_autofree Ranked *all = ranked_both(base, other);
    RankSums sums = rank_sums(all, base.n + other.n);
    double base_n = (double) base.n, other_n = (double) other.n;
    RankTest test = { NAN, NAN, NAN, false };

    if (base.n == 0 || other.n == 0)
        return test;
    test.u = sums.other - other_n * (other_n + 1) / 2;
    test.cliffs_delta = 2 * test.u / (base_n * other_n) - 1;
    if (base.n < FLOOR_RANK_TEST || other.n < FLOOR_RANK_TEST)
        return test;
    test.exact = base.n < EXACT_BELOW && other.n < EXACT_BELOW && sums.ties == 0;
    test.p = test.exact ? exact_p(test.u, base_n, other_n) : normal_p(test.u, sums.ties, base_n, other_n);
    return test;
}

/* Of the pairs that differ; *ret_count says how many. */
static Ranked *ranked_differences(Sample base, Sample other, size_t *ret_count)
{
    Ranked *all = g_new(Ranked, base.n);
    size_t count = 0;

    for (size_t i = 0; i < base.n; i++) {
        double difference = other.values[i] - base.values[i];

        if (difference != 0)
            all[count++] = (Ranked) { fabs(difference), difference > 0 };
    }
    sort(all, count);
    *ret_count = count;
    return all;
}

double ranks_signed_p(Sample base, Sample other)
{
    size_t count;
    g_autofree Ranked *all = ranked_differences(base, other, &count);
    RankSums sums = rank_sums(all, count);
    double n = (double) count, v = sums.other, middle = n * (n + 1) / 4;

    if (base.n < FLOOR_RANK_TEST || count == 0)
        return NAN;
    if (count == base.n && count < EXACT_BELOW && sums.ties == 0)
        return fmin(2 * (v > middle ? psignrank(v - 1, n, 0, 0) : psignrank(v, n, 1, 0)), 1);
    return two_sided_normal(v - middle, sqrt(n * (n + 1) * (2 * n + 1) / 24 - sums.ties / 48));
}
