// SPDX-License-Identifier: GPL-3.0-or-later
#include "stats/sample.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>

bool interval_is_known(Interval interval)
{
    return isfinite(interval.low) && isfinite(interval.high);
}

Moments moments_of(Sample sample)
{
    Moments moments = { .n = sample.n, .shift = NAN, .variance = NAN };
    long double sum = 0, squares = 0;

    if (sample.n == 0)
        return moments;
    moments.origin = sample.values[0];
    for (size_t i = 0; i < sample.n; i++)
        sum += (long double) sample.values[i] - moments.origin;
    moments.shift = sum / (long double) sample.n;
    for (size_t i = 0; i < sample.n; i++) {
        long double distance = (long double) sample.values[i] - moments.origin - moments.shift;

        squares += distance * distance;
    }
    if (sample.n > 1)
        moments.variance = squares / (long double) (sample.n - 1);
    return moments;
}

double moments_mean(const Moments *moments)
{
    return (double) (moments->origin + moments->shift);
}

double moments_difference(const Moments *base, const Moments *other)
{
    return (double) ((long double) other->origin - base->origin + (other->shift - base->shift));
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}

double *sample_sorted(Sample sample)
{
    double *sorted = g_memdup2(sample.values, sample.n * sizeof *sorted);

    if (sample.n > 1)
        qsort(sorted, sample.n, sizeof *sorted, compare_numbers);
    return sorted;
}

long double sorted_quantile(const double *sorted, size_t n, double p)
{
    double position = n == 0 ? 0 : (double) (n - 1) * p;
    size_t below = (size_t) position;
    long double part = position - (double) below;

    if (n == 0)
        return NAN;
    if (part == 0 || below + 1 >= n || sorted[below] == sorted[below + 1])
        return sorted[below];
    return sorted[below] * (1 - part) + sorted[below + 1] * part;
}

double sample_quantile(Sample sample, double p)
{
    g_autofree double *sorted = sample_sorted(sample);

    return (double) sorted_quantile(sorted, sample.n, p);
}

double sample_median(Sample sample)
{
    return sample_quantile(sample, 0.5);
}
