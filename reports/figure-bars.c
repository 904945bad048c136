// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/figure-cells.h"
#include "reports/figure-metrics.h"
#include "reports/templates.h"

static bool collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    return plan->metrics != NULL ? metrics_collect(store, plan, data, error) : cells_collect(store, plan, data, error);
}

const Figure figure_bars = {
    .name = "bars",
    .description = "mean as clustered bars with error bars; or the ratio to a baseline",
    .flags = FIGURE_WITH_BARS | FIGURE_CATEGORIES | FIGURE_RELATIVE | FIGURE_METRICS,
    .errors = "ci95",
    .published = PUBLISHED_AT_X,
    .query = FIGURE_QUERY_CELLS,
    .template = template_bars,
    .collect = collect,
};
