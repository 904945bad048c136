// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/base/error.h"
#include "runner/plan/derive.h"
#include "runner/plan/formats.h"
#include "runner/plan/limits.h"
#include "runner/plan/matrix.h"
#include "runner/plan/ranges.h"
#include "runner/plan/reading.h"
#include "runner/plan/suggest.h"
#include "runner/plan/template.h"

bool text_is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (g_ascii_iscntrl(*text))
            return false;
    return true;
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
    else if (!text_is_plain(node->text))
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

static void read_list(Reading *reading, const Node *list, Factor *factor, size_t index)
{
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

static void read_range(Reading *reading, const Node *map, Factor *factor, size_t index)
{
    const Key *key = key_find(key_find(key_find(NULL, "matrix"), "factors"), "range");
    unsigned before = reading->problems->items->len;
    g_autoptr(GPtrArray) levels = NULL;
    g_autoptr(GError) error = NULL;
    Range range = { 0 };

    reading_fill(reading, map, key, IN_SCENARIO, &range);
    if (reading->problems->items->len == before && range.from != NULL && range.to != NULL) {
        levels = range_levels(&range, &error);
        if (levels == NULL) {
            g_prefix_error(&error, "factor '%s' ", factor->name);
            reading_problem_error(reading, NULL, map, g_steal_pointer(&error));
        }
    }
    for (unsigned i = 0; levels != NULL && i < levels->len; i++)
        add_level(reading, factor, index, g_ptr_array_index(levels, i), false);
    reading_clear(key, IN_SCENARIO, &range);
}

static void read_levels(Reading *reading, const Node *node, Factor *factor, size_t index)
{
    if (node->kind == NODE_LIST)
        read_list(reading, node, factor, index);
    else if (node->kind == NODE_MAP)
        read_range(reading, node, factor, index);
    else if (node->kind != NODE_BROKEN)
        reading_problem(reading, node, g_strdup("write levels as [a, b, c], or a range as {from: 1, to: 9}."),
                        "factor '%s' must have a list of levels or a range, not %s", factor->name,
                        node_is_null(node) ? "nothing" : node_kind_name(node));
}

/* Whether the variable in the machines is still free. */
static bool variable_is_free(Reading *reading, const char *what, const char *other_what, const char *other,
                             const NodeKey *key)
{
    g_autofree char *variable = factor_variable(key->text);
    g_autofree char *others = factor_variable(other);
    char *message;

    if (strcmp(variable, others) != 0)
        return true;
    if (strcmp(what, other_what) == 0)
        message = g_strdup_printf("%ss '%s' and '%s' would have the same variable %s in a machine", what, other,
                                  key->text, variable);
    else
        message = g_strdup_printf("%s '%s' and %s '%s' would have the same variable %s in a machine", other_what,
                                  other, what, key->text, variable);
    problems_add(reading->problems, key->line, key->column, message, g_strdup("give one of them another name."));
    return false;
}

bool reading_check_name(Reading *reading, const Scenario *scenario, const char *what, const NodeKey *key)
{
    GError *error = NULL;

    if (!format_factor_name(key->text, &error)) {
        problems_add(reading->problems, key->line, key->column, g_strdup_printf("a %s's name %s", what, error->message),
                     NULL);
        g_error_free(error);
        return false;
    }
    for (size_t i = 0; i < scenario->factor_count; i++)
        if (!variable_is_free(reading, what, "factor", scenario->factors[i].name, key))
            return false;
    for (size_t i = 0; i < scenario->derived_count; i++)
        if (!variable_is_free(reading, what, "derived value", scenario->derived[i].name, key))
            return false;
    return true;
}

/* A name that cannot be a factor's is reported, and kept all the same: what uses it is not wrong as well. */
static void read_factor(Reading *reading, const NodeKey *key, const Node *levels, Scenario *scenario)
{
    Factor *factor;

    reading_check_name(reading, scenario, "factor", key);
    if (!names_declare(reading->names, NAME_FACTOR, key->text, NULL, key->line, key->column, reading->problems))
        return;
    scenario->factors = g_renew(Factor, scenario->factors, scenario->factor_count + 1);
    factor = &scenario->factors[scenario->factor_count];
    *factor = (Factor) { .name = g_strdup(key->text), .leader = scenario->factor_count };
    g_ptr_array_add(reading->names->levels, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL));
    read_levels(reading, levels, factor, scenario->factor_count++);
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

/* One name in a group of `zip`: its factor joins the group's first one. */
static void zip_factor(Reading *reading, const Node *node, Scenario *scenario, size_t *leader)
{
    const Declared *declared = node->kind == NODE_SCALAR ? names_find(reading->names, NAME_FACTOR, node->text) : NULL;
    Factor *factor, *first;

    if (declared == NULL) {
        if (node->kind == NODE_SCALAR)
            reading_problem(reading, node, names_suggest(reading->names, NAME_FACTOR, node->text),
                            "there is no factor '%s'", node->text);
        else if (node->kind != NODE_BROKEN)
            reading_problem(reading, node, g_strdup("write [[a, b], [c, d]]."),
                            "a group of 'zip' must be a list of factors' names");
        return;
    }
    factor = &scenario->factors[declared->index];
    if (*leader == SIZE_MAX)
        *leader = declared->index;
    first = &scenario->factors[*leader];
    if (factor->zipped)
        reading_problem(reading, node, NULL, "factor '%s' is zipped twice", factor->name);
    else if (factor->level_count == first->level_count)
        factor->leader = *leader;
    else
        reading_problem(reading, node, g_strdup("zipped factors need the same number of levels."),
                        "factor '%s' has %zu levels, but '%s' has %zu", factor->name, factor->level_count, first->name,
                        first->level_count);
    factor->zipped = true;
}

/* The first one in the file's order leads, so that the group varies where that one stands. */
static void zip_group(Reading *reading, const Node *list, Scenario *scenario)
{
    size_t leader = SIZE_MAX, first = SIZE_MAX;

    if (list->count < 2 && !list->cut)
        reading_problem(reading, list, NULL, "a group of 'zip' needs at least two factors");
    for (size_t i = 0; i < list->count; i++)
        zip_factor(reading, list->values[i], scenario, &leader);
    for (size_t i = 0; leader != SIZE_MAX && i < scenario->factor_count; i++) {
        if (scenario->factors[i].leader != leader)
            continue;
        first = first == SIZE_MAX ? i : first;
        scenario->factors[i].leader = first;
    }
}

void zip_read(Reading *reading, const Key *key, const Node *node, Scenario *scenario)
{
    if (!reading_expects(reading, key, node, NODE_LIST))
        return;
    if (node->count > 0 && node->values[0]->kind == NODE_SCALAR) {
        zip_group(reading, node, scenario);
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (node->values[i]->kind == NODE_LIST)
            zip_group(reading, node->values[i], scenario);
        else if (node->values[i]->kind != NODE_BROKEN)
            reading_problem(reading, node->values[i], g_strdup("write [[a, b], [c, d]]."),
                            "an item of 'zip' must be a list of factors' names");
    }
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
                        GHashTable *seen, Conditions *conditions)
{
    GBytes *bytes = g_bytes_new(cell, scenario->factor_count * sizeof *cell);
    bool holds = false;

    if (g_hash_table_add(seen, bytes) &&
        (!scenario_crosses(scenario, cell) || !conditions_hold(conditions, cell, &holds, NULL) || !holds))
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
    g_autoptr(Conditions) conditions = conditions_new(scenario); /* of the crossed levels, which are all there */

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
                 (!includes || is_new_cell(reading, map, scenario, cell, seen, conditions)))
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
