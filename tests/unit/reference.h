// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_UNIT_REFERENCE_H
#define TESTS_UNIT_REFERENCE_H

#include <glib.h>
#include <math.h>
#include <string.h>

#include "tests/unit/unit.h"

/* The data sets of tests/data/stats and the answers of R and SciPy. */

typedef struct Numbers {
    double *values;
    size_t n;
} Numbers;

static inline char **reference_lines(const char *name)
{
    g_autofree char *path = g_build_filename("tests/data/stats", name, NULL);
    char *text = NULL;
    char **lines;

    ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "cannot read '%s'", path);
    lines = g_strsplit(g_strchomp(text), "\n", -1);
    g_free(text);
    return lines;
}

/* "NA" is NAN. */
static inline double reference_number(const char *text)
{
    char *end;
    double number = strcmp(text, "NA") == 0 ? NAN : g_ascii_strtod(text, &end);

    ck_assert_msg(isnan(number) || (end != text && *end == '\0'), "'%s' is no number", text);
    return number;
}

static inline Numbers reference_numbers(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    Numbers numbers = { NULL, g_strv_length(words) };

    numbers.values = g_new(double, numbers.n);
    for (size_t i = 0; i < numbers.n; i++)
        numbers.values[i] = reference_number(words[i]);
    return numbers;
}

/* To 1e-9 relative; NAN only equals NAN. */
static inline void reference_check(const char *where, const char *what, double value, double expected)
{
    double scale = fmax(fabs(expected), 1e-300);

    if (isnan(expected) ? isnan(value) : value == expected || fabs(value - expected) <= 1e-9 * scale)
        return;
    ck_abort_msg("%s: %s is %.17g instead of %.17g", where, what, value, expected);
}

#endif
