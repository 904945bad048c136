// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_COMPOSE_H
#define IMAGES_COMPOSE_H

#include "images/file-tree.h"
#include "images/recipe.h"

/* An image in memory. */
typedef struct Composition {
    GBytes *kernel, *initrd;
    char *kernel_version;
} Composition;

/* Put an image together from unpacked packages, with `agent` as its first program. The same input gives the same
 * bytes. */
bool image_compose(const Recipe *recipe, const FileTree *packages, GBytes *agent, Composition *ret_composition,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether any image can want this path of a package: documentation and the like need not be unpacked. */
bool image_may_want(const char *path);

void composition_clear(Composition *composition);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Composition, composition_clear)

#endif
