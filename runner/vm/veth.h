// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_VETH_H
#define RUNNER_VM_VETH_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* Put a machine that is none on a bridge: make a pair of links, one called `name` on the bridge, the other with this MAC in the network
 * namespace of process `pid` (which gives it its name and address). Both are without checksum and segmentation offload, as the
 * links of virtual machines are: what goes over them, and what a capture sees, are frames as on a wire. */
bool veth_add(const char *name, const char *bridge, const char *mac, pid_t pid, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
