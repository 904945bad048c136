// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_STEP_ORDER_H
#define RUNNER_EXEC_STEP_ORDER_H

#include "runner/plan/run-spec.h"

/* When the steps of a list begin. A step waits for all above it; one with `after` for those that it names and for no
 * other; neighbours with the same `parallel` do not wait for each other. Steps are waited for until they have ended or,
 * in the background, until they are ready: that is when `perform` returns. */

/* Do a step. False: nothing that has not begun shall begin any more. Steps that may run at the same time are performed
 * in threads of their own, all others in the caller's. */
typedef bool (*StepPerform)(void *data, size_t index);

/* Perform the steps of a list, each exactly once unless one fails before. Whatever began has ended when this returns;
 * false when a step failed. */
bool steps_in_order(const StepSpec *steps, size_t count, StepPerform perform, void *data);

/* Whether step `index` waits for step `other`, which stands above it. */
bool step_waits_for(const StepSpec *steps, size_t index, size_t other);

#endif
