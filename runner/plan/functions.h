// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_FUNCTIONS_H
#define RUNNER_PLAN_FUNCTIONS_H

#include <stdio.h>

#include "runner/plan/datum.h"

enum { FUNCTION_ARGUMENTS_MAX = 16 };

/* A function of the expression language. To add one: a row in functions.c. */
typedef struct Function Function;
struct Function {
    const char *name;
    unsigned min, max; /* values it takes */
    /* NULL: if(), which must not have all its values computed */
    bool (*call)(const Function *function, const Datum *values, unsigned count, GStringChunk *texts, Datum *ret,
                 GError **error);
    double (*of_one)(double);
    const char *usage, *about;
};

/* Ends with a row without a name. */
extern const Function functions[];

/* The table of functions for the reference page. */
void functions_write_markdown(FILE *out);

#endif
