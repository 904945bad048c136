// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/variance.h"

#include <math.h>

#include "reports/rows.h"
#include "stats/components.h"

#define CONFIDENCE 0.95

/* A metric's runs in one cell. */
typedef struct CellRuns {
    const char *cell, *metric, *unit;
    GArray *groups;             /* Group */
    double duration_s, steps_s; /* of all its runs together; NAN when one is not known */
    double iterations;
} CellRuns;

static void cell_runs_free(gpointer data)
{
    CellRuns *runs = data;

    g_array_unref(runs->groups);
    g_free(runs);
}

static size_t find_row(const Table *table, const char *column, int64_t id)
{
    for (size_t row = 0; row < table->row_count; row++)
        if (table_integer(table, row, column) == id)
            return row;
    g_error("there is no %s %" G_GINT64_FORMAT, column, id);
}

/* In the order of metrics and cells: place = metric * cells + cell. */
static GPtrArray *cell_runs_new(const Table *metrics, const Table *cells)
{
    GPtrArray *cell_runs = g_ptr_array_new_with_free_func(cell_runs_free);

    for (size_t m = 0; m < metrics->row_count; m++) {
        for (size_t c = 0; c < cells->row_count; c++) {
            CellRuns *runs = g_new0(CellRuns, 1);

            *runs = (CellRuns) { .cell = table_text(cells, c, "cell"), .metric = table_text(metrics, m, "metric"),
                                 .unit = table_text(metrics, m, "unit"),
                                 .groups = g_array_new(FALSE, FALSE, sizeof(Group)) };
            g_ptr_array_add(cell_runs, runs);
        }
    }
    return cell_runs;
}

static void cell_runs_add(CellRuns *runs, const Table *rows, size_t row)
{
    Group group = { (size_t) table_integer(rows, row, "n"), table_real(rows, row, "mean"),
                    table_real(rows, row, "variance") };

    if (!isfinite(group.mean))
        return;
    g_array_append_val(runs->groups, group);
    runs->iterations += (double) group.n;
    runs->duration_s += table_real(rows, row, "duration_s");
    runs->steps_s += table_real(rows, row, "steps_s");
}

/* What the numbers of the next experiment are based on. */
typedef struct Advice {
    double iterations, runs; /* NAN: none */
    const char *note;
} Advice;

static Advice advise(const CellRuns *runs, const Components *components, double precision)
{
    double run_cost = (runs->duration_s - runs->steps_s) / runs->groups->len;
    double iteration_cost = runs->steps_s / runs->iterations, iterations = components->iterations_a_run;
    Advice advice = { NAN, NAN, NULL };

    if (components->between <= 0) {
        advice.note = "runs differ no more than their iterations do: longer runs are as good as more runs";
    } else if (run_cost > 0 && iteration_cost > 0) {
        iterations = advice.iterations = components_iterations(components, run_cost, iteration_cost);
    } else {
        advice.note = "what runs and iterations cost is not known";
    }
    advice.runs = components_runs(components, iterations, precision * fabs(components->mean), CONFIDENCE);
    if (advice.runs == 0) {
        advice.runs = NAN;
        advice.note = "more than a million runs";
    }
    return advice;
}

static void fill_row(Table *table, size_t row, const CellRuns *runs, double precision)
{
    Components c = { NAN, NAN, NAN, NAN };
    bool split = components_split((const Group *) (const void *) runs->groups->data, runs->groups->len, &c);
    Advice advice = split ? advise(runs, &c, precision)
                          : (Advice) { NAN, NAN, runs->groups->len < 2 ? "one run" : "one iteration a run" };
    const Value values[] = {
        rows_text(runs->cell),
        rows_text(runs->metric),
        rows_text(runs->unit),
        rows_integer(runs->groups->len),
        rows_real(runs->iterations / runs->groups->len),
        rows_real(c.mean),
        rows_real(sqrt(c.between)),
        rows_real(sqrt(c.within)),
        rows_real(100 * c.between / (c.between + c.within / c.iterations_a_run)),
        rows_real(advice.iterations),
        rows_real(advice.runs),
        rows_text(advice.note),
    };

    rows_set(table, row, values);
}

static Table *variance_table(const GPtrArray *cell_runs, double precision)
{
    static const char *const columns[] = { "cell",        "metric",        "unit",  "runs",
                                           "iterations",  "mean",          "sd_run", "sd_iteration",
                                           "run_percent", "next_iterations", "next_runs", "note" };
    size_t count = 0, row = 0;
    Table *table;

    for (guint i = 0; i < cell_runs->len; i++)
        count += ((const CellRuns *) cell_runs->pdata[i])->groups->len > 0;
    table = rows_table(columns, G_N_ELEMENTS(columns), count);
    for (guint i = 0; i < cell_runs->len; i++)
        if (((const CellRuns *) cell_runs->pdata[i])->groups->len > 0)
            fill_row(table, row++, cell_runs->pdata[i], precision);
    return table;
}

bool report_variance(Store *store, int64_t experiment_id, const char *metric, bool all, double precision,
                     Table **ret_table, GError **error)
{
    g_autoptr(Table) cells = NULL;
    g_autoptr(Table) metrics = NULL;
    g_autoptr(Table) rows = NULL;
    g_autoptr(GPtrArray) cell_runs = NULL;

    if (!store_read(store, "cells", &cells, error, PARAM_INTEGER(experiment_id), PARAM_END)
        || !store_read(store, "compared-metrics", &metrics, error, PARAM_INTEGER(experiment_id), PARAM_TEXT(metric),
                       PARAM_INTEGER(all), PARAM_END)
        || !store_read(store, "iterations", &rows, error, PARAM_INTEGER(experiment_id), PARAM_TEXT(metric),
                       PARAM_INTEGER(all), PARAM_END))
        return false;
    cell_runs = cell_runs_new(metrics, cells);
    for (size_t row = 0; row < rows->row_count; row++) {
        size_t m = find_row(metrics, "metric_id", table_integer(rows, row, "metric_id"));
        size_t c = find_row(cells, "cell_id", table_integer(rows, row, "cell_id"));

        cell_runs_add(cell_runs->pdata[m * cells->row_count + c], rows, row);
    }
    *ret_table = variance_table(cell_runs, precision);
    return true;
}
