// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/datum.h"

#include <math.h>
#include <string.h>

#include "runner/base/error.h"

Datum datum_boolean(bool boolean)
{
    return (Datum){ .type = DATUM_BOOLEAN, .boolean = boolean };
}

Datum datum_from_text(const char *text)
{
    Datum datum = { .type = DATUM_TEXT, .text = text };
    Quantity quantity;
    gint64 whole;

    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
        datum.type = DATUM_BOOLEAN;
        datum.boolean = text[0] == 't';
    } else if (strspn(text, "-0123456789") == strlen(text) &&
               g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &whole, NULL)) {
        datum.type = DATUM_INTEGER;
        datum.integer = whole;
    } else if (units_parse(text, &quantity)) {
        datum.type = DATUM_REAL;
        datum.unit = quantity.kind;
        datum.real = quantity.base;
    }
    return datum;
}

char *datum_text(const Datum *datum)
{
    static const char *const base_units[] = {
        [UNIT_NONE] = "", [UNIT_TIME] = "s", [UNIT_SIZE] = "B", [UNIT_RATE] = "bit", [UNIT_PERCENT] = "%",
    };
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    if (datum->text != NULL)
        return g_strdup(datum->text);
    switch (datum->type) {
    case DATUM_BOOLEAN: return g_strdup(datum->boolean ? "true" : "false");
    case DATUM_INTEGER: return g_strdup_printf("%" G_GINT64_FORMAT, datum->integer);
    case DATUM_REAL:
        g_ascii_formatd(number, sizeof number, "%.15g", datum->real != 0 ? datum->real : 0); /* never "-0" */
        return g_strconcat(number, base_units[datum->unit], NULL);
    case DATUM_TEXT: break;
    }
    return g_strdup("");
}

static const char *unit_kind(UnitKind unit)
{
    static const char *const kinds[] = {
        [UNIT_NONE] = "a number without a unit",
        [UNIT_TIME] = "a time",
        [UNIT_SIZE] = "a size",
        [UNIT_RATE] = "a rate",
        [UNIT_PERCENT] = "a share",
    };

    return kinds[unit];
}

const char *datum_kind(const Datum *datum)
{
    if (datum->type == DATUM_BOOLEAN)
        return "a truth value";
    return datum->type == DATUM_TEXT ? "a text" : unit_kind(datum->unit);
}

bool datum_is_number(const Datum *datum)
{
    return datum->type == DATUM_INTEGER || datum->type == DATUM_REAL;
}

double datum_real(const Datum *datum)
{
    return datum->type == DATUM_INTEGER ? (double) datum->integer : datum->real;
}

static bool set_integer(int64_t integer, Datum *ret)
{
    *ret = (Datum){ .type = DATUM_INTEGER, .integer = integer };
    return true;
}

bool datum_set_real(double real, UnitKind unit, Datum *ret, GError **error)
{
    if (!isfinite(real))
        return error_set(error, ERROR_SCENARIO, "the result is no finite number");
    *ret = (Datum){ .type = DATUM_REAL, .unit = unit, .real = real };
    return true;
}

bool datum_set_whole(double real, Datum *ret, GError **error)
{
    if (fabs(real) < 9e15) /* all whole numbers up to here are exact */
        return set_integer((int64_t) real, ret);
    return datum_set_real(real, UNIT_NONE, ret, error);
}

/* 0 is 0 in every unit. */
static bool same_unit(const Datum *a, const Datum *b)
{
    return a->unit == b->unit || (a->unit == UNIT_NONE && datum_real(a) == 0) ||
           (b->unit == UNIT_NONE && datum_real(b) == 0);
}

static bool refuse_units(const char *verb, const char *joint, const Datum *a, const Datum *b, GError **error)
{
    error_set(error, ERROR_SCENARIO, "cannot %s %s %s %s", verb, datum_kind(a), joint, datum_kind(b));
    error_hint(error, "number(x) is x in its base unit, without the unit; number(x, 'ms') is x in milliseconds.");
    return false;
}

