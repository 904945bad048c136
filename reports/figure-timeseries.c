// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "reports/gnuplot.h"
#include "reports/marks.h"
#include "reports/series.h"
#include "reports/templates.h"
#include "runner/base/error.h"

enum { MOST_SAMPLES = 100000 }; /* beyond, a picture is a blot */

static bool check_samples(const FigurePlan *plan, const Table *samples, GError **error)
{
    if (samples->row_count == 0)
        return error_set(error, ERROR_USAGE, "run %" G_GINT64_FORMAT " of experiment '%s' has no sample of metric '%s'",
                         plan->run_id, plan->design->name, plan->metric);
    if (samples->row_count <= MOST_SAMPLES)
        return true;
    error_set(error, ERROR_USAGE, "experiment '%s' has more than %d samples of metric '%s'", plan->design->name,
              MOST_SAMPLES, plan->metric);
    error_hint(error, "show one run: '--run N'.");
    return false;
}

/* A blank line ends a run, so that its line does not go on to the next. */
static void append_samples(const Series *series, const Marks *marks, GString *tsv)
{
    int64_t last = 0;

    series_append_header(series->plan, "series\tsequence\tvalue\trun\ttainted\toutlier", tsv);
    for (guint i = 0; i < series->points->len; i++) {
        const SeriesPoint *point = series_point(series, i);
        int64_t run = table_integer(series->rows, point->row, "run_id");

        if (last != 0 && run != last)
            g_string_append_c(tsv, '\n');
        last = run;
        g_string_append_printf(tsv, "%u", point->series);
        series_append_number(tsv, table_real(series->rows, point->row, "sequence"));
        series_append_number(tsv, table_real(series->rows, point->row, "value"));
        g_string_append_printf(tsv, "\t%" G_GINT64_FORMAT "\t%d\t%d", run, marks_is_tainted(marks, run),
                               marks_is_outlier(marks, run));
        series_append_levels(series->plan, point->cell, tsv);
    }
}

static const char *state_text(const Marks *marks, int64_t run_id)
{
    return marks_is_tainted(marks, run_id)   ? ", tainted and not counted"
           : marks_is_outlier(marks, run_id) ? ", outlying in its cell"
                                             : "";
}

static bool collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    g_auto(Series) series = { 0 };
    g_auto(Marks) marks = { 0 };
    g_autofree char *marked = NULL;
    g_autofree char *y_label = NULL;
    g_autofree char *note = NULL;
    Table *samples = NULL;

    if (!store_read(store, "figure-samples", &samples, error, PARAM_INTEGER(plan->design->experiment_id),
                    PARAM_TEXT(plan->metric), PARAM_INTEGER(plan->run_id), PARAM_INTEGER(MOST_SAMPLES + 1), PARAM_END))
        return false;
    series_init(&series, plan, samples);
    if (!check_samples(plan, samples, error))
        return false;
    if (!marks_read(store, plan, &marks, error))
        return false;
    append_samples(&series, &marks, data->tsv);
    y_label = series_with_unit(plan->metric, series_unit(&series));
    marked = marks_note(&marks, "crossed, not counted");
    note = plan->run_id > 0 ? g_strdup_printf("run %" G_GINT64_FORMAT "%s", plan->run_id, state_text(&marks, plan->run_id))
                            : g_strconcat("every line is one run, of n", marked, NULL);
    if (!series_set_texts(store, plan, "sample", y_label, note, data, error))
        return false;
    series_set_labels(&series, data);
    return true;
}

const Figure figure_timeseries = {
    .name = "timeseries",
    .description = "the samples of every run, or of one, in their order",
    .flags = FIGURE_WITHOUT_X | FIGURE_OF_RUNS,
    .published = PUBLISHED_ON_Y,
    .query = "SELECT r.cell, s.run_id, s.sequence, s.value FROM sample_values s JOIN run_facts r "
             "ON r.run_id = s.run_id AND r.attempt = s.attempt "
             "WHERE s.experiment_id = {experiment} AND s.metric = {metric} AND {run} ORDER BY r.position, s.sequence",
    .template = template_timeseries,
    .collect = collect,
};
