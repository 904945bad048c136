// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/ranges.h"

#include <math.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/base/units.h"
#include "runner/plan/limits.h"

/* A range in numbers of one unit. */
typedef struct Span {
    double from, to, step; /* step 0: by count */
    size_t count;
    const char *unit;
    bool logarithmic, whole;
} Span;

bool format_range_end(const char *text, GError **error)
{
    Quantity quantity;

    if (units_parse(text, &quantity))
        return true;
    return error_set(error, ERROR_SCENARIO, "must be a number, with or without a unit, not '%s'", text);
}

/* A quantity in the unit of the span; 0 needs none. */
static bool in_unit(const char *text, const Quantity *unit, double *ret_number, GError **error)
{
    Quantity quantity;
    g_autofree char *one = g_strconcat("1", unit->unit, NULL);
    Quantity scale;

    if (!units_parse(text, &quantity) || !units_parse(one, &scale))
        return error_set(error, ERROR_SCENARIO, "has a range with '%s', which is no number", text);
    if (quantity.kind != unit->kind && quantity.base != 0)
        return error_set(error, ERROR_SCENARIO, "has a range of different units: '%s' does not go with %s", text,
                         unit->unit[0] != '\0' ? unit->unit : "a bare number");
    *ret_number = strcmp(quantity.unit, unit->unit) == 0 ? quantity.number : quantity.base / scale.base;
    return true;
}

static bool check_span(const Range *range, const Span *span, GError **error)
{
    if (span->to <= span->from) {
        error_set(error, ERROR_SCENARIO, "has a range from '%s' to '%s', which goes nowhere", range->from, range->to);
        error_hint(error, "'from' must be less than 'to'; 'order' says in which order cells are run.");
        return false;
    }
    if (span->logarithmic && span->from <= 0)
        return error_set(error, ERROR_SCENARIO, "has a logarithmic range that does not begin above 0");
    if (range->step != NULL && range->count != 0) {
        error_set(error, ERROR_SCENARIO, "has a range with both 'step' and 'count'");
        error_hint(error, "remove one of them.");
        return false;
    }
    if (range->step != NULL && span->logarithmic) {
        error_set(error, ERROR_SCENARIO, "has a logarithmic range with 'step'");
        error_hint(error, "without it every level is %s times the one before; or give a 'count'.",
                   strcmp(range->scale, "log2") == 0 ? "2" : "10");
        return false;
    }
    return span->step > 0 || span->count > 0 ||
           error_set(error, ERROR_SCENARIO, "has a range with a step that is not above 0");
}

/* The range in the unit of `from`, or of `to` when `from` is a bare 0. */
static bool span_read(const Range *range, Span *ret_span, GError **error)
{
    Span span = { .count = range->count, .whole = range->whole, .logarithmic = range->scale[1] == 'o' };
    Quantity unit;

    if (!units_parse(range->from, &unit) ||
        (unit.kind == UNIT_NONE && unit.number == 0 && !units_parse(range->to, &unit)))
        return error_set(error, ERROR_SCENARIO, "has a range with '%s', which is no number", range->from);
    span.unit = unit.unit;
    if (!in_unit(range->from, &unit, &span.from, error) || !in_unit(range->to, &unit, &span.to, error))
        return false;
    if (range->count == 0)
        span.step = strcmp(range->scale, "log2") == 0 ? 2 : span.logarithmic ? 10 : 1;
    if (range->step != NULL && !in_unit(range->step, &unit, &span.step, error))
        return false;
    if (!check_span(range, &span, error))
        return false;
    *ret_span = span;
    return true;
}

/* How many levels there are; a little more than the last step still counts, as 0.1 * 3 is not 0.3. */
static size_t span_count(const Span *span)
{
    double steps =
        span->logarithmic ? log(span->to / span->from) / log(span->step) : (span->to - span->from) / span->step;

    if (span->count > 0)
        return span->count;
    return steps < FACTOR_LEVELS_MAX ? (size_t) floor(steps + 1e-9) + 1 : (size_t) FACTOR_LEVELS_MAX + 1;
}

static double span_level(const Span *span, size_t index)
{
    double part = span->count > 1 ? (double) index / (double) (span->count - 1) : 0;

    if (span->count > 0 && index + 1 == span->count)
        return span->to;
    if (span->count > 0)
        return span->logarithmic ? span->from * pow(span->to / span->from, part)
                                 : span->from + (span->to - span->from) * part;
    return span->logarithmic ? span->from * pow(span->step, (double) index) : span->from + span->step * (double) index;
}

GPtrArray *range_levels(const Range *range, GError **error)
{
    g_autoptr(GPtrArray) levels = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    Span span;

    if (!span_read(range, &span, error))
        return NULL;
    if (span_count(&span) > FACTOR_LEVELS_MAX) {
        error_set(error, ERROR_SCENARIO, "has a range of more than %d levels", FACTOR_LEVELS_MAX);
        return NULL;
    }
    for (size_t i = 0; i < span_count(&span); i++) {
        double level = span.whole ? round(span_level(&span, i)) : span_level(&span, i);
        char number[G_ASCII_DTOSTR_BUF_SIZE];
        char *text;

        g_ascii_formatd(number, sizeof number,
                        fabs(level) >= 1 && fabs(level) < 1e15 && level == floor(level) ? "%.0f" : "%.12g", level);
        text = g_strconcat(number, span.unit, NULL);
        if (g_hash_table_contains(seen, text)) {
            g_free(text);
            continue;
        }
        g_hash_table_add(seen, text);
        g_ptr_array_add(levels, text);
    }
    return g_steal_pointer(&levels);
}
