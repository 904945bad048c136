// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "runner/base/error.h"
#include "runner/cmd/support.h"
#include "runner/exec/preflight.h"
#include "runner/plan/matrix.h"

extern const Command cmd_check;

static char **set;

static const GOptionEntry options[] = { SUPPORT_SET_OPTION(set), G_OPTION_ENTRY_NULL };

static void print_problems_json(Problems *problems)
{
    problems_sort(problems);
    for (guint i = 0; i < problems->items->len; i++) {
        const Problem *problem = &g_array_index(problems->items, Problem, i);
        g_autofree char *message = print_json(problem->message);
        g_autofree char *hint = problem->hint != NULL ? print_json(problem->hint) : g_strdup("null");

        printf("%s\n  {\"line\": %u, \"column\": %u, \"message\": %s, \"hint\": %s}", i > 0 ? "," : "", problem->line,
               problem->column, message, hint);
    }
}

static bool check_as_json(const char *path, GError **error)
{
    g_autoptr(Problems) problems = problems_new(path);
    g_autoptr(Scenario) scenario = scenario_load_set(path, (const char *const *) set, &preflight_scenario_checks, problems);
    g_autoptr(Matrix) matrix = scenario != NULL ? matrix_expand(scenario, error) : NULL;
    g_autofree char *name = scenario != NULL ? print_json(scenario->name) : g_strdup("null");
    size_t cells = matrix != NULL ? matrix->cell_count : 0;
    size_t runs = scenario != NULL ? cells * (scenario_repetitions(scenario) + scenario->warmup) : 0;

    if (scenario != NULL && matrix == NULL)
        return false;
    printf("{\"scenario\": %s, \"valid\": %s, \"cells\": %zu, \"runs\": %zu, \"problems\": [", name,
           scenario != NULL ? "true" : "false", cells, runs);
    print_problems_json(problems);
    puts("]}");
    return scenario != NULL
           || error_set(error, ERROR_SCENARIO, "scenario '%s' has %u problem%s", path, problems->items->len,
                        support_plural(problems->items->len));
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autoptr(Scenario) scenario = NULL;
    g_autoptr(Matrix) matrix = NULL;
    size_t runs;

    (void) argc;
    if (context->json)
        return check_as_json(argv[0], error);
    scenario = support_load_scenario(context, argv[0], set, error);
    matrix = scenario != NULL ? matrix_expand(scenario, error) : NULL;
    if (matrix == NULL)
        return false;
    runs = matrix->cell_count * (scenario_repetitions(scenario) + scenario->warmup);
    printf("%s: scenario '%s' is fine: %zu cell%s, %s%zu run%s\n", argv[0], scenario->name, matrix->cell_count,
           support_plural((int64_t) matrix->cell_count), scenario->precision.metric != NULL ? "at most " : "", runs,
           support_plural((int64_t) runs));
    return true;
}

const Command cmd_check = {
    .name = "check", .usage = "SCENARIO [--set KEY=VALUE]...", .summary = "validate a scenario, print every problem with its place",
    .details = "Every problem is printed as FILE:LINE:COLUMN: error: MESSAGE, with a hint. Nothing is started.",
    .json = "{\"scenario\": NAME, \"valid\": true, \"cells\": N, \"runs\": N, \"problems\":\n"
            "[{\"line\", \"column\", \"message\", \"hint\"}]}",
    .exits = "3 when the scenario has problems",
    .options = options, .min_args = 1, .max_args = 1, .run = run,
};
