// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/compose.h"

#include <string.h>

#include "images/archives.h"
#include "images/kernel.h"
#include "images/libraries.h"
#include "images/modules.h"
#include "runner/base/error.h"

#define KERNEL_PREFIX "boot/vmlinuz-"

void composition_clear(Composition *composition)
{
    g_clear_pointer(&composition->kernel, g_bytes_unref);
    g_clear_pointer(&composition->initrd, g_bytes_unref);
    g_clear_pointer(&composition->kernel_version, g_free);
}

bool image_may_want(const char *path)
{
    return !g_str_has_prefix(path, "usr/share/doc/") && !g_str_has_prefix(path, "usr/share/man/")
           && !g_str_has_prefix(path, "usr/share/locale/");
}

typedef struct KernelFile {
    const char *path;
    const FileEntry *entry;
} KernelFile;

static bool visit_kernel(const char *path, const FileEntry *entry, void *data)
{
    if (!g_str_has_prefix(path, KERNEL_PREFIX) || !S_ISREG(entry->mode))
        return true;
    *(KernelFile *) data = (KernelFile) { path, entry };
    return false;
}

static bool add_kernel(const FileTree *packages, Composition *composition, GError **error)
{
    KernelFile kernel = { 0 };

    file_tree_foreach(packages, visit_kernel, &kernel);
    if (kernel.path == NULL)
        return error_set(error, ERROR_HOST, "there is no '/%s*' in the packages", KERNEL_PREFIX);
    composition->kernel_version = g_strdup(kernel.path + strlen(KERNEL_PREFIX));
    return kernel_extract(kernel.entry->data, &composition->kernel, error);
}

/* Where the kernel and programs look, whatever the distribution of today does. */
static void add_skeleton(FileTree *image, GBytes *agent)
{
    static const char *const folders[] = { "dev", "proc", "sys", "run", "root", "var/log", "etc" };
    static const struct {
        const char *path, *target;
    } links[] = {
        { "bin", "usr/bin" },     { "sbin", "usr/bin" }, { "lib", "usr/lib" },
        { "lib64", "usr/lib64" }, { "usr/sbin", "bin" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
        file_tree_add_folder(image, folders[i], 0755);
    file_tree_add_folder(image, "tmp", 01777);
    for (size_t i = 0; i < G_N_ELEMENTS(links); i++)
        file_tree_add_link(image, links[i].path, links[i].target);
    file_tree_add_file(image, "init", 0755, agent);
}

static bool add_programs(const Recipe *recipe, const FileTree *packages, FileTree *image, GError **error)
{
    for (unsigned i = 0; i < recipe->programs->len; i++)
        if (!image_add_program(image, packages, recipe->programs->pdata[i], error))
            return false;
    return true;
}

static bool add_files(const Recipe *recipe, const FileTree *packages, FileTree *image, GError **error)
{
    for (unsigned i = 0; i < recipe->files->len; i++) {
        g_autofree char *path = file_tree_path(recipe->files->pdata[i]);
        const FileEntry *entry = path != NULL ? file_tree_resolve(packages, path) : NULL;

        if (entry == NULL)
            return error_set(error, ERROR_HOST, "'%s' is in none of the packages", (char *) recipe->files->pdata[i]);
        file_tree_add_file(image, path, entry->mode & 0777, entry->data);
    }
    return true;
}

/* Text that belongs to the recipe: lines of the same file gather in their order. */
static void add_lines(const Recipe *recipe, FileTree *image)
{
    for (unsigned i = 0; i < recipe->lines->len; i++) {
        const RecipePair *pair = recipe->lines->pdata[i];
        g_autofree char *path = file_tree_path(pair->path);

        file_tree_add_line(image, path, pair->text);
    }
}

static void add_folders_and_links(const Recipe *recipe, FileTree *image)
{
    for (unsigned i = 0; i < recipe->folders->len; i++) {
        g_autofree char *path = file_tree_path(recipe->folders->pdata[i]);

        file_tree_add_folder(image, path, 0755);
    }
    for (unsigned i = 0; i < recipe->links->len; i++) {
        const RecipePair *pair = recipe->links->pdata[i];
        g_autofree char *path = file_tree_path(pair->path);

        file_tree_add_link(image, path, pair->text);
    }
    for (unsigned i = 0; i < recipe->applets->len; i++) { /* last: a real program of that name stays */
        g_autofree char *path = g_strconcat("usr/bin/", (char *) recipe->applets->pdata[i], NULL);

        file_tree_add_link(image, path, "busybox");
    }
}

static bool compose(const Recipe *recipe, const FileTree *packages, GBytes *agent, Composition *parts, GError **error)
{
    g_autoptr(FileTree) image = file_tree_new();

    add_skeleton(image, agent);
    if (!add_kernel(packages, parts, error)
        || !image_add_modules(image, packages, parts->kernel_version, recipe->modules, recipe->spare_modules, error)
        || !add_programs(recipe, packages, image, error) || !add_files(recipe, packages, image, error))
        return false;
    add_lines(recipe, image);
    add_folders_and_links(recipe, image);
    return cpio_write(image, &parts->initrd, error);
}

bool image_compose(const Recipe *recipe, const FileTree *packages, GBytes *agent, Composition *ret_composition,
                   GError **error)
{
    g_auto(Composition) composition = { 0 };

    if (!compose(recipe, packages, agent, &composition, error))
        return false;
    *ret_composition = composition;
    composition = (Composition) { 0 };
    return true;
}
