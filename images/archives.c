// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/archives.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "runner/base/error.h"

enum { PIECE = 1 << 16, SIZE_LIMIT = 1 << 29 };

typedef struct archive Archive;
typedef struct archive_entry ArchiveEntry;

static void reader_free(Archive *reader)
{
    archive_read_free(reader);
}

static void writer_free(Archive *writer)
{
    archive_write_free(writer);
}

static void member_free(ArchiveEntry *entry)
{
    archive_entry_free(entry);
}

typedef Archive ArchiveReader;
typedef Archive ArchiveWriter;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchiveReader, reader_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchiveWriter, writer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchiveEntry, member_free)

/* Only what the library does itself: others of its filters start programs. */
static void support_filters(Archive *reader)
{
    archive_read_support_filter_gzip(reader);
    archive_read_support_filter_xz(reader);
    archive_read_support_filter_lzma(reader);
    archive_read_support_filter_zstd(reader);
    archive_read_support_filter_lz4(reader);
    archive_read_support_filter_bzip2(reader);
}

static bool archive_failed(Archive *archive, GError **error)
{
    const char *why = archive_error_string(archive);

    return error_set(error, ERROR_HOST, "%s", why != NULL ? why : "it is damaged");
}

/* The contents of the member that `reader` stands at. */
static bool read_member(Archive *reader, GBytes **ret_data, GError **error)
{
    g_autoptr(GByteArray) data = g_byte_array_new();
    la_ssize_t got;

    do {
        size_t before = data->len;

        if (before > SIZE_LIMIT)
            return error_set(error, ERROR_HOST, "a file in it has more than %d bytes", SIZE_LIMIT);
        g_byte_array_set_size(data, (guint) before + PIECE);
        got = archive_read_data(reader, data->data + before, PIECE);
        g_byte_array_set_size(data, (guint) (before + (got > 0 ? (size_t) got : 0)));
    } while (got > 0 || got == ARCHIVE_RETRY);
    if (got < 0)
        return archive_failed(reader, error);
    *ret_data = g_byte_array_free_to_bytes(g_steal_pointer(&data));
    return true;
}

static bool add_member(Archive *reader, ArchiveEntry *member, const char *path, FileTree *tree, GError **error)
{
    mode_t permissions = archive_entry_perm(member) & 0777;
    g_autoptr(GBytes) data = NULL;

    if (archive_entry_hardlink(member) != NULL) {
        g_autofree char *same = file_tree_path(archive_entry_hardlink(member));
        const FileEntry *entry = same != NULL ? file_tree_get(tree, same) : NULL;

        if (entry != NULL && S_ISREG(entry->mode))
            file_tree_add_file(tree, path, entry->mode & 0777, entry->data);
    } else if (archive_entry_filetype(member) == AE_IFLNK && archive_entry_symlink(member) != NULL) {
        file_tree_add_link(tree, path, archive_entry_symlink(member));
    } else if (archive_entry_filetype(member) == AE_IFREG) {
        if (!read_member(reader, &data, error))
            return false;
        file_tree_add_file(tree, path, permissions, data);
    }
    return true;
}

static bool unpack_tar(Archive *reader, bool (*wanted)(const char *path), FileTree *tree, GError **error)
{
    ArchiveEntry *member;
    int status;

    while ((status = archive_read_next_header(reader, &member)) == ARCHIVE_OK) {
        g_autofree char *path = file_tree_path(archive_entry_pathname(member));

        if (path != NULL && wanted(path) && !add_member(reader, member, path, tree, error))
            return false;
    }
    return status == ARCHIVE_EOF || archive_failed(reader, error);
}

typedef struct Inner {
    Archive *outer;
    char piece[PIECE];
} Inner;

static la_ssize_t read_inner(Archive *reader, void *data, const void **ret_piece)
{
    Inner *inner = data;
    la_ssize_t got = archive_read_data(inner->outer, inner->piece, sizeof inner->piece);

    if (got < 0)
        archive_set_error(reader, archive_errno(inner->outer), "%s", archive_error_string(inner->outer));
    *ret_piece = inner->piece;
    return got;
}

