// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/build.h"
#include "images/recipe.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

enum { FORMAT = 1, DESCRIPTION_LIMIT = 1 << 20 };

struct ImageStore {
    char *folder, *objects, *names, *packages;
};

void image_free(Image *image)
{
    if (image == NULL)
        return;
    g_free(image->name);
    g_free(image->kernel_path);
    g_free(image->kernel_sha256);
    g_free(image->initrd_path);
    g_free(image->initrd_sha256);
    g_free(image->kernel_version);
    g_free(image->digest);
    g_strfreev(image->packages);
    g_free(image);
}

ImageStore *image_store_open(const char *folder, GError **error)
{
    g_autoptr(ImageStore) store = g_new0(ImageStore, 1);

    store->folder = g_canonicalize_filename(folder, NULL);
    store->objects = g_build_filename(store->folder, "objects", NULL);
    store->names = g_build_filename(store->folder, "names", NULL);
    store->packages = g_build_filename(store->folder, "packages", NULL);
    if (!folder_make(store->objects, error) || !folder_make(store->names, error))
        return NULL;
    return g_steal_pointer(&store);
}

void image_store_close(ImageStore *store)
{
    if (store == NULL)
        return;
    g_free(store->folder);
    g_free(store->objects);
    g_free(store->names);
    g_free(store->packages);
    g_free(store);
}

const char *image_store_packages_folder(const ImageStore *store)
{
    return store->packages;
}

/* Names become file names. */
static bool check_name(const char *name, GError **error)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    if (length > 0 && length <= 100 && name[length] == '\0' && name[0] != '.' && name[0] != '-')
        return true;
    return error_set(error, ERROR_USAGE, "image name '%s': use letters, digits, '.', '_' and '-'", name);
}

const char *image_store_folder(const ImageStore *store)
{
    return store->folder;
}

static char *name_path(const ImageStore *store, const char *name)
{
    g_autofree char *file = g_strconcat(name, ".json", NULL);

    return g_build_filename(store->names, file, NULL);
}

