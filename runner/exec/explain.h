// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_EXPLAIN_H
#define RUNNER_EXEC_EXPLAIN_H

#include "db/store.h"
#include "runner/exec/fingerprint.h"
#include "runner/exec/lab.h"
#include "runner/plan/matrix.h"

/* Which runs of a plan the lab has already. A run is done when one of the same cell (by its label) and repetition of an
 * experiment of this name, on the same kind of machines, is completed and had the same inputs. */
typedef struct Explain Explain;

/* `store` may be NULL: the lab has nothing. `inputs`: as they are now. Keeps all of them. */
Explain *explain_new(Store *store, const Lab *lab, const Matrix *matrix, Inputs *inputs, const char *backend, GError **error);
void explain_free(Explain *explain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Explain, explain_free)

/* *ret_why: "done: run 12 of experiment 3 had the same inputs (9f1c20ab)", or "run: " and why, in words. Caller frees. */
bool explain_run(Explain *explain, const PlannedRun *run, bool *ret_done, char **ret_why, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif
