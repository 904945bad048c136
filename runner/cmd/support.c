// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/cmd/support.h"

#include <stdio.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/exec/preflight.h"

Scenario *support_load_scenario(const Context *context, const char *path, GError **error)
{
    g_autoptr(Problems) problems = problems_new(path);
    Scenario *scenario = scenario_load(path, &preflight_scenario_checks, problems);

    if (scenario != NULL)
        return scenario;
    problems_print(problems, stderr);
    error_set(error, ERROR_SCENARIO, "scenario '%s' has %u problem%s%s", path, problems->items->len,
              support_plural(problems->items->len),
              context->command->needs & CMD_NEEDS_STORE ? "; nothing was started" : "");
    return NULL;
}

bool support_find_experiment(const Context *context, int argc, char **argv, int64_t *ret_id, GError **error)
{
    return store_experiment_find(context->store, argc > 0 ? argv[0] : NULL, ret_id, error);
}

bool support_find_run(const Context *context, const char *text, int64_t *ret_id, GError **error)
{
    g_autoptr(Table) run = NULL;
    gint64 id;

    if (!g_ascii_string_to_signed(text, 10, 1, G_MAXINT64, &id, NULL)) {
        error_set(error, ERROR_USAGE, "'%s' is no run number", text);
        error_hint(error, "'trialbed status EXPERIMENT --runs' lists the runs.");
        return false;
    }
    if (!store_read(context->store, "run", &run, error, PARAM_INTEGER(id), PARAM_END))
        return false;
    if (run->row_count == 0) {
        error_set(error, ERROR_USAGE, "there is no run %lld in lab '%s'", (long long) id, context->lab);
        error_hint(error, "'trialbed status EXPERIMENT --runs' lists the runs.");
        return false;
    }
    *ret_id = id;
    return true;
}

bool support_print(const Context *context, PrintFormat format, const char *title, const char *query, GError **error,
                   Param parameter)
{
    g_autoptr(Table) table = NULL;

    if (!store_read(context->store, query, &table, error, parameter, PARAM_END))
        return false;
    if (format == PRINT_TEXT && table->row_count == 0)
        return true;
    if (title != NULL && format == PRINT_TEXT)
        printf("%s\n", title);
    print_table(table, format, stdout);
    return true;
}