/* Writers of names and removers of objects take turns; readers need no lock, since every file appears whole. */
static int store_lock(const ImageStore *store, GError **error)
{
    g_autofree char *path = g_build_filename(store->folder, "lock", NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

    while (fd >= 0 && flock(fd, LOCK_EX) != 0)
        if (errno != EINTR) {
            close(fd);
            fd = -1;
        }
    if (fd < 0)
        error_set_errno(error, ERROR_HOST, "could not lock '%s'", path);
    return fd;
}

/* The member of that name if it holds that kind of thing; NULL: another kind, or none. */
static JsonNode *member(JsonObject *object, const char *key, JsonNodeType type)
{
    JsonNode *node = object != NULL ? json_object_get_member(object, key) : NULL;

    return node != NULL && json_node_get_node_type(node) == type ? node : NULL;
}

static const char *text_member(JsonObject *object, const char *key)
{
    JsonNode *node = member(object, key, JSON_NODE_VALUE);
    const char *text = node != NULL ? json_node_get_string(node) : NULL;

    return text != NULL ? text : "";
}

static int64_t number_member(JsonObject *object, const char *key)
{
    JsonNode *node = member(object, key, JSON_NODE_VALUE);

    return node != NULL && json_node_get_value_type(node) == G_TYPE_INT64 ? json_node_get_int(node) : -1;
}

/* The part named `key`, and where it is. */
static bool read_part(const ImageStore *store, JsonObject *object, const char *key, char **ret_path, char **ret_sha256,
                      int64_t *total_bytes, GError **error)
{
    JsonNode *node = member(object, key, JSON_NODE_OBJECT);
    JsonObject *part = node != NULL ? json_node_get_object(node) : NULL;
    const char *sha256 = text_member(part, "sha256");
    struct stat info;

    if (strlen(sha256) != 64 || strspn(sha256, "0123456789abcdef") != 64)
        return error_set(error, ERROR_DATA, "it names no %s", key);
    *ret_sha256 = g_strdup(sha256);
    *ret_path = g_build_filename(store->objects, sha256, NULL);
    if (stat(*ret_path, &info) != 0)
        return error_set_errno(error, ERROR_DATA, "could not read its %s '%s'", key, *ret_path);
    if (info.st_size != number_member(part, "size_bytes"))
        return error_set(error, ERROR_DATA, "its %s '%s' has %lld bytes instead of %lld", key, *ret_path,
                         (long long) info.st_size, (long long) number_member(part, "size_bytes"));
    *total_bytes += info.st_size;
    return true;
}

static char **read_packages(JsonObject *object)
{
    JsonNode *node = member(object, "packages", JSON_NODE_ARRAY);
    JsonArray *array = node != NULL ? json_node_get_array(node) : NULL;
    unsigned count = array != NULL ? json_array_get_length(array) : 0;
    g_autoptr(GStrvBuilder) packages = g_strv_builder_new();

    for (unsigned i = 0; i < count; i++) {
        JsonNode *element = json_array_get_element(array, i);

        if (json_node_get_value_type(element) == G_TYPE_STRING)
            g_strv_builder_add(packages, json_node_get_string(element));
    }
    return g_strv_builder_end(packages);
}

/* Over the parts' digests. Caller frees. */
static char *digest_of(const Image *image)
{
    g_autofree char *parts = g_strdup_printf("kernel %s\ninitrd %s\n", image->kernel_sha256, image->initrd_sha256);

    return data_sha256(parts, strlen(parts));
}

static bool check_digest(const Image *image, GError **error)
{
    g_autofree char *digest = digest_of(image);

    return strcmp(digest, image->digest) == 0
           || error_set(error, ERROR_DATA, "its digest '%.64s' does not follow from its parts", image->digest);
}

static bool read_description(const ImageStore *store, const char *text, Image *image, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonNode *root;
    JsonObject *object;

    root = json_parser_load_from_data(parser, text, -1, NULL) ? json_parser_get_root(parser) : NULL;
    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
        return error_set(error, ERROR_DATA, "its description is no JSON object");
    object = json_node_get_object(root);
    if (number_member(object, "format") != FORMAT)
        return error_set(error, ERROR_DATA, "its description has not format %d, the only one that this trialbed knows",
                         FORMAT);
    image->kernel_version = g_strdup(text_member(object, "kernel_version"));
    image->digest = g_strdup(text_member(object, "digest"));
    image->packages = read_packages(object);
    return read_part(store, object, "kernel", &image->kernel_path, &image->kernel_sha256, &image->size_bytes, error)
           && read_part(store, object, "initrd", &image->initrd_path, &image->initrd_sha256, &image->size_bytes, error)
           && check_digest(image, error);
}

static Image *read_image(ImageStore *store, const char *name, const char *path, GError **error)
{
    g_autoptr(Image) image = g_new0(Image, 1);
    g_autofree char *text = NULL;

    image->name = g_strdup(name);
    if (!file_read(path, DESCRIPTION_LIMIT, &text, NULL, error))
        return NULL;
    if (!read_description(store, text, image, error)) {
        g_prefix_error(error, "image '%s': ", name);
        error_hint(error, "'trialbed image remove %s' and 'trialbed image build %s' make it anew.", name, name);
        return NULL;
    }
    return g_steal_pointer(&image);
}

Image *image_store_get(ImageStore *store, const char *name, GError **error)
{
    g_autofree char *path = name_path(store, name);

    if (!check_name(name, error))
        return NULL;
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return read_image(store, name, path, error);
    error_set(error, ERROR_HOST, "there is no image '%s' in '%s'", name, store->folder);
    if (recipe_exists(name))
        error_hint(error, "'trialbed image build %s' makes it.", name);
    else
        error_hint(error, "'trialbed image list' shows the images that there are.");
    return NULL;
}

bool image_store_list(ImageStore *store, GPtrArray **ret_images, GError **error)
{
    g_autoptr(GPtrArray) images = g_ptr_array_new_with_free_func((GDestroyNotify) image_free);
    g_autoptr(GPtrArray) files = NULL;

    if (!folder_list(store->names, &files, error))
        return false;
    for (unsigned i = 0; i < files->len; i++) {
        const char *file = files->pdata[i];
        g_autofree char *path = g_build_filename(store->names, file, NULL);
        g_autofree char *name = NULL;
        Image *image;

        if (!g_str_has_suffix(file, ".json"))
            continue; /* one that is just being written */
        name = g_strndup(file, strlen(file) - strlen(".json"));
        image = read_image(store, name, path, error);
        if (image == NULL)
            return false;
        g_ptr_array_add(images, image);
    }
    *ret_images = g_steal_pointer(&images);
    return true;
}

/* Returns the bytes' name and path; writes nothing when they are there. */
static bool put_object(ImageStore *store, GBytes *bytes, char **ret_sha256, char **ret_path, GError **error)
{
    size_t size;
    const void *data = g_bytes_get_data(bytes, &size);
    struct stat info;

    *ret_sha256 = data_sha256(data, size);
    *ret_path = g_build_filename(store->objects, *ret_sha256, NULL);
    if (stat(*ret_path, &info) == 0 && (size_t) info.st_size == size)
        return true;
    if (!file_write_atomic(*ret_path, data, size, error))
        return false;
    if (chmod(*ret_path, 0444) != 0)
        return error_set_errno(error, ERROR_HOST, "could not make '%s' read-only", *ret_path);
    return true;
}

static void build_part(JsonBuilder *builder, const char *key, const char *sha256, size_t size_bytes)
{
    json_builder_set_member_name(builder, key);
    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "sha256");
    json_builder_add_string_value(builder, sha256);
    json_builder_set_member_name(builder, "size_bytes");
    json_builder_add_int_value(builder, (int64_t) size_bytes);
    json_builder_end_object(builder);
}

