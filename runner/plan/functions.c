// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/functions.h"

#include <math.h>

#include "runner/base/error.h"

static bool wants_bare(const Function *function, const Datum *values, unsigned count, GError **error)
{
    for (unsigned i = 0; i < count; i++) {
        if (datum_is_number(&values[i]) && values[i].unit == UNIT_NONE)
            continue;
        error_set(error, ERROR_SCENARIO, "%s() wants a number without a unit, not %s", function->name,
                  datum_kind(&values[i]));
        if (datum_is_number(&values[i]))
            error_hint(error, "number(x, 'ms') is x in milliseconds, without the unit.");
        return false;
    }
    return true;
}

static bool call_min_max(const Function *function, const Datum *values, unsigned count, GStringChunk *texts, Datum *ret,
                         GError **error)
{
    Compare better = function->name[1] == 'i' ? COMPARE_LESS : COMPARE_MORE;
    Datum best = values[0];

    (void) texts;
    for (unsigned i = 1; i < count; i++) {
        bool is_better;

        if (!datum_compare(better, &values[i], &best, &is_better, error))
            return false;
        if (is_better)
            best = values[i];
    }
    *ret = best;
    return true;
}

/* round(), floor() and ceil() give whole numbers, the others real ones. */
static bool call_whole(const Function *function, const Datum *values, unsigned count, GStringChunk *texts, Datum *ret,
                       GError **error)
{
    (void) texts;
    return wants_bare(function, values, count, error) &&
           datum_set_whole(function->of_one(datum_real(&values[0])), ret, error);
}

static bool call_real(const Function *function, const Datum *values, unsigned count, GStringChunk *texts, Datum *ret,
                      GError **error)
{
    (void) texts;
    return wants_bare(function, values, count, error) &&
           datum_set_real(function->of_one(datum_real(&values[0])), UNIT_NONE, ret, error);
}

static bool call_round(const Function *function, const Datum *values, unsigned count, GStringChunk *texts, Datum *ret,
                       GError **error)
{
    double scale;

    if (count == 1)
        return call_whole(function, values, count, texts, ret, error);
    if (!wants_bare(function, values, count, error))
        return false;
    if (values[1].type != DATUM_INTEGER || values[1].integer < 0 || values[1].integer > 12)
        return error_set(error, ERROR_SCENARIO, "round() wants 0 to 12 digits");
    scale = pow(10, (double) values[1].integer);
    return datum_set_real(round(datum_real(&values[0]) * scale) / scale, UNIT_NONE, ret, error);
}

static bool call_abs(const Function *function, const Datum *values, unsigned count, GStringChunk *texts, Datum *ret,
                     GError **error)
{
    Datum zero = { .type = DATUM_INTEGER };

    (void) count;
    (void) texts;
    if (!datum_is_number(&values[0]))
        return error_set(error, ERROR_SCENARIO, "%s() wants a number, not %s", function->name, datum_kind(&values[0]));
    if (datum_real(&values[0]) < 0)
        return datum_compute('-', &zero, &values[0], ret, error);
    *ret = values[0];
    return true;
}

static bool call_pow(const Function *function, const Datum *values, unsigned count, GStringChunk *texts, Datum *ret,
                     GError **error)
{
    double power;

    (void) texts;
    if (!wants_bare(function, values, count, error))
        return false;
    power = pow(datum_real(&values[0]), datum_real(&values[1]));
    return power == floor(power) ? datum_set_whole(power, ret, error) : datum_set_real(power, UNIT_NONE, ret, error);
}

/* What is left when a multiple of the second is taken away; it has the second's sign. */
static bool call_mod(const Function *function, const Datum *values, unsigned count, GStringChunk *texts, Datum *ret,
                     GError **error)
{
    Datum multiple;

    (void) texts;
    return wants_bare(function, values, count, error) &&
           datum_compute('\\', &values[0], &values[1], &multiple, error) &&
           datum_compute('*', &multiple, &values[1], &multiple, error) &&
           datum_compute('-', &values[0], &multiple, ret, error);
}

