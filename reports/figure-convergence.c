// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "reports/gnuplot.h"
#include "reports/series.h"
#include "reports/templates.h"
#include "runner/base/error.h"

static bool collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    g_auto(Series) series = { 0 };
    g_autofree char *y_label = NULL;
    g_autofree char *name = NULL;
    Table *widths = NULL;

    if (!store_read(store, "figure-convergence", &widths, error, PARAM_INTEGER(plan->design->experiment_id),
                    PARAM_TEXT(plan->metric), PARAM_END))
        return false;
    series_init(&series, plan, widths);
    if (widths->row_count == 0)
        return error_set(error, ERROR_USAGE, "no cell has two completed runs with metric '%s'", plan->metric);
    series_append_header(plan, "series\tk\tmean\thalf_width", data->tsv);
    for (guint i = 0; i < series.points->len; i++) {
        const SeriesPoint *point = series_point(&series, i);

        g_string_append_printf(data->tsv, "%u", point->series);
        series_append_number(data->tsv, table_real(widths, point->row, "k"));
        series_append_number(data->tsv, table_real(widths, point->row, "mean"));
        series_append_number(data->tsv, table_real(widths, point->row, "half_width"));
        series_append_levels(plan, point->cell, data->tsv);
    }
    name = g_strdup_printf("± of the mean of %s", plan->metric);
    y_label = series_with_unit(name, series_unit(&series));
    if (!series_set_texts(store, plan, "runs that count", y_label,
                          "half the width of the mean's 95 % confidence interval after the first runs, of n", data,
                          error))
        return false;
    series_set_labels(&series, data);
    return true;
}

const Figure figure_convergence = {
    .name = "convergence",
    .description = "how the confidence interval of the mean narrows with the number of runs",
    .flags = FIGURE_WITHOUT_X,
    .query = "SELECT r.cell, count(*) OVER so_far AS k, mean(v.value) OVER so_far AS mean, "
             "(ci95_high(v.value) OVER so_far - ci95_low(v.value) OVER so_far) / 2 AS half_width "
             "FROM run_values v JOIN run_facts r ON r.run_id = v.run_id "
             "WHERE v.experiment_id = {experiment} AND v.metric = {metric} AND v.counted = 1 "
             "WINDOW so_far AS (PARTITION BY r.cell_id ORDER BY r.executed, r.position ROWS UNBOUNDED PRECEDING)",
    .template = template_convergence,
    .collect = collect,
};
