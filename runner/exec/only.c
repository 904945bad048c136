// SPDX-License-Identifier: GPL-3.0-or-later
/* `--only FACTOR=LEVEL`. */
#include <string.h>

#include "runner/base/error.h"
#include "runner/exec/experiment.h"

enum { HINT_NAMES = 8 };

/* "its levels are 0ms, 10ms, 25ms, ..." */
static void hint_levels(const Factor *factor, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (size_t i = 0; i < MIN(factor->level_count, HINT_NAMES); i++)
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", factor->levels[i].text);
    error_hint(error, "its levels are %s%s.", names->str, factor->level_count > HINT_NAMES ? ", ..." : "");
}

static void hint_factors(const Scenario *scenario, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (size_t i = 0; i < scenario->factor_count; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", scenario->factors[i].name);
    if (names->len > 0)
        error_hint(error, "its factors are %s.", names->str);
    else
        error_hint(error, "it has no factors at all: every run is of the one cell.");
}

/* One level that is wanted. */
typedef struct Wish {
    size_t factor, level;
} Wish;

static bool add_level(const Factor *factor, size_t index, const char *text, GArray *wishes)
{
    for (size_t i = 0; i < factor->level_count; i++) {
        Wish wish = { index, i };

        if (strcmp(factor->levels[i].text, text) != 0)
            continue;
        g_array_append_val(wishes, wish);
        return true;
    }
    return false;
}

/* "10ms", or "10ms,50ms" when that is no level itself; each may be any that `include` brought. */
static bool add_levels(const Factor *factor, size_t index, const char *only, const char *texts, GArray *wishes, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(texts, ",", -1);

    if (add_level(factor, index, texts, wishes))
        return true;
    for (char **part = parts; *part != NULL; part++) {
        if (add_level(factor, index, g_strstrip(*part), wishes))
            continue;
        error_set(error, ERROR_USAGE, "'--only %s': factor '%s' has no level '%s'", only, factor->name, *part);
        hint_levels(factor, error);
        return false;
    }
    if (parts[0] != NULL)
        return true;
    error_set(error, ERROR_USAGE, "'--only %s' names no level of factor '%s'", only, factor->name);
    hint_levels(factor, error);
    return false;
}

/* "delay=10ms": which factor and which of its levels. */
static bool parse_only(const Scenario *scenario, const char *text, GArray *wishes, GError **error)
{
    const char *equals = strchr(text, '=');

    if (equals == NULL) {
        error_set(error, ERROR_USAGE, "'--only %s' is not of the form FACTOR=LEVEL", text);
        error_hint(error, "'run' also knows '--only failed', 'missing' and 'tainted'.");
        return false;
    }
    for (size_t i = 0; i < scenario->factor_count; i++) {
        const char *name = scenario->factors[i].name;

        if (strncmp(name, text, (size_t) (equals - text)) == 0 && name[equals - text] == '\0')
            return add_levels(&scenario->factors[i], i, text, equals + 1, wishes, error);
    }
    error_set(error, ERROR_USAGE, "'--only %s': scenario '%s' has no factor '%.*s'", text, scenario->name, (int) (equals - text),
              text);
    hint_factors(scenario, error);
    return false;
}

/* Several wishes for one factor add up (either), wishes for different factors must all hold. */
static bool cell_wanted(const Matrix *matrix, size_t cell, const GArray *wishes)
{
    size_t factor_count = matrix->scenario->factor_count;

    for (size_t f = 0; f < factor_count; f++) {
        bool asked = false, met = false;

        for (guint i = 0; i < wishes->len; i++) {
            const Wish *wish = &g_array_index(wishes, Wish, i);

            asked = asked || wish->factor == f;
            met = met || (wish->factor == f && matrix->level_indices[cell * factor_count + f] == wish->level);
        }
        if (asked && !met)
            return false;
    }
    return true;
}

bool experiment_filter(Matrix *matrix, const Settings *settings, GError **error)
{
    g_autoptr(GArray) wishes = g_array_new(FALSE, FALSE, sizeof(Wish));
    size_t width = matrix->scenario->factor_count, kept = 0;

    for (char **only = settings->only; only != NULL && *only != NULL; only++)
        if (!parse_only(matrix->scenario, *only, wishes, error))
            return false;
    for (size_t cell = 0; cell < matrix->cell_count; cell++) {
        if (!cell_wanted(matrix, cell, wishes))
            continue;
        memmove(&matrix->level_indices[kept * width], &matrix->level_indices[cell * width],
                width * sizeof *matrix->level_indices);
        kept++;
    }
    matrix->cell_count = kept;
    if (kept == 0)
        return error_set(error, ERROR_USAGE, "no cell of scenario '%s' is left by '--only'", matrix->scenario->name);
    return true;
}
