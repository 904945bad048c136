// SPDX-License-Identifier: GPL-3.0-or-later
#include "stats/ratio.h"

#include <Rmath.h>
#include <glib.h>
#include <math.h>

/* Means, and the variances and covariance of the means. */
typedef struct Means {
    double base, other;
    double base_variance, other_variance, covariance;
} Means;

static Means means_of(Sample base, Sample other)
{
    Moments b = moments_of(base), o = moments_of(other);

    return (Means) { moments_mean(&b), moments_mean(&o), (double) b.variance / (double) b.n,
                     (double) o.variance / (double) o.n, 0 };
}

/* The ratios r with |other - r base| <= t s(r) lie between the roots of a quadratic. Its discriminant is written out,
 * because the difference of squares would lose all digits when the means are large. */
static RatioTest fieller(const Means *m, double df, double confidence)
{
    RatioTest test = { m->other / m->base, INTERVAL_NONE };
    double t = qt(0.5 + confidence / 2, df, 1, 0);
    double a = m->base * m->base - t * t * m->base_variance;
    double b = m->base * m->other - t * t * m->covariance;
    double inner = m->base * m->base * m->other_variance + m->other * m->other * m->base_variance
                   - 2 * m->base * m->other * m->covariance
                   - t * t * (m->base_variance * m->other_variance - m->covariance * m->covariance);

    if (!isfinite(test.ratio))
        test.ratio = NAN;
    else if (a > 0)
        test.interval = (Interval) { (b - t * sqrt(fmax(inner, 0))) / a, (b + t * sqrt(fmax(inner, 0))) / a };
    return test;
}

static double satterthwaite_at(const Means *m, double ratio, size_t base_n, size_t other_n)
{
    double of_base = ratio * ratio * m->base_variance, of_other = m->other_variance;
    double share = of_base / (of_base + of_other);

    return 1 / (share * share / (double) (base_n - 1) + (1 - share) * (1 - share) / (double) (other_n - 1));
}

static bool has_spread(const Means *m)
{
    return m->base_variance > 0 || m->other_variance > 0;
}

RatioTest ratio_independent(Sample base, Sample other, double confidence)
{
    Means m = means_of(base, other);
    double ratio = m.other / m.base;

    if (base.n < 2 || other.n < 2 || !isfinite(ratio) || !has_spread(&m))
        return (RatioTest) { isfinite(ratio) ? ratio : NAN, INTERVAL_NONE };
    return fieller(&m, satterthwaite_at(&m, ratio, base.n, other.n), confidence);
}

static double covariance_of_means(Sample base, Sample other)
{
    Moments b = moments_of(base), o = moments_of(other);
    long double products = 0;

    for (size_t i = 0; i < base.n; i++)
        products += ((long double) base.values[i] - b.origin - b.shift)
                    * ((long double) other.values[i] - o.origin - o.shift);
    return (double) (products / (long double) (base.n - 1) / (long double) base.n);
}

RatioTest ratio_paired(Sample base, Sample other, double confidence)
{
    Means m = means_of(base, other);
    double ratio = m.other / m.base;

    g_assert(base.n == other.n);
    if (base.n < 2 || !isfinite(ratio) || !has_spread(&m))
        return (RatioTest) { isfinite(ratio) ? ratio : NAN, INTERVAL_NONE };
    m.covariance = covariance_of_means(base, other);
    return fieller(&m, (double) (base.n - 1), confidence);
}

/* Student's t of other - margin * base. */
static double t_at(const Means *m, double margin)
{
    return (m->other - margin * m->base) / sqrt(m->other_variance + margin * margin * m->base_variance);
}

double ratio_equivalence(Sample base, Sample other, double low, double high)
{
    Means m = means_of(base, other);

    if (base.n < 2 || other.n < 2 || !has_spread(&m))
        return NAN;
    return fmax(pt(t_at(&m, low), satterthwaite_at(&m, low, base.n, other.n), 0, 0),
                pt(t_at(&m, high), satterthwaite_at(&m, high, base.n, other.n), 1, 0));
}
