// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "runner/cmd/support.h"
#include "runner/exec/progress.h"

extern const Command cmd_status;

static gboolean with_runs;

static const GOptionEntry options[] = {
    { "runs", 0, 0, G_OPTION_ARG_NONE, &with_runs, "also a line for every run", NULL },
    G_OPTION_ENTRY_NULL,
};

enum { UUID_WIDTH = 8 };

#define END { 0 }

static const PrintColumn experiment_columns[] = {
    { .name = "number" },    { .name = "name" },   { .name = "uuid", .width = UUID_WIDTH }, { .name = "started" },
    { .name = "runs" },      { .name = "planned", .dull = "0" }, { .name = "running", .dull = "0" },
    { .name = "completed" }, { .name = "failed" }, { .name = "tainted", .dull = "0" },      END,
};
static const PrintColumn cell_columns[] = {
    { .name = "cell" },
    { .name = "runs" },
    { .name = "planned", .dull = "0" },
    { .name = "running", .dull = "0" },
    { .name = "completed" },
    { .name = "failed" },
    { .name = "tainted", .dull = "0" },
    END,
};
static const PrintColumn failure_columns[] = {
    { .name = "run" }, { .name = "cell" },  { .name = "status", .dull = "failed" }, { .name = "attempt", .dull = "1" },
    { .name = "phase" }, { .name = "class" }, { .name = "reason" }, END,
};
static const PrintColumn run_columns[] = {
    { .name = "run_id", .title = "run" },      { .name = "cell" },   { .name = "repetition" },
    { .name = "warmup", .dull = "0" },         { .name = "status" }, { .name = "attempt", .dull = "1" },
    { .name = "duration_s", .decimals = 1 },   { .name = "phase" },  { .name = "class" },
    END,
};

static bool print_rows(const Context *context, const char *title, const char *query, const PrintColumn *columns,
                       Param id, GError **error)
{
    g_autoptr(Table) table = NULL;

    if (!store_read(context->store, query, &table, error, id, PARAM_END))
        return false;
    if (table->row_count == 0)
        return true;
    if (title != NULL)
        printf("\n%s\n", title);
    print_columns(table, columns, stdout);
    return true;
}

/* How many runs are left, and how long they may take, judging by those of this name that are done. */
static bool print_head(const Context *context, Param id, GError **error)
{
    g_autoptr(Table) counts = NULL;
    g_autoptr(Table) history = NULL;
    g_autofree char *left_time = NULL;
    int64_t left;

    if (!store_read(context->store, "experiment-counts", &counts, error, id, PARAM_END)
        || !store_read(context->store, "history", &history, error, PARAM_TEXT(table_text(counts, 0, "name")),
                       PARAM_END))
        return false;
    left = table_integer(counts, 0, "left");
    printf("experiment %lld '%s' of %s, UUID %s\n", (long long) id.integer, table_text(counts, 0, "name"),
           table_text(counts, 0, "created_at"), table_text(counts, 0, "uuid"));
    printf("%lld of %lld run%s completed, %lld failed, %lld left", (long long) table_integer(counts, 0, "completed"),
           (long long) table_integer(counts, 0, "runs"), support_plural(table_integer(counts, 0, "runs")),
           (long long) table_integer(counts, 0, "failed"), (long long) left);
    if (left > 0 && table_integer(history, 0, "runs") > 0) {
        left_time = progress_duration(table_real(history, 0, "run_s") * (double) left);
        printf(" (about %s, one after the other)", left_time);
    }
    printf("\n\n");
    return true;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    int64_t experiment;
    Param id;

    if (argc == 0 && context->json)
        return support_print(context, PRINT_JSON, NULL, "experiments", error, PARAM_END);
    if (argc == 0 && !with_runs)
        return print_rows(context, NULL, "experiments", experiment_columns, PARAM_END, error);
    if (!support_find_experiment(context, argc, argv, &experiment, error))
        return false;
    id = PARAM_INTEGER(experiment);
    if (context->json)
        return support_print(context, PRINT_JSON, NULL, "runs", error, id);
    return print_head(context, id, error) && print_rows(context, NULL, "experiment-status", cell_columns, id, error)
           && (!with_runs || print_rows(context, "runs", "runs", run_columns, id, error))
           && print_rows(context, "failures", "failures", failure_columns, id, error);
}

const Command cmd_status = {
    .name = "status", .usage = "[EXPERIMENT] [--runs]",
    .summary = "experiments, or one experiment's cells, runs and failures",
    .json = "[{\"number\", \"name\", \"uuid\", \"started\", \"runs\", ...}]; with EXPERIMENT\n"
            "its runs, as the view run_facts has them",
    .details = "Without EXPERIMENT: every experiment of the lab, newest first.",
    .needs = CMD_NEEDS_STORE_READONLY, .options = options, .max_args = 1, .run = run,
};
