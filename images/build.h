// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_BUILD_H
#define IMAGES_BUILD_H

#include "images/store.h"

/* What the builder needs of the store beyond images/store.h. */

/* "STORE/packages". Belongs to the store. */
const char *image_store_folder(const ImageStore *store);
const char *image_store_packages_folder(const ImageStore *store);

/* Hints on an error for what building an image of that name would miss on this host, beyond apt. */
void image_build_hints(const char *name, GError **error);

/* Remove the objects that no name stands for. */
bool image_store_sweep(ImageStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What an image is made of; NULL: it has none of that. */
typedef struct ImageContent {
    GBytes *kernel, *initrd;
    const char *disk_file; /* on the store's file system: it is moved into the store */
} ImageContent;

/* Put an image into the store under its name. `image` has what its parts do not say (name, versions, disk_format, cmdline, channel, ...);
 * paths, digests and size are filled in. */
bool image_store_put(ImageStore *store, Image *image, const ImageContent *content, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
