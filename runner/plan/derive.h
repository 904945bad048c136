// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_DERIVE_H
#define RUNNER_PLAN_DERIVE_H

#include "runner/plan/reading.h"

/* The conditions of a scenario, made ready for being asked about many cells. */
typedef struct Conditions Conditions;

Conditions *conditions_new(const Scenario *scenario);
void conditions_free(Conditions *conditions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Conditions, conditions_free)

/* Whether all of them hold for a cell of level indices. An error without a place when that cannot be told. */
bool conditions_hold(Conditions *conditions, const uint32_t *cell, bool *ret_hold, GError **error);

/* How many steps they take for a cell; 0 without conditions. */
size_t conditions_weight(const Scenario *scenario);

/* Note that derived value `index` is used, and so is what it looks at. */
void derived_mark_used(Reading *reading, size_t index);

void scenario_free_derived(Scenario *scenario);

#endif
