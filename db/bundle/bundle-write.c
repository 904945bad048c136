// SPDX-License-Identifier: GPL-3.0-or-later
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/bundle/bag.h"
#include "db/bundle/bundle.h"
#include "runner/base/error.h"

enum { COPY_BYTES = 1 << 18, THREADS_MAX = 8 };

/* One file to pack. */
typedef struct Item {
    const char *source;
    char *path; /* data/TARGET */
    int64_t size;
    bool executable;
} Item;

typedef struct Writer {
    struct archive *archive;
    const char *top;
    EVP_MD_CTX *digest;
    GString *manifest, *tag_manifest;
} Writer;

static void item_clear(gpointer item)
{
    g_free(((Item *) item)->path);
}

static int item_compare(const void *a, const void *b)
{
    return strcmp(((const Item *) a)->path, ((const Item *) b)->path);
}

static bool item_add(GArray *items, GHashTable *paths, const BundleEntry *entry, GError **error)
{
    const char *fault = bag_path_fault(entry->target);
    g_autofree char *path = g_strconcat("data/", entry->target, NULL);
    struct stat info;
    Item item;

    if (fault != NULL)
        return error_set(error, ERROR_BUG, "path '%s' %s", entry->target, fault);
    if (g_hash_table_contains(paths, path))
        return error_set(error, ERROR_BUG, "two files would be '%s'", entry->target);
    if (stat(entry->source, &info) != 0)
        return error_set_errno(error, ERROR_HOST, "could not read '%s'", entry->source);
    if (!S_ISREG(info.st_mode))
        return error_set(error, ERROR_HOST, "cannot pack '%s': it is no ordinary file", entry->source);
    item = (Item) { entry->source, g_steal_pointer(&path), info.st_size, (info.st_mode & S_IXUSR) != 0 };
    g_hash_table_add(paths, item.path);
    g_array_append_val(items, item);
    return true;
}

/* What is to be packed, in the order of the archive. NULL on error. */
static GArray *items_plan(const BundleEntry *entries, size_t count, BundleReport *report, GError **error)
{
    g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(Item));
    g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);
    const char *below;

    g_array_set_clear_func(items, item_clear);
    for (size_t i = 0; i < count; i++) {
        if (!item_add(items, paths, &entries[i], error))
            return NULL;
        report->size_bytes += g_array_index(items, Item, i).size;
    }
    report->file_count = (int64_t) count;
    below = bag_path_below_file(paths);
    if (below != NULL) {
        error_set(error, ERROR_BUG, "'%s' would be below a file", below);
        return NULL;
    }
    g_array_sort(items, item_compare);
    return g_steal_pointer(&items);
}

static bool header_put(Writer *writer, const char *path, int64_t size, mode_t mode, GError **error)
{
    struct archive_entry *entry = archive_entry_new();
    g_autofree char *full = g_build_filename(writer->top, path, NULL);
    int result;

    archive_entry_copy_pathname(entry, full);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, mode);
    archive_entry_set_size(entry, size);
    archive_entry_set_mtime(entry, 0, 0);
    archive_entry_set_uid(entry, 0);
    archive_entry_set_gid(entry, 0);
    result = archive_write_header(writer->archive, entry);
    archive_entry_free(entry);
    EVP_DigestInit_ex(writer->digest, EVP_sha256(), NULL);
    return result == ARCHIVE_OK
           || error_set(error, ERROR_HOST, "could not pack '%s': %s", path, archive_error_string(writer->archive));
}

static bool data_put(Writer *writer, const char *path, const void *data, size_t size, GError **error)
{
    EVP_DigestUpdate(writer->digest, data, size);
    return archive_write_data(writer->archive, data, size) == (la_ssize_t) size
           || error_set(error, ERROR_HOST, "could not pack '%s': %s", path, archive_error_string(writer->archive));
}

/* Note the file that was just put in a manifest (which may be NULL). */
static void digest_note(Writer *writer, GString *manifest, const char *path)
{
    g_autofree char *digest = bag_digest_finish(writer->digest);

    if (manifest != NULL)
        bag_manifest_append(manifest, digest, path);
}

static bool text_put(Writer *writer, const char *path, const char *text, GString *manifest, GError **error)
{
    if (!header_put(writer, path, (int64_t) strlen(text), 0644, error)
        || !data_put(writer, path, text, strlen(text), error))
        return false;
    digest_note(writer, manifest, path);
    return true;
}

