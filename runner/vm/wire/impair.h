// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_WIRE_IMPAIR_H
#define RUNNER_VM_WIRE_IMPAIR_H

#include <stddef.h>
#include <stdint.h>

#include "runner/base/impairment.h"
#include "runner/base/random.h"

/* One way of one link: decides what becomes of each frame. It knows no sockets and no clock: the same seed, frames and times
 * give the same fate. Every kind of luck has a random sequence of its own, and every frame takes one draw of each, so that the
 * n-th frame is lost or not whatever else is switched on. */
typedef struct Impair {
    Impairment what;
    Random loss, duplicate, reorder, corrupt, jitter;
    int64_t shaped_until_ns; /* when the rate has let out all that came so far */
} Impair;

/* `stream` sets links with one seed apart. */
void impair_init(Impair *impair, uint64_t seed, uint64_t stream);

/* From the next frame on. The sequences go on where they were. */
void impair_set(Impair *impair, const Impairment *what);

/* What comes out at the other end: none, one or two copies. */
typedef struct Passage {
    unsigned copies;
    struct {
        int64_t due_ns;
        bool is_corrupt, is_early; /* early: it overtakes */
        uint32_t corrupt_bit;      /* number of the bit to turn, when corrupt */
    } copy[2];
    unsigned lost, dropped; /* copies that luck took, and that found the queue full */
} Passage;

/* A frame of `size` bytes arrives at `now_ns`, when `held` frames are on their way. */
void impair_pass(Impair *impair, int64_t now_ns, size_t size, size_t held, Passage *ret_passage);

#endif
