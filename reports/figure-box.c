// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/gnuplot.h"
#include "reports/series.h"
#include "reports/templates.h"

static void append_row(const Series *series, const SeriesPoint *point, GString *tsv)
{
    static const char *const columns[] = { "value", "whisker_low", "q1", "median", "q3", "whisker_high", "mean" };

    g_string_append_printf(tsv, "%s\t%u", table_text(series->rows, point->row, "what"), point->series);
    series_append_number(tsv, point->x);
    series_append_number(tsv, table_real(series->rows, point->row, "n"));
    series_append_number(tsv, table_real(series->rows, point->row, "run_id"));
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
        series_append_number(tsv, table_real(series->rows, point->row, columns[i]));
    series_append_levels(series->plan, point->cell, tsv);
}

static bool collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    g_auto(Series) series = { 0 };
    Table *boxes = NULL;

    if (!store_read(store, "figure-boxes", &boxes, error, PARAM_INTEGER(plan->design->experiment_id),
                    PARAM_TEXT(plan->metric), PARAM_END))
        return false;
    series_init(&series, plan, boxes);
    series_append_header(plan, "what\tseries\tx\tn\trun\tvalue\twhisker_low\tq1\tmedian\tq3\twhisker_high\tmean",
                         data->tsv);
    for (guint i = 0; i < series.points->len; i++)
        append_row(&series, series_point(&series, i), data->tsv);
    if (!series_set_usual_texts(store, &series,
                                "quartiles and median of n runs; whiskers: within 1.5 interquartile ranges; "
                                "circles: runs beyond; crosses: tainted runs, not counted",
                                data, error))
        return false;
    series_set_labels(&series, data);
    series_set_x_axis(&series, data->variables);
    return true;
}

const Figure figure_box = {
    .name = "box",
    .description = "box plots of the runs over a factor, outliers marked",
    .flags = FIGURE_CATEGORIES,
    .published = PUBLISHED_AT_X,
    .query = "SELECT cell, count(*) AS n, percentile(value, 25) AS q1, median(value) AS median, "
             "percentile(value, 75) AS q3, mean(value) AS mean, min(value) AS min, max(value) AS max FROM run_values "
             "WHERE experiment_id = {experiment} AND metric = {metric} AND counted = 1 GROUP BY cell_id ORDER BY cell_id",
    .template = template_box,
    .collect = collect,
};
