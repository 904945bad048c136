// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/libraries.h"

#include "images/elf-file.h"
#include "runner/base/error.h"

/* Where the dynamic linker looks without being told to. */
static const char *const library_folders[] = { "usr/lib64", "usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib" };

static bool add_with_needs(FileTree *image, const FileTree *packages, const char *path, GError **error);

static bool add_library(FileTree *image, const FileTree *packages, const char *name, GError **error)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(library_folders); i++) {
        g_autofree char *path = g_build_filename(library_folders[i], name, NULL);

        if (file_tree_resolve(packages, path) != NULL)
            return add_with_needs(image, packages, path, error);
    }
    return error_set(error, ERROR_HOST, "needs library '%s', which is in none of the packages", name);
}

static bool add_needs(FileTree *image, const FileTree *packages, GBytes *data, GError **error)
{
    g_autoptr(GPtrArray) libraries = NULL;
    g_autofree char *interpreter = NULL;
    g_autofree char *interpreter_path = NULL;

    if (!elf_needs(data, &libraries, &interpreter, error))
        return false;
    interpreter_path = interpreter != NULL ? file_tree_path(interpreter) : NULL;
    if (interpreter_path != NULL && !add_with_needs(image, packages, interpreter_path, error))
        return false;
    for (unsigned i = 0; i < libraries->len; i++)
        if (!add_library(image, packages, libraries->pdata[i], error))
            return false;
    return true;
}

/* A link is followed and its file stored under the name that was asked for: images need no chains of links. */
static bool add_with_needs(FileTree *image, const FileTree *packages, const char *path, GError **error)
{
    const FileEntry *entry = file_tree_resolve(packages, path);

    if (file_tree_get(image, path) != NULL)
        return true;
    if (entry == NULL)
        return error_set(error, ERROR_HOST, "'/%s' is in none of the packages", path);
    file_tree_add_file(image, path, entry->mode & 0777, entry->data);
    if (!elf_is_elf(entry->data) || add_needs(image, packages, entry->data, error))
        return true;
    g_prefix_error(error, "'/%s': ", path);
    return false;
}

bool image_add_program(FileTree *image, const FileTree *packages, const char *path, GError **error)
{
    g_autofree char *inside = file_tree_path(path);

    if (inside == NULL)
        return error_set(error, ERROR_BUG, "'%s' is no path of a program", path);
    return add_with_needs(image, packages, inside, error);
}
