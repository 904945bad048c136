// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_LOST_FILES_H
#define RUNNER_EXEC_LOST_FILES_H

#include "db/store.h"
#include "runner/exec/lab.h"

/* What is measured is on the disk before the database says so; definitions, logs, commands and exit statuses are written when the kernel
 * likes, so a power cut may take the newest: they are missing, too short, or zeros. Such files of the experiment are looked for when it has
 * attempts without an end, which a power cut leaves, or runs left and none that ended since this host booted: the power may have failed
 * between two attempts. What the database repeats (its SHA-256 proves it) is made anew; of the others it is
 * noted, as an event `lost` of the attempt, what they were, and the artifact becomes what is there. What differs in another way is no power
 * cut's doing and stays as it is. `found` (of char *) gets a line for each; nothing is changed when `dry_run`. */
bool lost_files_settle(Store *store, const Lab *lab, int64_t experiment_id, bool dry_run, GPtrArray *found, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif
