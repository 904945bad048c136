// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_BAG_H
#define DB_BUNDLE_BAG_H

#include <glib.h>
#include <locale.h>
#include <openssl/evp.h>
#include <stdbool.h>

/* What writing and verifying a bag share. Only for db/bundle. */

#define BAG_DECLARATION "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
#define BAG_MANIFEST "manifest-sha256.txt"
#define BAG_TAG_MANIFEST "tagmanifest-sha256.txt"

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
GHashTable *bag_manifest_parse(const char *name, const char *text, GError **error);

/* The finished SHA-256 as 64 hexadecimal digits; the context can be used again after EVP_DigestInit_ex(). Caller
 * frees. */
char *bag_digest_finish(EVP_MD_CTX *digest);

/* Names in an archive are UTF-8 whatever the user's locale is: libarchive asks the thread's locale. */
locale_t bag_locale_enter(void);
void bag_locale_leave(locale_t before);

#endif
