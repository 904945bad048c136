// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_PARTS_H
#define DB_BUNDLE_PARTS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A bundle's bytes in one file, or in parts: FILE.001, FILE.002 and so on, which one behind the other are the file
 * (`cat FILE.0*`). Only for db/bundle. */

enum { PARTS_MAX = 999 };

typedef struct PartWriter PartWriter;

/* `part_bytes`: how large a part is at most; 0: one file. Nothing is at its place before part_writer_commit(). NULL on error. */
PartWriter *part_writer_new(const char *path, int64_t part_bytes, GError **error);
bool part_writer_write(PartWriter *writer, const void *data, size_t size, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* On the disk, and at their place. Parts of an earlier and longer bundle of that name that would follow are removed.
 * *ret_parts: how many; 0: one file. */
bool part_writer_commit(PartWriter *writer, unsigned *ret_parts, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What was not committed is removed. */
void part_writer_free(PartWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PartWriter, part_writer_free)

typedef struct PartReader PartReader;

/* An ordinary file (a pipe would hold us); or all parts, when `path` is FILE.001, or is not there but FILE.001 is. ERROR_DATA
 * when one between them is missing or too short, ERROR_USAGE when it is a later part. NULL on error. */
PartReader *part_reader_open(const char *path, GError **error);
void part_reader_close(PartReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PartReader, part_reader_close)

/* The next bytes, valid until the next call; 0 at the end, -1 with errno on failure. */
ssize_t part_reader_read(PartReader *reader, const void **ret_data);

/* How many parts there are (0: one file), and how many were not begun yet. */
unsigned part_reader_parts(const PartReader *reader);
unsigned part_reader_unread(const PartReader *reader);

#endif
