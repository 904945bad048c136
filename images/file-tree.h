// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_FILE_TREE_H
#define IMAGES_FILE_TREE_H

#include <glib.h>
#include <stdbool.h>
#include <sys/stat.h>

/* Files in memory, sorted by path: unpacked packages, and the image that is put together from them. Paths have no slash
 * in front and are those of an image: every program in usr/bin, every library and module below usr/lib. */
typedef struct FileTree FileTree;

typedef struct FileEntry {
    mode_t mode;  /* with S_IFREG, S_IFLNK or S_IFDIR */
    GBytes *data; /* of a file */
    char *target; /* of a link, as it stands there */
} FileEntry;

FileTree *file_tree_new(void);
void file_tree_free(FileTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FileTree, file_tree_free)

/* "./sbin/tc" and "/usr/sbin/tc" are "usr/bin/tc" in an image. NULL for the root and for what would leave it. Caller
 * frees. */
char *file_tree_path(const char *path);

/* Folders above are made. A file replaces what was there; a link or folder does not. */
void file_tree_add_file(FileTree *tree, const char *path, mode_t permissions, GBytes *data);
void file_tree_add_text(FileTree *tree, const char *path, const char *text);
/* Behind what is there, or where its links lead; the first of a new file. */
void file_tree_add_line(FileTree *tree, const char *path, const char *line);
void file_tree_add_link(FileTree *tree, const char *path, const char *target);
void file_tree_add_folder(FileTree *tree, const char *path, mode_t permissions);

/* What is at this path; NULL: nothing. */
const FileEntry *file_tree_get(const FileTree *tree, const char *path);

/* The file at this path or where its links lead; NULL: no file. */
const FileEntry *file_tree_resolve(const FileTree *tree, const char *path);

/* Call `visit` for every entry in bytewise order of the paths, until it returns false. */
typedef bool (*FileTreeVisit)(const char *path, const FileEntry *entry, void *data);
void file_tree_foreach(const FileTree *tree, FileTreeVisit visit, void *data);

#endif
