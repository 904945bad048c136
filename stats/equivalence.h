// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STATS_EQUIVALENCE_H
#define STATS_EQUIVALENCE_H

#include <stdint.h>

#include "stats/sample.h"

/* Whether a mean came out the same a second time: two one-sided tests (Schuirmann 1987) of two independent samples
 * whose variances may differ (degrees of freedom of Satterthwaite 1946, at the bound that is tested). */
typedef struct Equivalence {
    double estimate;   /* ratio of the means (other over base), or their difference */
    Interval interval; /* with confidence 1 - 2 alpha: equivalence is shown when it lies between the bounds */
    double p_inside;   /* of "it is not between the bounds": below alpha, shown to be between them */
    double p_outside;  /* of "it is between the bounds", twice the smaller one-sided p: below alpha, shown not to be */
    bool no_spread;    /* all values of each side are the same: the p are 0 or 1 */
    int64_t needed;    /* values of `other` that would probably decide it, were mean and spread what they are seen to be
                        * (power EQUIVALENCE_POWER); EQUIVALENCE_NEVER, or EQUIVALENCE_UNKNOWN without any spread to go by */
} Equivalence;

#define EQUIVALENCE_POWER 0.8
enum { EQUIVALENCE_UNKNOWN = 0, EQUIVALENCE_NEVER = -1, EQUIVALENCE_LIMIT = 1000000 };

/* By the ratio of means (Sasabuchi's tests, as ratio_equivalence()). Means below 0 are compared by their size; when base's
 * mean is 0 there is no ratio, and nothing is known. */
Equivalence equivalence_of_ratio(Sample base, Sample other, double low, double high, double alpha);

/* By the difference of means, other less base. */
Equivalence equivalence_of_difference(Sample base, Sample other, double low, double high, double alpha);

#endif
