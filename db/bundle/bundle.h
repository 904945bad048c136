// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_BUNDLE_H
#define DB_BUNDLE_BUNDLE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A bundle: one experiment as a BagIt 1.0 bag (RFC 8493) in a zstd-compressed tar. One top folder NAME/ with
 * bagit.txt, bag-info.txt, manifest-sha256.txt, tagmanifest-sha256.txt and data/. The same input gives the same
 * bytes: names sorted, times and owners zero. */

typedef struct BundleEntry {
    char *source; /* file to read */
    char *target; /* path below data/ */
} BundleEntry;

typedef struct BundleReport {
    int64_t file_count, size_bytes; /* of the payload */
} BundleReport;

/* Write atomically (temporary file, rename). `entries` need not be sorted. An entry that cannot be read is an error
 * and nothing is left. */
bool bundle_write(const char *path, const char *name, const BundleEntry *entries, size_t entry_count,
                  BundleReport *ret_report, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Read it through without unpacking, check every SHA-256 and completeness. `problems` gets one line a file that is
 * missing, extra or changed (GPtrArray of char*); false with ERROR_DATA when there are any, or when it is no bundle
 * at all. */
bool bundle_verify(const char *path, GPtrArray *problems, BundleReport *ret_report, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif
