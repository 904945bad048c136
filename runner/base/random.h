// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_RANDOM_H
#define RUNNER_BASE_RANDOM_H

#include <stdint.h>

/* PCG-XSH-RR 64/32 (O'Neill 2014): reproducible on every machine. Not for secrets. */
typedef struct Random {
    uint64_t state, increment;
} Random;

/* Every `stream` gives another sequence for the same seed. */
void random_init(Random *random, uint64_t seed, uint64_t stream);

uint32_t random_next(Random *random);

/* One of 0 to bound - 1, all equally likely (Lemire 2019). `bound` is at least 1. */
uint32_t random_below(Random *random, uint32_t bound);

#endif
