// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_DESCRIPTION_H
#define IMAGES_DESCRIPTION_H

#include "images/store.h"

/* An image's description, names/NAME.json of the store:
 *   {"format": 1, "digest": SHA256, "built": TIME, "kernel_version": TEXT,
 *    "arch": TEXT (left out: x86_64), "kernel" / "initrd" / "disk": {"sha256": SHA256, "size_bytes": N},
 *    "disk_format", "cmdline", "channel": TEXT, "cloud_init": BOOL, "memory_mb": N, "agent_revision": N, "packages": [TEXT, ...]}
 * What an image does not have is left out. */

/* Fill `image` from a description whose objects are in the folder `objects`: all of them must be there, in the size that is said
 * (ERROR_DATA). */
bool description_read(const char *text, const char *objects, Image *image, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The description of an image whose objects are where its paths say. Caller frees; NULL when one cannot be looked at. */
char *description_write(const Image *image, GError **error);

#endif
