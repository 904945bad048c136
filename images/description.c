// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/description.h"

#include <json-glib/json-glib.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "images/arch.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

enum { FORMAT = 1 };

/* What an image may have, in the order in which its digest names it. */
static const struct {
    const char *key;
    size_t path, sha256; /* of char * in Image */
} parts[] = {
    { "kernel", offsetof(Image, kernel_path), offsetof(Image, kernel_sha256) },
    { "initrd", offsetof(Image, initrd_path), offsetof(Image, initrd_sha256) },
    { "disk", offsetof(Image, disk_path), offsetof(Image, disk_sha256) },
};

/* Texts that may be missing, and what need not be said. */
static const struct {
    const char *key;
    size_t place;
    const char *usual;
} texts[] = {
    { "disk_format", offsetof(Image, disk_format), NULL },
    { "cmdline", offsetof(Image, cmdline), NULL },
    { "channel", offsetof(Image, channel), NULL },
    { "arch", offsetof(Image, arch), IMAGE_ARCH_HOST },
};

/* Numbers that may be missing: 0. */
static const struct {
    const char *key;
    size_t place; /* of unsigned in Image */
} numbers[] = {
    { "memory_mb", offsetof(Image, memory_mb) },
    { "agent_revision", offsetof(Image, agent_revision) },
};

static unsigned *number_at(const Image *image, size_t place)
{
    return (unsigned *) ((char *) image + place);
}

static char **text_at(const Image *image, size_t place)
{
    return (char **) ((char *) image + place);
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

/* One of the parts, and where it is; an image that does not name it has none. */
static bool read_part(JsonObject *object, const char *objects, size_t index, Image *image, GError **error)
{
    const char *key = parts[index].key;
    JsonNode *node = member(object, key, JSON_NODE_OBJECT);
    JsonObject *part = node != NULL ? json_node_get_object(node) : NULL;
    const char *sha256 = text_member(part, "sha256");
    char **path = text_at(image, parts[index].path);
    struct stat info;

    if (!json_object_has_member(object, key))
        return true;
    if (strlen(sha256) != 64 || strspn(sha256, "0123456789abcdef") != 64)
        return error_set(error, ERROR_DATA, "it names no %s", key);
    *text_at(image, parts[index].sha256) = g_strdup(sha256);
    *path = g_build_filename(objects, sha256, NULL);
    if (stat(*path, &info) != 0)
        return error_set_errno(error, ERROR_DATA, "could not read its %s '%s'", key, *path);
    if (info.st_size != number_member(part, "size_bytes"))
        return error_set(error, ERROR_DATA, "its %s '%s' has %lld bytes instead of %lld", key, *path,
                         (long long) info.st_size, (long long) number_member(part, "size_bytes"));
    image->size_bytes += info.st_size;
    return true;
}

static bool read_parts(JsonObject *object, const char *objects, Image *image, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (!read_part(object, objects, i, image, error))
            return false;
    if (image->kernel_path == NULL && image->disk_path == NULL)
        return error_set(error, ERROR_DATA, "it names no kernel and no disk");
    return image->disk_path == NULL || json_object_has_member(object, "disk_format")
           || error_set(error, ERROR_DATA, "it does not say which format its disk has");
}

static void read_properties(JsonObject *object, Image *image)
{
    JsonNode *cloud_init = member(object, "cloud_init", JSON_NODE_VALUE);

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (*text_member(object, texts[i].key) != '\0')
            *text_at(image, texts[i].place) = g_strdup(text_member(object, texts[i].key));
    if (image->arch == NULL)
        image->arch = g_strdup(IMAGE_ARCH_HOST);
    image->kernel_version = g_strdup(text_member(object, "kernel_version"));
    image->digest = g_strdup(text_member(object, "digest"));
    image->cloud_init = cloud_init != NULL && json_node_get_boolean(cloud_init);
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        *number_at(image, numbers[i].place) = (unsigned) CLAMP(number_member(object, numbers[i].key), 0, G_MAXINT);
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

char *image_digest(const Image *image)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *only = NULL;
    size_t count = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        const char *sha256 = *text_at(image, parts[i].sha256);

        if (sha256 == NULL)
            continue;
        g_string_append_printf(text, "%s %s\n", parts[i].key, sha256);
        only = sha256;
        count++;
    }
    if (image->cmdline != NULL)
        g_string_append_printf(text, "cmdline %s\n", image->cmdline);
    return count == 1 && image->cmdline == NULL ? g_strdup(only) : data_sha256(text->str, text->len);
}

static bool check_digest(const Image *image, GError **error)
{
    g_autofree char *digest = image_digest(image);

    return strcmp(digest, image->digest) == 0
           || error_set(error, ERROR_DATA, "its digest '%.64s' does not follow from its parts", image->digest);
}

bool description_read(const char *text, const char *objects, Image *image, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonNode *root = json_parser_load_from_data(parser, text, -1, NULL) ? json_parser_get_root(parser) : NULL;
    JsonObject *object;

    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
        return error_set(error, ERROR_DATA, "its description is no JSON object");
    object = json_node_get_object(root);
    if (number_member(object, "format") != FORMAT)
        return error_set(error, ERROR_DATA, "its description has not format %d, the only one that this trialbed knows",
                         FORMAT);
    read_properties(object, image);
    image->packages = read_packages(object);
    return read_parts(object, objects, image, error) && check_digest(image, error);
}

static void build_text(JsonBuilder *builder, const char *key, const char *text)
{
    json_builder_set_member_name(builder, key);
    json_builder_add_string_value(builder, text);
}

static bool build_part(JsonBuilder *builder, const Image *image, size_t index, GError **error)
{
    const char *path = *text_at(image, parts[index].path);
    struct stat info;

    if (path == NULL)
        return true;
    if (stat(path, &info) != 0)
        return error_set_errno(error, ERROR_HOST, "could not look at '%s'", path);
    json_builder_set_member_name(builder, parts[index].key);
    json_builder_begin_object(builder);
    build_text(builder, "sha256", *text_at(image, parts[index].sha256));
    json_builder_set_member_name(builder, "size_bytes");
    json_builder_add_int_value(builder, info.st_size);
    json_builder_end_object(builder);
    return true;
}

static void build_properties(JsonBuilder *builder, const Image *image)
{
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (*text_at(image, texts[i].place) != NULL && g_strcmp0(*text_at(image, texts[i].place), texts[i].usual) != 0)
            build_text(builder, texts[i].key, *text_at(image, texts[i].place));
    if (image->cloud_init) {
        json_builder_set_member_name(builder, "cloud_init");
        json_builder_add_boolean_value(builder, TRUE);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        if (*number_at(image, numbers[i].place) > 0) {
            json_builder_set_member_name(builder, numbers[i].key);
            json_builder_add_int_value(builder, *number_at(image, numbers[i].place));
        }
    json_builder_set_member_name(builder, "packages");
    json_builder_begin_array(builder);
    for (char **package = image->packages; package != NULL && *package != NULL; package++)
        json_builder_add_string_value(builder, *package);
    json_builder_end_array(builder);
}

char *description_write(const Image *image, GError **error)
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
    build_text(builder, "kernel_version", image->kernel_version != NULL ? image->kernel_version : "");
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (!build_part(builder, image, i, error))
            return NULL;
    build_properties(builder, image);
    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    text = json_to_string(root, TRUE);
    return g_strconcat(text, "\n", NULL);
}
