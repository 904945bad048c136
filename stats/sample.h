// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STATS_SAMPLE_H
#define STATS_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>

/* n finite values of one quantity, one per run; not owned. docs/statistics.md has every formula with its source. All
 * functions of this layer say NAN (in both ends of an interval) where there is no answer. */
typedef struct Sample {
    const double *values;
    size_t n;
} Sample;

typedef struct Interval {
    double low, high;
} Interval;

#define INTERVAL_NONE ((Interval) { (double) NAN, (double) NAN })

bool interval_is_known(Interval interval);

/* No interval of a median, no rank test, no outlier flags under so many values: too few to carry the answer (a median's
 * 95 % interval from order statistics needs 6; with 3 a side the smallest p there is is 0.1). */
enum { FLOOR_MEDIAN_INTERVAL = 6, FLOOR_RANK_TEST = 4, FLOOR_OUTLIERS = 6 };

/* Mean and sample variance about the first value, so that a large offset takes no digits. */
typedef struct Moments {
    size_t n;
    double origin;
    long double shift;    /* mean - origin */
    long double variance; /* divided by n - 1; NAN for n < 2 */
} Moments;

Moments moments_of(Sample sample);
double moments_mean(const Moments *moments);

/* Mean of `other` less mean of `base`. */
double moments_difference(const Moments *base, const Moments *other);

/* Type 7 of Hyndman and Fan 1996, `p` from 0 to 1. */
double sample_quantile(Sample sample, double p);
double sample_median(Sample sample);

/* The same of values that are in order already; longer than a double, so that a distance from it keeps its digits. */
long double sorted_quantile(const double *sorted, size_t n, double p);

/* A copy in rising order. Caller frees. */
double *sample_sorted(Sample sample);

#endif
