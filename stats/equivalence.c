// SPDX-License-Identifier: GPL-3.0-or-later
#include "stats/equivalence.h"

#include <Rmath.h>
#include <float.h>
#include <glib.h>
#include <math.h>

#include "stats/means.h"
#include "stats/ratio.h"

/* What both kinds of test see of the samples. A bound b is tested by other - b base (ratio) or other - base - b. */
typedef struct Contrast {
    bool of_ratio;
    double base, other;                   /* means */
    double base_variance, other_variance; /* of one value */
    size_t base_n, other_n;
} Contrast;

static Contrast contrast_of(Sample base, Sample other, bool of_ratio)
{
    Moments b = moments_of(base), o = moments_of(other);
    double sign = of_ratio && moments_mean(&b) < 0 ? -1 : 1;

    return (Contrast) { of_ratio, sign * moments_mean(&b), sign * moments_mean(&o), (double) b.variance,
                        (double) o.variance, base.n, other.n };
}

static double distance(const Contrast *contrast, double bound)
{
    return contrast->of_ratio ? contrast->other - bound * contrast->base : contrast->other - contrast->base - bound;
}

/* The standard error of that distance with `n` values of other, and its degrees of freedom. */
static double standard_error(const Contrast *contrast, double bound, double n, double *ret_df)
{
    double weight = contrast->of_ratio ? bound : 1;
    double of_base = weight * weight * contrast->base_variance / (double) contrast->base_n;
    double of_other = contrast->other_variance / n;
    double share = of_base / (of_base + of_other);

    *ret_df = 1 / (share * share / (double) (contrast->base_n - 1) + (1 - share) * (1 - share) / (n - 1));
    return sqrt(of_base + of_other);
}

/* The p of "the distance is at least 0" (lower) or "at most 0". */
static double one_sided(const Contrast *contrast, double bound, bool lower)
{
    double df, error = standard_error(contrast, bound, (double) contrast->other_n, &df);

    return pt(distance(contrast, bound) / error, df, lower, 0);
}

/* How many standard errors of `n` values there are to the bound, less what the test and its power ask for. */
static double spare(const Contrast *contrast, double bound, double n, double alpha)
{
    double df, error = standard_error(contrast, bound, n, &df);

    return fabs(distance(contrast, bound)) / error - qt(alpha, df, 0, 0) - qt(EQUIVALENCE_POWER, df, 1, 0);
}

/* The fewest values of other that decide on which side of the bound it is. */
static int64_t needed_at(const Contrast *contrast, double bound, double alpha)
{
    int64_t low = 1, high = 2; /* one is too few, always */

    while (high <= EQUIVALENCE_LIMIT && spare(contrast, bound, (double) high, alpha) < 0) {
        low = high;
        high *= 2;
    }
    if (high > EQUIVALENCE_LIMIT)
        return EQUIVALENCE_NEVER;
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;

        *(spare(contrast, bound, (double) middle, alpha) < 0 ? &low : &high) = middle;
    }
    return high;
}

/* An estimate inside must be shown to be off both bounds, one outside to be off the nearer one. */
static int64_t needed(const Contrast *contrast, double low, double high, double alpha)
{
    Contrast guess = *contrast;
    bool above_low = distance(contrast, low) > 0, below_high = distance(contrast, high) < 0;
    int64_t at_low, at_high;

    if (contrast->base_n < 2 || contrast->other_n < 1)
        return contrast->base_n < 2 ? EQUIVALENCE_NEVER : EQUIVALENCE_UNKNOWN;
    if (contrast->other_n < 2)
        guess.other_variance = contrast->base_variance;
    if (guess.other_variance + guess.base_variance <= 0)
        return 2; /* what has no spread is decided as soon as that is seen */
    if (!above_low || !below_high)
        return needed_at(&guess, above_low ? high : low, alpha / 2);
    at_low = needed_at(&guess, low, alpha);
    at_high = needed_at(&guess, high, alpha);
    return at_low == EQUIVALENCE_NEVER || at_high == EQUIVALENCE_NEVER ? EQUIVALENCE_NEVER : MAX(at_low, at_high);
}

/* As means_welch() has it: what is left is rounding. */
static bool has_spread(const Contrast *contrast)
{
    double error = sqrt(contrast->base_variance / (double) contrast->base_n
                        + contrast->other_variance / (double) contrast->other_n);

    return error > 10 * DBL_EPSILON * fmax(fabs(contrast->base), fabs(contrast->other));
}

static void decide(Equivalence *result, const Contrast *contrast, double low, double high, double alpha)
{
    if (contrast->of_ratio && contrast->base == 0)
        return;
    if (contrast->base_n >= 2 && contrast->other_n >= 2 && !has_spread(contrast)) {
        bool inside = distance(contrast, low) >= 0 && distance(contrast, high) <= 0;

        result->no_spread = true;
        result->p_inside = inside ? 0 : 1;
        result->p_outside = inside ? 1 : 0;
        return;
    }
    result->needed = needed(contrast, low, high, alpha);
    if (contrast->base_n < 2 || contrast->other_n < 2)
        return;
    result->p_inside = fmax(one_sided(contrast, low, false), one_sided(contrast, high, true));
    result->p_outside = fmin(1, 2 * fmin(one_sided(contrast, low, true), one_sided(contrast, high, false)));
}

Equivalence equivalence_of_ratio(Sample base, Sample other, double low, double high, double alpha)
{
    Contrast contrast = contrast_of(base, other, true);
    RatioTest ratio = ratio_independent(base, other, 1 - 2 * alpha);
    Equivalence result = { .estimate = ratio.ratio, .interval = ratio.interval, .p_inside = NAN, .p_outside = NAN };

    decide(&result, &contrast, low, high, alpha);
    return result;
}

Equivalence equivalence_of_difference(Sample base, Sample other, double low, double high, double alpha)
{
    Contrast contrast = contrast_of(base, other, false);
    MeanTest test = means_welch(base, other, 1 - 2 * alpha);
    Equivalence result = { .estimate = test.difference, .interval = test.interval, .p_inside = NAN, .p_outside = NAN };

    decide(&result, &contrast, low, high, alpha);
    return result;
}
