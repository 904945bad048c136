// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/memory-image.h"

#include <errno.h>
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"

#define SUFFIX ".memory"
#define MEMORY_IMAGE_DISK ".disk"
enum { KEY_LENGTH = 32, NOTE_LIMIT = 65536, LOCK_LOOK_US = 20000, PROCESSOR_LIMIT = 1 << 20 };

/* What a note says of its image. */
typedef struct Note {
    char *versions, *sha256;
    int64_t size_bytes, modified_ns;
} Note;

static void note_clear(Note *note)
{
    g_free(note->versions);
    g_free(note->sha256);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Note, note_clear)

static char *beside(const MemoryImage *image, const char *suffix)
{
    return g_strdup_printf("%.*s%s", (int) (strlen(image->path) - strlen(SUFFIX)), image->path, suffix);
}

char *memory_image_disk(const MemoryImage *image)
{
    return beside(image, MEMORY_IMAGE_DISK);
}

/* The first "model name" of /proc/cpuinfo; the machine's type where there is none. */
static char *processor(const struct utsname *host)
{
    g_autofree char *text = NULL;
    size_t size;
    const char *at;

    if (!file_read("/proc/cpuinfo", PROCESSOR_LIMIT, &text, &size, NULL) || (at = strstr(text, "model name\t: ")) == NULL)
        return g_strdup(host->machine);
    at += strlen("model name\t: ");
    return g_strndup(at, strcspn(at, "\n"));
}

/* An emulator that was built anew has another size or time even if it calls itself the same. */
static char *versions_text(const MachineHostFacts *facts)
{
    struct utsname host = { 0 };
    struct stat emulator = { 0 };
    g_autofree char *model = NULL;

    uname(&host);
    model = processor(&host);
    if (stat(facts->emulator, &emulator) != 0)
        emulator.st_size = 0;
    return g_strdup_printf("emulator %s (%s, %lld bytes of %lld), libvirt %s, kernel %s, processor %s", facts->emulator_version, facts->emulator,
                           (long long) emulator.st_size, (long long) emulator.st_mtime, facts->libvirt_version, host.release, model);
}

MemoryImage *memory_image_new(const char *cache, const char *identity, const char *images, const MachineHostFacts *facts, GError **error)
{
    g_autofree char *folder = g_build_filename(cache, "memory", NULL);
    g_autofree char *all = g_strdup_printf("%s\n%s\n%s\n", facts->backend, identity, images);
    g_autofree char *key = data_sha256(all, strlen(all));
    MemoryImage *image;

    if (!folder_make(folder, error))
        return NULL;
    image = g_new0(MemoryImage, 1);
    image->path = g_strdup_printf("%s/%.*s" SUFFIX, folder, KEY_LENGTH, key);
    image->versions = versions_text(facts);
    image->lock = -1;
    /* A name-based UUID's shape (RFC 9562, version 8: made by a rule of our own). */
    g_snprintf(image->uuid, sizeof image->uuid, "%.8s-%.4s-8%.3s-a%.3s-%.12s", key, key + 8, key + 12, key + 15, key + 18);
    return image;
}

void memory_image_free(MemoryImage *image)
{
    if (image == NULL)
        return;
    memory_image_unlock(image);
    g_free(image->path);
    g_free(image->versions);
    g_free(image);
}

bool memory_image_lock(MemoryImage *image, unsigned timeout_ms, GError **error)
{
    g_autofree char *path = beside(image, ".lock");
    int64_t due_ns = clock_monotonic_ns() + (int64_t) timeout_ms * 1000000;

    image->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (image->lock < 0)
        return error_set_errno(error, ERROR_HOST, "could not open '%s'", path);
    while (flock(image->lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return error_set_errno(error, ERROR_HOST, "could not lock '%s'", path);
        if (clock_monotonic_ns() >= due_ns)
            return error_set(error, ERROR_HOST, "another worker still makes the memory image '%s' after %g s", image->path, timeout_ms / 1000.0);
        g_usleep(LOCK_LOOK_US);
    }
    return true;
}

void memory_image_unlock(MemoryImage *image)
{
    if (image->lock >= 0)
        close(image->lock);
    image->lock = -1;
}

static int64_t modified_ns(const struct stat *info)
{
    return info->st_mtim.tv_sec * INT64_C(1000000000) + info->st_mtim.tv_nsec;
}

/* Members of another type count as missing: what is no note of ours means no image. */
static bool note_take(JsonObject *object, Note *ret_note)
{
    static const char *const names[] = { "versions", "sha256", "size_bytes", "modified_ns" };
    static const GType types[] = { G_TYPE_STRING, G_TYPE_STRING, G_TYPE_INT64, G_TYPE_INT64 };
    JsonNode *nodes[G_N_ELEMENTS(names)];

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        nodes[i] = json_object_get_member(object, names[i]);
        if (nodes[i] == NULL || !JSON_NODE_HOLDS_VALUE(nodes[i]) || json_node_get_value_type(nodes[i]) != types[i])
            return false;
    }
    *ret_note = (Note) { g_strdup(json_node_get_string(nodes[0])), g_strdup(json_node_get_string(nodes[1])),
                         json_node_get_int(nodes[2]), json_node_get_int(nodes[3]) };
    return true;
}