static bool unpack_data(Archive *outer, bool (*wanted)(const char *path), FileTree *tree, GError **error)
{
    g_autoptr(ArchiveReader) reader = archive_read_new();
    g_autofree Inner *inner = g_new(Inner, 1);

    inner->outer = outer;
    archive_read_support_format_tar(reader);
    support_filters(reader);
    if (archive_read_open(reader, inner, NULL, read_inner, NULL) != ARCHIVE_OK)
        return archive_failed(reader, error);
    return unpack_tar(reader, wanted, tree, error);
}

static bool unpack_ar(const char *path, bool (*wanted)(const char *path), FileTree *tree, GError **error)
{
    g_autoptr(ArchiveReader) reader = archive_read_new();
    ArchiveEntry *member;
    int status;

    archive_read_support_format_ar(reader);
    if (archive_read_open_filename(reader, path, PIECE) != ARCHIVE_OK)
        return archive_failed(reader, error);
    while ((status = archive_read_next_header(reader, &member)) == ARCHIVE_OK)
        if (g_str_has_prefix(archive_entry_pathname(member), "data.tar"))
            return unpack_data(reader, wanted, tree, error);
    return status == ARCHIVE_EOF ? error_set(error, ERROR_HOST, "it has no data.tar") : archive_failed(reader, error);
}

bool deb_unpack(const char *path, bool (*wanted)(const char *path), FileTree *tree, GError **error)
{
    if (unpack_ar(path, wanted, tree, error))
        return true;
    g_prefix_error(error, "could not unpack '%s': ", path);
    return false;
}

bool bytes_uncompress(GBytes *data, GBytes **ret_plain, GError **error)
{
    g_autoptr(ArchiveReader) reader = archive_read_new();
    ArchiveEntry *member;
    size_t size;
    const void *bytes = g_bytes_get_data(data, &size);

    support_filters(reader);
    archive_read_support_format_raw(reader);
    if (archive_read_open_memory(reader, bytes, size) != ARCHIVE_OK
        || archive_read_next_header(reader, &member) != ARCHIVE_OK)
        return archive_failed(reader, error);
    return read_member(reader, ret_plain, error);
}

typedef struct TreeWriter {
    Archive *archive;
    int64_t number; /* of the file: newc needs one that is not shared */
    bool ok;
} TreeWriter;

static bool write_entry(const char *path, const FileEntry *entry, void *data)
{
    TreeWriter *writer = data;
    g_autoptr(ArchiveEntry) member = archive_entry_new();
    size_t size = 0;
    const void *bytes = entry->data != NULL ? g_bytes_get_data(entry->data, &size) : NULL;

    archive_entry_set_pathname(member, path);
    archive_entry_set_mode(member, entry->mode);
    archive_entry_set_size(member, (int64_t) size);
    archive_entry_set_ino64(member, writer->number++);
    archive_entry_set_nlink(member, S_ISDIR(entry->mode) ? 2 : 1);
    archive_entry_set_mtime(member, 0, 0);
    if (entry->target != NULL)
        archive_entry_set_symlink(member, entry->target);
    writer->ok = archive_write_header(writer->archive, member) == ARCHIVE_OK
                 && (size == 0 || archive_write_data(writer->archive, bytes, size) == (la_ssize_t) size);
    return writer->ok;
}

static la_ssize_t append_bytes(Archive *archive, void *data, const void *bytes, size_t size)
{
    (void) archive;
    g_byte_array_append(data, bytes, (guint) size);
    return (la_ssize_t) size;
}

bool cpio_write(const FileTree *tree, GBytes **ret_cpio, GError **error)
{
    g_autoptr(ArchiveWriter) archive = archive_write_new();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    TreeWriter writer = { .archive = archive, .number = 1, .ok = true };

    archive_write_set_format_cpio_newc(archive);
    archive_write_set_bytes_in_last_block(archive, 1);
    if (archive_write_open(archive, bytes, NULL, append_bytes, NULL) != ARCHIVE_OK)
        return archive_failed(archive, error);
    file_tree_foreach(tree, write_entry, &writer);
    if (!writer.ok || archive_write_close(archive) != ARCHIVE_OK)
        return archive_failed(archive, error);
    *ret_cpio = g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
    return true;
}

