// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "runner/cmd/support.h"
#include "runner/plan/matrix.h"

extern const Command cmd_check;

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autoptr(Scenario) scenario = support_load_scenario(argv[0], error);
    g_autoptr(Matrix) matrix = NULL;
    g_autofree char *name = NULL;

    (void) argc;
    if (scenario == NULL)
        return false;
    matrix = matrix_expand(scenario, error);
    if (matrix == NULL)
        return false;
    name = print_json(scenario->name);
    if (context->json)
        printf("{\"scenario\": %s, \"cells\": %zu, \"runs\": %zu}\n", name, matrix->cell_count,
               matrix->cell_count * (scenario->repetitions + scenario->warmup));
    else
        printf("%s: scenario '%s' is fine: %zu cells, %zu runs\n", argv[0], scenario->name, matrix->cell_count,
               matrix->cell_count * (scenario->repetitions + scenario->warmup));
    return true;
}

const Command cmd_check = {
    .name = "check", .usage = "SCENARIO", .summary = "validate a scenario, print every problem with its place",
    .details = "Every problem is printed as FILE:LINE:COLUMN: error: MESSAGE, with a hint. Nothing is started.",
    .min_args = 1, .max_args = 1, .run = run,
};
