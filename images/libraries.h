// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_LIBRARIES_H
#define IMAGES_LIBRARIES_H

#include "images/file-tree.h"

/* Copy a program from the packages into the image, with its interpreter and every shared library that it needs, directly
 * or not. What is in no package is an error that names it. */
bool image_add_program(FileTree *image, const FileTree *packages, const char *path, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif
