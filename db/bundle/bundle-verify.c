// SPDX-License-Identifier: GPL-3.0-or-later
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "db/bundle/bag.h"
#include "db/bundle/bundle.h"
#include "runner/base/error.h"

enum { READ_BYTES = 1 << 18, TAG_LIMIT = 64 << 20, ENTRY_LIMIT = 4000000 };

/* What one pass over the archive found. Paths are those below the top folder. */
typedef struct Bag {
    struct archive *archive;
    EVP_MD_CTX *digest;
    char *top;
    GHashTable *files; /* path -> digest, both char* */
    GHashTable *tags;  /* path -> content, for files outside data/ */
    BundleReport payload;
    GPtrArray *problems;
} Bag;

static bool is_payload(const char *path)
{
    return g_str_has_prefix(path, "data/");
}

static bool archive_bad(const Bag *bag, GError **error)
{
    const char *reason = archive_error_string(bag->archive);

    return error_set(error, ERROR_DATA, "the archive cannot be read: %s", reason != NULL ? reason : "it is damaged");
}

static bool entry_bad(const char *path, const char *why, GError **error)
{
    g_autofree char *shown = bag_path_show(path);

    return error_set(error, ERROR_DATA, "entry '%s' %s", shown, why);
}

/* Read one file through. The blocks must follow each other without gaps: a sparse file would claim any size it
 * likes. */
static bool content_take(Bag *bag, const char *path, int64_t size, GString *keep, GError **error)
{
    const void *block;
    size_t block_size;
    la_int64_t offset;
    int64_t total = 0;
    int result;

    EVP_DigestInit_ex(bag->digest, EVP_sha256(), NULL);
    while ((result = archive_read_data_block(bag->archive, &block, &block_size, &offset)) == ARCHIVE_OK) {
        if (offset != total)
            return entry_bad(path, "has holes", error);
        total += (int64_t) block_size;
        EVP_DigestUpdate(bag->digest, block, block_size);
        if (keep != NULL)
            g_string_append_len(keep, block, (gssize) block_size);
    }
    if (result != ARCHIVE_EOF)
        return archive_bad(bag, error);
    return total == size || entry_bad(path, "has another size than it says", error);
}

static bool file_take(Bag *bag, const char *path, int64_t size, GError **error)
{
    g_autoptr(GString) tag = is_payload(path) ? NULL : g_string_new(NULL);

    if (g_hash_table_contains(bag->files, path))
        return entry_bad(path, "is there twice", error);
    if (tag != NULL && size > TAG_LIMIT)
        return entry_bad(path, "is too large for a tag file", error);
    if (g_hash_table_size(bag->files) >= ENTRY_LIMIT)
        return error_set(error, ERROR_DATA, "it has more than %d files", ENTRY_LIMIT);
    if (!content_take(bag, path, size, tag, error))
        return false;
    g_hash_table_insert(bag->files, g_strdup(path), bag_digest_finish(bag->digest));
    if (tag != NULL) {
        g_hash_table_insert(bag->tags, g_strdup(path), g_string_free(g_steal_pointer(&tag), FALSE));
    } else {
        bag->payload.file_count++;
        bag->payload.size_bytes += size;
    }
    return true;
}

/* Whether the entry lies in the one top folder, which the first entry names. */
static bool is_in_top(Bag *bag, const char *path, bool is_folder)
{
    size_t length = strcspn(path, "/");

    if (bag->top == NULL)
        bag->top = g_strndup(path, length);
    return strlen(bag->top) == length && strncmp(bag->top, path, length) == 0 && (is_folder || path[length] == '/');
}

/* Why an entry is refused; NULL when it is not. */
static const char *entry_fault(Bag *bag, struct archive_entry *entry, const char *path)
{
    bool is_folder = archive_entry_filetype(entry) == AE_IFDIR;
    const char *fault = bag_path_fault(path);

    if (fault != NULL)
        return fault;
    if (archive_entry_hardlink(entry) != NULL || archive_entry_filetype(entry) == AE_IFLNK)
        return "is a link";
    if (!is_folder && archive_entry_filetype(entry) != AE_IFREG)
        return "is neither file nor folder";
    return is_in_top(bag, path, is_folder) ? NULL : "is outside of the top folder";
}

static bool entry_take(Bag *bag, struct archive_entry *entry, GError **error)
{
    const char *name = archive_entry_pathname(entry);
    g_autofree char *path = g_strdup(name != NULL ? name : "");
    bool is_folder = archive_entry_filetype(entry) == AE_IFDIR;
    const char *fault;

    if (is_folder && g_str_has_suffix(path, "/"))
        path[strlen(path) - 1] = '\0';
    fault = entry_fault(bag, entry, path);
    if (fault != NULL)
        return entry_bad(path, fault, error);
    return is_folder || file_take(bag, strchr(path, '/') + 1, archive_entry_size(entry), error);
}

static bool entries_take(Bag *bag, GError **error)
{
    struct archive_entry *entry;
    const char *below_file;
    int result;

    while ((result = archive_read_next_header(bag->archive, &entry)) == ARCHIVE_OK) {
        if (archive_filter_code(bag->archive, 0) != ARCHIVE_FILTER_ZSTD)
            return error_set(error, ERROR_DATA, "it is not compressed with zstd");
        if (!entry_take(bag, entry, error))
            return false;
    }
    if (result != ARCHIVE_EOF)
        return archive_bad(bag, error);
    below_file = bag_path_below_file(bag->files);
    return below_file == NULL || entry_bad(below_file, "is below a file", error);
}

static void problem(Bag *bag, const char *path, const char *what)
{
    g_autofree char *shown = bag_path_show(path);

    g_ptr_array_add(bag->problems, g_strdup_printf("%s: %s", shown, what));
}

