// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/bundle/json.h"

#include "runner/base/files.h"

void json_put_text(JsonBuilder *builder, const char *name, const char *text)
{
    if (text == NULL)
        return;
    json_builder_set_member_name(builder, name);
    json_builder_add_string_value(builder, text);
}

void json_put_integer(JsonBuilder *builder, const char *name, int64_t value)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_int_value(builder, value);
}

void json_add_reference(JsonBuilder *builder, const char *id)
{
    json_builder_begin_object(builder);
    json_put_text(builder, "@id", id);
    json_builder_end_object(builder);
}

void json_put_reference(JsonBuilder *builder, const char *name, const char *id)
{
    json_builder_set_member_name(builder, name);
    json_add_reference(builder, id);
}

void json_open_object(JsonBuilder *builder, const char *name)
{
    json_builder_set_member_name(builder, name);
    json_builder_begin_object(builder);
}

void json_open_array(JsonBuilder *builder, const char *name)
{
    json_builder_set_member_name(builder, name);
    json_builder_begin_array(builder);
}

bool json_save(JsonBuilder *builder, const char *path, GError **error)
{
    g_autoptr(JsonGenerator) generator = json_generator_new();
    JsonNode *root = json_builder_get_root(builder);
    g_autoptr(GString) text = g_string_new(NULL);

    json_generator_set_pretty(generator, TRUE);
    json_generator_set_root(generator, root);
    json_generator_to_gstring(generator, text);
    json_node_unref(root);
    g_string_append_c(text, '\n');
    return file_write_atomic(path, text->str, text->len, error);
}
