// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_RANGES_H
#define RUNNER_PLAN_RANGES_H

#include <glib.h>
#include <stdbool.h>

/* What a factor can have in place of a list of levels. */
typedef struct Range {
    char *from, *to, *step; /* step is NULL when not given */
    unsigned count;         /* 0: not given */
    char *scale;            /* "linear", "log2" or "log10" */
    bool whole;             /* every level rounded to a whole number */
} Range;

/* Its levels from the first to the last, written in the unit of `from`; each is there once. The error completes
 * "factor 'x' ...". Caller frees. */
GPtrArray *range_levels(const Range *range, GError **error);

/* For the key table: a number with or without a unit. */
bool format_range_end(const char *text, GError **error);

#endif
