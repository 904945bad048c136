// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_LIBVIRT_VERSION_H
#define RUNNER_VM_LIBVIRT_VERSION_H

/* Version of the libvirt that this program is linked with, as "9.0.0". Caller frees; NULL when it cannot be told. */
char *libvirt_library_version(void);

#endif
