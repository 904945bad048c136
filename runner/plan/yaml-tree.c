// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/yaml-tree.h"

#include <string.h>
#include <yaml.h>

#include "runner/plan/limits.h"
#include "runner/plan/yaml-text.h"

/* A list or map whose end has not come yet. */
typedef struct Open {
    Node *node;
    GPtrArray *values;
    GArray *keys;
    GHashTable *seen;
    NodeKey key; /* waits for its value; text NULL when value and key are to be dropped */
    bool has_key;
} Open;

typedef struct Builder {
    ScenarioTree *tree;
    Problems *problems;
    const TabRepair *repair;
    GHashTable *anchors; /* name -> Node */
    Open open[SCENARIO_DEPTH_MAX];
    unsigned depth;
    size_t weight;
    unsigned documents;
    bool stopped;
} Builder;

static void node_free(void *item)
{
    Node *node = item;

    g_free(node->values);
    g_free(node->keys);
    g_free(node);
}

void scenario_tree_free(ScenarioTree *tree)
{
    if (tree == NULL)
        return;
    g_ptr_array_unref(tree->nodes);
    g_string_chunk_free(tree->texts);
    g_clear_pointer(&tree->others, g_ptr_array_unref);
    g_free(tree);
}

static void place_of(const Builder *builder, yaml_mark_t mark, unsigned *ret_line, unsigned *ret_column)
{
    *ret_line = (unsigned) mark.line + 1;
    *ret_column = tab_repair_column(builder->repair, *ret_line, (unsigned) mark.column + 1);
    *ret_line += builder->problems->first_line;
}

static void complain(const Builder *builder, yaml_mark_t mark, char *message, const char *hint)
{
    unsigned line, column;

    place_of(builder, mark, &line, &column);
    problems_add(builder->problems, line, column, message, g_strdup(hint));
}

static void stop(Builder *builder, yaml_mark_t mark, char *message, const char *hint)
{
    complain(builder, mark, message, hint);
    builder->stopped = true;
}

static Node *add_node(Builder *builder, NodeKind kind, yaml_mark_t mark)
{
    Node *node = g_new0(Node, 1);

    node->kind = kind;
    node->weight = 1;
    node->height = kind == NODE_LIST || kind == NODE_MAP;
    place_of(builder, mark, &node->line, &node->column);
    g_ptr_array_add(builder->tree->nodes, node);
    return node;
}

static const char *keep_text(Builder *builder, const yaml_event_t *event)
{
    const char *text = (const char *) event->data.scalar.value;
    size_t length = event->data.scalar.length;

    if (memchr(text, '\0', length) != NULL) {
        complain(builder, event->start_mark, g_strdup("a text cannot have a NUL character"),
                 "remove the '\\0' or '\\x00'.");
        length = strlen(text);
    }
    return g_string_chunk_insert_len(builder->tree->texts, text, (gssize) length);
}

static bool count_nodes(Builder *builder, size_t weight, unsigned height, yaml_mark_t mark)
{
    builder->weight += weight;
    if (builder->weight > SCENARIO_NODES_MAX)
        stop(builder, mark,
             g_strdup_printf("there are more than %d values, aliases counted in full", SCENARIO_NODES_MAX),
             "write a smaller scenario; an alias costs as much as what it repeats.");
    else if (builder->depth + height > SCENARIO_DEPTH_MAX)
        stop(builder, mark, g_strdup_printf("lists and maps are more than %d levels deep", SCENARIO_DEPTH_MAX), NULL);
    return !builder->stopped;
}

static void take_key(Builder *builder, Open *open, const yaml_event_t *event)
{
    NodeKey key = { keep_text(builder, event), 0, 0 };
    unsigned first = GPOINTER_TO_UINT(g_hash_table_lookup(open->seen, key.text));

    place_of(builder, event->start_mark, &key.line, &key.column);
    if (first != 0) {
        g_autofree char *place = problems_line(builder->problems, first);
        g_autofree char *hint = g_strdup_printf("the first one is in %s; remove one of them.", place);

        complain(builder, event->start_mark, g_strdup_printf("key '%s' is there twice", key.text), hint);
        key.text = NULL;
    } else
        g_hash_table_insert(open->seen, (void *) key.text, GUINT_TO_POINTER(key.line));
    open->key = key;
    open->has_key = true;
}

static void attach(Builder *builder, Node *node)
{
    Open *open;

    if (builder->depth == 0) {
        builder->tree->root = node;
        return;
    }
    open = &builder->open[builder->depth - 1];
    open->node->weight += node->weight;
    open->node->height = MAX(open->node->height, node->height + 1);
    if (open->node->kind == NODE_MAP) {
        open->has_key = false;
        if (open->key.text == NULL)
            return;
        g_array_append_val(open->keys, open->key);
    }
    g_ptr_array_add(open->values, node);
}

