// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_MODULES_H
#define IMAGES_MODULES_H

#include "images/file-tree.h"

/* Copy kernel modules and those they depend on from the packages into the image, uncompressed. `at_boot` ones are listed
 * in /etc/trialbed/modules, each after what it needs; all are in modules.dep and modules.alias, so that the kernel
 * finds them when it wants one. Names of what is built into the kernel are passed over. Both lists hold char *. */
bool image_add_modules(FileTree *image, const FileTree *packages, const char *kernel_version, GPtrArray *at_boot,
                       GPtrArray *spare, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