static void build_text(JsonBuilder *builder, const char *key, const char *text)
{
    json_builder_set_member_name(builder, key);
    json_builder_add_string_value(builder, text);
}

static char *describe(const Image *image, size_t kernel_bytes, size_t initrd_bytes)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *built = clock_format_utc(clock_realtime_ns());
    g_autofree char *text = NULL;

    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "format");
    json_builder_add_int_value(builder, FORMAT);
    build_text(builder, "digest", image->digest);
    build_text(builder, "built", built);
    build_text(builder, "kernel_version", image->kernel_version);
    build_part(builder, "kernel", image->kernel_sha256, kernel_bytes);
    build_part(builder, "initrd", image->initrd_sha256, initrd_bytes);
    json_builder_set_member_name(builder, "packages");
    json_builder_begin_array(builder);
    for (char **package = image->packages; *package != NULL; package++)
        json_builder_add_string_value(builder, *package);
    json_builder_end_array(builder);
    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    text = json_to_string(root, TRUE);
    return g_strconcat(text, "\n", NULL);
}

static bool put_locked(ImageStore *store, Image *image, GBytes *kernel, GBytes *initrd, GError **error)
{
    g_autofree char *path = name_path(store, image->name);
    g_autofree char *text = NULL;

    if (!put_object(store, kernel, &image->kernel_sha256, &image->kernel_path, error)
        || !put_object(store, initrd, &image->initrd_sha256, &image->initrd_path, error))
        return false;
    image->digest = digest_of(image);
    image->size_bytes = (int64_t) (g_bytes_get_size(kernel) + g_bytes_get_size(initrd));
    text = describe(image, g_bytes_get_size(kernel), g_bytes_get_size(initrd));
    return file_write_atomic(path, text, strlen(text), error);
}

bool image_store_put(ImageStore *store, Image *image, GBytes *kernel, GBytes *initrd, GError **error)
{
    int lock;
    bool ok;

    if (!check_name(image->name, error) || (lock = store_lock(store, error)) < 0)
        return false;
    ok = put_locked(store, image, kernel, initrd, error);
    close(lock);
    return ok;
}

static bool any_image_uses(GPtrArray *images, const char *sha256)
{
    for (unsigned i = 0; i < images->len; i++) {
        const Image *image = images->pdata[i];

        if (strcmp(image->kernel_sha256, sha256) == 0 || strcmp(image->initrd_sha256, sha256) == 0)
            return true;
    }
    return false;
}

/* Objects that no name stands for any more. When a description cannot be read, nothing is removed. */
static bool remove_unused_objects(ImageStore *store, GError **error)
{
    g_autoptr(GPtrArray) images = NULL;
    g_autoptr(GPtrArray) objects = NULL;

    if (!image_store_list(store, &images, error) || !folder_list(store->objects, &objects, error))
        return false;
    for (unsigned i = 0; i < objects->len; i++) {
        g_autofree char *path = g_build_filename(store->objects, objects->pdata[i], NULL);

        if (!any_image_uses(images, objects->pdata[i]) && unlink(path) != 0 && errno != ENOENT)
            return error_set_errno(error, ERROR_HOST, "could not remove '%s'", path);
    }
    return true;
}

bool image_store_remove(ImageStore *store, const char *name, GError **error)
{
    g_autofree char *path = name_path(store, name);
    int lock;
    bool ok;

    if (!check_name(name, error) || (lock = store_lock(store, error)) < 0)
        return false;
    if (unlink(path) == 0)
        ok = remove_unused_objects(store, error);
    else if (errno == ENOENT)
        ok = error_set(error, ERROR_HOST, "there is no image '%s' in '%s'", name, store->folder);
    else
        ok = error_set_errno(error, ERROR_HOST, "could not remove '%s'", path);
    close(lock);
    return ok;
}
