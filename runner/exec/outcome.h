// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_OUTCOME_H
#define RUNNER_EXEC_OUTCOME_H

#include "db/store.h"

/* Where an attempt's files are (`folder`, below the folder of the lab), and who keeps new texts of its record. */
typedef struct OutcomePlace {
    const char *lab_folder, *folder;
    GStringChunk *strings;
} OutcomePlace;

/* Store a finished attempt. Its artifacts are those that its worker told of, and the worker's log; all files, when it
 * failed: its worker may have died before it could tell. */
bool outcome_store(Store *store, const OutcomePlace *place, AttemptRecord *attempt, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* What an attempt brings may be what the database refuses, such as a metric that has another unit elsewhere: then it
 * has failed with `problem`, and that is stored, with its files. *attempt becomes what was stored. */
bool outcome_store_refused(Store *store, const OutcomePlace *place, AttemptRecord *attempt, const GError *problem,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