static bool note_read(const MemoryImage *image, Note *ret_note)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autofree char *path = beside(image, ".json");
    g_autofree char *text = NULL;
    size_t size;

    return file_read(path, NOTE_LIMIT, &text, &size, NULL) && json_parser_load_from_data(parser, text, (gssize) size, NULL)
           && json_parser_get_root(parser) != NULL && JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser))
           && note_take(json_node_get_object(json_parser_get_root(parser)), ret_note);
}

static bool note_write(const MemoryImage *image, const Note *note, GError **error)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *path = beside(image, ".json");
    g_autofree char *text = NULL;

    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "versions");
    json_builder_add_string_value(builder, note->versions);
    json_builder_set_member_name(builder, "sha256");
    json_builder_add_string_value(builder, note->sha256);
    json_builder_set_member_name(builder, "size_bytes");
    json_builder_add_int_value(builder, note->size_bytes);
    json_builder_set_member_name(builder, "modified_ns");
    json_builder_add_int_value(builder, note->modified_ns);
    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    text = json_to_string(root, TRUE);
    return file_write_atomic(path, text, strlen(text), error);
}

/* A file that nobody has touched is what it was; one of another time (a copied lab) is read. */
static char *damage(const MemoryImage *image, Note *note, const struct stat *info)
{
    g_autofree char *sha256 = NULL;
    int64_t size;

    if (info->st_size != note->size_bytes)
        return g_strdup_printf("it has %lld bytes and not %lld", (long long) info->st_size, (long long) note->size_bytes);
    if (modified_ns(info) == note->modified_ns)
        return NULL;
    if (!file_sha256(image->path, &sha256, &size, NULL) || strcmp(sha256, note->sha256) != 0)
        return g_strdup("it is not what was saved: its SHA-256 differs");
    note->modified_ns = modified_ns(info);
    if (!note_write(image, note, NULL))
        log_debug("the new time of '%s' could not be noted", image->path);
    return NULL;
}

MemoryImageState memory_image_look(MemoryImage *image, char **ret_why)
{
    g_auto(Note) note = { 0 };
    g_autofree char *note_path = beside(image, ".json");
    struct stat info;

    *ret_why = NULL;
    if (stat(image->path, &info) != 0 || !note_read(image, &note))
        return MEMORY_IMAGE_MISSING;
    if (strcmp(note.versions, image->versions) != 0)
        *ret_why = g_strdup_printf("it was saved by %s, and here is %s", note.versions, image->versions);
    else
        *ret_why = damage(image, &note, &info);
    if (*ret_why != NULL)
        return MEMORY_IMAGE_UNFIT;
    utimensat(AT_FDCWD, note_path, NULL, 0); /* when it was used: for the pruning */
    return MEMORY_IMAGE_GOOD;
}

/* One file's part of the folder, and when it was last used. */
typedef struct Kept {
    char *path; /* of the note */
    int64_t used_ns, bytes;
} Kept;

static void kept_clear(gpointer data)
{
    g_free(((Kept *) data)->path);
}

static int by_use(const void *left, const void *right)
{
    const Kept *a = left, *b = right;

    return a->used_ns < b->used_ns ? -1 : a->used_ns > b->used_ns;
}

/* What a file takes; 0 when it is not there. */
static int64_t disk_bytes(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 ? (int64_t) info.st_blocks * 512 : 0;
}

