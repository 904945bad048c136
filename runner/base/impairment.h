// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_IMPAIRMENT_H
#define RUNNER_BASE_IMPAIRMENT_H

#include <stdbool.h>

/* What a link does to frames that go one way. All numbers mean what they mean to the kernel's netem. */
typedef struct Impairment {
    double delay_s;           /* of every frame */
    double jitter_s;          /* the delay is evenly spread from delay - jitter to delay + jitter, but never below 0 */
    double loss_percent;      /* share of frames that vanish, each by its own luck; so the next three */
    double duplicate_percent; /* that come twice */
    double reorder_percent;   /* that overtake the others: they are not delayed */
    double corrupt_percent;   /* of which one bit is turned */
    double rate_bit_s;        /* bits of whole Ethernet frames (without checksum and preamble); 0: no limit */
    double burst_bytes;       /* so much may pass at once after a pause, before the rate holds */
    unsigned queue;           /* frames on their way at most, those under delay included; what comes then is dropped; 0: no limit */
} Impairment;

/* The two ways of a link between a machine and a bridge. */
typedef enum { WAY_FROM_MACHINE, WAY_TO_MACHINE, WAY_COUNT } Way;

/* Whether frames pass as if there were nothing. */
bool impairment_is_none(const Impairment *impairment);

/* Put what `change` says over `base`: its numbers that are not NAN, its queue when not 0. */
void impairment_overlay(Impairment *base, const Impairment *change);

/* "delay 10ms jitter 1ms loss 5% ...", or "nothing", for people. Caller frees. */
char *impairment_text(const Impairment *impairment);

/* "from" or "to". */
const char *way_name(Way way);

#endif
