// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_ARCHIVES_H
#define IMAGES_ARCHIVES_H

#include <glib.h>
#include <stdbool.h>

#include "images/file-tree.h"

/* All that libarchive does for us. */

/* Add the files and links of a .deb that `wanted` says yes to (it sees paths of file_tree_path). Owners are dropped,
 * and nothing of the package is run. */
bool deb_unpack(const char *path, bool (*wanted)(const char *path), FileTree *tree, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Undo gzip, xz, zstd, lz4 (also its old format), lzma or bzip2; other bytes come back as they are. */
bool bytes_uncompress(GBytes *data, GBytes **ret_plain, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The tree as an uncompressed newc cpio archive. The same tree gives the same bytes: all belongs to root and is from
 * 1970. */
bool cpio_write(const FileTree *tree, GBytes **ret_cpio, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The tree as an uncompressed tar archive in a file, under the same rules as cpio_write(). */
bool tar_write(const FileTree *tree, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Add the files, links and folders of a cpio archive that `wanted` says yes to (it sees paths without a slash in front). */
bool cpio_read(const char *path, bool (*wanted)(const char *path), FileTree *tree, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Unpack a cpio archive (as an initramfs is, compressed or not) into a folder. All belongs to the caller; devices are left out, and
 * nothing is written through a link or outside the folder. */
bool cpio_unpack(const char *path, const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
