// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_ATTEMPT_NETWORK_H
#define RUNNER_EXEC_ATTEMPT_NETWORK_H

#include "runner/exec/attempt.h"
#include "runner/vm/net/means.h"
#include "runner/vm/net/namespace.h"
#include "runner/vm/net/ovs.h"
#include "runner/vm/wire/wire.h"

/* The networks of one attempt: attempt-network.c makes them, attempt-links.c impairs and changes their links, attempt-hosts.c
 * makes the namespaces that are plugged in beside the machines. Private to runner/exec. */

typedef struct NetBridge {
    const BridgeSpec *spec;
    Carrier carrier;
    Means means;
    unsigned segment; /* of the wire, when that carries it */
    unsigned ports;   /* plugged in so far */
    bool is_mirrored; /* an Open vSwitch gives a copy of everything to captures */
} NetBridge;

/* The link between a card and its bridge. */
typedef struct NetLink {
    const InterfaceSpec *spec;
    const char *owner, *group; /* machine or router; group: NULL but for copies */
    NetBridge *bridge;
    Machine *const *machine; /* NULL: a router or server */
    unsigned card;           /* eth0, eth1, ... */
    char outer[16];          /* the host's end: tap or veth */
    char inner[16];          /* of a veth, until it is moved; "": the other end is a virtual machine */
    uint16_t udp_ours, udp_theirs; /* the machine's end is this; 0: it is not */
    bool has_port;
    unsigned port;           /* of the wire */
    Impairment now[WAY_COUNT];
} NetLink;

typedef struct AttemptNet {
    NetBridge *bridges; /* one a bridge of the spec */
    NetLink *links;
    size_t link_count;
    Wire *wire;         /* NULL: not needed */
    unsigned segments;  /* in use */
    Ovs *ovs;
    GPtrArray *hosts;   /* of Namespace: routers and servers */
    GPtrArray *servers; /* of Daemon: what runs in them */
    GThread *events;    /* NULL: not running */
    GMutex lock;        /* for `stop` */
    GCond changed;
    bool stop;
} AttemptNet;

/* Make a link's host end (outer) and, for a namespace, the other one (inner), and plug it in. */
bool net_link_make(Attempt *attempt, NetLink *link, bool is_virtual, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Do to one way of a link what `what` says, by the bridge's means. Guests must be ready. */
bool net_link_impair(Attempt *attempt, NetLink *link, Way way, const Impairment *what, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Impair all links of the guests' means, or of the others. */
bool net_impair_all(Attempt *attempt, bool guests, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Begin and end the events of the scenario. */
bool net_events_start(Attempt *attempt, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void net_events_stop(Attempt *attempt);

/* Tell what passed each link of the wire, as events. */
void net_report(Attempt *attempt);

/* Make the routers, and the DHCP and DNS servers. */
bool net_hosts_make(Attempt *attempt, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
