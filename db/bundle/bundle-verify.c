// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "db/bundle/bag.h"
#include "db/bundle/bundle-read.h"
#include "db/bundle/bundle.h"
#include "db/bundle/digests.h"
#include "db/bundle/signature.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

enum { TAG_BYTES_LIMIT = 256 << 20 }; /* of all tag files together: they are kept in memory */

/* What one pass over the archive found. Paths are those below the top folder. */
typedef struct Bag {
    Digests *digests;
    GHashTable *files; /* path -> DigestPair, there once the digests have been waited for */
    GHashTable *tags;  /* path -> GString, for files outside data/ */
    GString *tag;      /* of the file at hand; NULL: payload */
    int64_t tag_bytes, limit_bytes;
    const char *folder; /* where the payload goes to; NULL: nowhere */
    int fd;             /* of the file at hand there; -1: none */
    const volatile sig_atomic_t *interrupted;
    BundleReport report;
    GPtrArray *problems;
} Bag;

static bool is_payload(const char *path)
{
    return g_str_has_prefix(path, "data/");
}

static bool file_create(Bag *bag, const BundleFile *file, GError **error)
{
    g_autofree char *path = g_build_filename(bag->folder, file->path + strlen("data/"), NULL);
    g_autofree char *folder = g_path_get_dirname(path);

    if (!folder_make(folder, error))
        return false;
    bag->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file->is_executable ? 0755 : 0644);
    return bag->fd >= 0 || error_set_errno(error, ERROR_HOST, "could not write '%s'", path);
}

static bool file_begin(void *data, const BundleFile *file, GError **error)
{
    Bag *bag = data;
    bool payload = is_payload(file->path);

    bag->tag = payload ? NULL : g_string_new(NULL);
    if (payload) {
        bag->report.file_count++;
        bag->report.size_bytes += file->size_bytes;
    } else {
        bag->tag_bytes += file->size_bytes;
    }
    if (bag->tag_bytes > TAG_BYTES_LIMIT)
        return error_set(error, ERROR_DATA, "its tag files are larger than %d bytes", TAG_BYTES_LIMIT);
    if (bag->report.size_bytes > bag->limit_bytes)
        return error_set(error, ERROR_HOST, "it needs more than the %" G_GINT64_FORMAT " bytes that are free",
                         bag->limit_bytes);
    return !payload || bag->folder == NULL || file_create(bag, file, error);
}

static bool file_bytes(void *data, const void *bytes, size_t size, GError **error)
{
    Bag *bag = data;

    if (bag->interrupted != NULL && *bag->interrupted)
        return error_set(error, ERROR_INTERRUPTED, "interrupted");
    digests_update(bag->digests, bytes, size);
    if (bag->tag != NULL)
        g_string_append_len(bag->tag, bytes, (gssize) size);
    return bag->fd < 0 || fd_write_all(bag->fd, bytes, size)
           || error_set_errno(error, ERROR_HOST, "could not write below '%s'", bag->folder);
}

static bool file_end(void *data, const BundleFile *file, GError **error)
{
    Bag *bag = data;
    DigestPair *pair = g_new(DigestPair, 1);
    int fd = bag->fd;

    bag->fd = -1;
    digests_finish(bag->digests, pair);
    g_hash_table_insert(bag->files, g_strdup(file->path), pair);
    if (bag->tag != NULL)
        g_hash_table_insert(bag->tags, g_strdup(file->path), g_steal_pointer(&bag->tag));
    return fd < 0 || close(fd) == 0 || error_set_errno(error, ERROR_HOST, "could not write below '%s'", bag->folder);
}

static const BundleSink sink = { .begin = file_begin, .bytes = file_bytes, .end = file_end };

static void problem(Bag *bag, const char *path, const char *what)
{
    g_autofree char *shown = bag_path_show(path);

    g_ptr_array_add(bag->problems, g_strdup_printf("%s: %s", shown, what));
}

/* Files that no tag manifest can name: the tag manifests, and the signature of one. */
static bool is_above_manifests(const char *path)
{
    for (unsigned i = 0; i < BAG_DIGESTS; i++)
        if (strcmp(path, bag_manifests[i].tags) == 0)
            return true;
    return strcmp(path, BAG_SIGNATURE) == 0;
}

