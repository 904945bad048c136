// SPDX-License-Identifier: GPL-3.0-or-later
#include <stddef.h>

#include "images/blobs.h"

__asm__(".section .rodata\n"
        "recipe_tiny: .incbin \"images/recipes/tiny.recipe\"\n"
        ".byte 0\n"
        ".previous\n");

extern const char recipe_tiny[];

const RecipeBlob recipe_blobs[] = {
    { "tiny", recipe_tiny },
    { NULL, NULL },
};
