// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-glib/json-glib.h>

#include "runner/base/error.h"
#include "runner/exec/experiment.h"

static void write_texts(JsonBuilder *builder, const char *name, char **texts)
{
    json_builder_set_member_name(builder, name);
    json_builder_begin_array(builder);
    for (char **text = texts; text != NULL && *text != NULL; text++)
        json_builder_add_string_value(builder, *text);
    json_builder_end_array(builder);
}

char *settings_write(const Settings *settings)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) root = NULL;

    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "backend");
    json_builder_add_string_value(builder, settings->backend);
    json_builder_set_member_name(builder, "uri");
    json_builder_add_string_value(builder, settings->uri);
    write_texts(builder, "only", settings->only);
    if (settings->set != NULL && settings->set[0] != NULL)
        write_texts(builder, "set", settings->set);
    json_builder_set_member_name(builder, "repetitions");
    json_builder_add_int_value(builder, settings->repetitions);
    if (settings->reproduces != NULL) {
        json_builder_set_member_name(builder, "reproduces");
        json_builder_add_string_value(builder, settings->reproduces);
    }
    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    return json_to_string(root, FALSE);
}

static char **read_texts(JsonObject *object, const char *name)
{
    JsonArray *array = json_object_has_member(object, name) ? json_object_get_array_member(object, name) : NULL;
    GPtrArray *texts = g_ptr_array_new();

    for (guint i = 0; array != NULL && i < json_array_get_length(array); i++)
        g_ptr_array_add(texts, g_strdup(json_array_get_string_element(array, i)));
    g_ptr_array_add(texts, NULL);
    return (char **) g_ptr_array_free(texts, FALSE);
}

bool settings_read(const char *json, Settings *ret_settings, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *object;

    if (!json_parser_load_from_data(parser, json, -1, NULL) || !JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser)))
        return error_set(error, ERROR_DATA, "the experiment's stored settings are no JSON object: %.80s", json);
    object = json_node_get_object(json_parser_get_root(parser));
    if (!json_object_has_member(object, "only") || !json_object_has_member(object, "backend"))
        return error_set(error, ERROR_DATA, "the experiment's stored settings lack 'backend' or 'only'");
    *ret_settings = (Settings) {
        .backend = g_strdup(json_object_get_string_member(object, "backend")),
        .uri = g_strdup(json_object_get_string_member_with_default(object, "uri", NULL)),
        .only = read_texts(object, "only"),
        .set = read_texts(object, "set"),
        .repetitions = (unsigned) json_object_get_int_member_with_default(object, "repetitions", 0),
        .reproduces = g_strdup(json_object_get_string_member_with_default(object, "reproduces", NULL)),
    };
    return true;
}

void settings_clear(Settings *settings)
{
    g_free(settings->backend);
    g_free(settings->uri);
    g_strfreev(settings->only);
    g_strfreev(settings->set);
    g_free(settings->reproduces);
    *settings = (Settings) { 0 };
}

static void add_options(GString *text, const char *option, char **values)
{
    for (char **value = values; value != NULL && *value != NULL; value++) {
        g_autofree char *quoted = g_shell_quote(*value);

        g_string_append_printf(text, "%s%s %s", text->len > 0 ? " " : "", option, quoted);
    }
}

char *settings_options(const Settings *settings)
{
    g_autoptr(GString) text = g_string_new(NULL);

    add_options(text, "--set", settings->set);
    add_options(text, "--only", settings->only);
    if (settings->repetitions > 0)
        g_string_append_printf(text, "%s--repetitions %u", text->len > 0 ? " " : "", settings->repetitions);
    return text->len > 0 ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}
