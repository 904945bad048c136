// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/own-files.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/wire.h"
#include "images/kernel.h"
#include "images/packed-root.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"

enum { NOTE_LIMIT = 8192 };

/* The beginning of a qcow2 file, version 2 and later (QEMU's docs/interop/qcow2.txt); big endian. */
enum { QCOW2_MAGIC = 0x514649fb, QCOW2_BACKING_AT = 8, QCOW2_HEADER = 16 };

bool disk_format(const char *path, const char **ret_format, GError **error)
{
    uint8_t header[QCOW2_HEADER] = { 0 };
    uint32_t magic;
    uint64_t backing;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? pread(fd, header, sizeof header, 0) : -1;

    if (fd >= 0)
        close(fd);
    if (got < 0)
        return error_set_errno(error, ERROR_HOST, "could not read disk '%s'", path);
    memcpy(&magic, header, sizeof magic);
    memcpy(&backing, header + QCOW2_BACKING_AT, sizeof backing);
    if (GUINT32_FROM_BE(magic) == QCOW2_MAGIC && backing != 0) {
        error_set(error, ERROR_HOST, "disk '%s' stands upon another file, which may change without it", path);
        error_hint(error, "'qemu-img convert -O qcow2 %s FILE' makes one disk of both.", path);
        return false;
    }
    *ret_format = GUINT32_FROM_BE(magic) == QCOW2_MAGIC ? "qcow2" : "raw";
    return true;
}

/* What would be another file. */
static char *file_state(const char *path, const struct stat *info)
{
    return g_strdup_printf("%s\n%lld bytes, inode %llu, %lld.%09ld\n", path, (long long) info->st_size, (unsigned long long) info->st_ino,
                           (long long) info->st_mtim.tv_sec, info->st_mtim.tv_nsec);
}

bool cached_sha256(const char *path, const char *cache, char **ret_hex, GError **error)
{
    g_autofree char *key = data_sha256(path, strlen(path));
    g_autofree char *folder = g_build_filename(cache, "digests", NULL);
    g_autofree char *note_path = g_build_filename(folder, key, NULL);
    g_autofree char *state = NULL, *note = NULL;
    struct stat info;
    int64_t size;

    if (stat(path, &info) != 0)
        return error_set_errno(error, ERROR_HOST, "could not read '%s'", path);
    if (!S_ISREG(info.st_mode))
        return error_set(error, ERROR_HOST, "'%s' is no file", path);
    state = file_state(path, &info);
    if (file_read(note_path, NOTE_LIMIT, &note, NULL, NULL) && g_str_has_prefix(note, state) && strlen(note) == strlen(state) + 64) {
        *ret_hex = g_strdup(note + strlen(state));
        return true;
    }
    if (!file_sha256(path, ret_hex, &size, error))
        return false;
    g_free(note);
    note = g_strconcat(state, *ret_hex, NULL);
    if (!folder_make(folder, NULL) || !file_write_atomic(note_path, note, strlen(note), NULL))
        log_debug("the digest of '%s' could not be kept", path);
    return true;
}

static bool take_part(const char *file, const char *cache, char **path, char **sha256, GError **error)
{
    if (file == NULL)
        return true;
    g_clear_pointer(path, g_free);
    g_clear_pointer(sha256, g_free);
    *path = g_strdup(file);
    return cached_sha256(file, cache, sha256, error);
}

/* Of another disk we know nothing; a seed does no harm to what does not look for one. */
static bool take_disk(Image *image, const char *disk, const char *cache, GError **error)
{
    const char *format;

    if (disk == NULL)
        return true;
    if (!disk_format(disk, &format, error) || !take_part(disk, cache, &image->disk_path, &image->disk_sha256, error))
        return false;
    g_free(image->disk_format);
    image->disk_format = g_strdup(format);
    image->cloud_init = true;
    image->memory_mb = 0;
    return true;
}

/* Of other people's systems nobody knows which agent they have. */
static void take_channel(Image *image, const OwnFiles *files)
{
    if (files->disk == NULL && files->initrd == NULL && files->root == NULL)
        return;
    g_free(image->channel);
    image->channel = g_strdup(files->root != NULL ? "agent" : "auto");
}

static bool take_root(Image *image, const char *root, const char *arch, const char *cache, GError **error)
{
    g_autofree char *packed = NULL;

    if (root == NULL)
        return true;
    if (!packed_root(image->initrd_path, root, arch, cache, &packed, error))
        return false;
    return take_part(packed, cache, &image->initrd_path, &image->initrd_sha256, error);
}

static void take_name(Image *image, const OwnFiles *files)
{
    const char *const paths[] = { files->kernel, files->initrd, files->disk, files->root };
    g_autoptr(GString) name = g_string_new(strcmp(image->name, "none") != 0 ? image->name : "");

    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
        if (paths[i] != NULL)
            g_string_append_printf(name, "%s%s", name->len > 0 ? "+" : "", paths[i]);
    g_free(image->name);
    image->name = g_string_free(g_steal_pointer(&name), FALSE);
}

static bool take_files(Image *image, const OwnFiles *files, const char *arch, const char *cache, GError **error)
{
    if (!take_part(files->kernel, cache, &image->kernel_path, &image->kernel_sha256, error)
        || !take_part(files->initrd, cache, &image->initrd_path, &image->initrd_sha256, error)
        || !take_disk(image, files->disk, cache, error) || !take_root(image, files->root, arch, cache, error))
        return false;
    if (files->kernel != NULL) {
        g_free(image->arch);
        image->arch = g_strdup(kernel_arch(files->kernel));
    }
    take_channel(image, files);
    take_name(image, files);
    g_free(image->digest);
    image->digest = image_digest(image);
    return true;
}

bool image_fits(const Image *image, const char *arch, GError **error)
{
    if (image->arch == NULL || strcmp(image->arch, arch) == 0)
        return true;
    error_set(error, ERROR_HOST, "image '%s' is for %s, the machine is %s", image->name, image->arch, arch);
    error_hint(error, "'arch: %s' makes the machine one.", image->arch);
    return false;
}

bool image_agent_fits(const Image *image, GError **error)
{
    if (image->agent_revision >= WIRE_REVISION_NEEDED || (image->channel != NULL && strcmp(image->channel, "agent") != 0))
        return true;
    error_set(error, ERROR_HOST, "image '%s' was built by an older trialbed: its agent is of revision %u, this one needs %d", image->name,
              image->agent_revision, WIRE_REVISION_NEEDED);
    error_hint(error, "'trialbed image build %s' builds it anew.", image->name);
    return false;
}

Image *image_find(ImageStore *store, const char *name, const OwnFiles *files, const char *arch, const char *cache, GError **error)
{
    bool own = files->kernel != NULL || files->initrd != NULL || files->disk != NULL || files->root != NULL;
    g_autoptr(Image) image = NULL;

    if (strcmp(name, "none") != 0) {
        image = image_store_get(store, name, error);
    } else {
        image = g_new0(Image, 1);
        image->name = g_strdup(name);
    }
    if (image == NULL || (own && !take_files(image, files, arch, cache, error)) || !image_fits(image, arch, error))
        return NULL;
    return g_steal_pointer(&image);
}
