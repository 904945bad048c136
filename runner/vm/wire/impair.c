// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/wire/impair.h"

#include <glib.h>

#define NS_PER_S 1e9

enum { SEQUENCES = 5 };

void impair_init(Impair *impair, uint64_t seed, uint64_t stream)
{
    Random *const sequences[SEQUENCES] = { &impair->loss, &impair->duplicate, &impair->reorder, &impair->corrupt, &impair->jitter };

    *impair = (Impair) { .what = { 0 } };
    for (unsigned i = 0; i < SEQUENCES; i++)
        random_init(sequences[i], seed, stream * SEQUENCES + i);
}

void impair_set(Impair *impair, const Impairment *what)
{
    impair->what = *what;
}

/* One draw, whatever the chance: 2^32 equally likely numbers, of which so many per cent are below the limit. */
static bool is_hit(Random *random, double percent)
{
    return random_next(random) < percent / 100 * 4294967296.0;
}

/* When the last bit has left: a token bucket told in times (a "virtual scheduling" leaky bucket, ITU-T I.371). Credit of at
 * most `burst` is gathered in a pause. */
static int64_t shape(Impair *impair, int64_t now_ns, size_t size)
{
    double ns_per_byte = 8 * NS_PER_S / impair->what.rate_bit_s;
    int64_t earliest_ns = now_ns - (int64_t) (impair->what.burst_bytes * ns_per_byte);

    impair->shaped_until_ns = MAX(impair->shaped_until_ns, earliest_ns) + (int64_t) ((double) size * ns_per_byte + 0.5);
    return MAX(impair->shaped_until_ns, now_ns);
}

/* Evenly spread over 2^32 points from delay - jitter to delay + jitter. */
static int64_t delay(Impair *impair)
{
    double luck = (random_next(&impair->jitter) + 0.5) / 2147483648.0 - 1; /* -1 to 1 */
    double delay_ns = (impair->what.delay_s + impair->what.jitter_s * luck) * NS_PER_S;

    return delay_ns > 0 ? (int64_t) (delay_ns + 0.5) : 0;
}

static void pass_copy(Impair *impair, int64_t now_ns, size_t size, Passage *passage)
{
    unsigned index = passage->copies++;
    int64_t delay_ns = delay(impair);

    passage->copy[index].is_early = is_hit(&impair->reorder, impair->what.reorder_percent) && delay_ns > 0;
    passage->copy[index].is_corrupt = is_hit(&impair->corrupt, impair->what.corrupt_percent);
    passage->copy[index].corrupt_bit = random_below(&impair->corrupt, (uint32_t) size * 8);
    passage->copy[index].due_ns = (impair->what.rate_bit_s > 0 ? shape(impair, now_ns, size) : now_ns)
                                  + (passage->copy[index].is_early ? 0 : delay_ns);
}

void impair_pass(Impair *impair, int64_t now_ns, size_t size, size_t held, Passage *ret_passage)
{
    bool is_lost = is_hit(&impair->loss, impair->what.loss_percent);
    bool is_double = is_hit(&impair->duplicate, impair->what.duplicate_percent);
    unsigned copies = 1 + is_double - is_lost; /* of a frame that comes twice, one can be lost: as in netem */

    *ret_passage = (Passage) { .lost = is_lost };
    for (unsigned i = 0; i < copies; i++) {
        if (impair->what.queue > 0 && held + i >= impair->what.queue)
            ret_passage->dropped++;
        else
            pass_copy(impair, now_ns, size, ret_passage);
    }
}
