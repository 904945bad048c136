// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/flatten.h"

#include <stdlib.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/plan/limits.h"
#include "runner/plan/suggest.h"

/* One file after the other, each below the one before. */
typedef struct Flattening {
    ScenarioTree *tree;
    Problems *problems;
    const char
        *folder; /* of the scenario, or of a file outside that it let in, without links: the others must be in it */
    GPtrArray *files; /* those that were read, without links */
    GString *sources; /* for the first line of the text */
} Flattening;

static Node *merge(ScenarioTree *tree, Node *below, Node *above);

static const char *item_name(const Node *item)
{
    const Node *name = node_get(item, "name");

    return name != NULL && name->kind == NODE_SCALAR ? name->text : NULL;
}

static bool has_names(const Node *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (item_name(list->values[i]) == NULL)
            return false;
    return list->kind == NODE_LIST && list->count > 0;
}

static Node *find_item(const Node *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (item_name(list->values[i]) != NULL && strcmp(item_name(list->values[i]), name) == 0)
            return list->values[i];
    return NULL;
}

static Node *merge_lists(ScenarioTree *tree, const Node *below, const Node *above)
{
    Node *merged = tree_add(tree, NODE_LIST, above);

    for (size_t i = 0; i < below->count; i++) {
        Node *over = find_item(above, item_name(below->values[i]));

        node_append(merged, NULL, over != NULL ? merge(tree, below->values[i], over) : below->values[i]);
    }
    for (size_t i = 0; i < above->count; i++)
        if (find_item(below, item_name(above->values[i])) == NULL)
            node_append(merged, NULL, above->values[i]);
    return merged;
}

static Node *merge_maps(ScenarioTree *tree, const Node *below, const Node *above)
{
    Node *merged = tree_add(tree, NODE_MAP, above);

    for (size_t i = 0; i < below->count; i++) {
        Node *over = (Node *) node_get(above, below->keys[i].text);

        if (over == NULL)
            node_append(merged, &below->keys[i], below->values[i]);
        else if (!node_is_null(over))
            node_append(merged, &below->keys[i], merge(tree, below->values[i], over));
    }
    for (size_t i = 0; i < above->count; i++)
        if (node_get(below, above->keys[i].text) == NULL && !node_is_null(above->values[i]))
            node_append(merged, &above->keys[i], above->values[i]);
    return merged;
}

static Node *merge(ScenarioTree *tree, Node *below, Node *above)
{
    if (below->kind == NODE_MAP && above->kind == NODE_MAP)
        return merge_maps(tree, below, above);
    if (has_names(below) && has_names(above))
        return merge_lists(tree, below, above);
    return above;
}

static Node *without_key(ScenarioTree *tree, const Node *map, const char *name)
{
    Node *copy = tree_add(tree, NODE_MAP, map);

    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->keys[i].text, name) != 0)
            node_append(copy, &map->keys[i], map->values[i]);
    return copy;
}

static void adopt(ScenarioTree *tree, ScenarioTree *other)
{
    if (tree->others == NULL)
        tree->others = g_ptr_array_new_with_free_func((GDestroyNotify) scenario_tree_free);
    g_ptr_array_add(tree->others, other);
}

/* Of what could not be had everything may be a part, so that nothing in the document is called missing. */
static void cut_all(ScenarioTree *tree)
{
    for (unsigned i = 0; i < tree->nodes->len; i++)
        ((Node *) g_ptr_array_index(tree->nodes, i))->cut = true;
    for (unsigned i = 0; tree->others != NULL && i < tree->others->len; i++)
        cut_all(g_ptr_array_index(tree->others, i));
}

