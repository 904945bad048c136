// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTORS_MEASURE_PARSERS_H
#define COLLECTORS_MEASURE_PARSERS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Values of known tools, named "TOOL.VALUE" ("ping.time"); of a tool that does several tests at once "TOOL.VALUE.TEST"
 * ("redis-benchmark.rps.SET"). Read from the tool's output in the C locale, as the versions of Debian 12 print it. */
typedef struct Parser {
    const char *tool, *value;
    const char *unit;      /* of what comes out, after the parser's own scaling */
    const char *direction; /* which is better: "lower", "higher" or NULL */
    enum { PARSER_REGEX, PARSER_JSONPATH, PARSER_OWN } kind;
    const char *rule;      /* for PARSER_OWN private to it */
    double scale;
    const char *about;     /* for docs/steps.md */
} Parser;

extern const Parser measure_parsers[];
extern const size_t measure_parser_count;

/* The parser of a name; NULL when there is none. *ret_part (may be NULL) is the TEST in it, or NULL. */
const Parser *measure_parser_find(const char *name, const char **ret_part);

/* Whether the tool prints its values to standard error. */
bool measure_parser_reads_errors(const Parser *parser);

#endif
