// SPDX-License-Identifier: GPL-3.0-or-later
#include "stats/stopping.h"

#include <Rmath.h>
#include <math.h>

double stopping_half_width(Sample sample, double confidence)
{
    Moments moments = moments_of(sample);
    double half;

    if (sample.n < 2)
        return INFINITY;
    half = qt(0.5 + confidence / 2, (double) (sample.n - 1), 1, 0) * sqrt((double) moments.variance / (double) sample.n);
    return half > 0 ? half / fabs(moments_mean(&moments)) : 0;
}

bool stopping_is_reached(Sample sample, const StoppingRule *rule)
{
    if (sample.n < rule->min || sample.n < 2)
        return false;
    for (size_t back = 0; back < rule->looks && sample.n - back >= 2; back++)
        if (!(stopping_half_width((Sample) { sample.values, sample.n - back }, rule->confidence) <= rule->relative))
            return false;
    return true;
}
