// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_DURATIONS_H
#define RUNNER_EXEC_DURATIONS_H

#include "db/store.h"

/* How long a cell's runs take: from its own completed runs, else from runs of the same cell in earlier experiments of this
 * lab, else from what all cells of this experiment took. */
typedef struct Durations Durations;

Durations *durations_read(Store *store, int64_t experiment_id, GError **error);
void durations_free(Durations *durations);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Durations, durations_free)

/* A run of this cell has been completed in so many seconds. */
void durations_note(Durations *durations, int64_t cell_id, double seconds);

/* What a run of a cell takes on average, and what the longest took; 0 when nothing is known. */
double durations_mean_s(const Durations *durations, int64_t cell_id);
double durations_longest_s(const Durations *durations, int64_t cell_id);

#endif
