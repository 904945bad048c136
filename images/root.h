// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_ROOT_H
#define IMAGES_ROOT_H

#include "images/store.h"

/* The folder CACHE/roots/DIGEST with an image's files (its initramfs unpacked), for machines that are no virtual ones. Made by the first
 * who asks; complete or not there, also when two ask at once. Nobody may write there. Caller frees *ret_folder. */
bool image_root(const Image *image, const char *cache, char **ret_folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
