// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/figure-cells.h"
#include "reports/templates.h"

static void append_row(const Series *series, const Marks *marks, const SeriesPoint *point, guint place,
                       guint count, GString *tsv)
{
    const Table *runs = series->rows;

    g_string_append_printf(tsv, "%u", point->series);
    series_append_number(tsv, point->x);
    /* Points side by side in the order of their values cannot hide each other. */
    series_append_number(tsv, count > 1 ? place / (count - 1.) - 0.5 : 0);
    series_append_number(tsv, table_real(runs, point->row, "run_id"));
    series_append_number(tsv, table_real(runs, point->row, "value"));
    series_append_number(tsv, table_real(runs, point->row, "tainted"));
    series_append_number(tsv, marks_is_outlier(marks, table_integer(runs, point->row, "run_id")));
    series_append_number(tsv, table_real(runs, point->row, "mean"));
    series_append_number(tsv, table_real(runs, point->row, "n"));
    series_append_levels(series->plan, point->cell, tsv);
}

static bool collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    g_auto(Series) series = { 0 };
    g_auto(Marks) marks = { 0 };

    if (!runs_read(store, plan, &series, error))
        return false;
    marks_init(&marks, series.rows);
    series_append_header(plan, "series\tx\tshift\trun\tvalue\ttainted\toutlier\tmean\tn", data->tsv);
    for (guint first = 0, end; first < series.points->len; first = end) {
        end = series_end_of_cell(&series, first);
        for (guint i = first; i < end; i++)
            append_row(&series, &marks, series_point(&series, i), i - first, end - first, data->tsv);
    }
    return runs_set_texts(store, &series, &marks, "every point is one run, of n; dash: mean", data, error);
}

const Figure figure_scatter = {
    .name = "scatter",
    .description = "every run as a point over a factor",
    .published = PUBLISHED_AT_X,
    .query = FIGURE_QUERY_RUNS,
    .template = template_scatter,
    .collect = collect,
};
