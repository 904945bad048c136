// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "reports/gnuplot.h"
#include "reports/marks.h"
#include "reports/series.h"
#include "reports/templates.h"

static bool collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    g_auto(Series) series = { 0 };
    g_auto(Marks) marks = { 0 };
    g_autofree char *marked = NULL;
    g_autofree char *note = NULL;
    g_autofree char *y_label = NULL;
    Table *runs = NULL;

    if (!store_read(store, "figure-order", &runs, error, PARAM_INTEGER(plan->design->experiment_id),
                    PARAM_TEXT(plan->metric), PARAM_END) ||
        !marks_read(store, plan, &marks, error)) {
        table_free(runs);
        return false;
    }
    series_init(&series, plan, runs);
    series_append_header(plan, "series\texecuted\trun\tstatus\toutlier\tvalue", data->tsv);
    for (guint i = 0; i < series.points->len; i++) {
        const SeriesPoint *point = series_point(&series, i);

        g_string_append_printf(data->tsv, "%u", point->series);
        series_append_number(data->tsv, table_real(runs, point->row, "executed"));
        series_append_number(data->tsv, table_real(runs, point->row, "run_id"));
        series_append_text(data->tsv, table_text(runs, point->row, "status"));
        series_append_number(data->tsv, marks_is_outlier(&marks, table_integer(runs, point->row, "run_id")));
        series_append_number(data->tsv, table_real(runs, point->row, "value"));
        series_append_levels(plan, point->cell, data->tsv);
    }
    y_label = series_with_unit(plan->metric, series_unit(&series));
    marked = marks_note(&marks, "crossed, not counted");
    note = g_strconcat("every point is one run, of n; triangles at the bottom: failed", marked, NULL);
    if (!series_set_texts(store, plan, "order in which the runs began", y_label, note, data, error))
        return false;
    series_set_labels(&series, data);
    return true;
}

const Figure figure_order = {
    .name = "order",
    .description = "every run over the order in which they began: a drift shows",
    .flags = FIGURE_WITHOUT_X,
    .published = PUBLISHED_ON_Y,
    .query = "SELECT r.executed, r.run_id, r.cell, r.status, v.value FROM run_facts r LEFT JOIN run_values v "
             "ON v.run_id = r.run_id AND v.metric = {metric} AND r.status <> 'failed' "
             "WHERE r.experiment_id = {experiment} AND r.warmup = 0 AND (v.value IS NOT NULL OR r.status = 'failed') "
             "ORDER BY r.executed",
    .template = template_order,
    .collect = collect,
};
