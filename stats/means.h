// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STATS_MEANS_H
#define STATS_MEANS_H

#include "stats/sample.h"

/* What Student's t says of the difference of two means. */
typedef struct MeanTest {
    double difference; /* mean of other less mean of base */
    double standard_error, df;
    Interval interval;
    double p;       /* two-sided, of "no difference" */
    bool no_spread; /* all values of each side (each pair) are the same to the last digits: no interval and no p */
} MeanTest;

/* Two independent samples whose variances may differ: Welch 1947, degrees of freedom of Satterthwaite 1946. A side with
 * fewer than two values leaves the difference only. */
MeanTest means_welch(Sample base, Sample other, double confidence);

/* values[i] of both samples belong together (the same block): Student's t of the n differences. */
MeanTest means_paired(Sample base, Sample other, double confidence);

/* Equivalence by two one-sided tests (Schuirmann 1987): the p of "the difference is outside low ... high". Below alpha:
 * shown to be inside. */
double means_equivalence(const MeanTest *test, double low, double high);

/* The smallest difference that the test would have shown at level `alpha` with probability `power`, were the spread
 * what it was seen to be (noncentral t). */
double means_detectable(const MeanTest *test, double alpha, double power);

#endif
