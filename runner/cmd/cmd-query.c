// SPDX-License-Identifier: GPL-3.0-or-later
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/cmd/cmd.h"

extern const Command cmd_query;

static gboolean csv;
static int timeout_s = 60;
enum { GRACE_S = 1 };

static const GOptionEntry options[] = {
    { "csv", 0, 0, G_OPTION_ARG_NONE, &csv, "print CSV", NULL },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &timeout_s, "give up after so many seconds (default 60, 0: never)",
      "SECONDS" },
    G_OPTION_ENTRY_NULL,
};

/* The store looks at the clock between steps. A single value can take longer than all of them (LIKE with many
 * wildcards), and nothing but the end of the process stops that. Nothing is being written. */
static void give_up(int number)
{
    static const char text[] = "trialbed: query: stopped because it took longer than its time limit\n";

    (void) number;
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(1);
    _exit(ERROR_USAGE);
}

static void give_up_in(unsigned seconds)
{
    struct sigaction action = { .sa_handler = give_up };

    sigaction(SIGALRM, &action, NULL);
    alarm(seconds);
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autoptr(Table) table = NULL;

    (void) argc;
    if (timeout_s > 0)
        give_up_in((unsigned) timeout_s + GRACE_S);
    if (!store_query(context->store, argv[0], (unsigned) MAX(timeout_s, 0) * 1000, &table, error))
        return false;
    alarm(0);
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
