// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUEST_AGENT_BOOT_H
#define GUEST_AGENT_BOOT_H

#include <stdbool.h>
#include <stddef.h>

/* What process 1 does before it serves: file systems, modules, names, network. What fails is reported, and the
 * rest goes on. */
void boot(void);

/* Act upon settings as they stand on a kernel command line: host name, /etc/hosts, loopback, network. Called at boot, and again
 * for a machine that was restored from a saved image or whose names come later. What fails is reported. */
void boot_apply_settings(const char *settings);

/* Open the virtio port of that name; waits until there is one. */
int boot_open_port(const char *name);

/* Copy the value of "key=value" in a kernel command line; false (and "") when it is not there or does not fit. */
bool boot_setting(const char *command_line, const char *key, char *ret_value, size_t size);

#endif