static bool call_number(const Function *function, const Datum *values, unsigned count, GStringChunk *texts, Datum *ret,
                        GError **error)
{
    Datum value = values[0].text != NULL ? datum_from_text(values[0].text) : values[0];
    g_autofree char *one = NULL;
    Quantity unit;

    (void) texts;
    if (!datum_is_number(&value))
        return error_set(error, ERROR_SCENARIO, "%s() wants a number, not %s", function->name, datum_kind(&value));
    if (count == 1 && value.unit == UNIT_NONE) {
        *ret = value;
        return true;
    }
    if (count == 1)
        return datum_set_real(value.real, UNIT_NONE, ret, error);
    one = values[1].type == DATUM_TEXT ? g_strconcat("1", values[1].text, NULL) : g_strdup("");
    if (!units_parse(one, &unit) || unit.kind == UNIT_NONE)
        return error_set(error, ERROR_SCENARIO, "%s() wants the name of a unit such as 'ms' behind the comma",
                         function->name);
    if (unit.kind != value.unit && datum_real(&value) != 0)
        return error_set(error, ERROR_SCENARIO, "%s cannot be expressed in %s", datum_kind(&value), unit.unit);
    return datum_set_real(datum_real(&value) / unit.base, UNIT_NONE, ret, error);
}

static bool call_text(const Function *function, const Datum *values, unsigned count, GStringChunk *texts, Datum *ret,
                      GError **error)
{
    g_autofree char *text = datum_text(&values[0]);

    (void) function;
    (void) count;
    (void) error;
    *ret = (Datum){ .type = DATUM_TEXT, .text = g_string_chunk_insert(texts, text) };
    return true;
}

const Function functions[] = {
    { "min", 1, FUNCTION_ARGUMENTS_MAX, call_min_max, NULL, "min(a, b, ...)", "the least of them" },
    { "max", 1, FUNCTION_ARGUMENTS_MAX, call_min_max, NULL, "max(a, b, ...)", "the greatest of them" },
    { "abs", 1, 1, call_abs, NULL, "abs(x)", "x without its sign" },
    { "round", 1, 2, call_round, round, "round(x) or round(x, digits)",
      "to the nearest whole number, or to so many digits behind the point" },
    { "floor", 1, 1, call_whole, floor, "floor(x)", "the next whole number below" },
    { "ceil", 1, 1, call_whole, ceil, "ceil(x)", "the next whole number above" },
    { "sqrt", 1, 1, call_real, sqrt, "sqrt(x)", "square root" },
    { "exp", 1, 1, call_real, exp, "exp(x)", "e to the power of x" },
    { "ln", 1, 1, call_real, log, "ln(x)", "natural logarithm" },
    { "log2", 1, 1, call_real, log2, "log2(x)", "logarithm to base 2" },
    { "log10", 1, 1, call_real, log10, "log10(x)", "logarithm to base 10" },
    { "pow", 2, 2, call_pow, NULL, "pow(x, y)", "x to the power of y" },
    { "mod", 2, 2, call_mod, NULL, "mod(x, y)", "what is left of x behind multiples of y; has the sign of y" },
    { "number", 1, 2, call_number, NULL, "number(x) or number(x, 'ms')",
      "x without its unit: in its base unit, or in the unit that is named" },
    { "text", 1, 1, call_text, NULL, "text(x)", "x as a text" },
    { "if", 3, 3, NULL, NULL, "if(condition, yes, no)", "the second value where the first is true, else the third" },
    { NULL, 0, 0, NULL, NULL, NULL, NULL },
};

void functions_write_markdown(FILE *out)
{
    fprintf(out, "| function | gives |\n| --- | --- |\n");
    for (const Function *function = functions; function->name != NULL; function++)
        fprintf(out, "| `%s` | %s |\n", function->usage, function->about);
}
