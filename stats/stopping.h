// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STATS_STOPPING_H
#define STATS_STOPPING_H

#include "stats/sample.h"

/* When a mean is known well enough. Looking at an interval after every value and stopping at the first narrow one stops
 * most often where the spread looks smaller than it is (Chow and Robbins 1965; Starr 1966): with 5 values at least, a
 * 95 % interval then holds the mean in 92.2 % of all experiments, in the worst case. So it must have been narrow at
 * several looks in a row, the last one included, and there are no fewer than STOPPING_MIN values: with these two it is
 * 93.2 % in the worst case, at the price of about four values more. tests/unit/stats/test-stopping.c simulates it. */
enum { STOPPING_LOOKS = 5, STOPPING_MIN = 5 };

typedef struct StoppingRule {
    double relative;   /* half of the interval as a share of the mean: 0.02 */
    double confidence; /* of the interval: 0.95 */
    size_t min;        /* values at least; STOPPING_MIN or more */
    size_t looks;      /* in a row: STOPPING_LOOKS */
} StoppingRule;

/* Half of the mean's interval (Student's t) as a share of the mean's size: t(1 - (1 - confidence)/2, n - 1) s / sqrt(n)
 * / |mean|. INFINITY for fewer than two values, and for a mean of 0 with a spread. */
double stopping_half_width(Sample sample, double confidence);

/* Whether no further value is needed. `sample` is in the order in which the values came. */
bool stopping_is_reached(Sample sample, const StoppingRule *rule);

#endif
