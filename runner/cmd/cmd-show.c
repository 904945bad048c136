// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "runner/cmd/support.h"

extern const Command cmd_show;

/* What belongs to a run, in the order in which people ask for it. */
static const struct {
    const char *title, *query;
} parts[] = {
    { "run", "run" },           { "\nattempts", "attempts" }, { "\nmachines", "machines" }, { "\nphases", "phases" },
    { "\nsteps", "steps" },     { "\nmetrics", "run-metrics" }, { "\ncaptures", "captures" }, { "\nartifacts", "run-artifacts" },
    { "\nevents", "events" },
};

/* One object: each part's rows under its name. */
static bool print_object(const Context *context, int64_t run_id, GError **error)
{
    putchar('{');
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        printf("%s\"%s\": ", i > 0 ? ", " : "", parts[i].query);
        if (!support_print(context, PRINT_JSON, NULL, parts[i].query, error, PARAM_INTEGER(run_id)))
            return false;
    }
    puts("}");
    return true;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    int64_t run_id;

    (void) argc;
    if (!support_find_run(context, argv[0], &run_id, error))
        return false;
    if (context->json)
        return print_object(context, run_id, error);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (!support_print(context, PRINT_TEXT, parts[i].title, parts[i].query, error, PARAM_INTEGER(run_id)))
            return false;
    return true;
}

const Command cmd_show = {
    .name = "show", .usage = "RUN", .summary = "one run: attempts, machines, phases, steps, metrics, artifacts, events",
    .needs = CMD_NEEDS_STORE_READONLY, .min_args = 1, .max_args = 1, .run = run,
};
