// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/bundle/bundle-read.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "db/bundle/bag.h"
#include "db/bundle/parts.h"
#include "runner/base/error.h"

typedef struct Pass {
    struct archive *archive;
    const BundleSink *sink;
    void *data;
    const bool *stop;
    char *top;             /* the one folder that all is in */
    GHashTable *files;     /* paths of the files */
    GHashTable *spellings; /* folded path -> path, files and folders */
    int64_t entry_count, total_bytes;
} Pass;

static bool archive_bad(const Pass *pass, GError **error)
{
    const char *reason = archive_error_string(pass->archive);

    return error_set(error, ERROR_DATA, "the archive cannot be read: %s", reason != NULL ? reason : "it is damaged");
}

static bool entry_bad(const char *path, const char *why, GError **error)
{
    g_autofree char *shown = bag_path_show(path);

    return error_set(error, ERROR_DATA, "entry '%s' %s", shown, why);
}

/* A few bytes that would become very many. */
static bool check_growth(const Pass *pass, GError **error)
{
    int64_t in = archive_filter_bytes(pass->archive, -1), out = archive_filter_bytes(pass->archive, 0);

    if (out > BUNDLE_RATIO_FREE_BYTES && out / BUNDLE_RATIO_LIMIT > in)
        return error_set(error, ERROR_DATA, "it is a compression bomb: more than %d bytes out of one",
                         BUNDLE_RATIO_LIMIT);
    return true;
}

/* Read one file through. The blocks must follow each other without gaps: a sparse file would claim any size it
 * likes. */
static bool content_take(Pass *pass, const BundleFile *file, GError **error)
{
    const void *block;
    size_t block_size;
    la_int64_t offset;
    int64_t total = 0;
    int result;

    while ((result = archive_read_data_block(pass->archive, &block, &block_size, &offset)) == ARCHIVE_OK) {
        if (offset != total)
            return entry_bad(file->path, "has holes", error);
        total += (int64_t) block_size;
        if (total > file->size_bytes)
            break;
        if (!check_growth(pass, error)
            || (pass->sink->bytes != NULL && !pass->sink->bytes(pass->data, block, block_size, error)))
            return false;
    }
    if (result != ARCHIVE_EOF && result != ARCHIVE_OK)
        return archive_bad(pass, error);
    return total == file->size_bytes || entry_bad(file->path, "has another size than it says", error);
}

static bool file_take(Pass *pass, const BundleFile *file, GError **error)
{
    if (!g_hash_table_add(pass->files, g_strdup(file->path)))
        return entry_bad(file->path, "is there twice", error);
    if (file->size_bytes < 0 || file->size_bytes > BUNDLE_BYTES_LIMIT - pass->total_bytes)
        return entry_bad(file->path, "is too large", error);
    pass->total_bytes += file->size_bytes;
    if (pass->sink->begin != NULL && !pass->sink->begin(pass->data, file, error))
        return false;
    if (pass->sink->skip_content && (pass->stop == NULL || !*pass->stop))
        return archive_read_data_skip(pass->archive) == ARCHIVE_OK ? check_growth(pass, error)
                                                                   : archive_bad(pass, error);
    return content_take(pass, file, error)
           && (pass->sink->end == NULL || pass->sink->end(pass->data, file, error));
}

/* Whether the entry lies in the one top folder, which the first entry names. */
static bool is_in_top(Pass *pass, const char *path, bool is_folder)
{
    size_t length = strcspn(path, "/");

    if (pass->top == NULL)
        pass->top = g_strndup(path, length);
    return strlen(pass->top) == length && strncmp(pass->top, path, length) == 0 && (is_folder || path[length] == '/');
}

/* Whether the path and its folders are spelled as they were before: "a/B" behind "A/c" would be one folder or two,
 * as the system likes. */
static bool is_spelled_alike(Pass *pass, const char *path)
{
    g_autofree char *above = g_strdup(path);
    char *slash;

    do {
        g_autofree char *folded = bag_path_fold(above);
        const char *before = g_hash_table_lookup(pass->spellings, folded);

        if (before != NULL)
            return strcmp(before, above) == 0;
        g_hash_table_insert(pass->spellings, g_steal_pointer(&folded), g_strdup(above));
        slash = strrchr(above, '/');
        if (slash != NULL)
            *slash = '\0';
    } while (slash != NULL);
    return true;
}

/* Why an entry is refused; NULL when it is not. */
static const char *entry_fault(Pass *pass, struct archive_entry *entry, const char *path)
{
    bool is_folder = archive_entry_filetype(entry) == AE_IFDIR;
    const char *fault = bag_path_fault(path);

    if (fault != NULL)
        return fault;
    if (archive_entry_hardlink(entry) != NULL || archive_entry_filetype(entry) == AE_IFLNK)
        return "is a link";
    if (!is_folder && archive_entry_filetype(entry) != AE_IFREG)
        return "is neither file nor folder";
    if (!is_folder && archive_entry_sparse_count(entry) > 0)
        return "has holes";
    if (!is_in_top(pass, path, is_folder))
        return "is outside of the top folder";
    return is_spelled_alike(pass, path) ? NULL : "differs from another only in the case of letters";
}

