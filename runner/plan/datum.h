// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_DATUM_H
#define RUNNER_PLAN_DATUM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "runner/base/units.h"

typedef enum { DATUM_BOOLEAN, DATUM_INTEGER, DATUM_REAL, DATUM_TEXT } DatumType;

/* A value inside an expression. A real number is in the base unit of its kind. */
typedef struct Datum {
    DatumType type;
    UnitKind unit; /* of a real number; UNIT_NONE otherwise */
    union {
        bool boolean;
        int64_t integer;
        double real;
    };
    const char *text; /* a text itself; how a number was typed, or NULL when it was computed. Not owned. */
} Datum;

typedef enum { COMPARE_EQUAL, COMPARE_UNEQUAL, COMPARE_LESS, COMPARE_AT_MOST, COMPARE_MORE, COMPARE_AT_LEAST } Compare;

/* What a level, or a derived value, means: a whole number, a number with or without a unit, true, false, or a text.
 * Points to `text`. */
Datum datum_from_text(const char *text);

Datum datum_boolean(bool boolean);

/* As typed, or as short as it can be written: "64", "0.02s", "true". What it says means the same again. Caller frees.
 */
char *datum_text(const Datum *datum);

/* "a whole number", "a time", "a text", ... for messages. */
const char *datum_kind(const Datum *datum);

bool datum_is_number(const Datum *datum);
double datum_real(const Datum *datum);

/* The operators on numbers: '+', '-', '*', '/', and '\\' for the division that rounds down. `*ret` may be `a` or `b`.
 */
bool datum_compute(char sign, const Datum *a, const Datum *b, Datum *ret, GError **error);

/* Values of different types are unequal; numbers of different units, and the order of anything but two numbers or two
 * texts, are errors. */
bool datum_compare(Compare compare, const Datum *a, const Datum *b, bool *ret, GError **error);

/* A real number without a text; an error when it is not finite. */
bool datum_set_real(double real, UnitKind unit, Datum *ret, GError **error);

/* The same as a whole number, when it is one that fits. */
bool datum_set_whole(double real, Datum *ret, GError **error);

#endif
