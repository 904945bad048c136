// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/compare/baseline.h"

#include <string.h>

#include "runner/base/error.h"

static bool level_find(const DesignFactor *factor, const char *text, size_t *ret_level)
{
    guint index;

    if (!g_ptr_array_find_with_equal_func(factor->levels, text, g_str_equal, &index))
        return false;
    *ret_level = index;
    return true;
}

static bool level_error(const DesignFactor *factor, const char *text, GError **error)
{
    g_autoptr(GPtrArray) levels = g_ptr_array_new();
    g_autofree char *list = NULL;

    for (guint i = 0; i < factor->levels->len; i++)
        g_ptr_array_add(levels, factor->levels->pdata[i]);
    g_ptr_array_add(levels, NULL);
    list = g_strjoinv(", ", (char **) levels->pdata);
    error_set(error, ERROR_USAGE, "factor '%s' has no level '%s'", factor->name, text);
    error_hint(error, "its levels are %s.", list);
    return false;
}

static bool read_wish(const Design *design, const char *wish, size_t *levels, GError **error)
{
    const char *equals = strchr(wish, '=');
    g_autofree char *name = equals != NULL ? g_strndup(wish, (gsize) (equals - wish)) : NULL;
    size_t factor;

    if (equals == NULL)
        return error_set(error, ERROR_USAGE, "'--baseline %s' is not FACTOR=LEVEL", wish);
    if (!design_factor_find(design, name, &factor, error))
        return false;
    return level_find(design_factor(design, factor), equals + 1, &levels[factor])
           || level_error(design_factor(design, factor), equals + 1, error);
}

size_t *baseline_levels(const Side *base, bool one_experiment, char **wanted, GError **error)
{
    size_t count = base->design->factors->len;
    g_autofree size_t *levels = g_new(size_t, count);
    bool first_cell = one_experiment && wanted == NULL && base->design->cells->len > 0;

    for (size_t i = 0; i < count; i++)
        levels[i] = first_cell ? ((const DesignCell *) base->design->cells->pdata[0])->levels[i] : SIZE_MAX;
    for (char **wish = wanted; wish != NULL && *wish != NULL; wish++)
        if (!read_wish(base->design, *wish, levels, error))
            return NULL;
    return g_steal_pointer(&levels);
}

/* The level that a cell of the baseline must have of one of its factors. A factor that the other experiment does not
 * know is no question when it never varied. */
static bool needed_level(const Design *base, size_t factor, const Design *other, const DesignCell *cell,
                         size_t *ret_level)
{
    const DesignFactor *wanted = design_factor(base, factor);

    for (guint i = 0; i < other->factors->len; i++) {
        const DesignFactor *known = design_factor(other, i);

        if (strcmp(known->name, wanted->name) == 0)
            return level_find(wanted, known->levels->pdata[cell->levels[i]], ret_level);
    }
    *ret_level = 0;
    return wanted->levels->len == 1;
}

int baseline_find(const Side *base, const size_t *levels, const Side *other, size_t index)
{
    size_t count = base->design->factors->len;
    g_autofree size_t *needed = g_memdup2(levels, count * sizeof *levels);
    const DesignCell *cell = other->design->cells->pdata[index];

    for (size_t i = 0; i < count; i++)
        if (needed[i] == SIZE_MAX && !needed_level(base->design, i, other->design, cell, &needed[i]))
            return BASELINE_NOT_FOUND;
    for (guint i = 0; i < base->design->cells->len; i++)
        if (memcmp(((const DesignCell *) base->design->cells->pdata[i])->levels, needed, count * sizeof *needed) == 0)
            return base == other && i == index ? BASELINE_ITSELF : (int) i;
    return BASELINE_NOT_FOUND;
}
