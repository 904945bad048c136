// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_MEMORY_IMAGE_H
#define RUNNER_VM_MEMORY_IMAGE_H

#include <glib.h>
#include <stdbool.h>

#include "runner/vm/machine.h"

/* Saved memories of machines, kept in CACHE/memory from run to run:
 *   KEY.memory   what the emulator wrote; KEY is 32 hex digits of a SHA-256 over everything in the machine's definition
 *   KEY.json     by which versions, on which host, with what size, time and SHA-256: it is written last, so what has none is no image
 *   KEY.disk     of a machine with a disk: what it had written until then, a qcow2 file over the image's; others begin upon it
 *   KEY.lock     held by whoever makes the image or asks for it
 * Any number of workers may share the folder. */
typedef struct MemoryImage {
    char *path;     /* of the memory */
    char uuid[37];  /* of the domain, made of the key: a saved machine can only be restored under the UUID that it had */
    char *versions; /* emulator, libvirt, host kernel and processor: a memory of others is made anew */
    int lock;       /* descriptor, -1: not locked */
} MemoryImage;

typedef enum { MEMORY_IMAGE_GOOD, MEMORY_IMAGE_MISSING, MEMORY_IMAGE_UNFIT } MemoryImageState;

/* `identity` is the back end's (MachineBackend), `images` the digests of what the machine boots. Makes the folder, touches no image. */
MemoryImage *memory_image_new(const char *cache, const char *identity, const char *images, const MachineHostFacts *facts, GError **error);
void memory_image_free(MemoryImage *image); /* gives its lock back */

/* Where the machine's disk belongs; nothing is looked at. Caller frees. */
char *memory_image_disk(const MemoryImage *image);

/* Wait for the lock, at most so long. */
bool memory_image_lock(MemoryImage *image, unsigned timeout_ms, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void memory_image_unlock(MemoryImage *image);

/* With the lock: what there is. The content is hashed only where size or time are not those that were noted. MEMORY_IMAGE_UNFIT: *ret_why
 * says why it must be made anew ("it was saved by QEMU 7.1.0, ..."); caller frees. */
MemoryImageState memory_image_look(MemoryImage *image, char **ret_why);

/* With the lock, after the back end has saved it: note what it is. Removes the images that were used longest ago until all of them
 * together have at most MEMORY_IMAGE_LIMIT bytes. */
bool memory_image_keep(MemoryImage *image, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Forget it, so that it is made anew. */
void memory_image_remove(MemoryImage *image);

/* Find what is no image because its maker died before it was noted, and remove it unless `dry_run`; what somebody is about to make stays.
 * `found` (of char *) gets a line for each file. */
bool memory_images_sweep(const char *cache, bool dry_run, GPtrArray *found, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#define MEMORY_IMAGE_LIMIT (INT64_C(8) << 30)

#endif