/* Exactly as many bytes as planned: the archive's header and the bag's total have named them already. */
static bool content_put(Writer *writer, const Item *item, int fd, GError **error)
{
    g_autofree char *buffer = g_malloc(COPY_BYTES);
    int64_t left = item->size;
    ssize_t got;

    while ((got = read(fd, buffer, COPY_BYTES)) != 0) {
        if (got < 0)
            return error_set_errno(error, ERROR_HOST, "could not read '%s'", item->source);
        if (got > left)
            break;
        left -= got;
        if (!data_put(writer, item->path, buffer, (size_t) got, error))
            return false;
    }
    return (left == 0 && got == 0)
           || error_set(error, ERROR_HOST, "cannot pack '%s': its size changed meanwhile", item->source);
}

static bool item_put(Writer *writer, const Item *item, GError **error)
{
    int fd = open(item->source, O_RDONLY | O_CLOEXEC);
    bool ok;

    if (fd < 0)
        return error_set_errno(error, ERROR_HOST, "could not read '%s'", item->source);
    ok = header_put(writer, item->path, item->size, item->executable ? 0755 : 0644, error)
         && content_put(writer, item, fd, error);
    close(fd);
    if (ok)
        digest_note(writer, writer->manifest, item->path);
    return ok;
}

/* This order is that of the names, so one pass does it: the manifests come last, and the total is known before. */
static bool bag_put(Writer *writer, const GArray *items, const BundleReport *report, GError **error)
{
    g_autofree char *info = g_strdup_printf("Bag-Software-Agent: trialbed\nPayload-Oxum: %lld.%lld\n",
                                            (long long) report->size_bytes, (long long) report->file_count);

    if (!text_put(writer, "bag-info.txt", info, writer->tag_manifest, error)
        || !text_put(writer, "bagit.txt", BAG_DECLARATION, writer->tag_manifest, error))
        return false;
    for (unsigned i = 0; i < items->len; i++)
        if (!item_put(writer, &g_array_index(items, Item, i), error))
            return false;
    return text_put(writer, BAG_MANIFEST, writer->manifest->str, writer->tag_manifest, error)
           && text_put(writer, BAG_TAG_MANIFEST, writer->tag_manifest->str, NULL, error);
}

/* Any number of threads gives the same bytes, but not setting it gives others. */
static bool archive_begin(struct archive *archive, int fd)
{
    g_autofree char *threads = g_strdup_printf("%u", CLAMP(g_get_num_processors(), 1, THREADS_MAX));

    return archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK
           && archive_write_add_filter_zstd(archive) == ARCHIVE_OK
           && archive_write_set_filter_option(archive, "zstd", "compression-level", "3") == ARCHIVE_OK
           && archive_write_set_filter_option(archive, "zstd", "threads", threads) == ARCHIVE_OK
           && archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK
           && archive_write_open_fd(archive, fd) == ARCHIVE_OK;
}

static bool archive_put(const char *top, int fd, const GArray *items, const BundleReport *report, GError **error)
{
    Writer writer = { archive_write_new(), top, EVP_MD_CTX_new(), g_string_new(NULL), g_string_new(NULL) };
    bool ok = archive_begin(writer.archive, fd) && bag_put(&writer, items, report, error)
              && archive_write_close(writer.archive) == ARCHIVE_OK;

    if (!ok && (error == NULL || *error == NULL))
        error_set(error, ERROR_HOST, "%s", archive_error_string(writer.archive));
    archive_write_free(writer.archive);
    EVP_MD_CTX_free(writer.digest);
    g_string_free(writer.manifest, TRUE);
    g_string_free(writer.tag_manifest, TRUE);
    return ok;
}

static bool bundle_put(const char *path, const char *top, const GArray *items, const BundleReport *report,
                       GError **error)
{
    g_autofree char *temporary = g_strconcat(path, ".XXXXXX", NULL);
    int fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0644);
    locale_t before;
    bool packed;

    if (fd < 0)
        return error_set_errno(error, ERROR_HOST, "could not make a file beside it");
    before = bag_locale_enter();
    packed = archive_put(top, fd, items, report, error);
    bag_locale_leave(before);
    if (packed && (fsync(fd) != 0 || rename(temporary, path) != 0))
        packed = error_set_errno(error, ERROR_HOST, "could not finish it");
    if (!packed)
        unlink(temporary);
    close(fd);
    return packed;
}

bool bundle_write(const char *path, const char *name, const BundleEntry *entries, size_t entry_count,
                  BundleReport *ret_report, GError **error)
{
    BundleReport report = { 0 };
    const char *fault = strchr(name, '/') != NULL ? "is no single name" : bag_path_fault(name);
    g_autoptr(GArray) items = NULL;

    if (fault != NULL)
        return error_set(error, ERROR_BUG, "bundle '%s': top folder '%s' %s", path, name, fault);
    items = items_plan(entries, entry_count, &report, error);
    if (items == NULL || !bundle_put(path, name, items, &report, error)) {
        g_prefix_error(error, "bundle '%s': ", path);
        return false;
    }
    if (ret_report != NULL)
        *ret_report = report;
    return true;
}
