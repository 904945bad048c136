// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STATS_RATIO_H
#define STATS_RATIO_H

#include "stats/sample.h"

/* Mean of other over mean of base, with its confidence interval (Fieller 1954). Without an interval when the mean of
 * base is not clearly off 0: then no bounded set of ratios fits the data. */
typedef struct RatioTest {
    double ratio;
    Interval interval;
} RatioTest;

/* Independent samples with variances of their own; degrees of freedom at the estimated ratio (Tamhane, Logan 2004). */
RatioTest ratio_independent(Sample base, Sample other, double confidence);

/* values[i] of both belong together: their covariance counts. */
RatioTest ratio_paired(Sample base, Sample other, double confidence);

/* Equivalence of means by their ratio (Sasabuchi's two tests, as Hauschke and others 1999 use them): the p of "the
 * ratio is outside low ... high". Both means are taken to be positive. */
double ratio_equivalence(Sample base, Sample other, double low, double high);

#endif
