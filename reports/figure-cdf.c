// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>

#include "reports/figure-cells.h"
#include "reports/gnuplot.h"
#include "reports/marks.h"
#include "reports/templates.h"

/* `place`: how many counted runs come before it, of `count`. A tainted run has no share. */
static void append_run(const Series *series, const Marks *marks, guint index, guint place, guint count, GString *tsv)
{
    const SeriesPoint *point = series_point(series, index);
    int64_t run_id = table_integer(series->rows, point->row, "run_id");
    bool tainted = marks_is_tainted(marks, run_id);

    g_string_append_printf(tsv, "%u", point->series);
    series_append_number(tsv, table_real(series->rows, point->row, "value"));
    series_append_number(tsv, tainted ? NAN : (place + 1.) / count);
    series_append_number(tsv, tainted ? NAN : (double) (count - place) / count);
    g_string_append_printf(tsv, "\t%" G_GINT64_FORMAT "\t%d\t%d", run_id, tainted, marks_is_outlier(marks, run_id));
    series_append_levels(series->plan, point->cell, tsv);
}

/* Of one cell, in the order of their values; tainted ones behind the others, where they do not cut the line. */
static void append_cell(const Series *series, const Marks *marks, guint first, guint end, GString *tsv)
{
    guint count = 0, place = 0;

    for (guint i = first; i < end; i++)
        count += table_integer(series->rows, series_point(series, i)->row, "tainted") == 0;
    for (int tainted = 0; tainted <= 1; tainted++) {
        for (guint i = first; i < end; i++) {
            if (table_integer(series->rows, series_point(series, i)->row, "tainted") == tainted)
                append_run(series, marks, i, place++, count, tsv);
        }
    }
}

static bool collect_shares(Store *store, const FigurePlan *plan, const char *y_label, FigureData *data, GError **error)
{
    g_auto(Series) series = { 0 };
    g_auto(Marks) marks = { 0 };
    g_autofree char *marked = NULL;
    g_autofree char *note = NULL;
    g_autofree char *x_label = NULL;

    if (!runs_read(store, plan, &series, error))
        return false;
    marks_init(&marks, series.rows);
    series_append_header(plan, "series\tvalue\tat_most\tat_least\trun\ttainted\toutlier", data->tsv);
    for (guint first = 0, end; first < series.points->len; first = end) {
        end = series_end_of_cell(&series, first);
        append_cell(&series, &marks, first, end, data->tsv);
    }
    x_label = series_with_unit(plan->metric, series_unit(&series));
    marked = marks_note(&marks, "crossed at the bottom, not counted");
    note = g_strconcat("each step is one of n runs", marked, NULL);
    if (!series_set_texts(store, plan, x_label, y_label, note, data, error))
        return false;
    series_set_labels(&series, data);
    return true;
}

static bool collect_at_most(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    return collect_shares(store, plan, "share of runs with at most this value", data, error);
}

static bool collect_at_least(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    return collect_shares(store, plan, "share of runs with at least this value", data, error);
}

const Figure figure_cdf = {
    .name = "cdf",
    .description = "share of the runs with at most a value (empirical distribution function)",
    .flags = FIGURE_WITHOUT_X,
    .published = PUBLISHED_ON_X,
    .query = FIGURE_QUERY_RUNS,
    .template = template_cdf,
    .collect = collect_at_most,
};

const Figure figure_ccdf = {
    .name = "ccdf",
    .description = "share of the runs with at least a value, on a logarithmic axis",
    .flags = FIGURE_WITHOUT_X,
    .published = PUBLISHED_ON_X,
    .query = FIGURE_QUERY_RUNS,
    .template = template_ccdf,
    .collect = collect_at_least,
};
