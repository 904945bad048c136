// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/bundle/digests.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A few blocks let both sides go on when the other is held up for a moment. */
enum { BLOCK_BYTES = 1 << 18, BLOCK_COUNT = 32, INLINE_BYTES = 1 << 14 };

typedef struct Block {
    unsigned char *bytes;
    size_t size;
} Block;

struct Digests {
    EVP_MD_CTX *sha256, *sha512;
    GThread *thread;
    GMutex lock;
    GCond changed;
    Block blocks[BLOCK_COUNT];
    unsigned first, count; /* blocks that wait, the one that is being hashed included; under the lock */
    bool end;
};

static void *hash_blocks(void *data)
{
    Digests *digests = data;

    g_mutex_lock(&digests->lock);
    for (;;) {
        const Block *block = &digests->blocks[digests->first];

        while (digests->count == 0 && !digests->end)
            g_cond_wait(&digests->changed, &digests->lock);
        if (digests->count == 0)
            break;
        g_mutex_unlock(&digests->lock);
        EVP_DigestUpdate(digests->sha512, block->bytes, block->size);
        g_mutex_lock(&digests->lock);
        digests->first = (digests->first + 1) % BLOCK_COUNT;
        digests->count--;
        g_cond_broadcast(&digests->changed);
    }
    g_mutex_unlock(&digests->lock);
    return NULL;
}

Digests *digests_new(void)
{
    Digests *digests = g_new0(Digests, 1);

    digests->sha256 = EVP_MD_CTX_new();
    digests->sha512 = EVP_MD_CTX_new();
    for (unsigned i = 0; i < BLOCK_COUNT; i++)
        digests->blocks[i].bytes = g_malloc(BLOCK_BYTES);
    g_mutex_init(&digests->lock);
    g_cond_init(&digests->changed);
    digests->thread = g_thread_new("sha512", hash_blocks, digests);
    return digests;
}

void digests_free(Digests *digests)
{
    if (digests == NULL)
        return;
    g_mutex_lock(&digests->lock);
    digests->end = true;
    g_cond_broadcast(&digests->changed);
    g_mutex_unlock(&digests->lock);
    g_thread_join(digests->thread);
    for (unsigned i = 0; i < BLOCK_COUNT; i++)
        g_free(digests->blocks[i].bytes);
    EVP_MD_CTX_free(digests->sha256);
    EVP_MD_CTX_free(digests->sha512);
    g_mutex_clear(&digests->lock);
    g_cond_clear(&digests->changed);
    g_free(digests);
}

static void wait_until_hashed(Digests *digests)
{
    g_mutex_lock(&digests->lock);
    while (digests->count > 0)
        g_cond_wait(&digests->changed, &digests->lock);
    g_mutex_unlock(&digests->lock);
}

void digests_begin(Digests *digests)
{
    wait_until_hashed(digests);
    EVP_DigestInit_ex(digests->sha256, EVP_sha256(), NULL);
    EVP_DigestInit_ex(digests->sha512, EVP_sha512(), NULL);
}

/* Only this side adds blocks, so the free one that was found stays free without the lock. */
static void hand_over(Digests *digests, const void *data, size_t size)
{
    Block *block;

    g_mutex_lock(&digests->lock);
    while (digests->count == BLOCK_COUNT)
        g_cond_wait(&digests->changed, &digests->lock);
    block = &digests->blocks[(digests->first + digests->count) % BLOCK_COUNT];
    g_mutex_unlock(&digests->lock);
    memcpy(block->bytes, data, size);
    block->size = size;
    g_mutex_lock(&digests->lock);
    digests->count++;
    g_cond_broadcast(&digests->changed);
    g_mutex_unlock(&digests->lock);
}

static bool is_idle(Digests *digests)
{
    bool idle;

    g_mutex_lock(&digests->lock);
    idle = digests->count == 0;
    g_mutex_unlock(&digests->lock);
    return idle;
}

void digests_update(Digests *digests, const void *data, size_t size)
{
    const unsigned char *bytes = data;

    if (size <= INLINE_BYTES && is_idle(digests)) { /* a small file is hashed faster than handed over */
        EVP_DigestUpdate(digests->sha512, data, size);
        EVP_DigestUpdate(digests->sha256, data, size);
        return;
    }
    for (size_t at = 0; at < size; at += BLOCK_BYTES)
        hand_over(digests, bytes + at, MIN(size - at, (size_t) BLOCK_BYTES));
    EVP_DigestUpdate(digests->sha256, data, size);
}

static void finish(EVP_MD_CTX *context, char *hex)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    EVP_DigestFinal_ex(context, bytes, &size);
    for (unsigned i = 0; i < size; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

void digests_finish(Digests *digests, DigestPair *ret_pair)
{
    wait_until_hashed(digests);
    finish(digests->sha256, ret_pair->sha256);
    finish(digests->sha512, ret_pair->sha512);
}
