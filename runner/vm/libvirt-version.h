// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_LIBVIRT_VERSION_H
#define RUNNER_VM_LIBVIRT_VERSION_H

#include <stdbool.h>

/* What is installed of libvirt, seen from its files: nothing is loaded for it. */

/* Version of the library, as "9.0.0". Caller frees; NULL when there is none. */
char *libvirt_library_version(void);

/* Whether the driver for QEMU is there, which the library loads by itself. */
bool libvirt_has_driver(void);

#endif
