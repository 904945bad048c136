// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_BUNDLE_READ_H
#define DB_BUNDLE_BUNDLE_READ_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* One pass over a bundle that may have been made to do harm. Whatever the archive says about a path, a type or a size
 * is checked here, before a sink sees it. Only for db/bundle. */

enum {
    BUNDLE_ENTRY_LIMIT = 1000000, /* files and folders */
    BUNDLE_RATIO_LIMIT = 1000,    /* bytes out of one byte in ... */
};
#define BUNDLE_RATIO_FREE_BYTES (G_GINT64_CONSTANT(1) << 30) /* ... once as many bytes as this have come out */
#define BUNDLE_BYTES_LIMIT (G_GINT64_CONSTANT(1) << 42)      /* of all files together */

typedef struct BundleFile {
    const char *path; /* below the top folder */
    int64_t size_bytes;
    bool is_executable;
} BundleFile;

/* What is done with the files. Any of the three may be NULL; false ends the pass with that error. */
typedef struct BundleSink {
    bool (*begin)(void *data, const BundleFile *file, GError **error);
    bool (*bytes)(void *data, const void *bytes, size_t size, GError **error); /* exactly size_bytes of them in all */
    bool (*end)(void *data, const BundleFile *file, GError **error);
    bool skip_content; /* names and sizes are enough */
} BundleSink;

/* *stop, when not NULL and set by the sink, ends the pass early and well. */
bool bundle_read(const char *path, const BundleSink *sink, void *data, const bool *stop, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same from bytes in memory. */
bool bundle_read_memory(const void *bytes, size_t size, const BundleSink *sink, void *data, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif
