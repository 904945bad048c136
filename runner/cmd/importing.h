// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_CMD_IMPORTING_H
#define RUNNER_CMD_IMPORTING_H

#include "runner/cmd/merging.h"

/* Below data/ of a bundle that has images: a small image store, as TRIALBED_IMAGES may name it. */
#define IMPORT_IMAGES "images/store"

typedef struct ImportOptions {
    const char *key; /* file with the public key that must have signed it; NULL: whoever did */
    bool images;     /* also bring the bundle's guest images, when the image store has none of that name */
} ImportOptions;

/* Verify a bundle and bring its experiment into the context's lab, by way of a staging folder that is gone afterwards.
 * What is wrong with files of it is printed on
 * stderr. SIGINT and SIGTERM end it with ERROR_INTERRUPTED; they have their old meaning again afterwards.
 * *ret_experiment: its number here, also when it was here already. */
bool import_bundle(const Context *context, const char *path, const ImportOptions *options, Merged *ret_merged,
                   int64_t *ret_experiment, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
