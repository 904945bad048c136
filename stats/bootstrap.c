// SPDX-License-Identifier: GPL-3.0-or-later
#include "stats/bootstrap.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>

#include "runner/base/random.h"

/* A sample in rising order: a resample's median is found by counting how often each place was drawn, unsorted. */
typedef struct Source {
    double *sorted;
    uint32_t *drawn; /* counts by place */
    size_t n;
} Source;

static void source_init(Source *source, Sample sample)
{
    g_assert(sample.n <= G_MAXUINT32);
    *source = (Source) { sample_sorted(sample), g_new(uint32_t, sample.n), sample.n };
}

static void source_clear(Source *source)
{
    g_free(source->sorted);
    g_free(source->drawn);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Source, source_clear)

/* The value at a place of the resample, from 0, where `*place` and `*before` remember how far counting came. */
static double drawn_at(const Source *source, size_t wanted, size_t *place, size_t *before)
{
    while (*before + source->drawn[*place] <= wanted)
        *before += source->drawn[(*place)++];
    return source->sorted[*place];
}

static double draw_median(Source *source, Random *random)
{
    size_t place = 0, before = 0;
    double lower;

    for (size_t i = 0; i < source->n; i++)
        source->drawn[i] = 0;
    for (size_t i = 0; i < source->n; i++)
        source->drawn[random_below(random, (uint32_t) source->n)]++;
    lower = drawn_at(source, (source->n - 1) / 2, &place, &before);
    return source->n % 2 == 1 ? lower : lower / 2 + drawn_at(source, source->n / 2, &place, &before) / 2;
}

/* About the smallest value, so that a large offset takes no digits. */
static double draw_mean(Source *source, Random *random)
{
    long double sum = 0;

    for (size_t i = 0; i < source->n; i++)
        sum += (long double) source->sorted[random_below(random, (uint32_t) source->n)] - source->sorted[0];
    return (double) (source->sorted[0] + sum / (long double) source->n);
}

static double draw(BootstrapCentre centre, Source *source, Random *random)
{
    return centre == BOOTSTRAP_MEDIAN ? draw_median(source, random) : draw_mean(source, random);
}

static size_t resamples_for(size_t values)
{
    return CLAMP(BOOTSTRAP_DRAWS / MAX(values, 1), (size_t) BOOTSTRAP_FEWEST, (size_t) BOOTSTRAP_RESAMPLES);
}

static bool is_large_enough(BootstrapCentre centre, size_t n)
{
    return n >= (centre == BOOTSTRAP_MEDIAN ? FLOOR_MEDIAN_INTERVAL : 2);
}

static Interval percentile_interval(const double *results, size_t count, double confidence)
{
    g_autofree double *sorted = NULL;

    for (size_t i = 0; i < count; i++)
        if (!isfinite(results[i]))
            return INTERVAL_NONE;
    sorted = sample_sorted((Sample) { results, count });
    return (Interval) { (double) sorted_quantile(sorted, count, 0.5 - confidence / 2),
                        (double) sorted_quantile(sorted, count, 0.5 + confidence / 2) };
}

Interval bootstrap_centre(BootstrapCentre centre, Sample sample, double confidence, uint64_t seed)
{
    size_t count = resamples_for(sample.n);
    g_autofree double *results = g_new(double, count);
    g_auto(Source) source = { 0 };
    Random random;

    if (!is_large_enough(centre, sample.n))
        return INTERVAL_NONE;
    source_init(&source, sample);
    random_init(&random, seed, BOOTSTRAP_STREAM);
    for (size_t i = 0; i < count; i++)
        results[i] = draw(centre, &source, &random);
    return percentile_interval(results, count, confidence);
}

typedef double (*Contrast)(double base, double other);

static double difference_of(double base, double other)
{
    return other - base;
}

static double ratio_of(double base, double other)
{
    return other / base;
}

/* `one_sign`: the centres of base must not reach 0 or change their sign. */
static Interval contrast_interval(BootstrapCentre centre, Sample base, Sample other, Contrast contrast, bool one_sign,
                                  double confidence, uint64_t seed)
{
    size_t count = resamples_for(base.n + other.n);
    g_autofree double *results = g_new(double, count);
    g_auto(Source) from_base = { 0 };
    g_auto(Source) from_other = { 0 };
    bool negative = false, positive = false;
    Random random;

    if (!is_large_enough(centre, base.n) || !is_large_enough(centre, other.n))
        return INTERVAL_NONE;
    source_init(&from_base, base);
    source_init(&from_other, other);
    random_init(&random, seed, BOOTSTRAP_STREAM);
    for (size_t i = 0; i < count; i++) {
        double drawn = draw(centre, &from_base, &random);

        negative |= drawn <= 0;
        positive |= drawn >= 0;
        results[i] = contrast(drawn, draw(centre, &from_other, &random));
    }
    return one_sign && negative && positive ? INTERVAL_NONE : percentile_interval(results, count, confidence);
}

Interval bootstrap_difference(BootstrapCentre centre, Sample base, Sample other, double confidence, uint64_t seed)
{
    return contrast_interval(centre, base, other, difference_of, false, confidence, seed);
}

Interval bootstrap_ratio(BootstrapCentre centre, Sample base, Sample other, double confidence, uint64_t seed)
{
    return contrast_interval(centre, base, other, ratio_of, true, confidence, seed);
}
