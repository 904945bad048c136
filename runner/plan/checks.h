// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_CHECKS_H
#define RUNNER_PLAN_CHECKS_H

#include <glib.h>
#include <stdbool.h>

/* What only higher layers can judge, so that a scenario's problems are found with their place before anything starts.
 * Each returns false with an error without a place. Any of them may be NULL: not checked. */
typedef struct ScenarioChecks {
    bool (*capture_filter)(const char *filter, GError **error);
    bool (*measure)(const char *kind, const char *rule, GError **error); /* kind: a key of `measure` */
    bool frozen;        /* an experiment's copy: what `files` names need not lie beside it */
} ScenarioChecks;

#endif
