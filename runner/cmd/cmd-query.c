// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "runner/cmd/cmd.h"

extern const Command cmd_query;

static gboolean csv;
static int timeout_s = 60;

static const GOptionEntry options[] = {
    { "csv", 0, 0, G_OPTION_ARG_NONE, &csv, "print CSV", NULL },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &timeout_s, "give up after so many seconds (default 60, 0: never)",
      "SECONDS" },
    G_OPTION_ENTRY_NULL,
};

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autoptr(Table) table = NULL;

    (void) argc;
    if (!store_query(context->store, argv[0], (unsigned) MAX(timeout_s, 0) * 1000, &table, error))
        return false;
    print_table(table, context->json ? PRINT_JSON : csv ? PRINT_CSV : PRINT_TEXT, stdout);
    return true;
}

const Command cmd_query = {
    .name = "query", .usage = "SQL [--csv|--json]", .summary = "ask the database, read-only, with statistics functions",
    .details = "Stable views: run_facts, run_values, cell_summary, phase_times, artifacts, failures,\n"
               "published_values, and experiment_N_runs with a column a factor; docs/database.md describes them.\n"
               "Functions: mean, stddev, variance, sem, median, percentile(x, p), mad, ci95_low, ci95_high,\n"
               "geomean, harmonic_mean, t_quantile(p, df).",
    .json = "[{\"COLUMN\": VALUE, ...}], one object a row",
    .exits = "2 when the statement is wrong or would write, 5 when the database is damaged",
    .needs = CMD_NEEDS_STORE_READONLY, .options = options, .min_args = 1, .max_args = 1, .run = run,
};
