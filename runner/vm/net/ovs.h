// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_NET_OVS_H
#define RUNNER_VM_NET_OVS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* An Open vSwitch of the run's own, in the namespaces of the worker: its database server and its switch are our children, with
 * sockets and files in a folder of ours. The switch works in user space (datapath type netdev), so it needs no kernel module. */
typedef struct Ovs Ovs;

typedef struct OvsBridge {
    const char *name;
    const char *controller, *protocol; /* as in kvm-compose; NULL: it learns and forwards by itself, any version */
} OvsBridge;

bool ovs_is_installed(void);

/* `folder` is on a short path (sockets) and may not exist yet. */
Ovs *ovs_start(const char *folder, GError **error);

/* NULL is fine. */
void ovs_stop(Ovs *ovs);

bool ovs_bridge_add(Ovs *ovs, const OvsBridge *bridge, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Plug in an interface that is there and up: number `number` (from 1) of its bridge. `vlan` 0: none; `trunk` of "10", "20", NULL: all. */
bool ovs_port_add(Ovs *ovs, const char *bridge, const char *interface, unsigned number, unsigned vlan, char *const *trunk, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Everything that passes the bridge also goes to this interface, for captures. */
bool ovs_mirror_add(Ovs *ovs, const char *bridge, const char *interface, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
