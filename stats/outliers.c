// SPDX-License-Identifier: GPL-3.0-or-later
#include "stats/outliers.h"

#include <glib.h>
#include <math.h>

/* 1 / 0.6745 and sqrt(pi / 2): what makes either estimate a normal distribution's standard deviation. */
#define MAD_SCALE (1 / 0.6745)
#define MEAN_DISTANCE_SCALE 1.2533141373155003

static double scale_of(Sample distances)
{
    double mad = sample_median(distances);
    Moments moments = moments_of(distances);

    return mad > 0 ? MAD_SCALE * mad : MEAN_DISTANCE_SCALE * moments_mean(&moments);
}

size_t outliers_scores(Sample sample, double *ret_scores)
{
    g_autofree double *sorted = sample_sorted(sample);
    long double median = sorted_quantile(sorted, sample.n, 0.5);
    size_t flagged = 0;
    double scale;

    for (size_t i = 0; i < sample.n; i++)
        ret_scores[i] = sample.n < FLOOR_OUTLIERS ? NAN : (double) fabsl(sample.values[i] - median);
    if (sample.n < FLOOR_OUTLIERS)
        return 0;
    scale = scale_of((Sample) { ret_scores, sample.n });
    for (size_t i = 0; i < sample.n; i++) {
        ret_scores[i] = scale > 0 ? (double) (sample.values[i] - median) / scale : 0;
        flagged += fabs(ret_scores[i]) > OUTLIER_SCORE;
    }
    return flagged;
}
