// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/units.h"

#include <math.h>
#include <string.h>

#include "runner/base/error.h"

static const struct {
    const char *name;
    UnitKind kind;
    double factor, divisor; /* 9 / 1e3 is 0.009, and 9 * 1e-3 is not */
} units[] = {
    { "", UNIT_NONE, 1, 1 },
    { "ns", UNIT_TIME, 1, 1e9 },
    { "us", UNIT_TIME, 1, 1e6 },
    { "ms", UNIT_TIME, 1, 1e3 },
    { "s", UNIT_TIME, 1, 1 },
    { "min", UNIT_TIME, 60, 1 },
    { "h", UNIT_TIME, 3600, 1 },
    { "B", UNIT_SIZE, 1, 1 },
    { "KB", UNIT_SIZE, 1e3, 1 },
    { "KiB", UNIT_SIZE, 1024, 1 },
    { "MB", UNIT_SIZE, 1e6, 1 },
    { "MiB", UNIT_SIZE, 1024. * 1024, 1 },
    { "GB", UNIT_SIZE, 1e9, 1 },
    { "GiB", UNIT_SIZE, 1024. * 1024 * 1024, 1 },
    { "bit", UNIT_RATE, 1, 1 },
    { "kbit", UNIT_RATE, 1e3, 1 },
    { "mbit", UNIT_RATE, 1e6, 1 },
    { "gbit", UNIT_RATE, 1e9, 1 },
    { "%", UNIT_PERCENT, 1, 1 },
};

bool units_parse(const char *text, Quantity *ret_quantity)
{
    char *end = NULL;
    double number;

    /* g_ascii_strtod also reads "inf", "nan" and "0x10", which nobody means in a scenario. */
    if (strspn(text, "+-.0123456789") == 0 || strpbrk(text, "xX") != NULL)
        return false;
    number = g_ascii_strtod(text, &end);
    if (end == text || !isfinite(number))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        double base = number * units[i].factor / units[i].divisor;

        if (strcmp(end, units[i].name) == 0 && isfinite(base)) {
            *ret_quantity = (Quantity) { units[i].kind, number, units[i].name, base };
            return true;
        }
    }
    return false;
}

bool units_parse_kind(const char *text, UnitKind kind, Quantity *ret_quantity, GError **error)
{
    Quantity quantity;

    if (!units_parse(text, &quantity))
        return kind == UNIT_NONE ? error_set(error, ERROR_SCENARIO, "'%s' is no number", text)
                                 : error_set(error, ERROR_SCENARIO, "'%s' is no number with one of the units %s", text,
                                             units_names(kind));
    if (quantity.kind == UNIT_NONE && quantity.number == 0)
        quantity.kind = kind;
    if (quantity.kind != kind && kind == UNIT_NONE)
        return error_set(error, ERROR_SCENARIO, "'%s' is no number without a unit", text);
    if (quantity.kind != kind)
        return error_set(error, ERROR_SCENARIO, "'%s' has not one of the units %s", text, units_names(kind));
    *ret_quantity = quantity;
    return true;
}

const char *units_names(UnitKind kind)
{
    switch (kind) {
    case UNIT_NONE: return "none";
    case UNIT_TIME: return "ns, us, ms, s, min or h";
    case UNIT_SIZE: return "B, KB, KiB, MB, MiB, GB or GiB";
    case UNIT_RATE: return "bit, kbit, mbit or gbit";
    case UNIT_PERCENT: return "%";
    }
    return "none";
}
