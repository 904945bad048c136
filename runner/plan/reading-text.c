// SPDX-License-Identifier: GPL-3.0-or-later
/* What a scalar says: its `${...}` are put in, and the names in it looked up. */
#include <string.h>

#include "runner/plan/formats.h"
#include "runner/plan/limits.h"
#include "runner/plan/reading.h"
#include "runner/plan/suggest.h"
#include "runner/plan/template.h"
#include "runner/plan/values.h"

/* A template on its way through template_expand(). */
typedef struct Expansion {
    Reading *reading;
    const Key *key;
    const Node *node;
    bool is_unknown; /* something in it could not be told: it varies in the first walk, or a problem was reported */
} Expansion;

static char *expand(Expansion *expansion, const char *text, GError **error);

static char *factor_text(Expansion *expansion, Declared *factor)
{
    Reading *reading = expansion->reading;

    if (reading->levels == NULL) {
        factor->used = true;
        expansion->is_unknown = true;
        return NULL;
    }
    reading_note_level(reading, factor->index);
    return g_strdup(reading->levels[factor->index]);
}

static char *derived_text(Expansion *expansion, Declared *derived, const char *name)
{
    Reading *reading = expansion->reading;
    const char *text = reading->derived != NULL ? reading->derived[derived->index] : NULL;

    if (text == NULL) { /* the first walk, or it was reported */
        derived->used |= reading->levels == NULL;
        expansion->is_unknown = true;
        return NULL;
    }
    g_string_append_printf(reading->with, "%s%s=%s", reading->with->len > 0 ? ", " : "", name,
                           text[0] != '\0' ? text : "''");
    return g_strdup(text);
}

size_t reading_count_copies(Reading *reading, const Node *item)
{
    const Key *key = key_find(key_find(NULL, "machines"), "count");
    const Node *node = node_get(item, "count");
    g_autofree char *text = NULL;
    unsigned count = 0;
    bool is_told;

    if (node == NULL)
        return 1;
    if (node->kind != NODE_SCALAR)
        return SIZE_MAX;
    text = reading_scalar_text(reading, key, node);
    g_string_truncate(reading->with, 0);
    is_told = text != NULL && value_read(key, text, &count, NULL);
    return is_told ? count : SIZE_MAX;
}

const Declared *reading_find_machine(Reading *reading, const char *name, unsigned *ret_copy)
{
    const Declared *declared = names_find(reading->names, NAME_MACHINE, name);
    size_t length = strlen(name);

    *ret_copy = 0;
    if (declared != NULL && node_get(declared->map, "count") == NULL)
        return declared;
    while (length > 1 && g_ascii_isdigit(name[length - 1])) {
        g_autofree char *group = g_strndup(name, --length);
        guint64 copy;

        declared = names_find(reading->names, NAME_MACHINE, group);
        if (declared == NULL || node_get(declared->map, "count") == NULL ||
            (name[length] == '0' && name[length + 1] != '\0') ||
            !g_ascii_string_to_unsigned(name + length, 10, 0, SCENARIO_MACHINES_MAX - 1, &copy, NULL))
            continue;
        *ret_copy = (unsigned) copy;
        return copy < reading_count_copies(reading, declared->map) ? declared : NULL;
    }
    return NULL;
}

/* A machine's address is itself a template, of factors only, so that this ends. */
static char *machine_address(Expansion *expansion, const Declared *machine, unsigned copy, const char *name)
{
    const Node *interfaces = node_get(machine->map, "interfaces");
    const Node *first =
        interfaces != NULL && interfaces->kind == NODE_LIST && interfaces->count > 0 ? interfaces->values[0] : NULL;
    const Node *address = node_get(first, "address");
    Expansion inner = { expansion->reading, key_find(key_find(key_find(NULL, "machines"), "interfaces"), "address"),
                        address, false };
    char *text;

    if (address == NULL || address->kind != NODE_SCALAR) {
        if (address == NULL)
            reading_problem(expansion->reading, expansion->node, g_strdup("give its first interface an 'address'."),
                            "'${%s}' cannot be put in: the machine has no address", name);
        expansion->is_unknown = true;
        return NULL;
    }
    text = expand(&inner, address->text, NULL);
    expansion->is_unknown |= inner.is_unknown || text == NULL;
    if (g_strcmp0(text, "dhcp") == 0)
        reading_problem(expansion->reading, expansion->node, g_strdup("use the machine's name: the DHCP server knows it."),
                        "'${%s}' cannot be put in: the machine gets its address by DHCP", name);
    if (text != NULL && copy > 0) {
        char *counted = address_of_copy(text, copy, NULL);

        g_free(text);
        text = counted;
    }
    if (text != NULL)
        text[strcspn(text, "/")] = '\0';
    return text;
}

