// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/bundle/digests.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* So many blocks let each side go on when another is held up for some time slices. */
enum { BLOCK_BYTES = 1 << 18, BLOCK_COUNT = 64 };

typedef enum Lane { LANE_SHA256, LANE_SHA512, LANES } Lane;

/* Bytes of one file. */
typedef struct Block {
    unsigned char *bytes;
    size_t size;
    DigestPair *pair; /* where the digests go behind the file's last block; NULL: more follows */
} Block;

typedef struct Hasher {
    Digests *digests;
    Lane lane;
    GThread *thread;
    uint64_t done; /* blocks; under the lock */
} Hasher;

/* Block number n of the stream is blocks[n % BLOCK_COUNT]. Those below `filled` belong to the hashers until both are done with
 * them; block number `filled` is this side's, as soon as it is free. */
struct Digests {
    Hasher hashers[LANES];
    GMutex lock;
    GCond more, less; /* blocks to hash (or the end); blocks that are done */
    Block blocks[BLOCK_COUNT];
    uint64_t filled; /* under the lock; written by this side only */
    bool end;        /* under the lock */
};

static const EVP_MD *lane_algorithm(Lane lane)
{
    return lane == LANE_SHA256 ? EVP_sha256() : EVP_sha512();
}

static char *lane_text(Lane lane, DigestPair *pair)
{
    return lane == LANE_SHA256 ? pair->sha256 : pair->sha512;
}

static void write_hex(EVP_MD_CTX *context, char *hex)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    EVP_DigestFinal_ex(context, bytes, &size);
    for (unsigned i = 0; i < size; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

static void hash_block(EVP_MD_CTX *context, Lane lane, const Block *block)
{
    EVP_DigestUpdate(context, block->bytes, block->size);
    if (block->pair == NULL)
        return;
    write_hex(context, lane_text(lane, block->pair));
    EVP_DigestInit_ex(context, lane_algorithm(lane), NULL);
}

static void *hash_blocks(void *data)
{
    Hasher *hasher = data;
    Digests *digests = hasher->digests;
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    EVP_DigestInit_ex(context, lane_algorithm(hasher->lane), NULL);
    g_mutex_lock(&digests->lock);
    for (;;) {
        while (hasher->done == digests->filled && !digests->end)
            g_cond_wait(&digests->more, &digests->lock);
        if (hasher->done == digests->filled)
            break;
        g_mutex_unlock(&digests->lock);
        hash_block(context, hasher->lane, &digests->blocks[hasher->done % BLOCK_COUNT]);
        g_mutex_lock(&digests->lock);
        hasher->done++;
        g_cond_signal(&digests->less);
    }
    g_mutex_unlock(&digests->lock);
    EVP_MD_CTX_free(context);
    return NULL;
}

Digests *digests_new(void)
{
    static const char *const names[LANES] = { "sha256", "sha512" };
    Digests *digests = g_new0(Digests, 1);

    for (unsigned i = 0; i < BLOCK_COUNT; i++)
        digests->blocks[i].bytes = g_malloc(BLOCK_BYTES);
    g_mutex_init(&digests->lock);
    g_cond_init(&digests->more);
    g_cond_init(&digests->less);
    for (Lane lane = 0; lane < LANES; lane++) {
        Hasher *hasher = &digests->hashers[lane];

        *hasher = (Hasher) { .digests = digests, .lane = lane };
        hasher->thread = g_thread_new(names[lane], hash_blocks, hasher);
    }
    return digests;
}

void digests_free(Digests *digests)
{
    if (digests == NULL)
        return;
    g_mutex_lock(&digests->lock);
    digests->end = true;
    g_cond_broadcast(&digests->more);
    g_mutex_unlock(&digests->lock);
    for (Lane lane = 0; lane < LANES; lane++)
        g_thread_join(digests->hashers[lane].thread);
    for (unsigned i = 0; i < BLOCK_COUNT; i++)
        g_free(digests->blocks[i].bytes);
    g_mutex_clear(&digests->lock);
    g_cond_clear(&digests->more);
    g_cond_clear(&digests->less);
    g_free(digests);
}

/* Until at most `count` blocks wait; under the lock. */
static void wait_for(Digests *digests, uint64_t count)
{
    for (Lane lane = 0; lane < LANES; lane++)
        while (digests->filled - digests->hashers[lane].done > count)
            g_cond_wait(&digests->less, &digests->lock);
}

/* Hand this side's block over, and make the next one this side's. */
static void hand_over(Digests *digests, DigestPair *pair)
{
    Block *next;

    digests->blocks[digests->filled % BLOCK_COUNT].pair = pair;
    g_mutex_lock(&digests->lock);
    digests->filled++;
    g_cond_broadcast(&digests->more);
    wait_for(digests, BLOCK_COUNT - 1);
    next = &digests->blocks[digests->filled % BLOCK_COUNT];
    g_mutex_unlock(&digests->lock);
    next->size = 0;
}

void digests_update(Digests *digests, const void *data, size_t size)
{
    const unsigned char *bytes = data;

    while (size > 0) {
        Block *block = &digests->blocks[digests->filled % BLOCK_COUNT];
        size_t part = MIN(size, BLOCK_BYTES - block->size);

        memcpy(block->bytes + block->size, bytes, part);
        block->size += part;
        bytes += part;
        size -= part;
        if (block->size == BLOCK_BYTES)
            hand_over(digests, NULL);
    }
}

void digests_finish(Digests *digests, DigestPair *ret_pair)
{
    hand_over(digests, ret_pair);
}

void digests_wait(Digests *digests)
{
    g_mutex_lock(&digests->lock);
    wait_for(digests, 0);
    g_mutex_unlock(&digests->lock);
}
