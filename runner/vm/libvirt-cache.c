// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/libvirt-cache.h"

#include <string.h>

#include "runner/base/files.h"
#include "runner/base/log.h"

enum { FILE_LIMIT = 16 << 20 };

static bool same_content(const char *path, const char *data, size_t size)
{
    g_autofree char *there = NULL;
    size_t there_size;

    return file_read(path, FILE_LIMIT, &there, &there_size, NULL) && there_size == size && memcmp(there, data, size) == 0;
}

static bool copy_file(const char *from_folder, const char *to_folder, const char *name, GError **error)
{
    g_autofree char *from = g_build_filename(from_folder, name, NULL);
    g_autofree char *to = g_build_filename(to_folder, name, NULL);
    g_autofree char *data = NULL;
    size_t size;

    if (!file_read(from, FILE_LIMIT, &data, &size, error))
        return false;
    return same_content(to, data, size) || file_write_atomic(to, data, size, error);
}

static void copy_all(const char *from, const char *to)
{
    g_autoptr(GPtrArray) names = NULL;
    g_autoptr(GError) problem = NULL;
    bool ok = g_file_test(from, G_FILE_TEST_IS_DIR) ? folder_list(from, &names, &problem) && folder_make(to, &problem) : true;

    for (guint i = 0; ok && names != NULL && i < names->len; i++)
        if (g_str_has_suffix(names->pdata[i], ".xml"))
            ok = copy_file(from, to, names->pdata[i], &problem);
    if (!ok)
        log_debug("libvirt's knowledge of the emulators is not kept: %s", problem->message);
}

static char *kept_folder(const char *cache)
{
    return g_build_filename(cache, "libvirt-capabilities", NULL);
}

static char *root_folder(const char *root)
{
    return g_build_filename(root, "cache", "qemu", "capabilities", NULL);
}

void libvirt_cache_load(const char *cache, const char *root)
{
    g_autofree char *from = kept_folder(cache);
    g_autofree char *to = root_folder(root);

    copy_all(from, to);
}

void libvirt_cache_store(const char *cache, const char *root)
{
    g_autofree char *from = root_folder(root);
    g_autofree char *to = kept_folder(cache);

    copy_all(from, to);
}
