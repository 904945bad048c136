// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_NET_MEANS_H
#define RUNNER_VM_NET_MEANS_H

#include <glib.h>
#include <stdbool.h>

/* Who carries a network's frames, and who impairs them. */
typedef enum { CARRIER_KERNEL, CARRIER_OVS, CARRIER_WIRE } Carrier;
typedef enum { MEANS_NONE, MEANS_NETEM, MEANS_WIRE, MEANS_GUEST } Means;

/* What this host can do. */
typedef struct MeansHost {
    bool tun;            /* taps can be made */
    bool netem;          /* its kernel has it, and what sends incoming frames through it */
    bool ovs;            /* Open vSwitch is installed */
    bool own_namespace;  /* the network is in a namespace of the run's own; not with a libvirt from outside */
} MeansHost;

/* What a network of a scenario needs. `impaired`, `to_machine` and `burst` are said of the whole experiment: all its cells
 * shall have the same means, those with a delay of 0 too. */
typedef struct MeansNeed {
    const char *bridge; /* for messages */
    const char *wish;   /* "auto", "netem", "wire" or "guest" */
    bool ovs, vlans /* known to Open vSwitch and the wire */, impaired, to_machine, burst;
    bool guests; /* all its machines are virtual ones: no routers, nothing bare */
} MeansNeed;

/* "auto" is netem, else the wire: both do everything both ways, and outside of what is measured; a guest impairs with the
 * processor and the clock that the experiment measures. *ret_why is static and says why. */
bool means_choose(const MeansHost *host, const MeansNeed *need, Carrier *ret_carrier, Means *ret_means, const char **ret_why,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Find out by trying, in a network namespace that is gone afterwards. What a kernel can do is remembered in the folder `cache`
 * (may be NULL): trying takes a tenth of a second. */
void means_probe(const char *cache, MeansHost *ret_host);

const char *carrier_name(Carrier carrier);
const char *means_name(Means means);

#endif