static bool refuse(Flattening *flattening, const Node *node, const char *hint, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

static bool refuse(Flattening *flattening, const Node *node, const char *hint, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    problems_add(flattening->problems, node->line, node->column, g_strdup_vprintf(format, args), g_strdup(hint));
    va_end(args);
    flattening->tree->is_complete = false;
    return false;
}

/* The file that `extends` names, and whether it may lie anywhere. */
static bool read_extends(Flattening *flattening, const Node *node, const char **ret_file, bool *ret_outside)
{
    const Node *file = node->kind == NODE_MAP ? node_get(node, "file") : node;
    const Node *outside = node_get(node, "outside");

    *ret_outside = outside != NULL && outside->kind == NODE_SCALAR && strcmp(outside->text, "true") == 0;
    if (file == NULL || file->kind != NODE_SCALAR || file->text[0] == '\0' || node_is_null(file) ||
        (outside != NULL && !*ret_outside) || (node->kind == NODE_MAP && node->count != (outside != NULL ? 2u : 1u)))
        return refuse(flattening, node,
                      "write 'extends: other.yaml', or 'extends: {file: ../other.yaml, outside: true}'.",
                      "key 'extends' must be a file's path, or a map of 'file' and 'outside: true'");
    *ret_file = file->text;
    return true;
}

/* Its path without links, unless it must not be used. */
static char *locate(Flattening *flattening, const Node *node, const char *path, bool outside)
{
    g_autofree char *real = realpath(path, NULL);
    g_autofree char *inside = g_strconcat(flattening->folder, "/", NULL);

    if (real == NULL)
        refuse(flattening, node, NULL, "file '%s' could not be found", path);
    else if (!outside && !g_str_has_prefix(real, inside))
        refuse(flattening, node, "copy it, or write {file: PATH, outside: true}.",
               "file '%s' lies outside the scenario's folder", path);
    else if (g_ptr_array_find_with_equal_func(flattening->files, real, g_str_equal, NULL))
        refuse(flattening, node, NULL, "file '%s' extends itself in the end", path);
    else if (flattening->files->len > EXTENDS_MAX)
        refuse(flattening, node, NULL, "more than %d scenarios extend each other", EXTENDS_MAX);
    else
        return g_steal_pointer(&real);
    return NULL;
}

static Node *read_base(Flattening *flattening, const Node *node, const char *path)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    ScenarioTree *base;
    size_t size;
    unsigned before;

    if (!file_read(path, SCENARIO_BYTES_MAX, &text, &size, &error)) {
        g_autofree char *what = error_first_line(error);

        refuse(flattening, node, NULL, "%s", what);
        return NULL;
    }
    if (!problems_enter_file(flattening->problems, path, &before))
        return NULL;
    base = scenario_tree_parse(text, size, flattening->problems);
    flattening->problems->first_line = before;
    adopt(flattening->tree, base);
    if (!base->is_complete)
        flattening->tree->is_complete = false;
    else if (base->root == NULL || base->root->kind != NODE_MAP)
        refuse(flattening, node, NULL, "file '%s' is no scenario: it must be a map of keys", path);
    return base->is_complete && base->root != NULL && base->root->kind == NODE_MAP ? base->root : NULL;
}

/* The map with all that it extends below it. */
static Node *extend(Flattening *flattening, Node *map, const char *path)
{
    const Node *extends = node_get(map, "extends");
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *base_path = NULL;
    g_autofree char *real = NULL;
    g_autofree char *real_folder = NULL;
    const char *before = flattening->folder;
    const char *file = NULL;
    bool outside = false;
    Node *base;

    if (extends == NULL || !read_extends(flattening, extends, &file, &outside))
        return map;
    base_path =
        g_path_is_absolute(file) || strcmp(folder, ".") == 0 ? g_strdup(file) : g_build_filename(folder, file, NULL);
    real = locate(flattening, extends, base_path, outside);
    base = real != NULL ? read_base(flattening, extends, base_path) : NULL;
    if (base == NULL)
        return map;
    real_folder = g_path_get_dirname(real);
    if (outside)
        flattening->folder = real_folder;
    g_ptr_array_add(flattening->files, g_steal_pointer(&real));
    g_string_append_printf(flattening->sources, " %s", base_path);
    base = extend(flattening, base, base_path);
    flattening->folder = before;
    return merge(flattening->tree, base, without_key(flattening->tree, map, "extends"));
}

/* One part of an override's path on its way down. */
typedef struct Override {
    Flattening *flattening;
    const char *text;
    char **parts;
    Node *value;
    unsigned line;
} Override;

static Node *set_at(Override *override, Node *node, size_t part);

