// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_BUILD_H
#define IMAGES_BUILD_H

#include "images/store.h"

/* What the builder needs of the store beyond images/store.h. */

/* "STORE/packages". Belongs to the store. */
const char *image_store_folder(const ImageStore *store);
const char *image_store_packages_folder(const ImageStore *store);

/* Put an image into the store under its name. `image` has name, kernel_version and packages; the rest is filled in. */
bool image_store_put(ImageStore *store, Image *image, GBytes *kernel, GBytes *initrd, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif
