// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_WIRE_FABRIC_H
#define RUNNER_VM_WIRE_FABRIC_H

#include <stddef.h>
#include <stdint.h>

#include "runner/base/impairment.h"
#include "runner/vm/wire/pcap-file.h"

/* Segments (switches, or plain wires) with ports, and an impaired link behind every port. A frame goes: port, its link from the
 * machine, the segment, the link to each machine that it is for, port. Knows no sockets and no clock: whoever has these
 * gives frames and times, and is called with what shall be sent. */
typedef struct Fabric Fabric;

enum { FABRIC_FRAME_MAX = 16384, FABRIC_VLANS_MAX = 32, FABRIC_HELD_MAX = 200000 };

/* What happened at one port. "rx": came from the machine. */
typedef struct FabricCount {
    int64_t rx, rx_bytes, tx, tx_bytes;
    int64_t lost[WAY_COUNT];    /* by luck */
    int64_t dropped[WAY_COUNT]; /* the queue was full */
    int64_t refused;            /* link down, wrong VLAN, no Ethernet frame, or the receiver took no more */
} FabricCount;

typedef struct FabricPort {
    unsigned segment;                 /* any number below 64; a segment is there once it has a port */
    bool is_wire;                     /* of the segment: frames go to all other ports, nothing is learnt (two ports: a cable) */
    uint16_t vlan;                    /* its frames belong to this VLAN and have no tag; 0: to none */
    uint16_t trunk[FABRIC_VLANS_MAX]; /* these VLANs come with a tag; ended by 0. Without VLAN and trunk tags are nothing special */
    uint64_t stream;                  /* whose luck it has: of the link's name, so that it depends on nothing else */
} FabricPort;

typedef void (*FabricSend)(void *data, unsigned port, const uint8_t *bytes, size_t size);

Fabric *fabric_new(uint64_t seed, FabricSend send, void *data);
void fabric_free(Fabric *fabric);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fabric, fabric_free)

/* Returns the port's number, counted from 0. Up, and without impairment. */
unsigned fabric_port_add(Fabric *fabric, const FabricPort *port);
unsigned fabric_port_count(const Fabric *fabric);

void fabric_impair(Fabric *fabric, unsigned port, Way way, const Impairment *what);
void fabric_set_up(Fabric *fabric, unsigned port, bool is_up); /* down: frames are refused; those on their way still arrive */

/* Every frame that enters the segment, before anything happens to it, goes to the file. Not owned. */
void fabric_capture(Fabric *fabric, unsigned segment, PcapFile *file);
void fabric_capture_end(Fabric *fabric, const PcapFile *file);

/* A frame came from a port's machine. May be changed (corruption). */
void fabric_take(Fabric *fabric, unsigned port, uint8_t *bytes, size_t size, int64_t now_ns, int64_t realtime_ns);

/* When something is due next; INT64_MAX: nothing is on its way. */
int64_t fabric_due_ns(const Fabric *fabric);

/* Let everything go on that is due. */
void fabric_deliver(Fabric *fabric, int64_t now_ns);

/* The receiver did not take what was sent last. */
void fabric_refused(Fabric *fabric, unsigned port);

const FabricCount *fabric_count(const Fabric *fabric, unsigned port);

#endif
