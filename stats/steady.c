// SPDX-License-Identifier: GPL-3.0-or-later
#include "stats/steady.h"

#include <math.h>

double coefficient_of_variation(Sample sample)
{
    Moments moments = moments_of(sample);
    double deviation = sqrt((double) moments.variance);

    return deviation == 0 ? 0 : deviation / fabs(moments_mean(&moments));
}

Steadiness steadiness_of(Sample iterations, const SteadyRule *rule)
{
    Steadiness steadiest = { .variation = INFINITY };

    for (size_t from = 0; from + rule->window <= iterations.n; from++) {
        double variation = coefficient_of_variation((Sample) { iterations.values + from, rule->window });

        if (variation < steadiest.variation)
            steadiest = (Steadiness) { false, from, variation };
        if (variation <= rule->variation)
            return (Steadiness) { true, from, variation };
    }
    return steadiest;
}
