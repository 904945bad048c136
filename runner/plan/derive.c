// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/derive.h"

#include <string.h>

#include "runner/base/error.h"
#include "runner/plan/expression.h"
#include "runner/plan/limits.h"

/* What `${...}` can name in an expression: the factors, and the derived values before it. */
static GPtrArray *known_names(const Scenario *scenario)
{
    GPtrArray *names = g_ptr_array_new();

    for (size_t i = 0; i < scenario->factor_count; i++)
        g_ptr_array_add(names, scenario->factors[i].name);
    for (size_t i = 0; i < scenario->derived_count; i++)
        g_ptr_array_add(names, scenario->derived[i].name);
    return names;
}

static Expression *read_expression(Reading *reading, const Node *node, const Scenario *scenario, const char *what)
{
    g_autoptr(GPtrArray) names = known_names(scenario);
    GError *error = NULL;
    Expression *expression;

    if (node->kind == NODE_BROKEN)
        return NULL;
    if (node->kind != NODE_SCALAR || node_is_null(node)) {
        reading_problem(reading, node, g_strdup("an expression that begins with '${' needs quotes inside {...}."),
                        "%s must be an expression, not %s", what,
                        node_is_null(node) ? "nothing" : node_kind_name(node));
        return NULL;
    }
    expression = expression_parse(node->text, names, &error);
    if (expression == NULL) {
        g_prefix_error(&error, "%s ", what);
        reading_problem_error(reading, NULL, node, error);
    }
    return expression;
}

void derived_read(Reading *reading, const Key *key, const Node *node, Scenario *scenario)
{
    if (!reading_expects(reading, key, node, NODE_MAP))
        return;
    if (node->count > SCENARIO_DERIVED_MAX)
        reading_problem(reading, node, NULL, "there are %zu derived values, the limit is %d", node->count,
                        SCENARIO_DERIVED_MAX);
    scenario->derived = g_new0(Derived, SCENARIO_DERIVED_MAX);
    for (size_t i = 0; i < MIN(node->count, SCENARIO_DERIVED_MAX); i++) {
        const NodeKey *name = &node->keys[i];
        g_autofree char *what = g_strdup_printf("derived value '%s'", name->text);
        Expression *expression = read_expression(reading, node->values[i], scenario, what);

        reading_check_name(reading, scenario, "derived value", name);
        if (names_find(reading->names, NAME_FACTOR, name->text) != NULL ||
            !names_declare(reading->names, NAME_DERIVED, name->text, NULL, name->line, name->column,
                           reading->problems)) {
            expression_free(expression);
            continue;
        }
        scenario->derived[scenario->derived_count++] = (Derived){ g_strdup(name->text), expression, false };
    }
}

/* What a condition looks at, it needs; and that may look at other derived values above. */
static void mark_needed(Reading *reading, Scenario *scenario, const Expression *expression)
{
    for (size_t i = 0; i < scenario->derived_count; i++) {
        Derived *derived = &scenario->derived[i];

        if (derived->for_conditions || !expression_uses(expression, (unsigned) (scenario->factor_count + i)))
            continue;
        derived->for_conditions = true;
        names_find(reading->names, NAME_DERIVED, derived->name)->used = true;
        if (derived->expression != NULL)
            mark_needed(reading, scenario, derived->expression);
    }
}

static void read_condition(Reading *reading, const Node *node, Scenario *scenario)
{
    Expression *expression = read_expression(reading, node, scenario, "condition 'when'");

    if (expression == NULL)
        return;
    mark_needed(reading, scenario, expression);
    scenario->conditions[scenario->condition_count++] = (Condition){ g_strdup(node->text), expression };
}

void conditions_read(Reading *reading, const Key *key, const Node *node, Scenario *scenario)
{
    bool is_list = node->kind == NODE_LIST;

    (void) key;
    scenario->conditions = g_new0(Condition, is_list ? node->count + 1 : 1);
    for (size_t i = 0; i < (is_list ? node->count : 1); i++)
        read_condition(reading, is_list ? node->values[i] : node, scenario);
}

void derived_mark_used(Reading *reading, size_t index)
{
    const Scenario *scenario = reading->scenario;
    const Expression *expression = scenario->derived[index].expression;

    for (size_t i = 0; expression != NULL && i < scenario->factor_count + index; i++) {
        bool is_factor = i < scenario->factor_count;
        const char *name = is_factor ? scenario->factors[i].name : scenario->derived[i - scenario->factor_count].name;

        if (expression_uses(expression, (unsigned) i))
            names_find(reading->names, is_factor ? NAME_FACTOR : NAME_DERIVED, name)->used = true;
    }
}

/* One derived value behind the others. A text that reads as a number is one from here on, as a factor's would be. */
static bool derive(const Scenario *scenario, size_t index, Datum *values, GStringChunk *texts, GError **error)
{
    const Derived *derived = &scenario->derived[index];
    Datum *value = &values[scenario->factor_count + index];

    if (derived->expression == NULL)
        return error_set(error, ERROR_SCENARIO, "derived value '%s' has no expression", derived->name);
    if (!expression_evaluate(derived->expression, values, texts, value, error)) {
        g_prefix_error(error, "derived value '%s': ", derived->name);
        return false;
    }
    if (value->type == DATUM_TEXT && !text_is_plain(value->text))
        return error_set(error, ERROR_SCENARIO, "derived value '%s' must be one line of plain text", derived->name);
    if (value->type == DATUM_TEXT)
        *value = datum_from_text(value->text);
    return true;
}

static void note_factors(Reading *reading, const Expression *expression)
{
    for (size_t i = 0; expression != NULL && i < reading->scenario->factor_count; i++)
        if (expression_uses(expression, (unsigned) i))
            reading_note_level(reading, i);
}

