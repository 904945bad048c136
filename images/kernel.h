// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_KERNEL_H
#define IMAGES_KERNEL_H

#include <glib.h>
#include <stdbool.h>

/* The kernel in the form that QEMU starts: the uncompressed one inside a bzImage. QEMU starts it through its PVH entry, which saves unpacking it in the
 * guest: a quarter of the boot time without KVM. A kernel for aarch64 is already what QEMU starts, and comes back as it is. */
bool kernel_extract(GBytes *packed, GBytes **ret_kernel, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The architecture (images/arch.h) that a kernel's file is for, seen from its first bytes; NULL: not known. Static. */
const char *kernel_arch(const char *path);

#endif