static Node *set_in_list(Override *override, const Node *list, size_t part)
{
    const char *name = override->parts[part];
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree char *hint = NULL;
    Node *copy = tree_add(override->flattening->tree, NODE_LIST, list);
    Node *found = find_item(list, name);
    guint64 index;

    if (found == NULL && g_ascii_string_to_unsigned(name, 10, 0, SCENARIO_NODES_MAX, &index, NULL) &&
        index < list->count)
        found = list->values[index];
    for (size_t i = 0; i < list->count; i++) {
        if (item_name(list->values[i]) != NULL)
            g_ptr_array_add(names, (void *) item_name(list->values[i]));
        node_append(copy, NULL, list->values[i] == found ? set_at(override, found, part + 1) : list->values[i]);
    }
    if (found != NULL)
        return copy;
    hint = suggest(name, names, "items");
    problems_add(override->flattening->problems, override->line, 0, g_strdup_printf("there is no item '%s'", name),
                 hint != NULL ? g_steal_pointer(&hint) : g_strdup("a list's items count from 0."));
    return copy;
}

/* What stands in the place of `node` (NULL: nothing yet) when the rest of the path has been followed. */
static Node *set_at(Override *override, Node *node, size_t part)
{
    ScenarioTree *tree = override->flattening->tree;
    NodeKey key = { override->parts[part], override->line, 0 };
    Node like = { .line = override->line };
    Node *copy;
    bool is_new = true;

    if (key.text == NULL)
        return override->value;
    if (node != NULL && node->kind == NODE_LIST)
        return set_in_list(override, node, part);
    copy = tree_add(tree, NODE_MAP, node != NULL ? node : &like);
    key.text = g_string_chunk_insert(tree->texts, key.text);
    for (size_t i = 0; node != NULL && node->kind == NODE_MAP && i < node->count; i++) {
        bool is_it = strcmp(node->keys[i].text, key.text) == 0;
        Node *value = is_it ? set_at(override, node->values[i], part + 1) : node->values[i];

        is_new &= !is_it;
        if (!is_it || !node_is_null(value))
            node_append(copy, is_it ? &key : &node->keys[i], value);
    }
    if (is_new)
        node_append(copy, &key, set_at(override, NULL, part + 1));
    return copy;
}

/* An override has no lines that anyone could look at. */
static void forget_places(ScenarioTree *tree, unsigned line)
{
    for (unsigned i = 0; i < tree->nodes->len; i++) {
        Node *node = g_ptr_array_index(tree->nodes, i);

        node->line = line;
        node->column = 0;
        for (size_t j = 0; node->kind == NODE_MAP && j < node->count; j++)
            node->keys[j].line = line, node->keys[j].column = 0;
    }
}

static void apply_override(Flattening *flattening, const char *text)
{
    g_autofree char *source = g_strconcat("--set ", text, NULL);
    const char *equals = strchr(text, '=');
    g_autofree char *path = g_strndup(text, equals != NULL ? (size_t) (equals - text) : 0);
    g_auto(GStrv) parts = g_strsplit(path, ".", -1);
    Override override = { flattening, text, parts, NULL, 0 };
    unsigned before, line;
    ScenarioTree *value;

    if (!problems_enter_file(flattening->problems, source, &before))
        return;
    line = override.line = flattening->problems->first_line;
    if (path[0] == '\0' || g_strv_contains((const char *const *) parts, "") ||
        g_strv_length(parts) > SCENARIO_DEPTH_MAX / 2)
        problems_add(flattening->problems, line, 0, g_strdup("this is not of the form KEY=VALUE or KEY.KEY=VALUE"),
                     NULL);
    else {
        value = scenario_tree_parse(equals + 1, strlen(equals + 1), flattening->problems);
        adopt(flattening->tree, value);
        if (value->root == NULL) {
            value->root = tree_add(value, NODE_SCALAR, &(Node){ .line = line });
            *value->root = (Node){ .kind = NODE_SCALAR, .plain = true, .text = "", .weight = 1 };
        }
        forget_places(value, line);
        flattening->tree->is_complete &= value->is_complete;
        override.value = value->root;
        if (value->is_complete)
            flattening->tree->root = set_at(&override, flattening->tree->root, 0);
    }
    flattening->problems->first_line = before;
    g_string_append_printf(flattening->sources, "; --set %s", text);
}

