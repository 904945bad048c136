// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_NETWORK_H
#define RUNNER_VM_NETWORK_H

#include <glib.h>
#include <stdbool.h>

/* Bridges and taps in the network namespace of the calling process, by netlink. Names are at most 15 bytes. */
typedef struct Network Network; /* one netlink socket */

Network *network_open(GError **error);
void network_close(Network *network);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Network, network_close)

/* Make a bridge with a fixed MAC (derived from its name), up, without spanning tree or multicast snooping. */
bool network_bridge_add(Network *network, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for a bridge among those of others: its MAC is derived from its name and its owner's. */
bool network_bridge_add_owned(Network *network, const char *name, const char *owner, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a link has the MAC of that owner's bridge of that name. */
bool network_bridge_is_owned(Network *network, const char *name, const char *owner);

/* Make a persistent tap (with vnet_hdr, as QEMU opens it), up, on a bridge. */
bool network_tap_add(Network *network, const char *name, const char *bridge, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Remove any link by name; one that is not there is fine. */
bool network_link_remove(Network *network, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether taps can be made here at all (/dev/net/tun). The error's hints say which command mends it. */
bool network_probe_tun(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Its netlink socket, for the rest of runner/vm. */
struct nl_sock;
struct nl_sock *network_socket(Network *network);

/* The host shall not speak on a link by itself: no IPv6. */
void network_quiet(const char *name);

#endif
