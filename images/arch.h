// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_ARCH_H
#define IMAGES_ARCH_H

/* The processors that images are for. */
typedef struct ImageArch {
    const char *name;      /* as the kernel and QEMU call it: "aarch64" */
    const char *debian;    /* as Debian's packages do: "arm64" */
    const char *multiarch; /* folder of its libraries: "aarch64-linux-gnu" */
} ImageArch;

/* Of the hosts that trialbed runs on. */
#define IMAGE_ARCH_HOST "x86_64"

/* NULL when there is none of that name; of a NULL name it is the host's. */
const ImageArch *image_arch_find(const char *name);

/* What an image of the store is made of and for: "tiny-aarch64" is recipe "tiny" for aarch64, "tiny" is for the host's. Caller frees
 * *ret_recipe. */
const ImageArch *image_arch_of(const char *image, char **ret_recipe);

#endif