/* Merging can make more of two documents than one may be. */
static bool fits(const ScenarioTree *tree, Problems *problems)
{
    const Node *root = tree->root;

    if (root->weight > SCENARIO_NODES_MAX)
        problems_add(problems, 0, 0,
                     g_strdup_printf("there are more than %d values, aliases counted in full", SCENARIO_NODES_MAX),
                     NULL);
    else if (root->height > SCENARIO_DEPTH_MAX)
        problems_add(problems, 0, 0, g_strdup_printf("lists and maps are more than %d levels deep", SCENARIO_DEPTH_MAX),
                     NULL);
    else
        return true;
    return false;
}

char *tree_flatten(ScenarioTree *tree, const char *path, const char *const *overrides, Problems *problems)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *folder_real = realpath(folder, NULL);
    g_autofree char *real = realpath(path, NULL);
    bool has_overrides = overrides != NULL && overrides[0] != NULL;
    Flattening flattening = { tree, problems, folder_real, NULL, NULL };
    g_autofree char *document = NULL;
    char *text = NULL;

    if (!tree->is_complete || tree->root == NULL || tree->root->kind != NODE_MAP ||
        (node_get(tree->root, "extends") == NULL && !has_overrides))
        return NULL;
    flattening.folder = folder_real != NULL ? folder_real : folder;
    flattening.files = g_ptr_array_new_with_free_func(g_free);
    flattening.sources = g_string_new(NULL);
    g_ptr_array_add(flattening.files, real != NULL ? g_steal_pointer(&real) : g_strdup(path));
    g_string_append_printf(flattening.sources, "# Made of %s", path);
    tree->root = extend(&flattening, tree->root, path);
    if (has_overrides && g_strv_length((char **) overrides) > OVERRIDES_MAX)
        problems_add(problems, 0, 0, g_strdup_printf("there are more than %d overrides", OVERRIDES_MAX), NULL);
    for (size_t i = 0; has_overrides && tree->is_complete && overrides[i] != NULL && i < OVERRIDES_MAX; i++)
        apply_override(&flattening, overrides[i]);
    if (tree->is_complete && fits(tree, problems)) {
        document = tree_write(tree);
        g_strdelimit(flattening.sources->str, "\n\r", ' ');
        if (document != NULL)
            text = g_strconcat(flattening.sources->str, "\n", document, NULL);
        else
            problems_add(problems, 0, 0, g_strdup("the scenario with all that it extends is too large"), NULL);
    }
    if (!tree->is_complete)
        cut_all(tree);
    g_ptr_array_unref(flattening.files);
    g_string_free(flattening.sources, TRUE);
    return text;
}

static Node *list_with_defaults(ScenarioTree *tree, const Node *list, const Node *defaults)
{
    Node *copy = tree_add(tree, NODE_LIST, list);

    copy->cut = list->cut;
    for (size_t i = 0; i < list->count; i++) {
        Node *item = list->values[i];
        Node *filled = item;

        if (item->kind == NODE_MAP) {
            filled = tree_add(tree, NODE_MAP, item);
            filled->cut = item->cut;
            for (size_t j = 0; j < item->count; j++)
                node_append(filled, &item->keys[j], item->values[j]);
            for (size_t j = 0; j < defaults->count; j++)
                if (node_get(item, defaults->keys[j].text) == NULL && strcmp(defaults->keys[j].text, "name") != 0)
                    node_append(filled, &defaults->keys[j], defaults->values[j]);
        }
        node_append(copy, NULL, filled);
    }
    return copy;
}

void tree_apply_defaults(ScenarioTree *tree)
{
    static const struct {
        const char *list, *defaults;
    } lists[] = { { "machines", "machines" }, { "steps", "steps" }, { "setup", "steps" }, { "teardown", "steps" } };
    const Node *defaults = node_get(tree->root, "defaults");
    Node *root = tree->root;

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        const Node *keys = node_get(defaults, lists[i].defaults);
        Node *copy;

        if (keys == NULL || keys->kind != NODE_MAP)
            continue;
        copy = tree_add(tree, NODE_MAP, root);
        copy->cut = root->cut;
        for (size_t j = 0; j < root->count; j++) {
            bool is_it = strcmp(root->keys[j].text, lists[i].list) == 0 && root->values[j]->kind == NODE_LIST;

            node_append(copy, &root->keys[j],
                        is_it ? list_with_defaults(tree, root->values[j], keys) : root->values[j]);
        }
        root = copy;
    }
    tree->root = root;
}
