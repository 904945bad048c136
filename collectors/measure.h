// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTORS_MEASURE_H
#define COLLECTORS_MEASURE_H

#include <glib.h>
#include <stdbool.h>

/* How numbers are read from a program's output. Exactly one of the four rules is set. */
typedef struct MeasureRule {
    /* PCRE; its first group (or the whole match without a group) is the number; every match counts */
    const char *regex;
    const char *jsonpath; /* every number that it selects counts */
    double scale;         /* multiplies every value */
    const char *csv;      /* name of a column, whose every row counts */
    const char *parser;   /* "ping.time": a value of a known tool (measure-parsers.h) */
} MeasureRule;

/* All values in `text`, in order, as doubles. No match at all is an error (ERROR_HOST) that quotes the rule and the
 * text's first line; so is a match that is no finite number. */
bool measure_extract(const MeasureRule *rule, const char *text, GArray **ret_values, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Whether a rule itself can be used. `kind` is "regex", "jsonpath", "csv" or "parser". */
bool measure_check(const char *kind, const char *rule, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
