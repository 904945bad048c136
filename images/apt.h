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

/* What apt would download today for these names (NULL-terminated): GPtrArray of Package, in this order. */
bool apt_resolve(const char *const *names, GPtrArray **ret_packages, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The first package that `package` depends on whose name begins with `prefix`; NULL: none. Caller frees. */
char *package_dependency(const Package *package, const char *prefix);

/* Bring the packages into `folder`, unless they are there, and set their paths. Each has the SHA-256 that apt's
 * signed lists say. */
bool apt_download(const char *folder, GPtrArray *packages, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void package_free(void *package);

#endif
