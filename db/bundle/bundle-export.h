// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_BUNDLE_EXPORT_H
#define DB_BUNDLE_BUNDLE_EXPORT_H

#include "db/bundle/bundle.h"

/* An experiment becomes a bundle in two steps, between which the caller puts what this layer cannot make (the report,
 * recipes of images) into the folder. What is exported depends on the lab's rows and files only. */

typedef struct BundleExport {
    const char *lab;     /* where artifacts lie */
    const char *folder;  /* scratch, of the caller: what is below it will be data/ */
    const char *only;    /* cells to keep: a cell's label or some FACTOR=LEVEL of it; NULL: all */
    const char *licence; /* SPDX identifier; NULL: nobody said */
    const char *key;     /* file with the private key to sign with; NULL: not signed */
    bool without_pcaps;
    int64_t part_bytes;  /* as BundleSpec */
    GHashTable *sources; /* for this layer: path of an artifact in the bundle -> in the lab */
} BundleExport;

void bundle_export_clear(BundleExport *export);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BundleExport, bundle_export_clear)

/* folder/trialbed.db and folder/scenario/. *ret_copy is that database, opened for reading; it holds one experiment,
 * *ret_experiment_id. */
bool bundle_export_begin(BundleExport *export, Store *store, int64_t experiment_id, Store **ret_copy,
                         int64_t *ret_experiment_id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Describe all that is in the folder now, and pack it with the artifacts. */
bool bundle_export_end(const BundleExport *export, Store *copy, int64_t experiment_id, const char *path,
                       BundleReport *ret_report, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
