// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_STEADINESS_H
#define RUNNER_EXEC_STEADINESS_H

#include "db/records.h"
#include "runner/plan/scenario.h"

/* The value of every iteration that an attempt has of a metric, in their order: the mean of the iteration's samples. Of a step
 * that is not repeated every sample is an iteration. An array of double; caller frees. */
GArray *steadiness_iterations(const AttemptRecord *attempt, const char *metric);

/* What the scenario's `steady` finds in a completed attempt (stats/steady.h): an event for every metric that it names, of the kind
 * `steady` or `unsteady`. They come behind the attempt's own events in an array of EventRecord; `strings` keeps their texts. Caller
 * frees. */
GArray *steadiness_events(const Scenario *scenario, const AttemptRecord *attempt, GStringChunk *strings);

#endif
