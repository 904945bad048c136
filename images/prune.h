// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_PRUNE_H
#define IMAGES_PRUNE_H

#include "images/store.h"

/* What a prune removed, or would. */
typedef struct Pruned {
    GPtrArray *what; /* char *: "image 'tiny'", "object 0123...", ... */
    int64_t size_bytes;
} Pruned;

void pruned_clear(Pruned *pruned);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pruned, pruned_clear)

/* Remove the images of these names (char *), then every object that no image stands for, folders that a build left over a day ago, and, in a
 * lab's `cache`, unpacked roots and packed folders that were not asked for in a month. Machines that run keep what they have open.
 * `dry_run`: only say so. */
bool image_store_prune(ImageStore *store, GPtrArray *names, const char *cache, bool dry_run, Pruned *ret_pruned, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif
