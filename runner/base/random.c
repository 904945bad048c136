// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/random.h"

void random_init(Random *random, uint64_t seed, uint64_t stream)
{
    random->state = 0;
    random->increment = stream << 1 | 1;
    random_next(random);
    random->state += seed;
    random_next(random);
}

uint32_t random_next(Random *random)
{
    uint64_t before = random->state;
    uint32_t shifted = (uint32_t) ((before >> 18 ^ before) >> 27);
    unsigned turn = (unsigned) (before >> 59);

    random->state = before * UINT64_C(6364136223846793005) + random->increment;
    return shifted >> turn | shifted << (-turn & 31);
}

uint32_t random_below(Random *random, uint32_t bound)
{
    uint64_t product = (uint64_t) random_next(random) * bound;

    if ((uint32_t) product < bound) {
        uint32_t uneven = -bound % bound; /* 2^32 mod bound: that many low halves would favour some results */

        while ((uint32_t) product < uneven)
            product = (uint64_t) random_next(random) * bound;
    }
    return (uint32_t) (product >> 32);
}