bool tar_write(const FileTree *tree, const char *path, GError **error)
{
    g_autoptr(ArchiveWriter) archive = archive_write_new();
    TreeWriter writer = { .archive = archive, .number = 1, .ok = true };

    archive_write_set_format_pax_restricted(archive);
    if (archive_write_open_filename(archive, path) != ARCHIVE_OK)
        return archive_failed(archive, error);
    file_tree_foreach(tree, write_entry, &writer);
    return (writer.ok && archive_write_close(archive) == ARCHIVE_OK) || archive_failed(archive, error);
}

static bool put_member(Archive *reader, ArchiveEntry *member, Archive *disk, const char *folder, GError **error)
{
    mode_t type = archive_entry_filetype(member);
    g_autofree char *path = g_build_filename(folder, archive_entry_pathname(member), NULL);
    g_autoptr(GBytes) data = NULL;
    size_t size = 0;
    const void *bytes;

    if (type != AE_IFREG && type != AE_IFLNK && type != AE_IFDIR)
        return true;
    if (type == AE_IFREG && !read_member(reader, &data, error))
        return false;
    bytes = data != NULL ? g_bytes_get_data(data, &size) : NULL;
    archive_entry_set_pathname(member, path);
    if (archive_write_header(disk, member) < ARCHIVE_WARN
        || (size > 0 && archive_write_data_block(disk, bytes, size, 0) < ARCHIVE_WARN) || archive_write_finish_entry(disk) < ARCHIVE_WARN)
        return archive_failed(disk, error);
    return true;
}

bool cpio_unpack(const char *path, const char *folder, GError **error)
{
    g_autoptr(ArchiveReader) reader = archive_read_new();
    g_autoptr(ArchiveWriter) disk = archive_write_disk_new();
    ArchiveEntry *member;
    int status;

    support_filters(reader);
    archive_read_support_format_cpio(reader);
    archive_write_disk_set_options(disk, ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS);
    if (archive_read_open_filename(reader, path, PIECE) != ARCHIVE_OK)
        return archive_failed(reader, error);
    while ((status = archive_read_next_header(reader, &member)) == ARCHIVE_OK)
        if (!put_member(reader, member, disk, folder, error))
            return false;
    return status == ARCHIVE_EOF || archive_failed(reader, error);
}

static bool take_member(Archive *reader, ArchiveEntry *member, const char *path, FileTree *tree, GError **error)
{
    mode_t type = archive_entry_filetype(member);
    g_autoptr(GBytes) data = NULL;

    if (type == AE_IFREG && !read_member(reader, &data, error))
        return false;
    if (type == AE_IFREG)
        file_tree_add_file(tree, path, archive_entry_perm(member), data);
    else if (type == AE_IFLNK)
        file_tree_add_link(tree, path, archive_entry_symlink(member));
    else if (type == AE_IFDIR)
        file_tree_add_folder(tree, path, archive_entry_perm(member));
    return true;
}

bool cpio_read(const char *path, bool (*wanted)(const char *path), FileTree *tree, GError **error)
{
    g_autoptr(ArchiveReader) reader = archive_read_new();
    ArchiveEntry *member;
    int status;

    support_filters(reader);
    archive_read_support_format_cpio(reader);
    if (archive_read_open_filename(reader, path, PIECE) != ARCHIVE_OK)
        return archive_failed(reader, error);
    while ((status = archive_read_next_header(reader, &member)) == ARCHIVE_OK) {
        const char *name = archive_entry_pathname(member);

        name += strspn(name, "./");
        if (*name != '\0' && wanted(name) && !take_member(reader, member, name, tree, error))
            return false;
    }
    return status == ARCHIVE_EOF || archive_failed(reader, error);
}
