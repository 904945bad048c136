// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/base/error.h"
#include "runner/plan/formats.h"
#include "runner/plan/limits.h"
#include "runner/plan/matrix.h"
#include "runner/plan/reading.h"
#include "runner/plan/suggest.h"
#include "runner/plan/template.h"

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if (g_ascii_iscntrl(*text))
            return true;
    return false;
}

/* A scalar that can be a level; otherwise it is a problem. */
static bool is_level(Reading *reading, const Node *node, const char *factor)
{
    if (node->kind == NODE_BROKEN)
        return false;
    if (node->kind != NODE_SCALAR)
        reading_problem(reading, node, NULL, "a level of factor '%s' must be a text or number, not %s", factor,
                        node_kind_name(node));
    else if (node_is_null(node))
        reading_problem(reading, node, g_strdup("write '' for an empty text."), "a level of factor '%s' has no value",
                        factor);
    else if (has_control(node->text))
        reading_problem(reading, node, NULL, "a level of factor '%s' must be one line of plain text", factor);
    else if (template_is_needed(node->text))
        reading_problem(reading, node, NULL, "a level of factor '%s' cannot vary: '${' has no meaning in it", factor);
    else
        return true;
    return false;
}

static uint32_t find_level(const Reading *reading, size_t factor, const char *text)
{
    unsigned found = GPOINTER_TO_UINT(g_hash_table_lookup(g_ptr_array_index(reading->names->levels, factor), text));

    return found > 0 ? found - 1 : LEVEL_ANY;
}

static uint32_t add_level(const Reading *reading, Factor *factor, size_t index, const char *text, bool included)
{
    Level level = { .text = g_strdup(text), .included = included };
    GHashTable *levels = g_ptr_array_index(reading->names->levels, index);

    level.numeric = units_parse(text, &level.quantity);
    if ((factor->level_count & (factor->level_count - 1)) == 0) /* full whenever the count is 0 or a power of two */
        factor->levels = g_renew(Level, factor->levels, MAX(1, 2 * factor->level_count));
    factor->levels[factor->level_count++] = level;
    g_hash_table_insert(levels, g_strdup(text), GUINT_TO_POINTER((unsigned) factor->level_count));
    return (uint32_t) factor->level_count - 1;
}

static void read_levels(Reading *reading, const Node *list, Factor *factor, size_t index)
{
    if (list->kind != NODE_LIST) {
        if (list->kind != NODE_BROKEN)
            reading_problem(reading, list, g_strdup("write them as [a, b, c]."),
                            "factor '%s' must have a list of levels, not %s", factor->name,
                            node_is_null(list) ? "nothing" : node_kind_name(list));
        return;
    }
    if (list->count == 0 && !list->cut)
        reading_problem(reading, list, g_strdup("write at least one, or remove the factor."),
                        "factor '%s' has no level", factor->name);
    for (size_t i = 0; i < list->count; i++) {
        const Node *node = list->values[i];

        if (!is_level(reading, node, factor->name))
            continue;
        if (find_level(reading, index, node->text) != LEVEL_ANY)
            reading_problem(reading, node, NULL, "level '%s' of factor '%s' is there twice", node->text, factor->name);
        else
            add_level(reading, factor, index, node->text, false);
    }
}

static bool variable_is_free(Reading *reading, const Scenario *scenario, const NodeKey *key)
{
    g_autofree char *variable = factor_variable(key->text);

    for (size_t i = 0; i < scenario->factor_count; i++) {
        g_autofree char *other = factor_variable(scenario->factors[i].name);

        if (strcmp(variable, other) != 0)
            continue;
        problems_add(reading->problems, key->line, key->column,
                     g_strdup_printf("factors '%s' and '%s' would have the same variable %s in a machine",
                                     scenario->factors[i].name, key->text, variable),
                     g_strdup("give one of them another name."));
        return false;
    }
    return true;
}

/* A name that cannot be a factor's is reported, and kept all the same: what uses it is not wrong as well. */
static void read_factor(Reading *reading, const NodeKey *key, const Node *list, Scenario *scenario)
{
    GError *error = NULL;
    Factor *factor;

    if (!format_factor_name(key->text, &error)) {
        problems_add(reading->problems, key->line, key->column, g_strdup_printf("a factor's name %s", error->message),
                     NULL);
        g_error_free(error);
    }
    variable_is_free(reading, scenario, key);
    if (!names_declare(reading->names, NAME_FACTOR, key->text, NULL, key->line, key->column, reading->problems))
        return;
    scenario->factors = g_renew(Factor, scenario->factors, scenario->factor_count + 1);
    factor = &scenario->factors[scenario->factor_count];
    *factor = (Factor) { .name = g_strdup(key->text) };
    g_ptr_array_add(reading->names->levels, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL));
    read_levels(reading, list, factor, scenario->factor_count++);
}

