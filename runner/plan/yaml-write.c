// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <yaml.h>

#include "runner/plan/flatten.h"
#include "runner/plan/limits.h"

static int append(void *data, unsigned char *bytes, size_t size)
{
    GString *out = data;

    if (out->len + size > SCENARIO_BYTES_MAX)
        return 0;
    g_string_append_len(out, (const char *) bytes, (gssize) size);
    return 1;
}

static bool emit(yaml_emitter_t *emitter, yaml_event_t *event)
{
    return yaml_emitter_emit(emitter, event) == 1;
}

static bool write_text(yaml_emitter_t *emitter, const char *text, yaml_scalar_style_t style)
{
    yaml_event_t event;

    return yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *) text, (int) strlen(text), 1, 1,
                                        style) &&
           emit(emitter, &event);
}

static bool write_scalar(yaml_emitter_t *emitter, const Node *node)
{
    if (node_is_null(node))
        return write_text(emitter, "~", YAML_PLAIN_SCALAR_STYLE);
    if (node->plain)
        return write_text(emitter, node->text, YAML_PLAIN_SCALAR_STYLE);
    return write_text(emitter, node->text,
                      strchr(node->text, '\n') != NULL ? YAML_LITERAL_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

static bool write_node(yaml_emitter_t *emitter, const Node *node)
{
    bool is_map = node->kind == NODE_MAP;
    bool is_empty = node->count == 0; /* only the flow style can say so */
    yaml_event_t event;

    if (node->kind == NODE_SCALAR)
        return write_scalar(emitter, node);
    if (is_map)
        yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
                                            is_empty ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE);
    else
        yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
                                             is_empty ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE);
    if (!emit(emitter, &event))
        return false;
    for (size_t i = 0; i < node->count; i++)
        if ((is_map && !write_text(emitter, node->keys[i].text, YAML_ANY_SCALAR_STYLE)) ||
            !write_node(emitter, node->values[i]))
            return false;
    if (is_map)
        yaml_mapping_end_event_initialize(&event);
    else
        yaml_sequence_end_event_initialize(&event);
    return emit(emitter, &event);
}

static bool write_document(yaml_emitter_t *emitter, const Node *root)
{
    yaml_event_t event;

    yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
    if (!emit(emitter, &event))
        return false;
    yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1);
    if (!emit(emitter, &event) || !write_node(emitter, root))
        return false;
    yaml_document_end_event_initialize(&event, 1);
    if (!emit(emitter, &event))
        return false;
    yaml_stream_end_event_initialize(&event);
    return emit(emitter, &event);
}

char *tree_write(const ScenarioTree *tree)
{
    GString *out = g_string_new(NULL);
    yaml_emitter_t emitter;
    bool ok;

    yaml_emitter_initialize(&emitter);
    yaml_emitter_set_output(&emitter, append, out);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, -1);
    ok = write_document(&emitter, tree->root);
    yaml_emitter_delete(&emitter);
    return g_string_free(out, !ok);
}
