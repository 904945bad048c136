// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STATS_OUTLIERS_H
#define STATS_OUTLIERS_H

#include "stats/sample.h"

/* A value is flagged when its score is beyond this (Iglewicz and Hoaglin 1993). Flagged, never dropped. */
#define OUTLIER_SCORE 3.5

/* Modified z-score of every value: distance from the median in MADs that are scaled to a normal distribution's standard
 * deviation; in mean distances when the MAD is 0. NAN under FLOOR_OUTLIERS values. Returns how many are flagged. */
size_t outliers_scores(Sample sample, double *ret_scores);

#endif
