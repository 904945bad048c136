// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/matrix.h"

#include <string.h>

#include "runner/base/error.h"
#include "runner/plan/derive.h"

/* Levels that came in by `include` alone follow all others, and are not crossed. */
static size_t crossed_levels(const Factor *factor)
{
    size_t count = factor->level_count;

    while (count > 0 && factor->levels[count - 1].included)
        count--;
    return count;
}

/* How many cells the crossed levels make; more than the limit is reported as one more than it. */
static size_t crossed_cells(const Scenario *scenario)
{
    size_t count = 1;

    for (size_t i = 0; i < scenario->factor_count; i++) {
        if (scenario->factors[i].leader != i)
            continue; /* zipped: its levels come with the leader's */
        count *= crossed_levels(&scenario->factors[i]);
        if (count > MATRIX_RUN_LIMIT)
            return (size_t) MATRIX_RUN_LIMIT + 1;
    }
    return count;
}

static bool entry_matches(const uint32_t *entry, const uint32_t *cell, size_t factor_count)
{
    for (size_t i = 0; i < factor_count; i++)
        if (entry[i] != LEVEL_ANY && entry[i] != cell[i])
            return false;
    return true;
}

static bool is_excluded(const Scenario *scenario, const uint32_t *cell)
{
    for (size_t i = 0; i < scenario->exclude_count; i++)
        if (entry_matches(scenario->excludes + i * scenario->factor_count, cell, scenario->factor_count))
            return true;
    return false;
}

bool scenario_crosses(const Scenario *scenario, const uint32_t *cell)
{
    for (size_t i = 0; i < scenario->factor_count; i++)
        if (cell[i] >= crossed_levels(&scenario->factors[i]) || cell[i] != cell[scenario->factors[i].leader])
            return false;
    return !is_excluded(scenario, cell);
}

/* The next cell in place; the last factor varies fastest. */
static void advance(const Scenario *scenario, uint32_t *cell)
{
    for (size_t i = scenario->factor_count; i-- > 0;) {
        if (scenario->factors[i].leader != i)
            continue;
        if (++cell[i] < crossed_levels(&scenario->factors[i]))
            break;
        cell[i] = 0;
    }
    for (size_t i = 0; i < scenario->factor_count; i++)
        cell[i] = cell[scenario->factors[i].leader];
}

static bool add_crossed(Matrix *matrix, size_t crossed, GError **error)
{
    const Scenario *scenario = matrix->scenario;
    size_t width = scenario->factor_count;
    g_autofree uint32_t *cell = g_new0(uint32_t, width + 1);
    g_autoptr(Conditions) conditions = conditions_new(scenario);
    bool holds;

    for (size_t i = 0; i < crossed; i++, advance(scenario, cell)) {
        if (is_excluded(scenario, cell))
            continue;
        if (!conditions_hold(conditions, cell, &holds, error))
            return false;
        if (!holds)
            continue;
        if (width > 0)
            memcpy(matrix->level_indices + matrix->cell_count * width, cell, width * sizeof *cell);
        matrix->cell_count++;
    }
    return true;
}

static void add_included(Matrix *matrix)
{
    const Scenario *scenario = matrix->scenario;
    size_t width = scenario->factor_count;

    if (scenario->include_count == 0)
        return;
    memcpy(matrix->level_indices + matrix->cell_count * width, scenario->includes,
           scenario->include_count * width * sizeof *scenario->includes);
    matrix->cell_count += scenario->include_count;
}

unsigned scenario_repetitions(const Scenario *scenario)
{
    return scenario->precision.metric != NULL ? scenario->precision.max : scenario->repetitions;
}

static bool matrix_fits(const Matrix *matrix, GError **error)
{
    const Scenario *scenario = matrix->scenario;
    size_t each = (size_t) scenario_repetitions(scenario) + scenario->warmup;

    if (matrix->cell_count > 0 && matrix->cell_count * each <= MATRIX_RUN_LIMIT)
        return true;
    if (matrix->cell_count == 0) {
        bool by_when = scenario->condition_count > 0;

        error_set(error, ERROR_SCENARIO,
                  by_when ? "no cell is left by 'exclude' and 'when'" : "every cell is excluded");
        error_hint(error, by_when ? "make 'when' true for a cell." : "remove an entry of 'exclude'.");
    } else {
        error_set(error, ERROR_SCENARIO, "%zu cells with %zu runs each are more than %d runs", matrix->cell_count, each,
                  MATRIX_RUN_LIMIT);
        error_hint(error, "use fewer levels or repetitions.");
    }
    return false;
}

Matrix *matrix_expand(const Scenario *scenario, GError **error)
{
    g_autoptr(Matrix) matrix = g_new0(Matrix, 1);
    size_t crossed = crossed_cells(scenario);

    if (crossed > MATRIX_RUN_LIMIT) {
        error_set(error, ERROR_SCENARIO, "the crossed factors make more than %d cells", MATRIX_RUN_LIMIT);
        error_hint(error, "use fewer factors or levels, or list the wanted cells under 'include'.");
        return NULL;
    }
    if (crossed * scenario->exclude_count > MATRIX_EXCLUDE_WORK_MAX) {
        error_set(error, ERROR_SCENARIO, "%zu entries of 'exclude' are too many for %zu crossed cells",
                  scenario->exclude_count, crossed);
        return NULL;
    }
    if (crossed * conditions_weight(scenario) > MATRIX_WHEN_WORK_MAX) {
        error_set(error, ERROR_SCENARIO, "%zu crossed cells are too many for conditions of this length", crossed);
        error_hint(error, "use fewer levels, or a shorter 'when'.");
        return NULL;
    }
    matrix->scenario = scenario;
    matrix->level_indices = g_new(uint32_t, (crossed + scenario->include_count) * scenario->factor_count + 1);
    if (!add_crossed(matrix, crossed, error))
        return NULL;
    add_included(matrix);
    return matrix_fits(matrix, error) ? g_steal_pointer(&matrix) : NULL;
}

void matrix_free(Matrix *matrix)
{
    if (matrix == NULL)
        return;
    g_free(matrix->level_indices);
    g_free(matrix);
}

const Level *matrix_level(const Matrix *matrix, size_t cell, size_t factor)
{
    uint32_t index = matrix->level_indices[cell * matrix->scenario->factor_count + factor];

    return &matrix->scenario->factors[factor].levels[index];
}

char *matrix_cell_label(const Matrix *matrix, size_t cell)
{
    const Scenario *scenario = matrix->scenario;
    GString *label = g_string_new(NULL);

    for (size_t i = 0; i < scenario->factor_count; i++)
        g_string_append_printf(label, "%s%s=%s", i > 0 ? " " : "", scenario->factors[i].name,
                               matrix_level(matrix, cell, i)->text);
    if (scenario->factor_count == 0)
        g_string_append(label, "all");
    return g_string_free(label, FALSE);
}

const char **matrix_cell_levels(const Matrix *matrix, size_t cell)
{
    size_t count = matrix->scenario->factor_count;
    const char **texts = g_new0(const char *, count + 1);

    for (size_t i = 0; i < count; i++)
        texts[i] = matrix_level(matrix, cell, i)->text;
    return texts;
}
