// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_DIGESTS_H
#define DB_BUNDLE_DIGESTS_H

#include <glib.h>
#include <stddef.h>

/* SHA-256 and SHA-512 of one file after another. The slower one is computed in a thread of its own, so that both take
 * no longer than it alone. */
typedef struct Digests Digests;

typedef struct DigestPair {
    char sha256[65], sha512[129]; /* hexadecimal, lower case */
} DigestPair;

Digests *digests_new(void);
void digests_free(Digests *digests);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Digests, digests_free)

/* Begin the next file; add to it; and end it. */
void digests_begin(Digests *digests);
void digests_update(Digests *digests, const void *data, size_t size);
void digests_finish(Digests *digests, DigestPair *ret_pair);

#endif