static GArray *list_kept(const char *folder, int64_t *ret_bytes)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(Kept));
    g_autoptr(GDir) entries = g_dir_open(folder, 0, NULL);
    const char *name;

    g_array_set_clear_func(all, kept_clear);
    *ret_bytes = 0;
    while (entries != NULL && (name = g_dir_read_name(entries)) != NULL) {
        g_autofree char *stem = g_str_has_suffix(name, ".json") ? g_strndup(name, strlen(name) - strlen(".json")) : NULL;
        g_autofree char *memory = stem != NULL ? g_strdup_printf("%s/%s" SUFFIX, folder, stem) : NULL;
        g_autofree char *disk = stem != NULL ? g_strdup_printf("%s/%s" MEMORY_IMAGE_DISK, folder, stem) : NULL;
        Kept kept = { g_build_filename(folder, name, NULL), 0, 0 };
        struct stat info;

        if (stem != NULL && stat(kept.path, &info) == 0) {
            kept.used_ns = modified_ns(&info);
            kept.bytes = disk_bytes(memory) + disk_bytes(disk);
            *ret_bytes += kept.bytes;
            g_array_append_val(all, kept);
        } else {
            g_free(kept.path);
        }
    }
    g_array_sort(all, by_use);
    return all;
}

/* A worker that wants one that has just gone makes it anew. */
static void prune(const MemoryImage *image)
{
    g_autofree char *folder = g_path_get_dirname(image->path);
    g_autofree char *own = beside(image, ".json");
    int64_t bytes;
    g_autoptr(GArray) all = list_kept(folder, &bytes);

    for (guint i = 0; i < all->len && bytes > MEMORY_IMAGE_LIMIT; i++) {
        const Kept *kept = &g_array_index(all, Kept, i);
        g_autofree char *memory = g_strdup_printf("%.*s" SUFFIX, (int) (strlen(kept->path) - strlen(".json")), kept->path);
        g_autofree char *disk = g_strdup_printf("%.*s" MEMORY_IMAGE_DISK, (int) (strlen(kept->path) - strlen(".json")), kept->path);

        if (strcmp(kept->path, own) == 0)
            continue;
        unlink(kept->path);
        unlink(memory);
        unlink(disk);
        bytes -= kept->bytes;
    }
}

bool memory_image_keep(MemoryImage *image, GError **error)
{
    g_auto(Note) note = { .versions = g_strdup(image->versions) };
    struct stat info;

    if (!file_sha256(image->path, &note.sha256, &note.size_bytes, error))
        return false;
    if (stat(image->path, &info) != 0)
        return error_set_errno(error, ERROR_HOST, "could not look at '%s'", image->path);
    note.modified_ns = modified_ns(&info);
    if (!note_write(image, &note, error))
        return false;
    prune(image);
    return true;
}

void memory_image_remove(MemoryImage *image)
{
    g_autofree char *note = beside(image, ".json");
    g_autofree char *disk = memory_image_disk(image);

    unlink(note);
    unlink(image->path);
    unlink(disk);
}

/* "KEY" of a file that belongs to an image but is neither its note nor its lock; NULL of others. Caller frees. */
static char *stem_of_content(const char *name)
{
    static const char *const suffixes[] = { SUFFIX, MEMORY_IMAGE_DISK };

    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++)
        if (g_str_has_suffix(name, suffixes[i]) && strlen(name) == KEY_LENGTH + strlen(suffixes[i])
            && strspn(name, "0123456789abcdef") == KEY_LENGTH)
            return g_strndup(name, KEY_LENGTH);
    return NULL;
}

/* Nobody works on it, and there is no note. A maker holds the lock until it has written the note. */
static bool is_abandoned(const char *folder, const char *stem, int lock)
{
    g_autofree char *note = g_strdup_printf("%s/%s.json", folder, stem);

    return lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0 && access(note, F_OK) != 0;
}

static bool sweep_file(const char *folder, const char *name, bool dry_run, GPtrArray *found, GError **error)
{
    g_autofree char *stem = stem_of_content(name);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *lock_path = stem != NULL ? g_strdup_printf("%s/%s.lock", folder, stem) : NULL;
    int lock = stem != NULL ? open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0644) : -1;
    bool ok = true;

    if (stem != NULL && is_abandoned(folder, stem, lock)) {
        ok = dry_run || unlink(path) == 0 || errno == ENOENT || error_set_errno(error, ERROR_HOST, "could not remove '%s'", path);
        g_ptr_array_add(found, g_strdup_printf("half-made memory %s", path));
    }
    if (lock >= 0)
        close(lock);
    return ok;
}

bool memory_images_sweep(const char *cache, bool dry_run, GPtrArray *found, GError **error)
{
    g_autofree char *folder = g_build_filename(cache, "memory", NULL);
    g_autoptr(GDir) entries = g_dir_open(folder, 0, NULL);
    const char *name;

    while (entries != NULL && (name = g_dir_read_name(entries)) != NULL)
        if (!sweep_file(folder, name, dry_run, found, error))
            return false;
    return true;
}
