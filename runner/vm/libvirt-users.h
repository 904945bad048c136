// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_LIBVIRT_USERS_H
#define RUNNER_VM_LIBVIRT_USERS_H

#include <glib.h>
#include <stdbool.h>

/* For root, libvirt's QEMU driver insists on a user that only Debian's libvirt-daemon-system makes, even when qemu.conf names
 * another one. Where that user is missing, show it to the calling thread, and to whatever that thread starts, in a copy of /etc/passwd
 * and /etc/group below `folder`, mounted in a mount namespace of its own. The host's files are never touched. */
bool libvirt_users_provide(const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
