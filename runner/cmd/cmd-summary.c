// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "reports/outliers.h"
#include "reports/rounding.h"
#include "reports/variance.h"
#include "runner/base/error.h"
#include "runner/cmd/support.h"

extern const Command cmd_summary;

static char *metric;
static gboolean all, csv, outliers, unsteady, variance;
static double precision = 5;

static const GOptionEntry options[] = {
    { "metric", 0, 0, G_OPTION_ARG_STRING, &metric, "only this metric", "METRIC" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &all, "also the metrics that come without asking (phase.*, capture.*)", NULL },
    { "outliers", 0, 0, G_OPTION_ARG_NONE, &outliers, "list the runs that are far from their cell's median", NULL },
    { "unsteady", 0, 0, G_OPTION_ARG_NONE, &unsteady,
      "list the runs whose iterations came to no steady state (the scenario's 'steady')", NULL },
    { "variance", 0, 0, G_OPTION_ARG_NONE, &variance,
      "split the spread into that of runs and of iterations; how many of each come next", NULL },
    { "precision", 0, 0, G_OPTION_ARG_DOUBLE, &precision, "for --variance: how well a mean shall be known (default 5)",
      "PERCENT" },
    { "csv", 0, 0, G_OPTION_ARG_NONE, &csv, "print CSV", NULL },
    G_OPTION_ENTRY_NULL,
};

/* Say what the numbers leave out. */
static bool print_left_out(const Context *context, int64_t experiment, GError **error)
{
    g_autoptr(Table) left_out = NULL;

    if (!store_read(context->store, "uncounted", &left_out, error, PARAM_INTEGER(experiment), PARAM_END))
        return false;
    for (size_t row = 0; row < left_out->row_count; row++) {
        int64_t runs = table_integer(left_out, row, "runs");

        printf("left out: %lld run%s %s\n", (long long) runs, runs == 1 ? " is" : "s are",
               table_text(left_out, row, "status"));
    }
    return true;
}

/* Flagged values count like all others; the reader should have a look. */
static bool print_outlier_count(const Context *context, int64_t experiment, GError **error)
{
    g_autoptr(Table) table = NULL;

    if (!report_outliers(context->store, experiment, metric, all, &table, error))
        return false;
    if (table->row_count > 0)
        printf("outliers: %zu value%s far from the cell's median; all count; "
               "'trialbed summary %lld --outliers' lists them\n",
               table->row_count, table->row_count == 1 ? " is" : "s are", (long long) experiment);
    return true;
}

static bool print_unsteady_count(const Context *context, int64_t experiment, GError **error)
{
    g_autoptr(Table) table = NULL;

    if (!store_read(context->store, "flagged-runs", &table, error, PARAM_TEXT("unsteady"), PARAM_INTEGER(experiment),
                    PARAM_END))
        return false;
    if (table->row_count > 0)
        printf("unsteady: %zu time%s a run's iterations came to no steady state; all count; "
               "'trialbed summary %lld --unsteady' lists them\n",
               table->row_count, table->row_count == 1 ? "" : "s", (long long) experiment);
    return true;
}

static bool print_kept_count(const Context *context, int64_t experiment, GError **error)
{
    g_autoptr(Table) table = NULL;

    if (!store_read(context->store, "flagged-runs", &table, error, PARAM_TEXT("kept"), PARAM_INTEGER(experiment), PARAM_END))
        return false;
    if (table->row_count > 0)
        printf("kept: %zu run%s began on machines of an earlier run ('start: keep'): they are not independent\n", table->row_count,
               table->row_count == 1 ? "" : "s");
    return true;
}

static bool print_other(const Context *context, int64_t experiment, PrintFormat format, GError **error)
{
    g_autoptr(Table) table = NULL;

    if (!(precision > 0))
        return error_set(error, ERROR_USAGE, "'--precision' is more than 0 %%");
    if (!(unsteady   ? store_read(context->store, "flagged-runs", &table, error, PARAM_TEXT("unsteady"),
                                  PARAM_INTEGER(experiment), PARAM_END)
          : outliers ? report_outliers(context->store, experiment, metric, all, &table, error)
                     : report_variance(context->store, experiment, metric, all, precision / 100, &table, error)))
        return false;
    print_table(table, format, stdout);
    return true;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autoptr(Table) table = NULL, rounded = NULL;
    PrintFormat format = context->json ? PRINT_JSON : csv ? PRINT_CSV : PRINT_TEXT;
    int64_t experiment;

    if (!support_find_experiment(context, argc, argv, &experiment, error))
        return false;
    if (outliers || unsteady || variance)
        return print_other(context, experiment, format, error);
    if (!store_read(context->store, "summary", &table, error, PARAM_INTEGER(experiment), PARAM_TEXT(metric),
                       PARAM_INTEGER(all), PARAM_END))
        return false;
    if (table->row_count == 0 && metric != NULL) {
        error_set(error, ERROR_USAGE, "experiment %lld has no finished run with metric '%s'", (long long) experiment,
                  metric);
        error_hint(error, "'trialbed summary %lld --all' shows the metrics there are.", (long long) experiment);
        return false;
    }
    if (format != PRINT_TEXT) {
        print_table(table, format, stdout);
        return true;
    }
    rounded = rounding_summary(table);
    print_table(rounded, format, stdout);
    return print_left_out(context, experiment, error) && print_outlier_count(context, experiment, error) &&
           print_unsteady_count(context, experiment, error) && print_kept_count(context, experiment, error);
}

const Command cmd_summary = {
    .name = "summary", .usage = "[EXPERIMENT] [--metric M] [--all] [--outliers|--unsteady|--variance] [--csv]",
    .summary = "a cell and metric a row: n, mean, stddev, ci95, median, min, max",
    .details = "The unit of replication is the run: n counts runs, and a run's many samples count as one value.\n"
               "Warm-ups and runs that failed do not count. Numbers are rounded by their standard error, of which\n"
               "two digits are left, and come in a handy unit, as in reports; --csv and --json have them as they are\n"
               "stored. Without EXPERIMENT: the newest.",
    .json = "[{\"cell\", \"metric\", \"unit\", \"n\", \"mean\", \"stddev\", \"sem\", \"ci95_low\",\n"
            "\"ci95_high\", \"median\", \"min\", \"max\"}]\n"
            "--outliers: [{\"run_id\", \"cell\", \"metric\", \"unit\", \"value\", \"median\", \"score\"}]\n"
            "--unsteady: [{\"run_id\", \"cell\", \"found\"}]\n"
            "--variance: [{\"cell\", \"metric\", \"unit\", \"runs\", \"iterations\", \"mean\", \"sd_run\",\n"
            "\"sd_iteration\", \"run_percent\", \"next_iterations\", \"next_runs\", \"note\"}]",
    .needs = CMD_NEEDS_STORE_READONLY, .options = options, .max_args = 1, .run = run,
};