/* In a map every other event is a key. Whatever else than a scalar stands there is read and dropped. */
static bool is_key(Builder *builder, const yaml_event_t *event)
{
    Open *open = builder->depth > 0 ? &builder->open[builder->depth - 1] : NULL;

    if (open == NULL || open->node->kind != NODE_MAP || open->has_key)
        return false;
    if (event->type == YAML_SCALAR_EVENT) {
        take_key(builder, open, event);
        return true;
    }
    complain(builder, event->start_mark, g_strdup("a key must be a text"),
             "texts with '${...}', '[' or '{' need quotes.");
    open->key.text = NULL;
    return false;
}

static void begin(Builder *builder, NodeKind kind, const yaml_event_t *event)
{
    Open *open = &builder->open[builder->depth];

    if (!count_nodes(builder, 1, 1, event->start_mark))
        return;
    *open = (Open){ .node = add_node(builder, kind, event->start_mark), .values = g_ptr_array_new() };
    open->node->cut = true;
    if (kind == NODE_MAP) {
        open->keys = g_array_new(FALSE, FALSE, sizeof(NodeKey));
        open->seen = g_hash_table_new(g_str_hash, g_str_equal);
    }
    builder->depth++;
}

/* A collection that stood where a key should be is dropped, and the value that follows is still to come. */
static void end(Builder *builder, bool is_cut)
{
    Open *open = &builder->open[--builder->depth];
    Open *parent = builder->depth > 0 ? &builder->open[builder->depth - 1] : NULL;
    Node *node = open->node;

    node->cut = is_cut;
    node->count = open->values->len;
    node->values = (Node **) g_ptr_array_free(open->values, FALSE);
    if (open->keys != NULL) {
        node->keys = (NodeKey *) (void *) g_array_free(open->keys, FALSE);
        g_hash_table_unref(open->seen);
    }
    if (parent != NULL && parent->node->kind == NODE_MAP && !parent->has_key)
        parent->has_key = true;
    else
        attach(builder, node);
}

static void remember_anchor(Builder *builder, const yaml_char_t *anchor, Node *node)
{
    if (anchor != NULL)
        g_hash_table_replace(builder->anchors, g_strdup((const char *) anchor), node);
}

static void refuse_tag(Builder *builder, const yaml_char_t *tag, yaml_mark_t mark)
{
    if (tag != NULL)
        complain(builder, mark, g_strdup_printf("tag '%s' has no meaning here", (const char *) tag), "remove the tag.");
}

static void take_alias(Builder *builder, const yaml_event_t *event)
{
    const char *name = (const char *) event->data.alias.anchor;
    Node *node = g_hash_table_lookup(builder->anchors, name);

    if (node == NULL)
        complain(builder, event->start_mark, g_strdup_printf("alias '*%s' has no anchor '&%s' before it", name, name),
                 NULL);
    else if (node->cut)
        complain(builder, event->start_mark, g_strdup_printf("alias '*%s' stands inside its own anchor", name), NULL);
    if (node == NULL || node->cut)
        node = add_node(builder, NODE_BROKEN, event->start_mark);
    if (count_nodes(builder, node->weight, node->height, event->start_mark))
        attach(builder, node);
}

static void take_scalar(Builder *builder, const yaml_event_t *event)
{
    Node *node;

    refuse_tag(builder, event->data.scalar.tag, event->start_mark);
    if (!count_nodes(builder, 1, 0, event->start_mark))
        return;
    node = add_node(builder, NODE_SCALAR, event->start_mark);
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = keep_text(builder, event);
    remember_anchor(builder, event->data.scalar.anchor, node);
    attach(builder, node);
}

static void take_collection(Builder *builder, const yaml_event_t *event)
{
    bool is_map = event->type == YAML_MAPPING_START_EVENT;

    refuse_tag(builder, is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag, event->start_mark);
    begin(builder, is_map ? NODE_MAP : NODE_LIST, event);
    if (!builder->stopped)
        remember_anchor(builder, is_map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor,
                        builder->open[builder->depth - 1].node);
}

/* An alias as a key is dropped at once: nothing follows that would end it. */
static void take_value(Builder *builder, const yaml_event_t *event)
{
    Open *open = builder->depth > 0 ? &builder->open[builder->depth - 1] : NULL;
    bool waits_for_key = open != NULL && open->node->kind == NODE_MAP && !open->has_key;

    if (is_key(builder, event))
        return;
    if (event->type == YAML_ALIAS_EVENT && waits_for_key)
        open->has_key = true;
    else if (event->type == YAML_ALIAS_EVENT)
        take_alias(builder, event);
    else if (event->type == YAML_SCALAR_EVENT)
        take_scalar(builder, event);
    else
        take_collection(builder, event);
}

static void take_event(Builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (builder->documents++ > 0)
            stop(builder, event->start_mark, g_strdup("a second document begins here"),
                 "a file holds one scenario; remove the '---' and what follows.");
        break;
    case YAML_SCALAR_EVENT:
    case YAML_ALIAS_EVENT:
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT: take_value(builder, event); break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: end(builder, false); break;
    default: break;
    }
}

