// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_BUNDLE_H
#define DB_BUNDLE_BUNDLE_H

#include <glib.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "db/store.h"

/* A bundle: one experiment as a BagIt 1.0 bag (RFC 8493) in a zstd-compressed tar. One top folder NAME/ with
 * bagit.txt, bag-info.txt, manifest-*.txt, tagmanifest-*.txt (SHA-256 and SHA-512) and data/. The same input gives the
 * same bytes: names sorted, times and owners zero. docs/bundles.md describes what is in data/. */

typedef struct BundleEntry {
    char *source; /* file to read */
    char *target; /* path below data/ */
    char *sha256; /* what it must have; NULL: whatever it has */
} BundleEntry;

typedef struct BundleSpec {
    const char *name; /* of the top folder */
    const BundleEntry *entries;
    size_t entry_count; /* need not be sorted */
    const char *info;   /* further lines of bag-info.txt; NULL: none */
    const char *key;    /* file with the private key to sign with; NULL: not signed */
    int64_t part_bytes; /* in parts FILE.001, FILE.002 ... of so many bytes; 0: one file */
} BundleSpec;

/* The smallest that part_bytes may be. */
enum { BUNDLE_PART_BYTES_MIN = 1 << 16 };

typedef struct BundleReport {
    int64_t file_count, size_bytes; /* of the payload */
    unsigned parts;                 /* 0: it is one file; only of bundle_write() */
    char *signer;                   /* fingerprint of the key that signed it; NULL: not signed */
} BundleReport;

void bundle_report_clear(BundleReport *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BundleReport, bundle_report_clear)

/* Wherever a bundle's path is asked for, FILE.001 stands for all parts of it, and so does FILE when there is no such file. */

/* Write atomically (temporary file, rename). An entry that cannot be read is an error and nothing is left. */
bool bundle_write(const char *path, const BundleSpec *spec, BundleReport *ret_report, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Read it through without unpacking: check every digest, completeness and the signature if there is one. `key`: a file
 * with the public key that must have signed it; NULL: whoever signed it. `problems` gets one line a file that is
 * missing, extra or changed (GPtrArray of char*); false with ERROR_DATA when there are any, or when it is no bundle at
 * all. */
bool bundle_verify(const char *path, const char *key, GPtrArray *problems, BundleReport *ret_report, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same while unpacking the payload into `folder`, which must be there and empty; data/x becomes folder/x. What is
 * in it is worth nothing unless this returned true. `limit_bytes`: of all files together. It ends with
 * ERROR_INTERRUPTED soon after *interrupted is set. */
bool bundle_unpack(const char *path, const char *folder, int64_t limit_bytes, const volatile sig_atomic_t *interrupted,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One line a file: size and path below the top folder. */
bool bundle_list(const char *path, FILE *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Write one file's content out. `wanted` is a path below the top folder, or below its data/. ERROR_USAGE when there is
 * none. */
bool bundle_cat(const char *path, const char *wanted, FILE *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
