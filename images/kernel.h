// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_KERNEL_H
#define IMAGES_KERNEL_H

#include <glib.h>
#include <stdbool.h>

/* The uncompressed kernel inside a bzImage. QEMU starts it through its PVH entry, which saves unpacking it in the
 * guest: a quarter of the boot time without KVM. */
bool kernel_extract(GBytes *bzimage, GBytes **ret_vmlinux, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
