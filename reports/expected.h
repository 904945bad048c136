// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_EXPECTED_H
#define REPORTS_EXPECTED_H

#include <glib.h>
#include <stdbool.h>

/* What was expected of a metric before it was measured, made of what was measured elsewhere:
 * "hybrid = latency[initial] - tap[initial]; ahead = 2 * tap[initial] + 1.5". LEVEL is one of the x axis; a term is a
 * number in the metric's unit or METRIC[LEVEL], a measured mean, and may have a factor. Operators have spaces around
 * them. */
typedef struct ExpectedTerm {
    double factor; /* with the term's sign; the number itself when `metric` is NULL */
    char *metric, *level;
} ExpectedTerm;

typedef struct Expected {
    char *level;
    GArray *terms; /* ExpectedTerm */
} Expected;

/* NULL and *error (ERROR_USAGE) when `text` is none of this. Free with g_ptr_array_unref(). */
GPtrArray *expected_parse(const char *text, GError **error);

#endif