/* A manifest against the files of its half of the bag: payload or tag files. */
static void compare(Bag *bag, BagDigest kind, GHashTable *manifest, bool payload)
{
    GHashTableIter iter;
    gpointer path, digest;

    g_hash_table_iter_init(&iter, manifest);
    while (g_hash_table_iter_next(&iter, &path, &digest)) {
        const DigestPair *found = g_hash_table_lookup(bag->files, path);

        if (is_payload(path) != payload)
            problem(bag, path, "is in the wrong manifest");
        else if (found == NULL)
            problem(bag, path, "is missing");
        else if (strcmp(kind == BAG_SHA256 ? found->sha256 : found->sha512, digest) != 0)
            problem(bag, path, "has changed");
    }
    g_hash_table_iter_init(&iter, bag->files);
    while (g_hash_table_iter_next(&iter, &path, NULL))
        if (is_payload(path) == payload && !is_above_manifests(path) && !g_hash_table_contains(manifest, path))
            problem(bag, path, "is in no manifest");
}

/* The text of a tag file; NULL: there is none. */
static const char *tag_text(Bag *bag, const char *name)
{
    const GString *tag = g_hash_table_lookup(bag->tags, name);

    return tag != NULL ? tag->str : NULL;
}

/* "Payload-Oxum: BYTES.FILES" in bag-info.txt. RFC 8493 does not demand it; when it is there it must be right. */
static void oxum_check(Bag *bag)
{
    const char *info = tag_text(bag, "bag-info.txt");
    g_auto(GStrv) lines = g_strsplit(info != NULL ? info : "", "\n", -1);
    g_autofree char *expected = g_strdup_printf("%lld.%lld", (long long) bag->report.size_bytes,
                                                (long long) bag->report.file_count);

    for (char **line = lines; *line != NULL; line++) {
        if (g_ascii_strncasecmp(*line, "Payload-Oxum:", 13) == 0 && strcmp(g_strstrip(*line + 13), expected) != 0)
            problem(bag, "bag-info.txt", "its Payload-Oxum does not agree with the files");
    }
}

/* One manifest; one that is not there is a problem only of the kind that a bundle must have. */
static bool manifest_check(Bag *bag, BagDigest kind, bool payload, GError **error)
{
    const char *name = payload ? bag_manifests[kind].payload : bag_manifests[kind].tags;
    const char *text = tag_text(bag, name);
    g_autoptr(GHashTable) manifest = NULL;

    if (text == NULL && kind == BAG_SHA256)
        problem(bag, name, "is missing");
    if (text == NULL)
        return true;
    manifest = bag_manifest_parse(name, &bag_manifests[kind], text, error);
    if (manifest == NULL)
        return false;
    compare(bag, kind, manifest, payload);
    return true;
}

/* A NUL would hide what is behind it. */
static bool tags_are_text(Bag *bag, GError **error)
{
    GHashTableIter iter;
    gpointer path, tag;

    g_hash_table_iter_init(&iter, bag->tags);
    while (g_hash_table_iter_next(&iter, &path, &tag)) {
        const GString *text = tag;
        g_autofree char *shown = NULL;

        if (strlen(text->str) == text->len || strcmp(path, BAG_SIGNATURE) == 0)
            continue;
        shown = bag_path_show(path);
        return error_set(error, ERROR_DATA, "'%s' is no text", shown);
    }
    return true;
}

static bool declaration_check(Bag *bag, GError **error)
{
    const char *declaration = tag_text(bag, "bagit.txt");

    if (declaration == NULL)
        return error_set(error, ERROR_DATA, "it is no bag: 'bagit.txt' is missing");
    if (tag_text(bag, bag_manifests[BAG_SHA256].payload) == NULL)
        return error_set(error, ERROR_DATA, "it is no bag: '%s' is missing", bag_manifests[BAG_SHA256].payload);
    return g_str_has_prefix(declaration, "BagIt-Version: 1.0")
           || error_set(error, ERROR_DATA, "it is no bag: 'bagit.txt' does not begin with 'BagIt-Version: 1.0'");
}

static bool bag_check(Bag *bag, GError **error)
{
    digests_wait(bag->digests);
    if (!declaration_check(bag, error) || !tags_are_text(bag, error))
        return false;
    for (BagDigest kind = 0; kind < BAG_DIGESTS; kind++)
        if (!manifest_check(bag, kind, true, error) || !manifest_check(bag, kind, false, error))
            return false;
    oxum_check(bag);
    return true;
}

