// SPDX-License-Identifier: GPL-3.0-or-later
#include <stddef.h>

#include "images/blobs.h"

__asm__(".section .rodata\n"
        "recipe_tiny: .incbin \"images/recipes/tiny.recipe\"\n"
        ".byte 0\n"
        "recipe_tiny_access: .incbin \"images/recipes/tiny-access.recipe\"\n"
        ".byte 0\n"
        "recipe_debian_12: .incbin \"images/recipes/debian-12.recipe\"\n"
        ".byte 0\n"
        ".previous\n");

extern const char recipe_tiny[], recipe_tiny_access[], recipe_debian_12[];

const RecipeBlob recipe_blobs[] = {
    { "tiny", recipe_tiny },
    { "tiny-access", recipe_tiny_access },
    { "debian-12", recipe_debian_12 },
    { NULL, NULL },
};
