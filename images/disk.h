// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_DISK_H
#define IMAGES_DISK_H

#include "images/file-tree.h"
#include "images/recipe.h"

/* The disk of a recipe that has `disk-packages`: Debian's packages installed by mmdebstrap, from the sources that the host's apt has, and
 * what the recipe adds, as a file system without partitions in FOLDER/disk.qcow2. Needs no root where mmdebstrap needs none, but
 * mmdebstrap, genext2fs and qemu-img. `kernel_packages`: the unpacked kernel, whose modules go to the disk. Minutes; progress goes to the
 * log. `*ret_packages`: "NAME=VERSION" of everything that is installed. The same packages give the same bytes. */
bool disk_build(const Recipe *recipe, const FileTree *kernel_packages, const char *kernel_version, const char *folder, char **ret_path,
                char ***ret_packages, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Hints for the programs that this needs and the host has not got. */
void disk_hint_programs(GError **error);

#endif
