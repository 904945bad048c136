// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_PENDING_H
#define RUNNER_EXEC_PENDING_H

#include "db/store.h"

/* A run that is planned and not done. A sweep may have very many, and the coordinator keeps them all: so only what finds the next one; the rest
 * is asked of the database when the run's turn comes. */
typedef struct PendingRun {
    int64_t run_id, cell_id;
    unsigned repetition, block;
    bool warmup;
    unsigned tries; /* attempts that this call began: earlier ones were another user's patience */
} PendingRun;

/* All of an experiment, in their order. `wanted`: a set of int64_t*, the runs that count; NULL: all do. *ret_runs is an array of PendingRun; caller
 * frees. */
bool pending_read(Store *store, int64_t experiment_id, GHashTable *wanted, GArray **ret_runs, GError **error) G_GNUC_WARN_UNUSED_RESULT;

PendingRun *pending_run(const GArray *runs, size_t row);

#endif