static bool entry_take(Pass *pass, struct archive_entry *entry, GError **error)
{
    const char *name = archive_entry_pathname(entry);
    g_autofree char *path = g_strdup(name != NULL ? name : "");
    bool is_folder = archive_entry_filetype(entry) == AE_IFDIR;
    const char *fault;
    BundleFile file;

    if (is_folder && g_str_has_suffix(path, "/"))
        path[strlen(path) - 1] = '\0';
    if (++pass->entry_count > BUNDLE_ENTRY_LIMIT)
        return error_set(error, ERROR_DATA, "it has more than %d entries", BUNDLE_ENTRY_LIMIT);
    fault = entry_fault(pass, entry, path);
    if (fault != NULL)
        return entry_bad(path, fault, error);
    if (is_folder)
        return check_growth(pass, error);
    file = (BundleFile) { strchr(path, '/') + 1, archive_entry_size(entry), (archive_entry_perm(entry) & 0100) != 0 };
    return file_take(pass, &file, error);
}

static bool entries_take(Pass *pass, GError **error)
{
    struct archive_entry *entry;
    const char *below_file;
    int result;

    while ((result = archive_read_next_header(pass->archive, &entry)) == ARCHIVE_OK) {
        if (archive_filter_code(pass->archive, 0) != ARCHIVE_FILTER_ZSTD)
            return error_set(error, ERROR_DATA, "it is not compressed with zstd");
        if (!entry_take(pass, entry, error))
            return false;
        if (pass->stop != NULL && *pass->stop)
            return true;
    }
    if (result != ARCHIVE_EOF)
        return archive_bad(pass, error);
    below_file = bag_path_below_file(pass->files);
    return below_file == NULL || entry_bad(below_file, "is below a file", error);
}

static void pass_begin(Pass *pass)
{
    pass->archive = archive_read_new();
    pass->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    pass->spellings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    archive_read_support_filter_zstd(pass->archive);
    archive_read_support_format_tar(pass->archive);
}

static void pass_clear(Pass *pass)
{
    archive_read_free(pass->archive);
    g_hash_table_unref(pass->files);
    g_hash_table_unref(pass->spellings);
    g_free(pass->top);
}

/* libarchive's way to ask for more. */
static la_ssize_t give_bytes(struct archive *archive, void *data, const void **ret_bytes)
{
    ssize_t got = part_reader_read(data, ret_bytes);

    if (got < 0)
        archive_set_error(archive, errno, "%s", g_strerror(errno));
    return got;
}

/* What goes wrong in parts may be for want of one. */
static bool parts_read(Pass *pass, PartReader *reader, GError **error)
{
    unsigned parts = part_reader_parts(reader);

    if (archive_read_open(pass->archive, reader, NULL, give_bytes, NULL) != ARCHIVE_OK)
        archive_bad(pass, error);
    else if (entries_take(pass, error)) {
        if ((pass->stop != NULL && *pass->stop) || part_reader_unread(reader) == 0)
            return true;
        return error_set(error, ERROR_DATA, "it is complete without the last %u of its %u parts", part_reader_unread(reader),
                         parts);
    }
    if (parts > 0)
        error_hint(error, "%u part%s were found beside each other; is the last one there, and whole?", parts,
                   parts == 1 ? "" : "s");
    return false;
}

bool bundle_read(const char *path, const BundleSink *sink, void *data, const bool *stop, GError **error)
{
    g_autoptr(PartReader) reader = part_reader_open(path, error);
    Pass pass = { .sink = sink, .data = data, .stop = stop };
    bool ok = false;

    if (reader != NULL) {
        locale_t before = bag_locale_enter();

        pass_begin(&pass);
        ok = parts_read(&pass, reader, error);
        pass_clear(&pass);
        bag_locale_leave(before);
    }
    if (!ok)
        g_prefix_error(error, "bundle '%s': ", path);
    return ok;
}

bool bundle_read_memory(const void *bytes, size_t size, const BundleSink *sink, void *data, GError **error)
{
    Pass pass = { .sink = sink, .data = data };
    locale_t before = bag_locale_enter();
    bool ok;

    pass_begin(&pass);
    ok = (archive_read_open_memory(pass.archive, bytes, size) == ARCHIVE_OK || archive_bad(&pass, error))
         && entries_take(&pass, error);
    pass_clear(&pass);
    bag_locale_leave(before);
    return ok;
}
