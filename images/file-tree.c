// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/file-tree.h"

#include <string.h>

enum { LINK_DEPTH_LIMIT = 8 };

struct FileTree {
    GTree *entries;
};

static void entry_free(void *data)
{
    FileEntry *entry = data;

    g_clear_pointer(&entry->data, g_bytes_unref);
    g_free(entry->target);
    g_free(entry);
}

static int compare_paths(const void *a, const void *b, void *unused)
{
    (void) unused;
    return strcmp(a, b);
}

FileTree *file_tree_new(void)
{
    FileTree *tree = g_new0(FileTree, 1);

    tree->entries = g_tree_new_full(compare_paths, NULL, g_free, entry_free);
    return tree;
}

void file_tree_free(FileTree *tree)
{
    if (tree == NULL)
        return;
    g_tree_unref(tree->entries);
    g_free(tree);
}

/* Distributions are half-way between /bin and /usr/bin; an image of ours has one folder for each kind. */
static const struct {
    const char *from, *to;
} merged[] = {
    { "usr/sbin/", "usr/bin/" },
    { "sbin/", "usr/bin/" },
    { "bin/", "usr/bin/" },
    { "lib64/", "usr/lib64/" },
    { "lib/", "usr/lib/" },
};

char *file_tree_path(const char *path)
{
    g_autofree char *full = g_canonicalize_filename(path, "/");
    const char *relative = full + strspn(full, "/");

    if (relative[0] == '\0' || g_str_has_prefix(path, "../") || strstr(path, "/../") != NULL)
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(merged); i++)
        if (g_str_has_prefix(relative, merged[i].from))
            return g_strconcat(merged[i].to, relative + strlen(merged[i].from), NULL);
    return g_strdup(relative);
}

static void add_entry(FileTree *tree, const char *path, FileEntry entry)
{
    g_autofree char *parent = g_path_get_dirname(path);

    if (strcmp(parent, ".") != 0)
        file_tree_add_folder(tree, parent, 0755);
    g_tree_replace(tree->entries, g_strdup(path), g_memdup2(&entry, sizeof entry));
}

void file_tree_add_file(FileTree *tree, const char *path, mode_t permissions, GBytes *data)
{
    add_entry(tree, path, (FileEntry) { .mode = S_IFREG | permissions, .data = g_bytes_ref(data) });
}

void file_tree_add_text(FileTree *tree, const char *path, const char *text)
{
    g_autoptr(GBytes) data = g_bytes_new(text, strlen(text));

    file_tree_add_file(tree, path, 0644, data);
}

void file_tree_add_link(FileTree *tree, const char *path, const char *target)
{
    if (file_tree_get(tree, path) == NULL)
        add_entry(tree, path, (FileEntry) { .mode = S_IFLNK | 0777, .target = g_strdup(target) });
}

void file_tree_add_folder(FileTree *tree, const char *path, mode_t permissions)
{
    if (file_tree_get(tree, path) == NULL)
        add_entry(tree, path, (FileEntry) { .mode = S_IFDIR | permissions });
}

const FileEntry *file_tree_get(const FileTree *tree, const char *path)
{
    return g_tree_lookup(tree->entries, path);
}

const FileEntry *file_tree_resolve(const FileTree *tree, const char *path)
{
    g_autofree char *at = g_strdup(path);

    for (unsigned depth = 0; at != NULL && depth < LINK_DEPTH_LIMIT; depth++) {
        const FileEntry *entry = file_tree_get(tree, at);
        g_autofree char *parent = NULL;
        g_autofree char *absolute = NULL;
        g_autofree char *full = NULL;

        if (entry == NULL || !S_ISLNK(entry->mode))
            return entry != NULL && S_ISREG(entry->mode) ? entry : NULL;
        parent = g_path_get_dirname(at);
        absolute = g_strconcat("/", parent, NULL);
        full = g_canonicalize_filename(entry->target, absolute);
        g_free(at);
        at = file_tree_path(full);
    }
    return NULL;
}

void file_tree_add_line(FileTree *tree, const char *path, const char *line)
{
    const FileEntry *before = file_tree_resolve(tree, path);
    g_autoptr(GString) text = g_string_new(NULL);

    if (before != NULL)
        g_string_append_len(text, g_bytes_get_data(before->data, NULL), (gssize) g_bytes_get_size(before->data));
    g_string_append_printf(text, "%s\n", line);
    file_tree_add_text(tree, path, text->str);
}

typedef struct Visit {
    FileTreeVisit visit;
    void *data;
} Visit;

static int visit_entry(void *path, void *entry, void *data)
{
    const Visit *visit = data;

    return !visit->visit(path, entry, visit->data);
}

void file_tree_foreach(const FileTree *tree, FileTreeVisit visit, void *data)
{
    g_tree_foreach(tree->entries, visit_entry, &(Visit) { visit, data });
}
