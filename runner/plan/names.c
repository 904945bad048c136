// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/names.h"

#include <string.h>

#include "runner/plan/suggest.h"

ScenarioNames *names_new(void)
{
    ScenarioNames *names = g_new0(ScenarioNames, 1);

    for (int i = 0; i < NAME_KINDS; i++) {
        names->sets[i] = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
        names->lists[i] = g_ptr_array_new();
    }
    names->levels = g_ptr_array_new_with_free_func((GDestroyNotify) g_hash_table_unref);
    return names;
}

void names_free(ScenarioNames *names)
{
    if (names == NULL)
        return;
    for (int i = 0; i < NAME_KINDS; i++) {
        g_hash_table_unref(names->sets[i]);
        g_ptr_array_unref(names->lists[i]);
    }
    g_ptr_array_unref(names->levels);
    g_free(names);
}

bool names_declare(ScenarioNames *names, NameKind kind, const char *name, const Node *map, unsigned line,
                   unsigned column, Problems *problems)
{
    const Declared *before = names_find(names, kind, name);
    Declared *declared;

    if (before != NULL) {
        g_autofree char *first = problems_line(problems, before->line);

        problems_add(problems, line, column, g_strdup_printf("%s '%s' is there twice", name_kind_text(kind), name),
                     g_strdup_printf("the first one is in %s; give one of them another name.", first));
        return false;
    }
    declared = g_new0(Declared, 1);
    *declared = (Declared){ .map = map, .index = names->lists[kind]->len, .line = line, .column = column };
    g_hash_table_insert(names->sets[kind], (void *) name, declared);
    g_ptr_array_add(names->lists[kind], (void *) name);
    return true;
}

Declared *names_find(const ScenarioNames *names, NameKind kind, const char *name)
{
    return g_hash_table_lookup(names->sets[kind], name);
}

static void collect_below(ScenarioNames *names, const Node *map, const Key *parent, Problems *problems)
{
    for (const Key *key = key_next(parent, NULL); key != NULL; key = key_next(parent, key)) {
        const Node *node = node_get(map, key_name(key));

        if (node == NULL)
            continue;
        if (key->declares != NAME_NONE && node->kind == NODE_SCALAR && node->text[0] != '\0')
            names_declare(names, key->declares, node->text, map, node->line, node->column, problems);
        else if (key->type == KEY_LIST && node->kind == NODE_LIST)
            for (size_t i = 0; i < node->count; i++)
                collect_below(names, node->values[i], key, problems);
    }
}

void names_collect(ScenarioNames *names, const Node *root, Problems *problems)
{
    collect_below(names, root, NULL, problems);
}

char *names_suggest(const ScenarioNames *names, NameKind kind, const char *name)
{
    static const char *const plurals[NAME_KINDS] = { "names",   "machines", "bridges",        "steps",
                                                     "metrics", "factors",  "derived values", "routers" };

    return suggest(name, names->lists[kind], plurals[kind]);
}

char *factor_variable(const char *name)
{
    g_autofree char *upper = g_ascii_strup(name, -1);

    return g_strconcat("TRIALBED_FACTOR_", g_strdelimit(upper, "-", '_'), NULL);
}
