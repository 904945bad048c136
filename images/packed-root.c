// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/packed-root.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/archives.h"
#include "images/blobs.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

enum { FILE_LIMIT = 1 << 30 };

/* What is seen of a folder: a line of lstat() for everything in it and, where there is a tree, the files themselves. */
typedef struct Walk {
    const char *folder;
    GString *state;
    FileTree *tree; /* or NULL */
} Walk;

static int by_name(const void *left, const void *right)
{
    return strcmp(*(const char *const *) left, *(const char *const *) right);
}

static bool list_names(const char *path, GPtrArray **ret_names, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) entries = NULL;
    g_autoptr(GError) problem = NULL;
    const char *name;

    entries = g_dir_open(path, 0, &problem);
    if (entries == NULL)
        return error_set(error, ERROR_HOST, "could not read folder '%s': %s", path, problem->message);
    while ((name = g_dir_read_name(entries)) != NULL)
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, by_name);
    *ret_names = g_steal_pointer(&names);
    return true;
}

static bool add_entry(Walk *walk, const char *name, const char *path, const struct stat *info, GError **error)
{
    g_autofree char *data = NULL, *target = NULL;
    g_autoptr(GBytes) bytes = NULL;
    size_t size;

    if (walk->tree == NULL)
        return true;
    if (S_ISDIR(info->st_mode)) {
        file_tree_add_folder(walk->tree, name, info->st_mode & 07777);
    } else if (S_ISLNK(info->st_mode)) {
        target = g_file_read_link(path, NULL);
        file_tree_add_link(walk->tree, name, target != NULL ? target : "");
    } else {
        if (!file_read(path, FILE_LIMIT, &data, &size, error))
            return false;
        bytes = g_bytes_new_take(g_steal_pointer(&data), size);
        file_tree_add_file(walk->tree, name, info->st_mode & 07777, bytes);
    }
    return true;
}

/* `above` is relative to the folder, and "" for itself. */
static bool walk_folder(Walk *walk, const char *above, GError **error)
{
    g_autofree char *here = g_build_filename(walk->folder, above, NULL);
    g_autoptr(GPtrArray) names = NULL;

    if (!list_names(here, &names, error))
        return false;
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *name = *above != '\0' ? g_build_filename(above, names->pdata[i], NULL) : g_strdup(names->pdata[i]);
        g_autofree char *path = g_build_filename(walk->folder, name, NULL);
        struct stat info;

        if (lstat(path, &info) != 0)
            return error_set_errno(error, ERROR_HOST, "could not look at '%s'", path);
        if (!S_ISREG(info.st_mode) && !S_ISLNK(info.st_mode) && !S_ISDIR(info.st_mode))
            continue;
        g_string_append_printf(walk->state, "%s %o %lld %llu %lld.%09ld\n", name, info.st_mode, (long long) info.st_size,
                               (unsigned long long) info.st_ino, (long long) info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
        if (!add_entry(walk, name, path, &info, error) || (S_ISDIR(info.st_mode) && !walk_folder(walk, name, error)))
            return false;
    }
    return true;
}

static bool is_of_agent(const char *path)
{
    return strcmp(path, "init") == 0 || g_str_has_prefix(path, "etc/trialbed/") || g_str_has_prefix(path, "usr/lib/modules/");
}

static bool pack(const char *base, const char *folder, const char *arch, const char *path, GError **error)
{
    g_autoptr(GString) state = g_string_new(NULL);
    g_autoptr(FileTree) tree = file_tree_new();
    g_autoptr(GBytes) agent = base == NULL ? agent_blob_for(image_arch_find(arch), error) : NULL;
    g_autoptr(GBytes) cpio = NULL;
    Walk walk = { folder, state, tree };
    size_t size;

    if ((base == NULL && agent == NULL) || !walk_folder(&walk, "", error))
        return false;
    if (base == NULL)
        file_tree_add_file(tree, "init", 0755, agent);
    else if (!cpio_read(base, is_of_agent, tree, error))
        return false;
    if (!cpio_write(tree, &cpio, error))
        return false;
    size = g_bytes_get_size(cpio);
    return file_write_atomic(path, g_bytes_get_data(cpio, NULL), size, error);
}

bool packed_root(const char *base, const char *folder, const char *arch, const char *cache, char **ret_path, GError **error)
{
    g_autofree char *above = g_build_filename(cache, "packed", NULL);
    g_autoptr(GString) state = g_string_new(base != NULL ? base : arch);
    g_autofree char *key = NULL, *path = NULL;
    Walk walk = { folder, state, NULL };

    g_string_append_c(state, '\n');
    if (!walk_folder(&walk, "", error) || !folder_make(above, error))
        return false;
    key = data_sha256(state->str, state->len);
    path = g_strdup_printf("%s/%s.cpio", above, key);
    if (!g_file_test(path, G_FILE_TEST_EXISTS) && !pack(base, folder, arch, path, error)) {
        g_prefix_error(error, "folder '%s' cannot be packed: ", folder);
        return false;
    }
    *ret_path = g_steal_pointer(&path);
    return true;
}