void factors_read(Reading *reading, const Key *key, const Node *node, Scenario *scenario)
{
    if (!reading_expects(reading, key, node, NODE_MAP))
        return;
    if (node->count > SCENARIO_FACTORS_MAX)
        reading_problem(reading, node, NULL, "there are %zu factors, the limit is %d", node->count,
                        SCENARIO_FACTORS_MAX);
    for (size_t i = 0; i < MIN(node->count, SCENARIO_FACTORS_MAX); i++)
        read_factor(reading, &node->keys[i], node->values[i], scenario);
}

static void report_unknown_level(Reading *reading, const Node *node, const Factor *factor)
{
    g_autoptr(GPtrArray) levels = g_ptr_array_new();

    for (size_t i = 0; i < factor->level_count; i++)
        g_ptr_array_add(levels, factor->levels[i].text);
    reading_problem(reading, node, suggest(node->text, levels, "levels"), "factor '%s' has no level '%s'", factor->name,
                    node->text);
}

/* One entry "factor: level" into a cell. */
static bool read_entry(Reading *reading, const NodeKey *key, const Node *node, bool adds, Factor *factors,
                       uint32_t *cell)
{
    const Declared *declared = names_find(reading->names, NAME_FACTOR, key->text);
    uint32_t level;

    if (declared == NULL) {
        problems_add(reading->problems, key->line, key->column, g_strdup_printf("there is no factor '%s'", key->text),
                     names_suggest(reading->names, NAME_FACTOR, key->text));
        return false;
    }
    if (!is_level(reading, node, key->text))
        return false;
    level = find_level(reading, declared->index, node->text);
    if (level == LEVEL_ANY && !adds)
        report_unknown_level(reading, node, &factors[declared->index]);
    else if (level == LEVEL_ANY)
        level = add_level(reading, &factors[declared->index], declared->index, node->text, true);
    cell[declared->index] = level;
    return level != LEVEL_ANY;
}

/* A map of factors to levels into a cell; with `adds` it must name all factors, and levels may be new. */
static bool read_cell(Reading *reading, const Node *map, bool adds, Scenario *scenario, uint32_t *cell)
{
    bool ok = true;

    for (size_t i = 0; i < scenario->factor_count; i++)
        cell[i] = LEVEL_ANY;
    for (size_t i = 0; i < map->count; i++)
        ok &= read_entry(reading, &map->keys[i], map->values[i], adds, scenario->factors, cell);
    if (map->count == 0 && !map->cut) {
        reading_problem(reading, map, g_strdup("write {factor: level}."), "a cell must name a factor");
        return false;
    }
    for (size_t i = 0; ok && adds && i < scenario->factor_count; i++) {
        if (cell[i] != LEVEL_ANY)
            continue;
        reading_problem(reading, map, NULL, "this cell has no level for factor '%s'", scenario->factors[i].name);
        ok = false;
    }
    return ok;
}

/* Whether an included cell is new. */
static bool is_new_cell(Reading *reading, const Node *map, const Scenario *scenario, const uint32_t *cell,
                        GHashTable *seen)
{
    GBytes *bytes = g_bytes_new(cell, scenario->factor_count * sizeof *cell);

    if (g_hash_table_add(seen, bytes) && !scenario_crosses(scenario, cell))
        return true;
    reading_problem(reading, map, g_strdup("remove it."), "this cell is there already");
    return false;
}

void cells_read(Reading *reading, const Key *key, const Node *node, Scenario *scenario)
{
    bool includes = key->type == KEY_INCLUDE;
    uint32_t **field = includes ? &scenario->includes : &scenario->excludes;
    size_t *count = includes ? &scenario->include_count : &scenario->exclude_count;
    size_t width = scenario->factor_count;
    GDestroyNotify free_bytes = (GDestroyNotify) g_bytes_unref;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_bytes_hash, g_bytes_equal, free_bytes, NULL);

    if (!reading_expects(reading, key, node, NODE_LIST))
        return;
    *field = g_new(uint32_t, (node->count + 1) * (width + 1));
    for (size_t i = 0; i < node->count; i++) {
        uint32_t *cell = *field + *count * width;
        const Node *map = node->values[i];

        if (map->kind == NODE_BROKEN)
            continue;
        if (map->kind != NODE_MAP)
            reading_problem(reading, map, g_strdup("write {factor: level}."),
                            "an item of '%s' must be a map of factors to levels", key_name(key));
        else if (read_cell(reading, map, includes, scenario, cell) &&
                 (!includes || is_new_cell(reading, map, scenario, cell, seen)))
            (*count)++;
    }
}

void where_read(Reading *reading, const Key *key, const Node *node, uint32_t **field)
{
    Scenario *scenario = reading->scenario;

    if (!reading_expects(reading, key, node, NODE_MAP))
        return;
    *field = g_new(uint32_t, scenario->factor_count + 1);
    read_cell(reading, node, false, scenario, *field);
}
