// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_DIGESTS_H
#define DB_BUNDLE_DIGESTS_H

#include <glib.h>
#include <stddef.h>

/* SHA-256 and SHA-512 of one file after another, each in a thread of its own behind one queue: who hands the bytes over waits only
 * when the queue (16 MiB) is full, and not at the end of a file. */
typedef struct Digests Digests;

typedef struct DigestPair {
    char sha256[65], sha512[129]; /* hexadecimal, lower case */
} DigestPair;

Digests *digests_new(void);

/* Pairs that were promised are still written before this returns. */
void digests_free(Digests *digests);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Digests, digests_free)

/* Add to the file at hand. The bytes are copied. */
void digests_update(Digests *digests, const void *data, size_t size);

/* End the file at hand; what is added from now on is the next one's. *ret_pair must stay where it is; it holds the digests once
 * digests_wait() has returned. */
void digests_finish(Digests *digests, DigestPair *ret_pair);

/* Until the pairs of all files that were ended are there. */
void digests_wait(Digests *digests);

#endif
