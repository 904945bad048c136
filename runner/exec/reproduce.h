// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_REPRODUCE_H
#define RUNNER_EXEC_REPRODUCE_H

#include "db/store.h"
#include "runner/exec/lab.h"
#include "runner/plan/scenario.h"

/* An experiment that runs another one of this lab again: its stored scenario, its cells, its settings; but this host, and
 * a seed of the scenario's. It remembers which one (setting `reproduces`: the UUID). */

/* `--quick`: so many repetitions of every cell, which are complete blocks: a quarter, but at least this many. */
enum { REPRODUCE_QUICK_REPETITIONS = 5 };

typedef struct ReproduceOptions {
    const char *machines; /* "libvirt" or "fake"; NULL: as the original */
    const char *uri;      /* a libvirt other than the embedded one; NULL: embedded */
    char **only;          /* of the original's cells, as Settings */
    unsigned repetitions; /* 0: as many as the original */
    bool quick;
} ReproduceOptions;

/* The scenario that the experiment was run from, as it is frozen in the lab. NULL and *error when it is not valid for this
 * trialbed, or cannot be read. */
Scenario *reproduce_scenario(Store *store, const Lab *lab, int64_t original, GError **error);

/* Check that this host can do it, and store the new experiment with its plan; nothing runs yet. */
bool reproduce_prepare(Store *store, const Lab *lab, int64_t original, const Scenario *scenario,
                       const ReproduceOptions *options, int64_t *ret_experiment, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ERROR_USAGE unless `experiment` was made by reproduce_prepare() of `original`. */
bool reproduce_check(Store *store, int64_t original, int64_t experiment, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
