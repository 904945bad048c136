// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_SUGGEST_H
#define RUNNER_PLAN_SUGGEST_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* How many letters must be changed, added, removed or swapped with their neighbour to make `b` of `a`, in any case. */
size_t edit_distance(const char *a, const char *b);

/* The candidate (const char *) that is near enough to be meant by `name`, or NULL. */
const char *suggest_nearest(const char *name, const GPtrArray *candidates);

/* A hint for a name that is not there: "did you mean 'x'?" when one of the candidates (const char *) is near, else
 * "known KINDS: a, b and c." for few, else NULL. `kinds` may be NULL: then only the first form. Caller frees. */
char *suggest(const char *name, const GPtrArray *candidates, const char *kinds);

#endif
