// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_LEFTOVERS_H
#define RUNNER_EXEC_LEFTOVERS_H

#include "db/store.h"
#include "runner/exec/lab.h"

/* What a crash leaves in a lab. The database knew of it before it was made: of an attempt that has no end, or of a run that is still planned.
 * Callers hold the lab's lock, so nobody works on these. `found` (of char *) gets a line for each; nothing is removed when `dry_run`. */

/* Disks over an image's, made for a machine that never opened them: their names go as soon as it has. `folder`: of the attempt. */
bool leftovers_disks(const char *folder, bool dry_run, GPtrArray *found, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Those of all attempts of the experiment that have no end. */
bool leftovers_cut(Store *store, const Lab *lab, int64_t experiment_id, bool dry_run, GPtrArray *found, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Folders of the experiment's planned runs whose workers were made ready ahead of them. */
bool leftovers_ahead(Store *store, const Lab *lab, int64_t experiment_id, bool dry_run, GPtrArray *found, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif
