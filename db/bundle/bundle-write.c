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
#include "db/bundle/bundle-read.h"
#include "db/bundle/bundle.h"
#include "db/bundle/digests.h"
#include "db/bundle/parts.h"
#include "db/bundle/signature.h"
#include "runner/base/error.h"

enum { COPY_BYTES = 1 << 18, BLOCK_BYTES = 1 << 18, THREADS_MAX = 4, TAG_FILES_MAX = 16 };

/* One file to pack. */
typedef struct Item {
    const char *source, *sha256;
    char *path; /* data/TARGET */
    int64_t size;
    bool executable;
    DigestPair digests; /* once it is packed and they have been waited for */
} Item;

typedef struct Writer {
    struct archive *archive;
    const char *top;
    Digests *digests;
    GString *manifests[BAG_DIGESTS], *tag_manifests[BAG_DIGESTS];
    SigningKey *key; /* NULL: not signed */
} Writer;

static void item_clear(gpointer item)
{
    g_free(((Item *) item)->path);
}

static int item_compare(const void *a, const void *b)
{
    return strcmp(((const Item *) a)->path, ((const Item *) b)->path);
}

static bool item_add(GArray *items, GHashTable *paths, GHashTable *folds, const BundleEntry *entry, GError **error)
{
    const char *fault = bag_path_fault(entry->target);
    g_autofree char *path = g_strconcat("data/", entry->target, NULL);
    g_autofree char *folded = NULL;
    struct stat info;
    Item item;

    if (fault != NULL)
        return error_set(error, ERROR_BUG, "path '%s' %s", entry->target, fault);
    if (g_hash_table_contains(paths, path))
        return error_set(error, ERROR_BUG, "two files would be '%s'", entry->target);
    folded = bag_path_fold(path);
    if (!g_hash_table_add(folds, g_steal_pointer(&folded)))
        return error_set(error, ERROR_DATA, "cannot pack '%s': it differs from another only in the case of letters",
                         entry->target);
    if (stat(entry->source, &info) != 0)
        return error_set_errno(error, ERROR_HOST, "could not read '%s'", entry->source);
    if (!S_ISREG(info.st_mode))
        return error_set(error, ERROR_HOST, "cannot pack '%s': it is no ordinary file", entry->source);
    item = (Item) { .source = entry->source,
                    .sha256 = entry->sha256,
                    .path = g_steal_pointer(&path),
                    .size = info.st_size,
                    .executable = (info.st_mode & S_IXUSR) != 0 };
    g_hash_table_add(paths, item.path);
    g_array_append_val(items, item);
    return true;
}

/* What is to be packed, in the order of the archive. NULL on error. */
static GArray *items_plan(const BundleSpec *spec, BundleReport *report, GError **error)
{
    g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(Item));
    g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) folds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const char *below;

    g_array_set_clear_func(items, item_clear);
    if (spec->entry_count > BUNDLE_ENTRY_LIMIT - TAG_FILES_MAX) {
        error_set(error, ERROR_DATA, "cannot pack %zu files: a bundle has %d at most", spec->entry_count,
                  BUNDLE_ENTRY_LIMIT - TAG_FILES_MAX);
        return NULL;
    }
    for (size_t i = 0; i < spec->entry_count; i++) {
        if (!item_add(items, paths, folds, &spec->entries[i], error))
            return NULL;
        report->size_bytes += g_array_index(items, Item, i).size;
    }
    report->file_count = (int64_t) spec->entry_count;
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
    return result == ARCHIVE_OK
           || error_set(error, ERROR_HOST, "could not pack '%s': %s", path, archive_error_string(writer->archive));
}

static bool data_put(Writer *writer, const char *path, const void *data, size_t size, GError **error)
{
    digests_update(writer->digests, data, size);
    return archive_write_data(writer->archive, data, size) == (la_ssize_t) size
           || error_set(error, ERROR_HOST, "could not pack '%s': %s", path, archive_error_string(writer->archive));
}

/* Note a file in the manifests. */
static void digests_note(GString *const manifests[BAG_DIGESTS], const DigestPair *pair, const char *path)
{
    bag_manifest_append(manifests[BAG_SHA256], pair->sha256, path);
    bag_manifest_append(manifests[BAG_SHA512], pair->sha512, path);
}

