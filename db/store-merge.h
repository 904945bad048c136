// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_STORE_MERGE_H
#define DB_STORE_MERGE_H

#include "db/store.h"

/* An experiment that store_merge() brings into this lab: its number there and here. */
typedef struct MergedExperiment {
    int64_t from, to;
    const char *uuid, *scenario_text;
} MergedExperiment;

/* Called inside the transaction, once a new experiment, when its rows are there. `files` has one row an artifact:
 * source and path (below the folders of the other lab and of this one), size, sha256. False undoes everything. */
typedef bool StoreMergeFiles(const MergedExperiment *experiment, const Table *files, void *data, GError **error);

typedef struct MergeReport {
    int64_t added, known, runs; /* experiments that are new and that were here already; runs of the new ones */
} MergeReport;

/* Bring every experiment of `other` (opened read-only) that this lab does not have, by UUID, into it, under new
 * numbers, in one transaction. One that is here already must have the same rows; `conflicts` (of char*) gets one line a
 * table whose rows differ, with the first that do, and nothing is changed (ERROR_DATA). An experiment that is being run,
 * or that has paths outside its runs' folders, is refused in the same way. */
bool store_merge(Store *store, Store *other, StoreMergeFiles *files, void *data, GPtrArray *conflicts,
                 MergeReport *ret_report, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
