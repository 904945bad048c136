// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/bundle/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/files.h"

enum { READ_BYTES = 1 << 18 };

static char *part_path(const char *path, unsigned number)
{
    return g_strdup_printf("%s.%03u", path, number);
}

/* ---- Writing ---- */

struct PartWriter {
    char *path;
    int64_t part_bytes;
    GPtrArray *temporaries; /* one a part, in order */
    int fd;                 /* of the last */
    int64_t written;        /* to it */
};

static bool temporary_begin(PartWriter *writer, GError **error)
{
    g_autofree char *path = g_strconcat(writer->path, ".XXXXXX", NULL);

    if (writer->temporaries->len == PARTS_MAX) {
        error_set(error, ERROR_USAGE, "it would have more than %d parts", PARTS_MAX);
        error_hint(error, "make them larger: '--split SIZE' is the size of one.");
        return false;
    }
    writer->fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0644);
    if (writer->fd < 0)
        return error_set_errno(error, ERROR_HOST, "could not make a file beside it");
    writer->written = 0;
    g_ptr_array_add(writer->temporaries, g_steal_pointer(&path));
    return true;
}

static bool temporary_end(PartWriter *writer, GError **error)
{
    bool ok = fsync(writer->fd) == 0 || error_set_errno(error, ERROR_HOST, "could not finish it");

    close(writer->fd);
    writer->fd = -1;
    return ok;
}

PartWriter *part_writer_new(const char *path, int64_t part_bytes, GError **error)
{
    g_autoptr(PartWriter) writer = g_new0(PartWriter, 1);

    writer->path = g_strdup(path);
    writer->part_bytes = part_bytes;
    writer->temporaries = g_ptr_array_new_with_free_func(g_free);
    writer->fd = -1;
    return temporary_begin(writer, error) ? g_steal_pointer(&writer) : NULL;
}

bool part_writer_write(PartWriter *writer, const void *data, size_t size, GError **error)
{
    const char *bytes = data;

    while (size > 0) {
        size_t room = writer->part_bytes == 0 ? size : (size_t) (writer->part_bytes - writer->written);
        size_t now = MIN(size, room);

        if (now == 0 && !(temporary_end(writer, error) && temporary_begin(writer, error)))
            return false;
        if (!fd_write_all(writer->fd, bytes, now))
            return error_set_errno(error, ERROR_HOST, "could not write it");
        writer->written += (int64_t) now;
        bytes += now;
        size -= now;
    }
    return true;
}

static bool temporary_place(PartWriter *writer, unsigned index, GError **error)
{
    const char *temporary = writer->temporaries->pdata[index];
    g_autofree char *part = writer->part_bytes > 0 ? part_path(writer->path, index + 1) : g_strdup(writer->path);

    return g_rename(temporary, part) == 0 || error_set_errno(error, ERROR_HOST, "could not finish it");
}

bool part_writer_commit(PartWriter *writer, unsigned *ret_parts, GError **error)
{
    unsigned count = writer->temporaries->len;

    if (!temporary_end(writer, error))
        return false;
    for (unsigned i = 0; i < count; i++)
        if (!temporary_place(writer, i, error))
            return false;
    for (unsigned number = count + 1; writer->part_bytes > 0; number++) {
        g_autofree char *stale = part_path(writer->path, number);

        if (g_unlink(stale) != 0)
            break;
    }
    *ret_parts = writer->part_bytes > 0 ? count : 0;
    g_ptr_array_set_size(writer->temporaries, 0);
    return true;
}

void part_writer_free(PartWriter *writer)
{
    if (writer == NULL)
        return;
    if (writer->fd >= 0)
        close(writer->fd);
    for (guint i = 0; i < writer->temporaries->len; i++)
        g_unlink(writer->temporaries->pdata[i]);
    g_ptr_array_unref(writer->temporaries);
    g_free(writer->path);
    g_free(writer);
}

/* ---- Reading ---- */

struct PartReader {
    GPtrArray *paths;
    bool in_parts;
    unsigned next; /* index of the path that is opened next */
    int fd;        /* -1: none is open */
    char *buffer;
};

/* "FILE.012": 12, and the length of "FILE"; 0 when it is no part's name. */
static unsigned part_number(const char *path, size_t *ret_length)
{
    const char *dot = strrchr(path, '.');

    if (dot == NULL || strlen(dot) != 4 || strspn(dot + 1, "0123456789") != 3)
        return 0;
    *ret_length = (size_t) (dot - path);
    return (unsigned) g_ascii_strtoull(dot + 1, NULL, 10);
}

