// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/build.h"
#include "images/store.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

enum { DESCRIPTION_LIMIT = 1 << 20 };

static char *description_path(const ImageStore *store, const char *name)
{
    return g_strdup_printf("%s/names/%s.json", image_store_folder(store), name);
}

static bool copy_object(const ImageStore *from, const ImageStore *to, const char *sha256, GError **error)
{
    g_autofree char *source = g_build_filename(image_store_folder(from), "objects", sha256, NULL);
    g_autofree char *target = g_build_filename(image_store_folder(to), "objects", sha256, NULL);
    g_autofree char *found = NULL;
    int64_t size;

    if (strspn(sha256, "0123456789abcdef") != 64 || sha256[64] != '\0')
        return error_set(error, ERROR_DATA, "'%.64s' is no SHA-256", sha256);
    if (g_file_test(target, G_FILE_TEST_EXISTS))
        return true;
    if (!file_copy(source, target, &found, &size, error))
        return false;
    if (strcmp(found, sha256) != 0) {
        unlink(target);
        return error_set(error, ERROR_DATA, "object '%s' has another SHA-256", source);
    }
    return chmod(target, 0444) == 0 || error_set_errno(error, ERROR_HOST, "could not make '%s' read-only", target);
}

/* Every part of the description that has a SHA-256 is an object. */
static bool copy_objects(const ImageStore *from, const ImageStore *to, JsonObject *object, GError **error)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    json_object_iter_init(&iter, object);
    while (json_object_iter_next(&iter, &name, &node)) {
        if (JSON_NODE_HOLDS_OBJECT(node) && !copy_objects(from, to, json_node_get_object(node), error))
            return false;
        if (strcmp(name, "sha256") == 0 && JSON_NODE_HOLDS_VALUE(node) && json_node_get_string(node) != NULL
            && !copy_object(from, to, json_node_get_string(node), error))
            return false;
    }
    return true;
}

/* The objects first, then the name: whoever sees the name finds them. */
static bool copy_described(const ImageStore *from, const ImageStore *to, const char *name, GError **error)
{
    g_autofree char *source = description_path(from, name), *target = description_path(to, name);
    g_autofree char *text = NULL, *plain = NULL, *line = NULL;
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *object;

    if (!file_read(source, DESCRIPTION_LIMIT, &text, NULL, error))
        return false;
    if (!json_parser_load_from_data(parser, text, -1, NULL) || !JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser)))
        return error_set(error, ERROR_DATA, "image '%s': its description is no JSON object", name);
    object = json_node_get_object(json_parser_get_root(parser));
    if (!copy_objects(from, to, object, error)) {
        g_prefix_error(error, "image '%s': ", name);
        return false;
    }
    json_object_remove_member(object, "built");
    plain = json_to_string(json_parser_get_root(parser), TRUE);
    line = g_strconcat(plain, "\n", NULL);
    return file_write_atomic(target, line, strlen(line), error);
}

bool image_store_copy(ImageStore *from, ImageStore *to, const char *name, ImageCopy *ret_what, GError **error)
{
    g_autoptr(Image) image = image_store_get(from, name, error); /* checks the name, too */
    g_autofree char *target = NULL;
    g_autoptr(Image) there = NULL;

    if (image == NULL)
        return false;
    target = description_path(to, name);
    if (g_file_test(target, G_FILE_TEST_EXISTS)) {
        there = image_store_get(to, name, error);
        if (there == NULL)
            return false;
        *ret_what = strcmp(there->digest, image->digest) == 0 ? IMAGE_THERE : IMAGE_ANOTHER_THERE;
        return true;
    }
    *ret_what = IMAGE_COPIED;
    return copy_described(from, to, name, error);
}
