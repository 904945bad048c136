// SPDX-License-Identifier: GPL-3.0-or-later
/* Any bytes as a scenario: they are refused with a problem, or accepted and the first cells resolve. Alone, with clang:
 * -fsanitize=fuzzer,address,undefined. The unit test plan/fuzz feeds it mutations of the good scenarios. */
#include <stdint.h>
#include <stdlib.h>

#include "runner/plan/matrix.h"
#include "runner/plan/run-spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition)
        abort();
}

static void use(const Scenario *scenario)
{
    g_autoptr(Matrix) matrix = matrix_expand(scenario, NULL);

    must(matrix != NULL && matrix->cell_count > 0);
    for (size_t i = 0; i < MIN(matrix->cell_count, 20); i++) {
        g_autofree const char **levels = matrix_cell_levels(matrix, i);
        g_autofree char *label = matrix_cell_label(matrix, i);
        g_autoptr(RunSpec) spec = scenario_resolve(scenario, levels, NULL);

        must(spec != NULL && label[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ScenarioChecks checks = { .frozen = true };
    g_autoptr(Problems) problems = problems_new("no/such/folder/fuzz.yaml");
    g_autoptr(Scenario) scenario = scenario_parse(problems->path, (const char *) data, size, &checks, problems);

    must((scenario == NULL) == (problems->items->len > 0));
    for (unsigned i = 0; i < problems->items->len; i++)
        must(g_utf8_validate(g_array_index(problems->items, Problem, i).message, -1, NULL));
    if (scenario != NULL)
        use(scenario);
    return 0;
}
