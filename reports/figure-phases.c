// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "reports/gnuplot.h"
#include "reports/series.h"
#include "reports/templates.h"
#include "runner/base/error.h"

/* Phases make the colours, and cells the rows: what series are elsewhere. */
static guint phase_index(GPtrArray *phases, const char *name)
{
    guint index = 0;

    if (!g_ptr_array_find_with_equal_func(phases, name, g_str_equal, &index)) {
        index = phases->len;
        g_ptr_array_add(phases, g_strdup(name));
    }
    return index;
}

static GPtrArray *list_phases(const Table *times)
{
    GPtrArray *phases = g_ptr_array_new_with_free_func(g_free);

    for (size_t row = 0; row < times->row_count; row++)
        phase_index(phases, table_text(times, row, "phase"));
    return phases;
}

static void append_rows(const Series *series, GPtrArray *phases, GString *tsv)
{
    series_append_header(series->plan, "row\tphase\tfrom\tto\tn\tname", tsv);
    for (guint first = 0, end; first < series->points->len; first = end) {
        double at = 0;

        end = series_end_of_series(series, first);
        for (guint i = first; i < end; i++) {
            const SeriesPoint *point = series_point(series, i);
            const char *phase = table_text(series->rows, point->row, "phase");
            double mean = table_real(series->rows, point->row, "mean");

            g_string_append_printf(tsv, "%u\t%u", point->series, phase_index(phases, phase) + 1);
            series_append_number(tsv, at);
            series_append_number(tsv, at += mean);
            series_append_number(tsv, table_real(series->rows, point->row, "n"));
            series_append_text(tsv, phase);
            series_append_levels(series->plan, point->cell, tsv);
        }
    }
}

static bool collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    g_auto(Series) series = { 0 };
    g_autoptr(GPtrArray) phases = NULL;
    Table *times = NULL;

    if (!store_read(store, "figure-phases", &times, error, PARAM_INTEGER(plan->design->experiment_id), PARAM_END))
        return false;
    series_init(&series, plan, times);
    if (times->row_count == 0)
        return error_set(error, ERROR_USAGE, "no completed run of experiment '%s' has phases", plan->design->name);
    phases = list_phases(times);
    append_rows(&series, phases, data->tsv);
    if (!series_set_texts(store, plan, "mean time of a run [s]", "cell", "mean of n runs, phase after phase", data,
                          error))
        return false;
    gnuplot_set_number(data->variables, "lanes", series.labels->len);
    gnuplot_set_texts(data->variables, "rows", series.labels);
    gnuplot_set_texts(data->variables, "series", phases);
    return true;
}

const Figure figure_phases = {
    .name = "phases",
    .description = "what the time of a run went into: mean time of each phase, a row a cell",
    .flags = FIGURE_ONE_PANEL | FIGURE_ROWS | FIGURE_WITHOUT_METRIC | FIGURE_WITHOUT_X,
    .query = "SELECT r.cell, p.phase, count(*) AS n, avg(p.duration_ns) / 1e9 AS mean_s FROM run_facts r "
             "JOIN phase_times p ON p.run_id = r.run_id AND p.attempt = r.attempt "
             "WHERE r.experiment_id = {experiment} AND r.counted = 1 AND p.machine IS NULL "
             "GROUP BY r.cell_id, p.phase ORDER BY r.cell_id, min(p.start_ns)",
    .template = template_phases,
    .collect = collect,
};
