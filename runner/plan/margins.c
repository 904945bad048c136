// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>

#include "runner/plan/reading.h"

bool margin_parse(const char *text, Margin *ret_margin)
{
    Quantity quantity;

    if (!units_parse(text, &quantity) || (quantity.kind != UNIT_PERCENT && quantity.kind != UNIT_NONE)
        || !isfinite(quantity.base) || quantity.base <= 0)
        return false;
    ret_margin->is_share = quantity.kind == UNIT_PERCENT;
    ret_margin->value = quantity.base;
    return !ret_margin->is_share || quantity.base < 100;
}

void margins_read(Reading *reading, const Key *key, const Node *node, Scenario *scenario)
{
    if (!reading_expects(reading, key, node, NODE_MAP))
        return;
    scenario->margins = g_new0(Margin, node->count + 1);
    for (size_t i = 0; i < node->count; i++) {
        const Node *value = node->values[i];
        Margin margin;

        if (value->kind == NODE_BROKEN)
            continue;
        if (value->kind != NODE_SCALAR || !margin_parse(value->text, &margin)) {
            reading_problem(reading, value, g_strdup_printf("write {%s: 10%%}.", node->keys[i].text),
                            "the margin of metric '%s' must be a share below 100%% or a number in its unit, above 0",
                            node->keys[i].text);
            continue;
        }
        reading_check_reference(reading, key, value, node->keys[i].text);
        margin.metric = g_strdup(node->keys[i].text);
        scenario->margins[scenario->margin_count++] = margin;
    }
}

void margins_clear(Scenario *scenario)
{
    for (size_t i = 0; i < scenario->margin_count; i++)
        g_free(scenario->margins[i].metric);
    g_free(scenario->margins);
}