static bool is_there(const char *path)
{
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static int64_t size_of(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 ? info.st_size : -1;
}

/* All parts but the last are as large as the first. */
static bool check_sizes(const GPtrArray *paths, GError **error)
{
    for (guint i = 1; i < paths->len; i++) {
        int64_t size = size_of(paths->pdata[i]), first = size_of(paths->pdata[0]);

        if (size > first || (size < first && i + 1 < paths->len))
            return error_set(error, ERROR_DATA, "part '%s' has %" G_GINT64_FORMAT " bytes, not %" G_GINT64_FORMAT
                             " as the first: it is cut, or what follows does not belong to it",
                             (const char *) paths->pdata[i], size, first);
    }
    return true;
}

/* Every part from the first on. That none is missing shows only before one that is there. */
static bool list_parts(PartReader *reader, const char *path, GError **error)
{
    g_autofree char *next = part_path(path, 1);
    g_autofree char *after = NULL;

    for (unsigned number = 1; is_there(next); number++) {
        g_ptr_array_add(reader->paths, g_steal_pointer(&next));
        next = part_path(path, number + 1);
    }
    after = part_path(path, reader->paths->len + 2);
    if (is_there(after))
        return error_set(error, ERROR_DATA, "part '%s' is missing", next);
    return check_sizes(reader->paths, error);
}

static bool list_paths(PartReader *reader, const char *path, GError **error)
{
    size_t length = 0;
    unsigned number = part_number(path, &length);
    g_autofree char *whole = number > 0 ? g_strndup(path, length) : g_strdup(path);
    g_autofree char *first = part_path(whole, 1);

    if (number > 1 && is_there(path) && is_there(first)) {
        error_set(error, ERROR_USAGE, "'%s' is part %u of a bundle", path, number);
        error_hint(error, "name the first one, '%s': the others are read behind it.", first);
        return false;
    }
    reader->in_parts = is_there(first) && (number == 1 || !is_there(path));
    if (reader->in_parts)
        return list_parts(reader, whole, error);
    g_ptr_array_add(reader->paths, g_strdup(path));
    return true;
}

static bool open_next(PartReader *reader)
{
    const char *path = reader->paths->pdata[reader->next++];
    struct stat info;

    reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (reader->fd < 0)
        return false;
    if (fstat(reader->fd, &info) == 0 && S_ISREG(info.st_mode)) {
        posix_fadvise(reader->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
        return true;
    }
    close(reader->fd);
    reader->fd = -1;
    errno = EINVAL;
    return false;
}

PartReader *part_reader_open(const char *path, GError **error)
{
    g_autoptr(PartReader) reader = g_new0(PartReader, 1);

    reader->paths = g_ptr_array_new_with_free_func(g_free);
    reader->buffer = g_malloc(READ_BYTES);
    reader->fd = -1;
    if (!list_paths(reader, path, error))
        return NULL;
    if (open_next(reader))
        return g_steal_pointer(&reader);
    if (errno == EINVAL)
        error_set(error, ERROR_HOST, "it is no ordinary file");
    else
        error_set_errno(error, ERROR_HOST, "could not read '%s'", path);
    return NULL;
}

void part_reader_close(PartReader *reader)
{
    if (reader == NULL)
        return;
    if (reader->fd >= 0)
        close(reader->fd);
    g_ptr_array_unref(reader->paths);
    g_free(reader->buffer);
    g_free(reader);
}

ssize_t part_reader_read(PartReader *reader, const void **ret_data)
{
    *ret_data = reader->buffer;
    for (;;) {
        ssize_t got = reader->fd >= 0 ? read(reader->fd, reader->buffer, READ_BYTES) : 0;

        if (got > 0 || (got < 0 && errno != EINTR))
            return got;
        if (got < 0)
            continue;
        if (reader->fd >= 0)
            close(reader->fd);
        reader->fd = -1;
        if (reader->next == reader->paths->len)
            return 0;
        if (!open_next(reader))
            return -1;
    }
}

unsigned part_reader_parts(const PartReader *reader)
{
    return reader->in_parts ? reader->paths->len : 0;
}

unsigned part_reader_unread(const PartReader *reader)
{
    return reader->paths->len - reader->next;
}