/* The signature, with the key that is in the bag or the one that the reader trusts (NULL: none). */
static bool signature_check(Bag *bag, SigningKey *trusted, GError **error)
{
    const GString *signature = g_hash_table_lookup(bag->tags, BAG_SIGNATURE);
    const GString *pem = g_hash_table_lookup(bag->tags, BAG_SIGNING_KEY);
    const char *text = tag_text(bag, BAG_SIGNED);
    g_autoptr(SigningKey) own = NULL;
    g_autofree char *fingerprint = NULL;

    if (signature == NULL && pem == NULL)
        return trusted == NULL || error_set(error, ERROR_DATA, "it is not signed");
    if (signature == NULL || pem == NULL || text == NULL)
        return error_set(error, ERROR_DATA, "it is signed in part: one of '%s', '%s' and '%s' is missing",
                         BAG_SIGNATURE, BAG_SIGNING_KEY, BAG_SIGNED);
    own = signing_key_parse_public(pem->str, pem->len, error);
    if (own == NULL)
        return false;
    fingerprint = signing_key_fingerprint(own);
    if (trusted != NULL && !signature_is_good(trusted, text, signature->str, signature->len))
        return error_set(error, ERROR_DATA, "it is not signed with that key, but says it is with %s", fingerprint);
    if (!signature_is_good(own, text, signature->str, signature->len))
        return error_set(error, ERROR_DATA, "its signature is not good");
    bag->report.signer = g_steal_pointer(&fingerprint);
    return true;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Hand the problems over: sorted, and each once though two manifests say it. */
static bool problems_report(Bag *bag, GPtrArray *problems, GError **error)
{
    g_autoptr(GPtrArray) different = g_ptr_array_new();

    g_ptr_array_sort(bag->problems, compare_lines);
    for (unsigned i = 0; i < bag->problems->len; i++)
        if (i == 0 || strcmp(bag->problems->pdata[i - 1], bag->problems->pdata[i]) != 0)
            g_ptr_array_add(different, bag->problems->pdata[i]);
    if (different->len > 0)
        error_set(error, ERROR_DATA, "%u problem%s, first: %s", different->len, different->len == 1 ? "" : "s",
                  (const char *) different->pdata[0]);
    for (unsigned i = 0; problems != NULL && i < different->len; i++)
        g_ptr_array_add(problems, g_strdup(different->pdata[i]));
    return different->len == 0;
}

static void tag_free(gpointer tag)
{
    g_string_free(tag, TRUE);
}

static void bag_begin(Bag *bag)
{
    bag->digests = digests_new();
    bag->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    bag->tags = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, tag_free);
    bag->problems = g_ptr_array_new_with_free_func(g_free);
    bag->fd = -1;
}

static void bag_clear(Bag *bag)
{
    if (bag->fd >= 0)
        close(bag->fd);
    if (bag->tag != NULL)
        g_string_free(bag->tag, TRUE);
    digests_free(bag->digests);
    g_hash_table_unref(bag->files);
    g_hash_table_unref(bag->tags);
    g_ptr_array_unref(bag->problems);
    bundle_report_clear(&bag->report);
}

static bool checks(Bag *bag, SigningKey *trusted, const char *path, GPtrArray *problems, GError **error)
{
    if (bag_check(bag, error) && problems_report(bag, problems, error) && signature_check(bag, trusted, error))
        return true;
    g_prefix_error(error, "bundle '%s': ", path);
    return false;
}

bool bundle_verify(const char *path, const char *key, GPtrArray *problems, BundleReport *ret_report, GError **error)
{
    g_autoptr(SigningKey) trusted = NULL;
    Bag bag = { .limit_bytes = BUNDLE_BYTES_LIMIT };
    bool ok;

    if (key != NULL && (trusted = signing_key_load_public(key, error)) == NULL)
        return false;
    bag_begin(&bag);
    ok = bundle_read(path, &sink, &bag, NULL, error) && checks(&bag, trusted, path, problems, error);
    if (ok && ret_report != NULL) {
        *ret_report = bag.report;
        bag.report = (BundleReport) { 0 };
    }
    bag_clear(&bag);
    return ok;
}

bool bundle_unpack(const char *path, const char *folder, int64_t limit_bytes, const volatile sig_atomic_t *interrupted,
                   GError **error)
{
    Bag bag = { .limit_bytes = limit_bytes, .folder = folder, .interrupted = interrupted };
    bool ok;

    bag_begin(&bag);
    ok = bundle_read(path, &sink, &bag, NULL, error) && checks(&bag, NULL, path, NULL, error);
    bag_clear(&bag);
    return ok;
}
