// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_BUNDLE_DESCRIBE_H
#define DB_BUNDLE_BUNDLE_DESCRIBE_H

#include "db/bundle/bundle.h"

/* The files of a bundle that describe the others, made from a database that holds the one experiment alone. Only for
 * db/bundle. */

/* What is known of the bundle that is being made. */
typedef struct Description {
    Store *store;
    int64_t experiment_id;
    const char *folder;         /* what is made here lies below data/ */
    const char *licence;        /* SPDX identifier; NULL: nobody said */
    const char *left_out;       /* what is not in it, for people; NULL: all is */
    const BundleEntry *entries; /* for the crate: all files of data/ but the crate's own */
    size_t entry_count;
    int64_t size_bytes;         /* of them */
} Description;

/* tables/NAME.csv of every table and view, and datapackage.json, a Frictionless tabular data package. */
bool describe_tables(const Description *what, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* environment.json and images/images.json: what the experiment ran on. */
bool describe_environment(const Description *what, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* README.md from db/bundle/templates/readme.md. */
bool describe_for_people(const Description *what, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ro-crate-metadata.json: RO-Crate 1.1 with a Process Run Crate action for each run. */
bool describe_crate(const Description *what, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
