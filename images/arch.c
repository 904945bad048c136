// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/arch.h"

#include <glib.h>

static const ImageArch archs[] = {
    { IMAGE_ARCH_HOST, "amd64", "x86_64-linux-gnu" },
    { "aarch64", "arm64", "aarch64-linux-gnu" },
};

const ImageArch *image_arch_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(archs); i++)
        if (name == NULL || g_str_equal(archs[i].name, name))
            return &archs[i];
    return NULL;
}

const ImageArch *image_arch_of(const char *image, char **ret_recipe)
{
    for (size_t i = 1; i < G_N_ELEMENTS(archs); i++) {
        g_autofree char *suffix = g_strconcat("-", archs[i].name, NULL);

        if (!g_str_has_suffix(image, suffix))
            continue;
        *ret_recipe = g_strndup(image, strlen(image) - strlen(suffix));
        return &archs[i];
    }
    *ret_recipe = g_strdup(image);
    return &archs[0];
}
