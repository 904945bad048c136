// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_BAG_H
#define DB_BUNDLE_BAG_H

#include <glib.h>
#include <locale.h>
#include <stdbool.h>

/* What writing and verifying a bag share. Only for db/bundle. */

#define BAG_DECLARATION "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

/* The manifests of one kind of digest. SHA-256 is the one a bundle must have. */
typedef enum { BAG_SHA256, BAG_SHA512, BAG_DIGESTS } BagDigest;

typedef struct BagManifest {
    const char *payload, *tags; /* names of the manifests */
    const char *algorithm;      /* for messages */
    unsigned digits;
} BagManifest;

extern const BagManifest bag_manifests[BAG_DIGESTS];

/* A signature of the SHA-512 tag manifest, and the public key that belongs to it. */
#define BAG_SIGNED "tagmanifest-sha512.txt"
#define BAG_SIGNATURE "tagmanifest-sha512.txt.sig"
#define BAG_SIGNING_KEY "signing-key.pem"

/* Why a path cannot be used inside a bag ("is absolute"); NULL when it can. Static. */
const char *bag_path_fault(const char *path);

/* The first path of a set (a table whose keys are paths) that has another of its paths as a folder; NULL when there
 * is none. */
const char *bag_path_below_file(GHashTable *paths);

/* The path for a message: on one line, without control characters. Caller frees. */
char *bag_path_show(const char *path);

/* Add one line to a manifest. */
void bag_manifest_append(GString *manifest, const char *digest, const char *path);

/* Read a manifest into a new table from path to digest. `name` and the line go into the error (ERROR_DATA). NULL on
 * error. */
GHashTable *bag_manifest_parse(const char *name, const BagManifest *kind, const char *text, GError **error);

/* The path as a system that does not tell upper from lower case, or composed from decomposed characters, sees it.
 * Caller frees. */
char *bag_path_fold(const char *path);

/* Names in an archive are UTF-8 whatever the user's locale is: libarchive asks the thread's locale. */
locale_t bag_locale_enter(void);
void bag_locale_leave(locale_t before);

#endif
