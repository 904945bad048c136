// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STATS_BOOTSTRAP_H
#define STATS_BOOTSTRAP_H

#include <stdint.h>

#include "stats/sample.h"

/* Percentile intervals (Efron and Tibshirani 1993, chapter 13) from BOOTSTRAP_RESAMPLES resamples; fewer, but at least
 * BOOTSTRAP_FEWEST, when the samples are so large that they would take BOOTSTRAP_DRAWS draws. The same seed and values
 * give the same interval on every machine (PCG32, runner/base/random.h). */
enum { BOOTSTRAP_RESAMPLES = 9999, BOOTSTRAP_FEWEST = 999, BOOTSTRAP_DRAWS = 20000000 };
enum { BOOTSTRAP_SEED = 1, BOOTSTRAP_STREAM = 55 };

typedef enum { BOOTSTRAP_MEAN, BOOTSTRAP_MEDIAN } BootstrapCentre;

/* Of one sample's mean or median. A median under FLOOR_MEDIAN_INTERVAL values has none. */
Interval bootstrap_centre(BootstrapCentre centre, Sample sample, double confidence, uint64_t seed);

/* Of centre of `other` less centre of `base`. */
Interval bootstrap_difference(BootstrapCentre centre, Sample base, Sample other, double confidence, uint64_t seed);

/* Of centre of `other` over centre of `base`; none when the latter was 0 in a resample, or of either sign. */
Interval bootstrap_ratio(BootstrapCentre centre, Sample base, Sample other, double confidence, uint64_t seed);

#endif
