// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_CMD_MERGING_H
#define RUNNER_CMD_MERGING_H

#include "db/store-merge.h"
#include "runner/cmd/cmd.h"

/* Whether an artifact that the other lab's rows name may be missing there, as in a bundle that left it out. */
typedef enum { MERGE_REFUSED, MERGE_LEFT_OUT } MergeMissing;

typedef struct Merged {
    MergeReport report;
    int64_t files, bytes, missing; /* files that were brought, and that were left out */
} Merged;

/* Bring the experiments of `other`, whose files lie in `folder`, into the context's lab: rows and files, all or nothing.
 * What both have and differ in is printed on stderr. */
bool merge_lab(const Context *context, Store *other, const char *folder, MergeMissing missing, Merged *ret_merged,
               GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
