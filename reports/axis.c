// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <string.h>

#include "reports/design.h"
#include "runner/base/units.h"

/* Levels typed in the axis' own unit stay as typed. Others are converted, and lose the digits that only the conversion
 * made: 500us is 0.5 ms and not 0.50000000000000011 ms. */
static double in_unit(const Quantity *level, const Quantity *unit)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    if (strcmp(level->unit, unit->unit) == 0 || level->number == 0)
        return level->number;
    g_ascii_formatd(digits, sizeof(digits), "%.14g", level->base / unit->base);
    return g_ascii_strtod(digits, NULL);
}

/* A bare 0 goes with every unit: [0, 10ms]. */
static bool kinds_agree(const Quantity *a, const Quantity *b)
{
    return a->kind == b->kind || (a->kind == UNIT_NONE && a->number == 0) || (b->kind == UNIT_NONE && b->number == 0);
}

static bool levels_parse(const DesignFactor *factor, Quantity *quantities)
{
    for (guint i = 0; i < factor->levels->len; i++) {
        if (!units_parse(factor->levels->pdata[i], &quantities[i]))
            return false;
        for (guint j = 0; j < i; j++) {
            if (!kinds_agree(&quantities[i], &quantities[j]))
                return false;
        }
    }
    return factor->levels->len >= 2;
}

void axis_init(Axis *axis, const DesignFactor *factor)
{
    guint count = factor->levels->len;
    g_autofree Quantity *quantities = g_new0(Quantity, count);
    g_autofree char *one = NULL;
    Quantity unit = { .unit = "" };

    *axis = (Axis) { levels_parse(factor, quantities), "", g_new0(double, count) };
    for (guint i = 0; i < count && axis->numeric && unit.unit[0] == '\0'; i++)
        unit.unit = quantities[i].unit;
    one = g_strconcat("1", unit.unit, NULL);
    axis->unit = axis->numeric && units_parse(one, &unit) ? unit.unit : "";
    for (guint i = 0; i < count; i++)
        axis->positions[i] = axis->numeric ? in_unit(&quantities[i], &unit) : i + 1.;
}

void axis_make_categories(Axis *axis, const DesignFactor *factor)
{
    guint count = factor->levels->len;
    double *ranks = g_new0(double, count);

    for (guint i = 0; i < count; i++) {
        ranks[i] = 1;
        for (guint j = 0; j < count; j++) {
            if (axis->positions[j] < axis->positions[i] || (axis->positions[j] == axis->positions[i] && j < i))
                ranks[i]++;
        }
    }
    g_free(axis->positions);
    *axis = (Axis) { false, "", ranks };
}

void axis_clear(Axis *axis)
{
    g_free(axis->positions);
    *axis = (Axis) { 0 };
}
