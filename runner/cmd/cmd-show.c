// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "runner/cmd/support.h"

extern const Command cmd_show;

enum { SECONDS = 3, DIGEST = 12 };

#define ATTEMPT { .name = "attempt", .dull = "1" }
#define END { 0 }

static const PrintColumn run_columns[] = {
    { .name = "run_id", .title = "run" },      { .name = "experiment_id" }, { .name = "experiment" },
    { .name = "cell" },                        { .name = "repetition" },    { .name = "warmup", .dull = "0" },
    { .name = "status" },                      { .name = "phase" },         { .name = "class" },
    { .name = "reason" },                      { .name = "attempt" },       { .name = "started_at" },
    { .name = "duration_s", .decimals = SECONDS }, { .name = "platform" },  { .name = "accelerator" },
    { .name = "emulator" },                    { .name = "backend" },       { .name = "concurrent", .dull = "1" },
    END,
};
static const PrintColumn attempt_columns[] = {
    { .name = "attempt" },
    { .name = "status" },
    { .name = "started_at" },
    { .name = "duration_s", .decimals = SECONDS },
    { .name = "phase" },
    { .name = "class" },
    { .name = "reason" },
    END,
};
static const PrintColumn machine_columns[] = {
    ATTEMPT,
    { .name = "machine" },
    { .name = "image" },
    { .name = "image_digest", .width = DIGEST },
    { .name = "arch" },
    { .name = "memory_mb" },
    { .name = "cpus" },
    { .name = "channel" },
    END,
};
static const PrintColumn phase_columns[] = {
    ATTEMPT,
    { .name = "phase" },
    { .name = "machine" },
    { .name = "start_s", .decimals = SECONDS },
    { .name = "duration_s", .decimals = SECONDS },
    END,
};
static const PrintColumn step_columns[] = {
    ATTEMPT,
    { .name = "step" },
    { .name = "machine" },
    { .name = "exit_status" },
    { .name = "signal" },
    { .name = "timed_out", .dull = "0" },
    { .name = "background", .dull = "0" },
    { .name = "duration_s", .decimals = SECONDS },
    { .name = "command" },
    END,
};
static const PrintColumn metric_columns[] = {
    { .name = "metric" }, { .name = "unit" }, { .name = "value" }, { .name = "samples" }, { .name = "aggregate" }, END,
};
static const PrintColumn capture_columns[] = {
    ATTEMPT,
    { .name = "bridge" },
    { .name = "filter" },
    { .name = "packets" },
    { .name = "bytes" },
    { .name = "dropped" },
    { .name = "path" },
    END,
};
static const PrintColumn artifact_columns[] = {
    ATTEMPT,
    { .name = "kind" },
    { .name = "machine" },
    { .name = "step" },
    { .name = "size" },
    { .name = "sha256", .width = DIGEST },
    { .name = "path" },
    END,
};
static const PrintColumn event_columns[] = {
    ATTEMPT, { .name = "at_s", .decimals = SECONDS }, { .name = "kind" }, { .name = "text" }, END,
};

/* What belongs to a run, in the order in which people ask for it. */
static const struct {
    const char *title, *query;
    const PrintColumn *columns;
    size_t rows_min; /* fewer tell nothing that is not told elsewhere */
} parts[] = {
    { "attempts", "attempts", attempt_columns, 2 },   { "machines", "machines", machine_columns, 1 },
    { "phases", "phases", phase_columns, 1 },         { "steps", "steps", step_columns, 1 },
    { "metrics", "run-metrics", metric_columns, 1 },  { "captures", "captures", capture_columns, 1 },
    { "artifacts", "run-artifacts", artifact_columns, 1 }, { "events", "events", event_columns, 1 },
};

/* One object: the run, and each part's rows under its title. */
static bool show_as_json(const Context *context, const Table *about, int64_t run_id, GError **error)
{
    fputs("{\"run\": ", stdout);
    print_json_row(about, 0, stdout);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        printf(", \"%s\": ", parts[i].title);
        if (!support_print(context, PRINT_JSON, NULL, parts[i].query, error, PARAM_INTEGER(run_id)))
            return false;
    }
    puts("}");
    return true;
}

static bool print_part(const Context *context, size_t part, int64_t run_id, GError **error)
{
    g_autoptr(Table) table = NULL;

    if (!store_read(context->store, parts[part].query, &table, error, PARAM_INTEGER(run_id), PARAM_END))
        return false;
    if (table->row_count < parts[part].rows_min)
        return true;
    printf("\n%s\n", parts[part].title);
    print_columns(table, parts[part].columns, stdout);
    return true;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autoptr(Table) about = NULL;
    int64_t run_id;

    (void) argc;
    if (!support_find_run(context, argv[0], &run_id, error))
        return false;
    if (!store_read(context->store, "run", &about, error, PARAM_INTEGER(run_id), PARAM_END))
        return false;
    if (context->json)
        return show_as_json(context, about, run_id, error);
    print_record(about, run_columns, stdout);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (!print_part(context, i, run_id, error))
            return false;
    return true;
}

const Command cmd_show = {
    .name = "show", .usage = "RUN", .summary = "one run: attempts, machines, phases, steps, metrics, artifacts, events",
    .details = "Columns that say the same in every row are left out, times and digests are short: --json has all\n"
               "of it. 'trialbed log RUN' prints what its machines and steps printed.",
    .json = "{\"run\": {as in run_facts}, \"attempts\": [], \"machines\": [], \"phases\": [], \"steps\": [],\n"
            "\"metrics\": [], \"captures\": [], \"artifacts\": [], \"events\": []}",
    .needs = CMD_NEEDS_STORE_READONLY, .min_args = 1, .max_args = 1, .run = run,
};
