// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_UNITS_H
#define RUNNER_BASE_UNITS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* What a quantity measures. The base units are: none, seconds, bytes, bits per second, per cent. */
typedef enum { UNIT_NONE, UNIT_TIME, UNIT_SIZE, UNIT_RATE, UNIT_PERCENT } UnitKind;

typedef struct Quantity {
    UnitKind kind;
    double number;    /* as typed: 10 for "10ms" */
    const char *unit; /* as typed: "ms"; "" when there is none. Static, never freed. */
    double base;      /* in the base unit: 0.01 for "10ms" */
} Quantity;

/* Read "10ms", "64MiB", "100mbit", "5%" or a bare number. False (nothing written) when `text` is none of these.
 * Time: ns us ms s min h. Size: B KB KiB MB MiB GB GiB. Rate: bit kbit mbit gbit (powers of 1000, as tc). */
bool units_parse(const char *text, Quantity *ret_quantity);

/* Read a quantity of one kind. A bare number is accepted only for UNIT_NONE, or when it is 0. The error says which
 * units there are, and has no place: the caller adds it. */
bool units_parse_kind(const char *text, UnitKind kind, Quantity *ret_quantity, GError **error);

/* The units of a kind, for messages: "ns, us, ms, s, min or h". */
const char *units_names(UnitKind kind);

#endif