void reading_derive(Reading *reading)
{
    const Scenario *scenario = reading->scenario;
    const Node *node = node_get(node_get(reading->tree->root, "matrix"), "derived");
    g_autofree Datum *values = g_new0(Datum, scenario->factor_count + scenario->derived_count + 1);
    GStringChunk *texts = g_string_chunk_new(64);
    GError *error = NULL;

    for (size_t i = 0; i < scenario->factor_count; i++)
        values[i] = datum_from_text(reading->levels[i]);
    reading->derived = g_new0(char *, scenario->derived_count + 1);
    for (size_t i = 0; i < scenario->derived_count; i++) {
        if (!derive(scenario, i, values, texts, &error)) {
            note_factors(reading, scenario->derived[i].expression);
            reading_problem_error(reading, NULL, node_get(node, scenario->derived[i].name), g_steal_pointer(&error));
            g_string_truncate(reading->with, 0);
            break; /* what follows may look at it */
        }
        reading->derived[i] = datum_text(&values[scenario->factor_count + i]);
    }
    g_string_chunk_free(texts);
}

void reading_forget_derived(Reading *reading)
{
    for (size_t i = 0; i < reading->scenario->derived_count; i++)
        g_free(reading->derived[i]);
    g_clear_pointer(&reading->derived, g_free);
}

struct Conditions {
    const Scenario *scenario;
    Datum **levels; /* of every factor */
    Datum *values;  /* of the cell in hand: factors, then derived values */
    GStringChunk *texts;
    size_t asked;
};

Conditions *conditions_new(const Scenario *scenario)
{
    Conditions *conditions = g_new0(Conditions, 1);

    conditions->scenario = scenario;
    conditions->levels = g_new0(Datum *, scenario->factor_count + 1);
    conditions->values = g_new0(Datum, scenario->factor_count + scenario->derived_count + 1);
    conditions->texts = g_string_chunk_new(64);
    for (size_t i = 0; scenario->condition_count > 0 && i < scenario->factor_count; i++) {
        const Factor *factor = &scenario->factors[i];

        conditions->levels[i] = g_new(Datum, factor->level_count);
        for (size_t j = 0; j < factor->level_count; j++)
            conditions->levels[i][j] = datum_from_text(factor->levels[j].text);
    }
    return conditions;
}

void conditions_free(Conditions *conditions)
{
    if (conditions == NULL)
        return;
    for (size_t i = 0; i < conditions->scenario->factor_count; i++)
        g_free(conditions->levels[i]);
    g_free(conditions->levels);
    g_free(conditions->values);
    g_string_chunk_free(conditions->texts);
    g_free(conditions);
}

static bool condition_holds(Conditions *conditions, const Condition *condition, bool *ret_holds, GError **error)
{
    Datum value;

    if (!expression_evaluate(condition->expression, conditions->values, conditions->texts, &value, error)) {
        g_prefix_error(error, "condition '%s': ", condition->text);
        return false;
    }
    if (value.type != DATUM_BOOLEAN)
        return error_set(error, ERROR_SCENARIO, "condition '%s' must give true or false, not %s", condition->text,
                         datum_kind(&value));
    *ret_holds = value.boolean;
    return true;
}

static void hint_cell(const Scenario *scenario, const uint32_t *cell, GError **error)
{
    g_autoptr(GString) with = g_string_new(NULL);

    for (size_t i = 0; i < scenario->factor_count; i++)
        g_string_append_printf(with, "%s%s=%s", i > 0 ? ", " : "", scenario->factors[i].name,
                               scenario->factors[i].levels[cell[i]].text);
    error_hint(error, "this is with %s.", with->str);
}

static bool find_out(Conditions *conditions, const uint32_t *cell, bool *ret_hold, GError **error)
{
    const Scenario *scenario = conditions->scenario;

    for (size_t i = 0; i < scenario->factor_count; i++)
        conditions->values[i] = conditions->levels[i][cell[i]];
    for (size_t i = 0; i < scenario->derived_count; i++)
        if (scenario->derived[i].for_conditions && !derive(scenario, i, conditions->values, conditions->texts, error))
            return false;
    *ret_hold = true;
    for (size_t i = 0; *ret_hold && i < scenario->condition_count; i++)
        if (!condition_holds(conditions, &scenario->conditions[i], ret_hold, error))
            return false;
    return true;
}

bool conditions_hold(Conditions *conditions, const uint32_t *cell, bool *ret_hold, GError **error)
{
    bool hold = true;

    if (conditions->scenario->condition_count > 0 && !find_out(conditions, cell, &hold, error)) {
        hint_cell(conditions->scenario, cell, error);
        return false;
    }
    if (++conditions->asked % 1024 == 0)
        g_string_chunk_clear(conditions->texts);
    *ret_hold = hold;
    return true;
}

size_t conditions_weight(const Scenario *scenario)
{
    size_t weight = 0;

    for (size_t i = 0; i < scenario->condition_count; i++)
        weight += expression_weight(scenario->conditions[i].expression);
    for (size_t i = 0; weight > 0 && i < scenario->derived_count; i++)
        if (scenario->derived[i].for_conditions && scenario->derived[i].expression != NULL)
            weight += expression_weight(scenario->derived[i].expression);
    return weight;
}

void scenario_free_derived(Scenario *scenario)
{
    for (size_t i = 0; i < scenario->derived_count; i++) {
        g_free(scenario->derived[i].name);
        expression_free(scenario->derived[i].expression);
    }
    for (size_t i = 0; i < scenario->condition_count; i++) {
        g_free(scenario->conditions[i].text);
        expression_free(scenario->conditions[i].expression);
    }
    g_free(scenario->derived);
    g_free(scenario->conditions);
}
