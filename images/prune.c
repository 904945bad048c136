// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/prune.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/build.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

enum { DAY_S = 86400 };

void pruned_clear(Pruned *pruned)
{
    g_clear_pointer(&pruned->what, g_ptr_array_unref);
}

static bool is_named(GPtrArray *names, const char *name)
{
    for (guint i = 0; i < names->len; i++)
        if (strcmp(names->pdata[i], name) == 0)
            return true;
    return false;
}

/* Everything that the images that stay are made of: a set of SHA-256. */
static GHashTable *kept_objects(GPtrArray *images, GPtrArray *names)
{
    GHashTable *kept = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < images->len; i++) {
        const Image *image = images->pdata[i];
        char *const parts[] = { image->kernel_sha256, image->initrd_sha256, image->disk_sha256 };

        for (size_t k = 0; k < G_N_ELEMENTS(parts) && !is_named(names, image->name); k++)
            if (parts[k] != NULL)
                g_hash_table_add(kept, parts[k]);
    }
    return kept;
}

static int64_t file_bytes(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 ? (int64_t) info.st_blocks * 512 : 0;
}

/* Whoever removes takes the store's lock (image_store_sweep()); here they are only named, while their sizes are still known. */
static bool note_objects(ImageStore *store, GHashTable *kept, Pruned *pruned, GError **error)
{
    g_autofree char *folder = g_build_filename(image_store_folder(store), "objects", NULL);
    g_autoptr(GPtrArray) objects = NULL;

    if (!folder_list(folder, &objects, error))
        return false;
    for (guint i = 0; i < objects->len; i++) {
        g_autofree char *path = g_build_filename(folder, objects->pdata[i], NULL);

        if (g_hash_table_contains(kept, objects->pdata[i]))
            continue;
        pruned->size_bytes += file_bytes(path);
        g_ptr_array_add(pruned->what, g_strdup_printf("object %.12s", (char *) objects->pdata[i]));
    }
    return true;
}

/* Whatever in a folder begins so and was last changed (without a prefix: or used, as its access time says) so long ago. */
static bool prune_old(const char *folder, const char *prefix, int64_t age_s, bool dry_run, Pruned *pruned, GError **error)
{
    g_autoptr(GDir) entries = g_dir_open(folder, 0, NULL);
    int64_t now_s = clock_realtime_ns() / 1000000000;
    const char *name;

    while (entries != NULL && (name = g_dir_read_name(entries)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        struct stat info;

        if (!g_str_has_prefix(name, prefix) || lstat(path, &info) != 0
            || now_s - (prefix[0] == '\0' ? MAX(info.st_mtime, info.st_atime) : info.st_mtime) < age_s)
            continue;
        pruned->size_bytes += (int64_t) info.st_blocks * 512;
        g_ptr_array_add(pruned->what, g_strdup(path));
        if (!dry_run && !(S_ISDIR(info.st_mode) ? folder_remove(path, error) : unlink(path) == 0))
            return error != NULL && *error != NULL ? false : error_set_errno(error, ERROR_HOST, "could not remove '%s'", path);
    }
    return true;
}

static bool prune_leftovers(ImageStore *store, const char *cache, bool dry_run, Pruned *pruned, GError **error)
{
    g_autofree char *roots = g_build_filename(cache, "roots", NULL), *packed = g_build_filename(cache, "packed", NULL);

    return prune_old(image_store_folder(store), "build-", DAY_S, dry_run, pruned, error)
           && prune_old(roots, "", 30 * DAY_S, dry_run, pruned, error) && prune_old(packed, "", 30 * DAY_S, dry_run, pruned, error);
}

bool image_store_prune(ImageStore *store, GPtrArray *names, const char *cache, bool dry_run, Pruned *ret_pruned, GError **error)
{
    g_auto(Pruned) pruned = { g_ptr_array_new_with_free_func(g_free), 0 };
    g_autoptr(GPtrArray) images = NULL;
    g_autoptr(GHashTable) kept = NULL;

    if (!image_store_list(store, &images, error))
        return false;
    kept = kept_objects(images, names);
    for (guint i = 0; i < names->len; i++)
        g_ptr_array_add(pruned.what, g_strdup_printf("image '%s'", (char *) names->pdata[i]));
    if (!note_objects(store, kept, &pruned, error))
        return false;
    for (guint i = 0; i < names->len && !dry_run; i++)
        if (!image_store_remove(store, names->pdata[i], error))
            return false;
    if ((!dry_run && !image_store_sweep(store, error)) || !prune_leftovers(store, cache, dry_run, &pruned, error))
        return false;
    *ret_pruned = pruned;
    pruned = (Pruned) { 0 };
    return true;
}