/* A manifest against the files of its half of the bag: payload or tag files. */
static void compare(Bag *bag, GHashTable *manifest, bool payload)
{
    GHashTableIter iter;
    gpointer path, digest;

    g_hash_table_iter_init(&iter, manifest);
    while (g_hash_table_iter_next(&iter, &path, &digest)) {
        const char *found = g_hash_table_lookup(bag->files, path);

        if (is_payload(path) != payload)
            problem(bag, path, "is in the wrong manifest");
        else if (found == NULL)
            problem(bag, path, "is missing");
        else if (strcmp(found, digest) != 0)
            problem(bag, path, "has changed");
    }
    g_hash_table_iter_init(&iter, bag->files);
    while (g_hash_table_iter_next(&iter, &path, NULL))
        if (is_payload(path) == payload && strcmp(path, BAG_TAG_MANIFEST) != 0
            && !g_hash_table_contains(manifest, path))
            problem(bag, path, "is in no manifest");
}

/* "Payload-Oxum: BYTES.FILES" in bag-info.txt. RFC 8493 does not demand it; when it is there it must be right. */
static void oxum_check(Bag *bag)
{
    const char *info = g_hash_table_lookup(bag->tags, "bag-info.txt");
    g_auto(GStrv) lines = g_strsplit(info != NULL ? info : "", "\n", -1);
    g_autofree char *expected = g_strdup_printf("%lld.%lld", (long long) bag->payload.size_bytes,
                                                (long long) bag->payload.file_count);

    for (char **line = lines; *line != NULL; line++) {
        if (g_ascii_strncasecmp(*line, "Payload-Oxum:", 13) == 0 && strcmp(g_strstrip(*line + 13), expected) != 0)
            problem(bag, "bag-info.txt", "its Payload-Oxum does not agree with the files");
    }
}

/* The text of a tag file that a bag must have. NULL on error. */
static const char *tag_need(Bag *bag, const char *name, GError **error)
{
    const char *text = g_hash_table_lookup(bag->tags, name);

    if (text == NULL)
        error_set(error, ERROR_DATA, "it is no bag: '%s' is missing", name);
    return text;
}

static bool bag_check(Bag *bag, GError **error)
{
    const char *declaration = tag_need(bag, "bagit.txt", error);
    const char *text = declaration != NULL ? tag_need(bag, BAG_MANIFEST, error) : NULL;
    const char *tag_text = g_hash_table_lookup(bag->tags, BAG_TAG_MANIFEST);
    g_autoptr(GHashTable) manifest = NULL;
    g_autoptr(GHashTable) tag_manifest = NULL;

    if (text == NULL)
        return false;
    if (!g_str_has_prefix(declaration, "BagIt-Version: 1.0"))
        return error_set(error, ERROR_DATA, "it is no bag: 'bagit.txt' does not begin with 'BagIt-Version: 1.0'");
    manifest = bag_manifest_parse(BAG_MANIFEST, text, error);
    if (manifest == NULL)
        return false;
    compare(bag, manifest, true);
    oxum_check(bag);
    if (tag_text == NULL) {
        problem(bag, BAG_TAG_MANIFEST, "is missing");
        return true;
    }
    tag_manifest = bag_manifest_parse(BAG_TAG_MANIFEST, tag_text, error);
    if (tag_manifest == NULL)
        return false;
    compare(bag, tag_manifest, false);
    return true;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Hand the problems over, sorted. */
static bool problems_report(Bag *bag, GPtrArray *problems, GError **error)
{
    unsigned count = bag->problems->len;

    g_ptr_array_sort(bag->problems, compare_lines);
    if (count > 0)
        error_set(error, ERROR_DATA, "%u problem%s, first: %s", count, count == 1 ? "" : "s",
                  (const char *) bag->problems->pdata[0]);
    for (unsigned i = 0; problems != NULL && i < count; i++)
        g_ptr_array_add(problems, g_strdup(bag->problems->pdata[i]));
    return count == 0;
}

static void bag_clear(Bag *bag)
{
    archive_read_free(bag->archive);
    EVP_MD_CTX_free(bag->digest);
    g_hash_table_unref(bag->files);
    g_hash_table_unref(bag->tags);
    g_ptr_array_unref(bag->problems);
    g_free(bag->top);
}

static bool archive_verify(int fd, GPtrArray *problems, BundleReport *ret_report, GError **error)
{
    Bag bag = {
        .archive = archive_read_new(),
        .digest = EVP_MD_CTX_new(),
        .files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
        .tags = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
        .problems = g_ptr_array_new_with_free_func(g_free),
    };
    bool ok;

    archive_read_support_filter_zstd(bag.archive);
    archive_read_support_format_tar(bag.archive);
    ok = archive_read_open_fd(bag.archive, fd, READ_BYTES) == ARCHIVE_OK || archive_bad(&bag, error);
    ok = ok && entries_take(&bag, error) && bag_check(&bag, error) && problems_report(&bag, problems, error);
    if (ok && ret_report != NULL)
        *ret_report = bag.payload;
    bag_clear(&bag);
    return ok;
}

bool bundle_verify(const char *path, GPtrArray *problems, BundleReport *ret_report, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    locale_t before;
    bool ok;

    if (fd < 0)
        return error_set_errno(error, ERROR_HOST, "could not read '%s'", path);
    before = bag_locale_enter();
    ok = archive_verify(fd, problems, ret_report, error);
    bag_locale_leave(before);
    close(fd);
    if (!ok)
        g_prefix_error(error, "bundle '%s': ", path);
    return ok;
}
