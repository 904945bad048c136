// SPDX-License-Identifier: GPL-3.0-or-later
#include "stats/means.h"

#include <Rmath.h>
#include <float.h>
#include <glib.h>
#include <math.h>

/* R's t.test() calls data essentially constant from here on: what is left is rounding. */
static bool is_rounding(double standard_error, double base_mean, double other_mean)
{
    return standard_error <= 10 * DBL_EPSILON * fmax(fabs(base_mean), fabs(other_mean));
}

static MeanTest without_test(double difference, bool no_spread)
{
    return (MeanTest) { difference, NAN, NAN, INTERVAL_NONE, NAN, no_spread };
}

static MeanTest t_test(double difference, double standard_error, double df, double confidence)
{
    double half = qt(0.5 + confidence / 2, df, 1, 0) * standard_error;

    return (MeanTest) {
        .difference = difference,
        .standard_error = standard_error,
        .df = df,
        .interval = { difference - half, difference + half },
        .p = 2 * pt(-fabs(difference / standard_error), df, 1, 0),
    };
}

MeanTest means_welch(Sample base, Sample other, double confidence)
{
    Moments b = moments_of(base), o = moments_of(other);
    double difference = moments_difference(&b, &o);
    double of_base = (double) b.variance / (double) b.n, of_other = (double) o.variance / (double) o.n;
    double standard_error = sqrt(of_base + of_other), df;

    if (base.n < 2 || other.n < 2)
        return without_test(difference, false);
    if (is_rounding(standard_error, moments_mean(&b), moments_mean(&o)))
        return without_test(difference, true);
    /* shares of the sum, not squares of variances: those overflow and underflow */
    of_base /= of_base + of_other;
    of_other = 1 - of_base;
    df = 1 / (of_base * of_base / (double) (b.n - 1) + of_other * of_other / (double) (o.n - 1));
    return t_test(difference, standard_error, df, confidence);
}

MeanTest means_paired(Sample base, Sample other, double confidence)
{
    g_autofree double *differences = g_new(double, base.n);
    Moments b = moments_of(base), o = moments_of(other), d;
    double standard_error;

    g_assert(base.n == other.n);
    for (size_t i = 0; i < base.n; i++)
        differences[i] = other.values[i] - base.values[i];
    d = moments_of((Sample) { differences, base.n });
    if (base.n < 2)
        return without_test(moments_mean(&d), false);
    standard_error = (double) sqrtl(d.variance / (long double) d.n);
    if (is_rounding(standard_error, moments_mean(&b), moments_mean(&o)))
        return without_test(moments_mean(&d), true);
    return t_test(moments_mean(&d), standard_error, (double) (d.n - 1), confidence);
}

double means_equivalence(const MeanTest *test, double low, double high)
{
    double above_low = pt((test->difference - low) / test->standard_error, test->df, 0, 0);
    double below_high = pt((test->difference - high) / test->standard_error, test->df, 1, 0);

    return isnan(test->p) ? NAN : fmax(above_low, below_high);
}

double means_detectable(const MeanTest *test, double alpha, double power)
{
    double critical, low = 0, high = 1;

    if (isnan(test->p))
        return NAN;
    critical = qt(alpha / 2, test->df, 0, 0);
    while (pnt(critical, test->df, high, 0, 0) < power)
        high *= 2;
    for (int i = 0; i < 100 && high - low > 1e-14 * high; i++) {
        double middle = (low + high) / 2;

        *(pnt(critical, test->df, middle, 0, 0) < power ? &low : &high) = middle;
    }
    return high * test->standard_error;
}