/* What whole numbers give, when that is a whole number again. */
static bool compute_integers(char sign, int64_t a, int64_t b, Datum *ret)
{
    int64_t result = 0;
    bool overflows = false;

    switch (sign) {
    case '+': overflows = __builtin_add_overflow(a, b, &result); break;
    case '-': overflows = __builtin_sub_overflow(a, b, &result); break;
    case '*': overflows = __builtin_mul_overflow(a, b, &result); break;
    default:
        if (b == 0 || (a == INT64_MIN && b == -1) || (sign == '/' && a % b != 0))
            return false;
        result = a / b - (a % b != 0 && (a < 0) != (b < 0));
        break;
    }
    return !overflows && set_integer(result, ret);
}

static bool compute_units(char sign, const Datum *a, const Datum *b, UnitKind *ret_unit, GError **error)
{
    if (sign == '+' || sign == '-') {
        *ret_unit = a->unit != UNIT_NONE ? a->unit : b->unit;
        return same_unit(a, b) || (sign == '+' ? refuse_units("add", "and", a, b, error)
                                               : refuse_units("take the difference of", "and", a, b, error));
    }
    if (sign == '*') {
        *ret_unit = a->unit != UNIT_NONE ? a->unit : b->unit;
        return a->unit == UNIT_NONE || b->unit == UNIT_NONE || refuse_units("multiply", "by", a, b, error);
    }
    *ret_unit = b->unit == UNIT_NONE ? a->unit : UNIT_NONE;
    return b->unit == UNIT_NONE || a->unit == b->unit || refuse_units("divide", "by", a, b, error);
}

bool datum_compute(char sign, const Datum *a, const Datum *b, Datum *ret, GError **error)
{
    double x, y;
    UnitKind unit;

    if (!datum_is_number(a) || !datum_is_number(b))
        return error_set(error, ERROR_SCENARIO, "'%s' is for numbers, not for %s",
                         sign == '\\' ? "//" : (const char[]){ sign, '\0' }, datum_kind(datum_is_number(a) ? b : a));
    if (a->type == DATUM_INTEGER && b->type == DATUM_INTEGER && compute_integers(sign, a->integer, b->integer, ret))
        return true;
    if (!compute_units(sign, a, b, &unit, error))
        return false;
    x = datum_real(a);
    y = datum_real(b);
    switch (sign) {
    case '+': return datum_set_real(x + y, unit, ret, error);
    case '-': return datum_set_real(x - y, unit, ret, error);
    case '*': return datum_set_real(x * y, unit, ret, error);
    default: break;
    }
    if (y == 0)
        return error_set(error, ERROR_SCENARIO, "division by 0");
    return datum_set_real(sign == '/' ? x / y : floor(x / y), unit, ret, error);
}

static bool holds(Compare compare, int order)
{
    switch (compare) {
    case COMPARE_EQUAL: return order == 0;
    case COMPARE_UNEQUAL: return order != 0;
    case COMPARE_LESS: return order < 0;
    case COMPARE_AT_MOST: return order <= 0;
    case COMPARE_MORE: return order > 0;
    case COMPARE_AT_LEAST: return order >= 0;
    }
    return false;
}

bool datum_compare(Compare compare, const Datum *a, const Datum *b, bool *ret, GError **error)
{
    bool asks_order = compare != COMPARE_EQUAL && compare != COMPARE_UNEQUAL;

    if (datum_is_number(a) && datum_is_number(b)) {
        double x = datum_real(a), y = datum_real(b);
        int order = a->type == b->type && a->type == DATUM_INTEGER
                        ? (a->integer > b->integer) - (a->integer < b->integer)
                        : (x > y) - (x < y);

        if (!same_unit(a, b))
            return refuse_units("compare", "with", a, b, error);
        *ret = holds(compare, order);
        return true;
    }
    if (a->type == DATUM_TEXT && b->type == DATUM_TEXT) {
        *ret = holds(compare, strcmp(a->text, b->text));
        return true;
    }
    if (asks_order)
        return error_set(error, ERROR_SCENARIO, "%s and %s have no order", datum_kind(a), datum_kind(b));
    *ret = holds(compare, a->type != b->type || a->boolean != b->boolean);
    return true;
}
