// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_APT_H
#define IMAGES_APT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Packages of the distribution, through apt-cache and apt-get; needs no root and installs nothing. */
typedef struct Package {
    char *name, *version, *architecture, *depends, *sha256;
    int64_t size_bytes;
    char *path; /* where the .deb is; NULL before apt_download */
} Package;

/* Which packages apt knows: NULL for the host's own, or those of another architecture. */
typedef struct AptLists AptLists;

/* Packages of another architecture ("arm64") from the same sources, with lists of their own below `folder`, which are brought up to date
 * when they are older than a day: the host's apt is not touched, and need not know of that architecture. */
AptLists *apt_lists_open(const char *architecture, const char *folder, GError **error);
void apt_lists_close(AptLists *lists);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AptLists, apt_lists_close)

/* What apt would download today for these names (NULL-terminated): GPtrArray of Package, in this order. */
bool apt_resolve(const AptLists *lists, const char *const *names, GPtrArray **ret_packages, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The first package that `package` depends on whose name begins with `prefix`; NULL: none. Caller frees. */
char *package_dependency(const Package *package, const char *prefix);

/* Bring the packages into `folder`, unless they are there, and set their paths. Each has the SHA-256 that apt's
 * signed lists say. */
bool apt_download(const AptLists *lists, const char *folder, GPtrArray *packages, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void package_free(void *package);

#endif
