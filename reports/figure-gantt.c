// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "reports/gnuplot.h"
#include "reports/series.h"
#include "reports/templates.h"
#include "runner/base/error.h"

static const char *const kinds[] = { "phase", "step", "background", "failed", "timed out" };

static guint kind_number(const char *what)
{
    guint kind = 0;

    while (kind + 1 < G_N_ELEMENTS(kinds) && strcmp(kinds[kind], what) != 0)
        kind++;
    return kind + 1;
}

static void append_rows(const Table *tasks, FigureData *data)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);

    g_string_append(data->tsv, "row\tkind\tfrom\tto\twhat\tmachine\tname\n");
    for (size_t row = 0; row < tasks->row_count; row++) {
        const char *machine = table_text(tasks, row, "machine"), *name = table_text(tasks, row, "name");
        const char *what = table_text(tasks, row, "what");
        double start = table_real(tasks, row, "start_s");

        g_ptr_array_add(rows, machine == NULL ? g_strdup(name) : g_strdup_printf("%s: %s", machine, name));
        g_string_append_printf(data->tsv, "%zu\t%u", row + 1, kind_number(what));
        series_append_number(data->tsv, start);
        series_append_number(data->tsv, start + table_real(tasks, row, "duration_s"));
        series_append_text(data->tsv, what);
        series_append_text(data->tsv, machine != NULL ? machine : "");
        series_append_text(data->tsv, name);
        g_string_append_c(data->tsv, '\n');
    }
    gnuplot_set_number(data->variables, "lanes", rows->len);
    gnuplot_set_texts(data->variables, "rows", rows);
}

static char *describe_run(const Table *tasks)
{
    const char *reason = table_text(tasks, 0, "reason");

    return g_strdup_printf("n = 1: run %" G_GINT64_FORMAT " (%s), attempt %" G_GINT64_FORMAT ", %s%s%s",
                           table_integer(tasks, 0, "run_id"), table_text(tasks, 0, "cell"),
                           table_integer(tasks, 0, "attempt"), table_text(tasks, 0, "status"),
                           reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

static bool check_tasks(const FigurePlan *plan, const Table *tasks, GError **error)
{
    if (tasks->row_count > 0)
        return true;
    if (plan->run_id > 0)
        return error_set(error, ERROR_USAGE, "experiment '%s' has no begun run %" G_GINT64_FORMAT, plan->design->name,
                         plan->run_id);
    return error_set(error, ERROR_USAGE, "experiment '%s' has no completed run", plan->design->name);
}

static bool collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    g_autoptr(Table) tasks = NULL;
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree char *note = NULL;

    if (!store_read(store, "figure-gantt", &tasks, error, PARAM_INTEGER(plan->design->experiment_id),
                    PARAM_INTEGER(plan->run_id), PARAM_END) ||
        !check_tasks(plan, tasks, error))
        return false;
    note = describe_run(tasks);
    append_rows(tasks, data);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        g_ptr_array_add(names, (gpointer) kinds[i]);
    gnuplot_set_texts(data->variables, "series", names);
    return series_set_texts(store, plan, "time since the attempt began [s]", "phase or step", note, data, error);
}

const Figure figure_gantt = {
    .name = "gantt",
    .description = "the phases of one run and the steps in its machines, over time",
    .flags = FIGURE_ONE_PANEL | FIGURE_ROWS | FIGURE_WITHOUT_METRIC | FIGURE_WITHOUT_X | FIGURE_OF_ONE_RUN,
    .query = "SELECT r.run_id, p.machine, p.phase, p.start_ns / 1e9 AS start_s, p.duration_ns / 1e9 AS duration_s "
             "FROM run_facts r JOIN phase_times p ON p.run_id = r.run_id AND p.attempt = r.attempt "
             "WHERE r.experiment_id = {experiment} AND {run} ORDER BY p.start_ns",
    .template = template_gantt,
    .collect = collect,
};
