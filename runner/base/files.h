// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_FILES_H
#define RUNNER_BASE_FILES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Read a whole file of at most `limit_bytes`; the result has a NUL behind it that is not counted. */
bool file_read(const char *path, size_t limit_bytes, char **ret_data, size_t *ret_size, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Write all of it or nothing: to a file without a name (where there are none, a temporary one beside it), fsync, link or rename. */
bool file_write_atomic(const char *path, const void *data, size_t size, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Write a new file, or one anew. Nothing is synced: a crash may leave a part of it. */
bool file_write(const char *path, const void *data, size_t size, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What is in a file is on the disk when this returns. Files that cannot be synced, such as pipes, are fine. */
bool file_sync(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Write everything to a descriptor. False with errno set when that failed. */
bool fd_write_all(int fd, const void *data, size_t size) G_GNUC_WARN_UNUSED_RESULT;

/* The next bytes of a descriptor, interrupted or not: 0 at its end, -1 with errno set. */
ssize_t fd_read(int fd, void *data, size_t size) G_GNUC_WARN_UNUSED_RESULT;

/* SHA-256 of a file as 64 lower-case hexadecimal digits, and its size. Caller frees the text. */
bool file_sha256(const char *path, char **ret_hex, int64_t *ret_size, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of bytes in memory. Caller frees. */
char *data_sha256(const void *data, size_t size);

/* Copy an ordinary file to one that is not there yet. SHA-256 and size are of what was copied; nothing is synced. */
bool file_copy(const char *source, const char *target, char **ret_hex, int64_t *ret_size, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The last line of a text file that has anything in it, as UTF-8; NULL when there is none. Caller frees. */
char *file_last_line(const char *path);

/* Make a folder and those above it (mode 0755). A folder that exists is fine. */
bool folder_make(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Remove a folder with all in it; does not follow links. A folder that does not exist is fine. */
bool folder_remove(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Paths of all ordinary files below a folder, relative to it, sorted bytewise. */
bool folder_list(const char *path, GPtrArray **ret_files, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Wait until the whole file system of `path` is on the disk. */
bool folder_sync_disk(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Free bytes for an ordinary user on the file system of `path`; -1 when it cannot be told. */
int64_t folder_free_bytes(const char *path);

#endif
