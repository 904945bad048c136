// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/compare/pair.h"

#include <math.h>

#include "stats/bootstrap.h"
#include "stats/correction.h"
#include "stats/ratio.h"

/* Both sides' values; with pairs, place i of both is of the same block. */
typedef struct Values {
    GArray *base, *other; /* of double */
} Values;

static void values_clear(Values *values)
{
    g_array_unref(values->base);
    g_array_unref(values->other);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Values, values_clear)

static Sample sample_of(const GArray *values)
{
    return (Sample) { (const double *) (const void *) values->data, values->len };
}

static void add_all(GArray *values, const GArray *from)
{
    for (guint i = 0; i < from->len; i++)
        g_array_append_val(values, g_array_index(from, SideValue, i).value);
}

/* Both are in the order of blocks, and a block has a cell once. */
static void add_partners(Values *values, const GArray *base, const GArray *other)
{
    for (guint i = 0, j = 0; i < base->len && j < other->len;) {
        const SideValue *b = &g_array_index(base, SideValue, i), *o = &g_array_index(other, SideValue, j);

        if (b->block == o->block) {
            g_array_append_val(values->base, b->value);
            g_array_append_val(values->other, o->value);
        }
        i += b->block <= o->block;
        j += o->block <= b->block;
    }
}

static void compare_means(Pair *pair, Sample base, Sample other)
{
    Moments b = moments_of(base), o = moments_of(other);
    RatioTest ratio = pair->paired ? ratio_paired(base, other, COMPARE_CONFIDENCE)
                                   : ratio_independent(base, other, COMPARE_CONFIDENCE);

    pair->base_centre = moments_mean(&b);
    pair->centre = moments_mean(&o);
    pair->difference = pair->test.difference;
    pair->difference_interval = pair->test.interval;
    pair->ratio = ratio.ratio;
    pair->ratio_interval = pair->test.no_spread ? INTERVAL_NONE : ratio.interval;
    pair->p = pair->test.p;
}

static void compare_medians(Pair *pair, Sample base, Sample other)
{
    pair->base_centre = sample_median(base);
    pair->centre = sample_median(other);
    pair->difference = pair->centre - pair->base_centre;
    pair->ratio = pair->base_centre == 0 ? NAN : pair->centre / pair->base_centre;
    pair->difference_interval = bootstrap_difference(BOOTSTRAP_MEDIAN, base, other, COMPARE_CONFIDENCE, BOOTSTRAP_SEED);
    pair->ratio_interval = bootstrap_ratio(BOOTSTRAP_MEDIAN, base, other, COMPARE_CONFIDENCE, BOOTSTRAP_SEED);
    pair->p = pair->ranks.p;
}

/* `pair` says whether places belong together. */
static void compare_values(Pair *pair, Sample base, Sample other)
{
    pair->base_n = base.n;
    pair->n = other.n;
    pair->ranks = ranks_mann_whitney(base, other);
    if (pair->paired)
        pair->ranks.p = ranks_signed_p(base, other);
    pair->test = (pair->paired ? means_paired : means_welch)(base, other, COMPARE_CONFIDENCE);
    (pair->medians ? compare_medians : compare_means)(pair, base, other);
    if (pair->base_centre * pair->centre < 0) { /* numbers on either side of 0 have no proportion */
        pair->ratio = NAN;
        pair->ratio_interval = INTERVAL_NONE;
    }
}

Pair pair_compute(const SideMetric *base, size_t base_cell, const SideMetric *other, size_t cell, bool paired,
                  bool medians)
{
    g_auto(Values) values = { g_array_new(FALSE, FALSE, sizeof(double)), g_array_new(FALSE, FALSE, sizeof(double)) };
    const GArray *all_base = base->cells->pdata[base_cell], *all_other = other->cells->pdata[cell];
    Pair pair = { .metric = other, .base_cell = base_cell, .cell = cell, .paired = paired, .medians = medians };

    if (paired) {
        add_partners(&values, all_base, all_other);
        pair.without_partner = all_base->len + all_other->len - 2 * values.base->len;
    } else {
        add_all(values.base, all_base);
        add_all(values.other, all_other);
    }
    compare_values(&pair, sample_of(values.base), sample_of(values.other));
    pair.p_holm = pair.rank_p_holm = pair.detectable = NAN;
    return pair;
}

void pairs_correct(Pair *pairs, size_t count)
{
    g_autofree double *p = g_new(double, count);
    g_autofree double *adjusted = g_new(double, count);
    size_t comparisons;

    for (size_t i = 0; i < count; i++)
        p[i] = pairs[i].ranks.p;
    correction_holm(p, count, adjusted);
    for (size_t i = 0; i < count; i++) {
        pairs[i].rank_p_holm = adjusted[i];
        p[i] = pairs[i].p;
    }
    correction_holm(p, count, adjusted);
    comparisons = correction_count(p, count);
    for (size_t i = 0; i < count; i++) {
        pairs[i].p_holm = adjusted[i];
        if (!pairs[i].medians)
            pairs[i].detectable = means_detectable(&pairs[i].test, COMPARE_ALPHA / (double) MAX(comparisons, 1),
                                                   COMPARE_POWER);
    }
}
