// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUEST_AGENT_ROOT_H
#define GUEST_AGENT_ROOT_H

/* Leave the initramfs for the file system on a disk ("/dev/vda") and become its /sbin/init. Does not return: what cannot be booted
 * ends process 1, and the kernel says so. */
_Noreturn void root_switch(const char *device);

#endif