/* libyaml's words, and what most often lies behind them. */
static const char *syntax_hint(const char *problem)
{
    static const struct {
        const char *part, *hint;
    } hints[] = {
        { "mapping values are not allowed", "a text with ': ' in it needs quotes; otherwise look at the indentation." },
        { "cannot start any token", "a text that begins with '@', '`' or '%' needs quotes." },
        { "expected ',' or", "inside '[...]' and '{...}' a text with '${...}', a comma or a bracket needs quotes." },
        { "unexpected end of stream", "look for a quote that is not closed." },
        { "expected <block end>", "keys of one map stand in one column, and so do the items of one list." },
        { "could not find expected ':'", "every line of a map needs a ':' behind its key." },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(hints); i++)
        if (strstr(problem, hints[i].part) != NULL)
            return hints[i].hint;
    return NULL;
}

static void report_syntax(Builder *builder, const yaml_parser_t *parser)
{
    char *message = g_strdup_printf("this is no YAML: %s", parser->problem);

    if (parser->context != NULL && parser->context_mark.line != parser->problem_mark.line) {
        g_autofree char *hint =
            g_strdup_printf("it happened %s that begins in line %zu.", parser->context, parser->context_mark.line + 1);

        complain(builder, parser->problem_mark, message, hint);
    } else
        complain(builder, parser->problem_mark, message, syntax_hint(parser->problem));
}

/* Read all events into a tree. False when a tab was in the way and the text has been mended: then it is worth another
 * go. */
static bool build(Builder *builder, TabRepair *repair, bool report)
{
    yaml_parser_t parser;
    bool again = false;
    bool done = false;

    yaml_parser_initialize(&parser);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *) repair->text->str, repair->text->len);
    while (!done && !builder->stopped) {
        yaml_event_t event;
        unsigned line, column;

        if (!yaml_parser_parse(&parser, &event)) {
            builder->stopped = true;
            if ((repair->count + 1) * repair->text->len <= SCENARIO_BYTES_MAX &&
                tab_repair_line(repair, parser.problem_mark.index, &line, &column)) {
                problems_add(builder->problems, builder->problems->first_line + line, column,
                             g_strdup("a tab cannot be used for indentation"), g_strdup("write spaces instead."));
                again = true;
            } else if (report && repair->count == 0)
                report_syntax(builder, &parser);
            break;
        }
        take_event(builder, &event);
        done = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return !again;
}

static ScenarioTree *build_once(TabRepair *repair, Problems *problems, bool report, bool *ret_done)
{
    Builder builder = { .problems = problems, .repair = repair };
    ScenarioTree *tree = g_new0(ScenarioTree, 1);

    tree->nodes = g_ptr_array_new_with_free_func(node_free);
    tree->texts = g_string_chunk_new(4096);
    builder.tree = tree;
    builder.anchors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    *ret_done = build(&builder, repair, report);
    while (builder.depth > 0)
        end(&builder, true);
    g_hash_table_unref(builder.anchors);
    tree->is_complete = !builder.stopped;
    return tree;
}

/* The file goes on behind what was read: of the last map or list at every level more may follow. */
static void cut_end(Node *node)
{
    while (node != NULL && (node->kind == NODE_LIST || node->kind == NODE_MAP)) {
        node->cut = true;
        node = node->count > 0 ? node->values[node->count - 1] : NULL;
    }
}

ScenarioTree *scenario_tree_parse(const char *text, size_t size, Problems *problems)
{
    size_t readable = text_readable_size(text, size, problems);
    g_autoptr(TabRepair) repair = tab_repair_new(text, readable);
    ScenarioTree *tree = NULL;
    bool done = false;

    while (!done) {
        scenario_tree_free(tree);
        tree = build_once(repair, problems, readable == size, &done);
    }
    if (readable < size) {
        cut_end(tree->root);
        tree->is_complete = false;
    }
    return tree;
}

Node *tree_add(ScenarioTree *tree, NodeKind kind, const Node *like)
{
    Node *node = g_new0(Node, 1);

    *node = (Node){ .kind = kind, .line = like->line, .column = like->column, .weight = 1, .height = 1 };
    g_ptr_array_add(tree->nodes, node);
    return node;
}

void node_append(Node *node, const NodeKey *key, Node *value)
{
    if ((node->count & (node->count - 1)) == 0) { /* full whenever the count is 0 or a power of two */
        node->values = g_renew(Node *, node->values, MAX(1, 2 * node->count));
        if (key != NULL)
            node->keys = g_renew(NodeKey, node->keys, MAX(1, 2 * node->count));
    }
    if (key != NULL)
        node->keys[node->count] = *key;
    node->values[node->count++] = value;
    node->weight += value->weight;
    node->height = MAX(node->height, value->height + 1);
}

const Node *node_get(const Node *map, const char *key)
{
    if (map == NULL || map->kind != NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->keys[i].text, key) == 0)
            return map->values[i];
    return NULL;
}

bool node_is_null(const Node *node)
{
    return node->kind == NODE_SCALAR && node->plain &&
           (node->text[0] == '\0' || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

const char *node_kind_name(const Node *node)
{
    return node->kind == NODE_LIST ? "a list" : node->kind == NODE_MAP ? "a map of keys" : "a text";
}
