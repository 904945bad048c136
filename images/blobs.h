// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_BLOBS_H
#define IMAGES_BLOBS_H

#include <glib.h>

#include "images/arch.h"

/* What is compiled in: the recipes, and the guest agents of the same build. */
typedef struct RecipeBlob {
    const char *name, *text;
} RecipeBlob;

extern const RecipeBlob recipe_blobs[]; /* ends with a NULL name */

GBytes *agent_blob(void); /* for the host's own processor */

/* For others it is only there when their compiler was, as the program was built: ERROR_HOST with a hint. */
GBytes *agent_blob_for(const ImageArch *arch, GError **error);

#endif
