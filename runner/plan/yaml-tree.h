// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_YAML_TREE_H
#define RUNNER_PLAN_YAML_TREE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "runner/plan/problems.h"

/* A YAML document as maps, lists and scalars, every key and value with its place. Aliases are resolved: a node may hang
 * in several places. NODE_BROKEN stands where a problem was already reported. */
typedef enum { NODE_SCALAR, NODE_LIST, NODE_MAP, NODE_BROKEN } NodeKind;

typedef struct NodeKey {
    const char *text;
    unsigned line, column;
} NodeKey;

typedef struct Node {
    NodeKind kind;
    bool plain;            /* a scalar without quotes */
    bool cut;              /* a list or map whose end was not reached because of a syntax error */
    unsigned line, column; /* from 1; columns count characters */
    const char *text;      /* of a scalar: UTF-8 */
    size_t count;          /* of a list or map */
    struct Node **values;
    NodeKey *keys;         /* of a map, beside `values`; each is there once */
    size_t weight;         /* private: nodes below, aliases counted in full, and itself */
    unsigned height;       /* private: levels below, and itself */
} Node;

typedef struct ScenarioTree {
    Node *root;       /* NULL when there is no document at all */
    bool is_complete; /* false after a syntax error: what followed it is not there */
    GPtrArray *nodes;
    GStringChunk *texts;
    GPtrArray *others; /* trees whose nodes hang in this one too; NULL: none */
} ScenarioTree;

/* Read a text; never NULL. Everything wrong goes into `problems`: not YAML, tabs as indentation (read on as if they
 * were spaces), bytes that are no UTF-8, duplicate keys, a second document, too deep or too much. */
ScenarioTree *scenario_tree_parse(const char *text, size_t size, Problems *problems);
void scenario_tree_free(ScenarioTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ScenarioTree, scenario_tree_free)

/* A map or list of the tree's own, without values. */
Node *tree_add(ScenarioTree *tree, NodeKind kind, const Node *like);

/* Put a value behind the others; of a map with its key. What hangs in a node must be complete by then. */
void node_append(Node *node, const NodeKey *key, Node *value);

/* The value of a map's key; NULL when there is none, or when `map` is no map. */
const Node *node_get(const Node *map, const char *key);

/* Whether it is a plain scalar that says "nothing": empty, "~" or "null". */
bool node_is_null(const Node *node);

/* "a text", "a list", "a map of keys", for messages. */
const char *node_kind_name(const Node *node);

#endif
