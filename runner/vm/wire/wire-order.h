// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_WIRE_WIRE_ORDER_H
#define RUNNER_VM_WIRE_WIRE_ORDER_H

#include "runner/vm/wire/fabric.h"

/* What the worker tells `trialbed wire`, and the answers, over a SOCK_SEQPACKET pair: one message each. Both ends are one
 * program, so the structures go as they are. A descriptor goes with ORDER_PORT (the port's socket) and ORDER_CAPTURE (the
 * file). Private to runner/vm/wire. */
typedef enum { ORDER_SEED, ORDER_PORT, ORDER_CAPTURE, ORDER_IMPAIR, ORDER_UP, ORDER_COUNT, ORDER_CAPTURE_END } WireOrderKind;

enum { WIRE_FILTER_MAX = 4096, WIRE_WHY_MAX = 256 };

typedef struct WireOrder {
    WireOrderKind kind;
    uint64_t seed;                /* SEED */
    FabricPort what;              /* PORT */
    unsigned port;                /* IMPAIR, UP, COUNT; CAPTURE_END: number of the capture */
    Way way;                      /* IMPAIR */
    Impairment impairment;
    bool is_up;                   /* UP */
    unsigned segment, snaplen;    /* CAPTURE */
    char filter[WIRE_FILTER_MAX]; /* CAPTURE; "": all */
} WireOrder;

typedef struct WireAnswer {
    bool ok;
    char why[WIRE_WHY_MAX]; /* when not ok */
    unsigned number;        /* of the new port or capture */
    FabricCount count;      /* COUNT */
    PcapCount captured;     /* CAPTURE_END */
} WireAnswer;

#endif
