// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "runner/base/error.h"
#include "runner/cmd/status-precision.h"
#include "runner/cmd/status-watch.h"
#include "runner/cmd/support.h"
#include "runner/exec/experiment.h"
#include "runner/exec/progress.h"

extern const Command cmd_status;

static gboolean with_runs, watch, joblog, precision;
static double interval_s = 2;

static const GOptionEntry options[] = {
    { "runs", 0, 0, G_OPTION_ARG_NONE, &with_runs, "also a line for every run", NULL },
    { "watch", 'w', 0, G_OPTION_ARG_NONE, &watch, "look again and again until it ends", NULL },
    { "interval", 0, 0, G_OPTION_ARG_DOUBLE, &interval_s, "of --watch, in seconds (default: 2)", "S" },
    { "precision", 0, 0, G_OPTION_ARG_NONE, &precision, "how well every cell is known ('precision' of the scenario)", NULL },
    { "joblog", 0, 0, G_OPTION_ARG_NONE, &joblog, "its ended attempts as a joblog of GNU parallel", NULL },
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

/* What the command line changed of the scenario. */
static bool print_options(const Context *context, Param id, GError **error)
{
    g_autoptr(Table) experiment = NULL;
    g_auto(Settings) settings = { 0 };
    g_autofree char *text = NULL;

    if (!store_read(context->store, "experiment", &experiment, error, id, PARAM_END)
        || !settings_read(table_text(experiment, 0, "settings"), &settings, error))
        return false;
    text = settings_options(&settings);
    if (text != NULL)
        printf("made with %s\n", text);
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
    if (!print_options(context, id, error))
        return false;
    printf("%lld of %lld run%s completed, %lld failed, %lld left", (long long) table_integer(counts, 0, "completed"),
           (long long) table_integer(counts, 0, "runs"), support_plural(table_integer(counts, 0, "runs")),
           (long long) table_integer(counts, 0, "failed"), (long long) left);
    if (left > 0 && table_integer(history, 0, "runs") > 0) {
        left_time = progress_duration(table_real(history, 0, "run_s") * (double) left);
        printf(" (about %s, one after the other)", left_time);
    }
    putchar('\n');
    if (!status_print_agenda(context, id.integer, error))
        return false;
    putchar('\n');
    return true;
}

/* Tabs and lines are the format's; no cell's label has any. */
static bool print_joblog(const Context *context, Param id, GError **error)
{
    g_autoptr(Table) table = NULL;

    if (context->json)
        return support_print(context, PRINT_JSON, NULL, "joblog", error, id);
    if (!store_read(context->store, "joblog", &table, error, id, PARAM_END))
        return false;
    for (size_t i = 0; i < table->column_count; i++)
        printf("%s%c", table->columns[i], i + 1 < table->column_count ? '\t' : '\n');
    for (size_t i = 0; i < table->row_count * table->column_count; i++) {
        const Value *value = &table->values[i];

        if (value->type == VALUE_TEXT)
            fputs(value->text, stdout);
        else
            printf("%lld", (long long) value->integer);
        putchar((i + 1) % table->column_count == 0 ? '\n' : '\t');
    }
    return true;
}

static bool check_options(GError **error)
{
    if (interval_s < 0.05 || interval_s > 3600)
        return error_set(error, ERROR_USAGE, "'--interval %g' is not between 0.05 and 3600 seconds", interval_s);
    if (watch + joblog + with_runs + precision > 1)
        return error_set(error, ERROR_USAGE, "only one of --watch, --joblog, --precision and --runs can be had at a time");
    return true;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    int64_t experiment;
    Param id;
    bool one = with_runs || watch || joblog || precision;

    if (!check_options(error))
        return false;
    if (argc == 0 && context->json && !one)
        return support_print(context, PRINT_JSON, NULL, "experiments", error, PARAM_END);
    if (argc == 0 && !one)
        return print_rows(context, NULL, "experiments", experiment_columns, PARAM_END, error);
    if (!support_find_experiment(context, argc, argv, &experiment, error))
        return false;
    id = PARAM_INTEGER(experiment);
    if (watch)
        return status_watch(context, experiment, (unsigned) (interval_s * 1000), error);
    if (joblog)
        return print_joblog(context, id, error);
    if (precision)
        return status_print_precision(context, experiment, error);
    if (context->json)
        return support_print(context, PRINT_JSON, NULL, "runs", error, id);
    return print_head(context, id, error) && print_rows(context, NULL, "experiment-status", cell_columns, id, error)
           && (!with_runs || print_rows(context, "runs", "runs", run_columns, id, error))
           && print_rows(context, "failures", "failures", failure_columns, id, error);
}

const Command cmd_status = {
    .name = "status", .usage = "[EXPERIMENT] [--runs | --precision | --watch [--interval S] | --joblog]",
    .summary = "experiments, or one experiment's cells, runs and failures",
    .json = "[{\"number\", \"name\", \"uuid\", \"started\", \"runs\", ...}]; with EXPERIMENT\n"
            "its runs, as the view run_facts has them; with --watch an object of counts whenever they\n"
            "change; with --joblog [{\"Seq\", \"Host\", \"Starttime\", \"JobRuntime\", ...}];\n"
            "with --precision [{\"cell\", \"metric\", \"values\", \"known_to_percent\", \"wanted_percent\",\n"
            "\"state\": \"known\", \"open\" or \"not known\"}]",
    .details = "Without EXPERIMENT: every experiment of the lab, newest first. With --runs, --precision, --watch or\n"
               "--joblog: the newest one. --watch reads the database only, so it can be used beside 'trialbed run',\n"
               "and ends with the experiment.",
    .exits = "with --watch: 1 when runs failed, 130 when runs are left and nobody is doing them",
    .needs = CMD_NEEDS_STORE_READONLY, .options = options, .max_args = 1, .run = run,
};