static void report_unknown(Expansion *expansion, const char *name)
{
    const ScenarioNames *names = expansion->reading->names;
    g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *near = NULL;

    if (expansion->reading->levels != NULL || !expansion->reading->tree->is_complete)
        return; /* said by the first walk, or its factor may be in the part that could not be read */
    for (unsigned i = 0; i < names->lists[NAME_FACTOR]->len; i++)
        g_ptr_array_add(known, g_strdup(g_ptr_array_index(names->lists[NAME_FACTOR], i)));
    for (unsigned i = 0; i < names->lists[NAME_DERIVED]->len; i++)
        g_ptr_array_add(known, g_strdup(g_ptr_array_index(names->lists[NAME_DERIVED], i)));
    for (unsigned i = 0; i < names->lists[NAME_MACHINE]->len && expansion->key->vary == VARY_ALL; i++)
        g_ptr_array_add(known, g_strconcat(g_ptr_array_index(names->lists[NAME_MACHINE], i), ".address", NULL));
    near = suggest(name, known, NULL);
    reading_problem(expansion->reading, expansion->node,
                    g_strdup_printf("%s%swrite '$${' where the text itself shall have '${'.", near != NULL ? near : "",
                                    near != NULL ? " " : ""),
                    "nothing is known as '${%s}' here", name);
}

static char *lookup(const char *name, void *data)
{
    Expansion *expansion = data;
    Declared *factor = names_find(expansion->reading->names, NAME_FACTOR, name);
    Declared *derived = names_find(expansion->reading->names, NAME_DERIVED, name);
    g_autofree char *machine =
        g_str_has_suffix(name, ".address") ? g_strndup(name, strlen(name) - strlen(".address")) : NULL;
    unsigned copy;
    const Declared *declared = machine != NULL ? reading_find_machine(expansion->reading, machine, &copy) : NULL;

    if (factor != NULL)
        return factor_text(expansion, factor);
    if (derived != NULL)
        return derived_text(expansion, derived, name);
    if (declared != NULL && expansion->key->vary == VARY_ALL)
        return machine_address(expansion, declared, copy, name);
    if (declared != NULL)
        reading_problem(expansion->reading, expansion->node,
                        g_strdup("it can stand in a step's 'run' and in a capture's 'filter'."),
                        "'${%s}' cannot stand in key '%s'", name, key_name(expansion->key));
    else
        report_unknown(expansion, name);
    expansion->is_unknown = true;
    return NULL;
}

static char *expand(Expansion *expansion, const char *text, GError **error)
{
    return template_expand(text, lookup, expansion, error);
}

char *reading_scalar_text(Reading *reading, const Key *key, const Node *node)
{
    Expansion expansion = { reading, key, node, false };
    GError *error = NULL;
    char *text;

    if (!template_is_needed(node->text))
        return g_strdup(node->text);
    if (key->vary == VARY_NEVER) {
        reading_problem(reading, node, NULL, "key '%s' cannot vary: '${' has no meaning in it", key_name(key));
        return NULL;
    }
    text = expand(&expansion, node->text, &error);
    if (text == NULL)
        reading_problem_error(reading, key, node, error);
    else if (expansion.is_unknown)
        g_clear_pointer(&text, g_free);
    return text;
}

void reading_check_reference(Reading *reading, const Key *key, const Node *node, const char *text)
{
    const Declared *declared = names_find(reading->names, key->refers, text);
    unsigned copy;

    if (!reading->tree->is_complete)
        return;
    if (key->refers == NAME_MACHINE) {
        if (reading_find_machine(reading, text, &copy) != NULL)
            return;
        if (declared != NULL) {
            reading_problem(reading, node, g_strdup_printf("name one of them, such as '%s0'.", text),
                            "'%s' is a counted machine", text);
            return;
        }
    } else if (declared != NULL)
        return;
    if (key->refers == NAME_METRIC && metric_is_automatic(text))
        return;
    reading_problem(reading, node, names_suggest(reading->names, key->refers, text), "there is no %s '%s'",
                    name_kind_text(key->refers), text);
}
