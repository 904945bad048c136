// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_BLOBS_H
#define IMAGES_BLOBS_H

#include <glib.h>

/* What is compiled in: the recipes, and the guest agent of the same build. */
typedef struct RecipeBlob {
    const char *name, *text;
} RecipeBlob;

extern const RecipeBlob recipe_blobs[]; /* ends with a NULL name */

GBytes *agent_blob(void);

#endif
