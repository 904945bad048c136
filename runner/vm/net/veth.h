// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_NET_VETH_H
#define RUNNER_VM_NET_VETH_H

#include "runner/vm/network.h"

/* Pairs of virtual Ethernet interfaces: what a machine of processes, a router or a server is plugged in with, as a virtual machine is
 * with a tap. Checksum and segmentation offloads are off, so that what passes is frames as on a wire. */

/* Make a pair, both in the Network's namespace: `outer`, up, on `bridge` (NULL: on none), and `inner`, down, with that MAC. */
bool network_veth_add(Network *network, const char *outer, const char *inner, const char *bridge, const char *mac, unsigned mtu,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Move a link into another namespace (namespace_fd(), or /proc/PID/ns/net) under another name. */
bool network_link_move(Network *network, const char *name, int namespace_fd, const char *new_name, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* In the Network's namespace: bring a link up; give it an address "10.0.0.1/24" or "fd00::1/64", which is used at once; send what is
 * for no network of ours to a gateway. */
bool network_link_up(Network *network, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool network_link_down(Network *network, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool network_address_add(Network *network, const char *name, const char *cidr, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool network_gateway_add(Network *network, const char *gateway, GError **error) G_GNUC_WARN_UNUSED_RESULT;

bool network_mtu_set(Network *network, const char *name, unsigned mtu, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A bridge of network_bridge_add() becomes a cable: it learns nothing, so that what comes in one end goes out of the other. */
bool network_bridge_to_hub(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* No checksum or segmentation offload, in the calling thread's namespace. What a device does not know is no error. */
void network_offloads_off(const char *name);

#endif
