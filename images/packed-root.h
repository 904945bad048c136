// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_PACKED_ROOT_H
#define IMAGES_PACKED_ROOT_H

#include <glib.h>
#include <stdbool.h>

/* A folder of the host as an initramfs, CACHE/packed/KEY.cpio: the folder's files, links and folders (all belong to root; devices and
 * sockets are left out), and over them the agent, the kernel modules and the agent's settings of `base`, an image's initramfs (NULL: the
 * agent for `arch` alone). KEY follows from what lstat() says of everything in the folder, so it is packed again when something has changed. The
 * same files give the same bytes. Caller frees *ret_path. */
bool packed_root(const char *base, const char *folder, const char *arch, const char *cache, char **ret_path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
