// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_STORE_H
#define IMAGES_STORE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The image store: a folder with objects by SHA-256 and one small JSON file a name.
 *   objects/SHA256          a kernel, initramfs or disk, read-only
 *   names/NAME.json         which objects a name stands for, from what it was made, and when */
typedef struct ImageStore ImageStore;

/* Any part may be missing (NULL), but not all: a disk alone is booted by the machine's firmware. */
typedef struct Image {
    char *name;
    char *arch;        /* of its processor (images/arch.h); NULL: not known */
    char *kernel_path, *kernel_sha256;
    char *initrd_path, *initrd_sha256;
    char *disk_path, *disk_sha256;
    char *disk_format; /* of a disk: "qcow2" or "raw" */
    char *kernel_version; /* "" when not known */
    char *cmdline;     /* words that its kernel's command line needs, or NULL */
    char *channel;     /* how its programs are reached: "agent", "qemu-ga", "ssh", or "auto" (not known); NULL: "agent" */
    bool cloud_init;   /* takes its name, addresses and keys from a NoCloud seed */
    unsigned memory_mb; /* what it needs at least; 0: not known */
    unsigned agent_revision; /* of our agent in it (guest/wire.h); 0: built when there was no number yet, or by others */
    char *digest;      /* SHA-256 over the parts' digests, or of its only part: what a run's record names */
    char **packages;   /* "iperf3=3.12-1", NULL-terminated, sorted */
    int64_t size_bytes;
} Image;

/* The digest that follows from the parts. Caller frees. */
char *image_digest(const Image *image);

/* `folder` is made when missing. */
ImageStore *image_store_open(const char *folder, GError **error);
void image_store_close(ImageStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImageStore, image_store_close)

/* NULL and ERROR_HOST with a hint ("trialbed image build tiny") when there is none of that name. */
Image *image_store_get(ImageStore *store, const char *name, GError **error);

/* All images, sorted by name: GPtrArray of Image. */
bool image_store_list(ImageStore *store, GPtrArray **ret_images, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What image_store_copy() did. */
typedef enum { IMAGE_COPIED, IMAGE_THERE, IMAGE_ANOTHER_THERE } ImageCopy;

/* Copy an image from one store to another, every object with its SHA-256 checked (ERROR_DATA). One of that name that is there
 * already is kept, whether it is the same or another. When it was built is not copied: the same image gives the same bytes. */
bool image_store_copy(ImageStore *from, ImageStore *to, const char *name, ImageCopy *ret_what, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

bool image_store_remove(ImageStore *store, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Build an image ("tiny", or "tiny-aarch64" for another processor) by its recipe from packages of the distribution; the same packages give the same bytes. Packages are downloaded
 * below the store (packages/) and kept. Progress goes to the log. */
bool image_build(ImageStore *store, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void image_free(Image *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Image, image_free)

#endif