/* A tag file. It is noted in the tag manifests unless it is one of them, or signs one. */
static bool tag_put(Writer *writer, const char *path, const void *data, size_t size, bool note, GError **error)
{
    DigestPair pair;

    if (!header_put(writer, path, (int64_t) size, 0644, error) || !data_put(writer, path, data, size, error))
        return false;
    digests_finish(writer->digests, &pair);
    digests_wait(writer->digests);
    if (note)
        digests_note(writer->tag_manifests, &pair, path);
    return true;
}

static bool text_put(Writer *writer, const char *path, const char *text, bool note, GError **error)
{
    return tag_put(writer, path, text, strlen(text), note, error);
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

/* What the database knows of a file must still be so. */
static bool item_check(const Item *item, GError **error)
{
    if (item->sha256 == NULL || strcmp(item->sha256, item->digests.sha256) == 0)
        return true;
    return error_set(error, ERROR_DATA, "cannot pack '%s': its SHA-256 is not the one in the database", item->source);
}

static bool item_put(Writer *writer, Item *item, GError **error)
{
    int fd = open(item->source, O_RDONLY | O_CLOEXEC);
    bool ok;

    if (fd < 0)
        return error_set_errno(error, ERROR_HOST, "could not read '%s'", item->source);
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    ok = header_put(writer, item->path, item->size, item->executable ? 0755 : 0644, error)
         && content_put(writer, item, fd, error);
    close(fd);
    digests_finish(writer->digests, &item->digests);
    return ok;
}

/* The payload. Its digests come later than its bytes, so they are checked and noted behind the last file. */
static bool items_put(Writer *writer, const GArray *items, GError **error)
{
    for (unsigned i = 0; i < items->len; i++)
        if (!item_put(writer, &g_array_index(items, Item, i), error))
            return false;
    digests_wait(writer->digests);
    for (unsigned i = 0; i < items->len; i++) {
        const Item *item = &g_array_index(items, Item, i);

        if (!item_check(item, error))
            return false;
        digests_note(writer->manifests, &item->digests, item->path);
    }
    return true;
}

static char *info_text(const BundleReport *report, const char *more)
{
    g_autofree char *size = g_format_size_full((guint64) report->size_bytes, G_FORMAT_SIZE_IEC_UNITS);
    char *nbsp;

    while ((nbsp = strstr(size, "\xc2\xa0")) != NULL)
        memcpy(nbsp, " ", 1), memmove(nbsp + 1, nbsp + 2, strlen(nbsp + 2) + 1);
    return g_strdup_printf("Bag-Software-Agent: trialbed\nBag-Size: %s\n%sPayload-Oxum: %lld.%lld\n", size,
                           more != NULL ? more : "", (long long) report->size_bytes, (long long) report->file_count);
}

static bool signature_put(Writer *writer, GError **error)
{
    unsigned char signature[SIGNATURE_BYTES];

    return writer->key == NULL
           || (signature_make(writer->key, writer->tag_manifests[BAG_SHA512]->str, signature, error)
               && tag_put(writer, BAG_SIGNATURE, signature, sizeof signature, false, error));
}

static bool signing_key_put(Writer *writer, GError **error)
{
    g_autofree char *pem = writer->key != NULL ? signing_key_public_pem(writer->key) : NULL;

    return pem == NULL || text_put(writer, BAG_SIGNING_KEY, pem, true, error);
}

/* This order is that of the names, so one pass does it: the manifests come last, and the total is known before. */
static bool bag_put(Writer *writer, const GArray *items, const char *info, GError **error)
{
    if (!text_put(writer, "bag-info.txt", info, true, error)
        || !text_put(writer, "bagit.txt", BAG_DECLARATION, true, error) || !items_put(writer, items, error))
        return false;
    for (unsigned i = 0; i < BAG_DIGESTS; i++)
        if (!text_put(writer, bag_manifests[i].payload, writer->manifests[i]->str, true, error))
            return false;
    if (!signing_key_put(writer, error))
        return false;
    for (unsigned i = 0; i < BAG_DIGESTS; i++)
        if (!text_put(writer, bag_manifests[i].tags, writer->tag_manifests[i]->str, false, error))
            return false;
    return signature_put(writer, error);
}

/* Where the archive's bytes go. What goes wrong there is known better than libarchive says it. */
typedef struct Target {
    PartWriter *parts;
    GError *problem;
} Target;

static la_ssize_t take_bytes(struct archive *archive, void *data, const void *bytes, size_t size)
{
    Target *target = data;

    (void) archive;
    if (target->problem == NULL && part_writer_write(target->parts, bytes, size, &target->problem))
        return (la_ssize_t) size;
    archive_set_error(archive, EIO, "%s", target->problem->message);
    return -1;
}

/* Any number of threads gives the same bytes, but not setting it gives others. */
static bool archive_begin(struct archive *archive, Target *target)
{
    g_autofree char *threads = g_strdup_printf("%u", CLAMP(g_get_num_processors(), 1, THREADS_MAX));

    return archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK
           && archive_write_add_filter_zstd(archive) == ARCHIVE_OK
           && archive_write_set_filter_option(archive, "zstd", "compression-level", "3") == ARCHIVE_OK
           && archive_write_set_filter_option(archive, "zstd", "threads", threads) == ARCHIVE_OK
           && archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK
           && archive_write_set_bytes_per_block(archive, BLOCK_BYTES) == ARCHIVE_OK
           && archive_write_open(archive, target, NULL, take_bytes, NULL) == ARCHIVE_OK;
}

static void writer_clear(Writer *writer)
{
    archive_write_free(writer->archive);
    digests_free(writer->digests);
    signing_key_free(writer->key);
    for (unsigned i = 0; i < BAG_DIGESTS; i++) {
        g_string_free(writer->manifests[i], TRUE);
        g_string_free(writer->tag_manifests[i], TRUE);
    }
}

static bool archive_put(Writer *writer, Target *target, const GArray *items, const char *info, GError **error)
{
    if (!archive_begin(writer->archive, target))
        return error_set(error, ERROR_HOST, "%s", archive_error_string(writer->archive));
    if (!bag_put(writer, items, info, error))
        return false;
    return archive_write_close(writer->archive) == ARCHIVE_OK
           || error_set(error, ERROR_HOST, "%s", archive_error_string(writer->archive));
}

static bool file_put(Writer *writer, const char *path, int64_t part_bytes, const GArray *items, const char *info,
                     unsigned *ret_parts, GError **error)
{
    g_autoptr(PartWriter) parts = part_writer_new(path, part_bytes, error);
    Target target = { .parts = parts };
    locale_t before;
    bool packed;

    if (parts == NULL)
        return false;
    before = bag_locale_enter();
    packed = archive_put(writer, &target, items, info, error);
    if (!packed)
        archive_write_fail(writer->archive); /* or freeing it would still write */
    bag_locale_leave(before);
    if (target.problem != NULL) {
        g_clear_error(error);
        g_propagate_error(error, target.problem);
        return false;
    }
    return packed && part_writer_commit(parts, ret_parts, error);
}

static bool bundle_put(const char *path, const BundleSpec *spec, BundleReport *report, GError **error)
{
    g_autoptr(GArray) items = items_plan(spec, report, error);
    g_autofree char *info = items != NULL ? info_text(report, spec->info) : NULL;
    Writer writer = { .top = spec->name };
    bool ok;

    if (items == NULL)
        return false;
    if (spec->key != NULL && (writer.key = signing_key_load_private(spec->key, error)) == NULL)
        return false;
    writer.archive = archive_write_new();
    writer.digests = digests_new();
    for (unsigned i = 0; i < BAG_DIGESTS; i++) {
        writer.manifests[i] = g_string_new(NULL);
        writer.tag_manifests[i] = g_string_new(NULL);
    }
    ok = file_put(&writer, path, spec->part_bytes, items, info, &report->parts, error);
    if (ok && writer.key != NULL)
        report->signer = signing_key_fingerprint(writer.key);
    writer_clear(&writer);
    return ok;
}

bool bundle_write(const char *path, const BundleSpec *spec, BundleReport *ret_report, GError **error)
{
    const char *fault = strchr(spec->name, '/') != NULL ? "is no single name" : bag_path_fault(spec->name);
    g_auto(BundleReport) report = { 0 };

    if (fault != NULL)
        return error_set(error, ERROR_BUG, "bundle '%s': top folder '%s' %s", path, spec->name, fault);
    if (!bundle_put(path, spec, &report, error)) {
        g_prefix_error(error, "bundle '%s': ", path);
        return false;
    }
    if (ret_report != NULL) {
        *ret_report = report;
        report = (BundleReport) { 0 };
    }
    return true;
}

void bundle_report_clear(BundleReport *report)
{
    g_clear_pointer(&report->signer, g_free);
}
