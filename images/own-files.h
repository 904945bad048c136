// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_OWN_FILES_H
#define IMAGES_OWN_FILES_H

#include "images/store.h"

/* Files of the host that take the place of an image's parts. Paths; NULL: as in the image. None of them is ever written. */
typedef struct OwnFiles {
    const char *kernel, *initrd, *disk;
    const char *root; /* a folder: becomes the initramfs, with the agent, the modules and the settings of the image's */
} OwnFiles;

/* What a machine of that architecture boots: the store's image of that name ("none": nothing of it) with the scenario's own files in its parts' places. Where
 * there are own files its name lists them ("tiny+/boot/vmlinuz"), and its digest is that of what is really booted. `cache` keeps the
 * SHA-256 of big files that have not changed since, and packed folders. An image or kernel for another architecture is refused. */
Image *image_find(ImageStore *store, const char *name, const OwnFiles *files, const char *arch, const char *cache, GError **error);

/* Whether a machine of that architecture can boot it; ERROR_HOST with a hint. What is not known fits. */
bool image_fits(const Image *image, const char *arch, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether our agent in it, where machines of it are reached by that, can do all that we ask of it; ERROR_HOST with a hint. */
bool image_agent_fits(const Image *image, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "qcow2" or "raw"; a qcow2 file that stands upon another one is refused, since its digest would say nothing. */
bool disk_format(const char *path, const char **ret_format, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SHA-256 of a file as file_sha256(), which is asked only where CACHE/digests has no answer for this path, size, inode and time. */
bool cached_sha256(const char *path, const char *cache, char **ret_hex, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
