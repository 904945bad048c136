// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_EXPRESSION_H
#define RUNNER_PLAN_EXPRESSION_H

#include "runner/plan/datum.h"

/* The small language of `matrix.derived` and `matrix.when`; docs/scenario.md has its grammar. Expressions look at
 * variables and compute; they change nothing, and their length, depth and results are bounded (limits.h). */
typedef struct Expression Expression;

/* `${name}` is the place of `name` among `names` (const char *). NULL and an error that completes "key 'x' ...". */
Expression *expression_parse(const char *text, const GPtrArray *names, GError **error);
void expression_free(Expression *expression);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Expression, expression_free)

/* Whether variable number `variable` stands in it. */
bool expression_uses(const Expression *expression, unsigned variable);

/* How much there is to do, in steps. */
size_t expression_weight(const Expression *expression);

/* What it gives for these variables. Texts that are made on the way live in `texts`. The error has no place. */
bool expression_evaluate(const Expression *expression, const Datum *variables, GStringChunk *texts, Datum *ret,
                         GError **error);

/* The grammar and the functions, for the reference page. */
extern const char expression_reference[];

#endif
