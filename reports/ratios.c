// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/ratios.h"

#include <math.h>

size_t ratios_base_cell(const Design *design, const DesignCell *cell, const size_t *levels)
{
    for (guint i = 0; i < design->cells->len; i++) {
        const DesignCell *other = design->cells->pdata[i];
        guint factor = 0;

        while (factor < design->factors->len &&
               other->levels[factor] == (levels[factor] != FIGURE_NO_FACTOR ? levels[factor] : cell->levels[factor]))
            factor++;
        if (factor == design->factors->len)
            return i;
    }
    return SIZE_MAX;
}

Sample ratios_sample(const SideMetric *metric, size_t cell, double **ret_values)
{
    const GArray *runs = metric->cells->pdata[cell];
    double *values = g_new(double, runs->len);

    for (guint i = 0; i < runs->len; i++)
        values[i] = g_array_index(runs, SideValue, i).value;
    *ret_values = values;
    return (Sample) { values, runs->len };
}

static bool is_positive(Sample sample)
{
    Moments moments = moments_of(sample);

    return sample.n > 0 && moments_mean(&moments) > 0;
}

RatioTest ratios_of_pair(const SideMetric *metric, size_t cell, size_t base)
{
    g_autofree double *own_values = NULL;
    g_autofree double *base_values = NULL;
    Sample own = ratios_sample(metric, cell, &own_values);
    Sample of_base;

    if (base == SIZE_MAX)
        return (RatioTest) { NAN, INTERVAL_NONE };
    of_base = ratios_sample(metric, base, &base_values);
    if (!is_positive(own) || !is_positive(of_base))
        return (RatioTest) { NAN, INTERVAL_NONE };
    if (cell == base)
        return (RatioTest) { 1, INTERVAL_NONE };
    return ratio_independent(of_base, own, 0.95);
}

bool ratios_of_cells(Store *store, const FigurePlan *plan, const Table *cells, RatioTest **ret_ratios, GError **error)
{
    g_autoptr(Side) side = side_read(store, plan->design->experiment_id, plan->metric, true, error);
    const SideMetric *metric;
    RatioTest *ratios;

    if (side == NULL)
        return false;
    metric = side_metric(side, plan->metric);
    ratios = g_new(RatioTest, cells->row_count);
    for (size_t row = 0; row < cells->row_count; row++) {
        size_t cell = design_cell_index(plan->design, table_integer(cells, row, "cell_id"));

        ratios[row] = ratios_of_pair(metric, cell,
                                     ratios_base_cell(plan->design, plan->design->cells->pdata[cell], plan->base_levels));
    }
    *ret_ratios = ratios;
    return true;
}
