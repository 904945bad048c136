// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/reading.h"

#include <math.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/plan/formats.h"
#include "runner/plan/limits.h"
#include "runner/plan/run-spec.h"
#include "runner/plan/suggest.h"
#include "runner/plan/template.h"
#include "runner/plan/values.h"

#define FIELD(base, where) ((void *) ((char *) (base) + (where)))

void reading_problem(Reading *reading, const Node *node, char *hint, const char *format, ...)
{
    va_list args;
    char *message;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    if (reading->with->len > 0) {
        char *before = hint;

        hint = g_strdup_printf("%s%sthis is with %s.", before != NULL ? before : "", before != NULL ? " " : "",
                               reading->with->str);
        g_free(before);
    }
    problems_add(reading->problems, node->line, node->column, message, hint);
}

void reading_note_level(Reading *reading, size_t factor)
{
    const char *level = reading->levels[factor];

    g_string_append_printf(reading->with, "%s%s=%s", reading->with->len > 0 ? ", " : "",
                           (const char *) g_ptr_array_index(reading->names->lists[NAME_FACTOR], factor),
                           level[0] != '\0' ? level : "''");
}

/* The hint lines of an error as one. */
static char *error_hint_text(const GError *error)
{
    g_auto(GStrv) parts = g_strsplit(error->message, "\nhint: ", -1);

    return g_strv_length(parts) > 1 ? g_strjoinv(" ", parts + 1) : NULL;
}

void reading_problem_error(Reading *reading, const Key *key, const Node *node, GError *error)
{
    g_autofree char *what = error_first_line(error);
    char *hint = error_hint_text(error);

    if (key != NULL)
        reading_problem(reading, node, hint, "key '%s' %s", key_name(key), what);
    else
        reading_problem(reading, node, hint, "%s", what);
    g_error_free(error);
}

bool reading_expects(Reading *reading, const Key *key, const Node *node, NodeKind kind)
{
    g_autofree char *wanted = NULL;

    if (node->kind == kind && !node_is_null(node))
        return true;
    if (node->kind == NODE_BROKEN)
        return false;
    wanted = value_wanted(key);
    if (node_is_null(node))
        reading_problem(reading, node, g_strdup_printf("give it %s, or remove the key.", wanted),
                        "key '%s' has no value", key_name(key));
    else
        reading_problem(reading, node, kind == NODE_LIST ? g_strdup("begin every item of the list with '- '.") : NULL,
                        "key '%s' must be %s, not %s", key_name(key), wanted, node_kind_name(node));
    return false;
}

static void check_caller(Reading *reading, const Key *key, const Node *node, const char *text)
{
    const ScenarioChecks *checks = reading->checks;
    GError *error = NULL;
    bool ok = true;

    if (checks == NULL)
        return;
    if (key->caller == CALLER_FILTER && checks->capture_filter != NULL)
        ok = checks->capture_filter(text, &error);
    if (key->caller >= CALLER_REGEX && checks->measure != NULL)
        ok = checks->measure(key_name(key), text, &error);
    if (ok)
        return;
    g_prefix_error(&error, "cannot be used: ");
    reading_problem_error(reading, key, node, error);
}

static void fill_scalar(Reading *reading, const Key *key, const Node *node, void *field)
{
    g_autofree char *text = NULL;
    GError *error = NULL;

    if (!reading_expects(reading, key, node, NODE_SCALAR))
        return;
    text = reading_scalar_text(reading, key, node);
    if (text == NULL)
        return;
    if (value_is_bare(key) && !node->plain && !template_is_needed(node->text)) {
        g_autofree char *wanted = value_wanted(key);

        reading_problem(reading, node, g_strdup("remove the quotes."), "key '%s' must be %s, not a text in quotes",
                        key_name(key), wanted);
        return;
    }
    if (!value_read(key, text, field, &error))
        reading_problem_error(reading, key, node, error);
    else if (key->refers != NAME_NONE)
        reading_check_reference(reading, key, node, text);
    else if (key->caller != CALLER_NONE && (reading->levels == NULL || reading->with->len > 0))
        check_caller(reading, key, node, text);
}

/* Whether a word of `on` names something; otherwise it is a problem. */
static void check_target(Reading *reading, const Key *key, const Node *node, const char *word, bool alone)
{
    const Declared *declared = names_find(reading->names, NAME_MACHINE, word);
    unsigned copy;

    if (strcmp(word, "all") == 0 || declared != NULL || !reading->tree->is_complete ||
        reading_find_machine(reading, word, &copy) != NULL)
        return;
    if (strcmp(word, "host") != 0)
        reading_problem(reading, node, names_suggest(reading->names, NAME_MACHINE, word), "there is no machine '%s'",
                        word);
    else if (!alone || !key->host)
        reading_problem(reading, node, NULL, "'host' can only stand alone, as a step's 'on'");
}

static void add_word(Reading *reading, const Key *key, const Node *node, bool alone, GPtrArray *words)
{
    g_autofree char *text = NULL;
    GError *error = NULL;

    if (!reading_expects(reading, key, node, NODE_SCALAR))
        return;
    text = reading_scalar_text(reading, key, node);
    if (text == NULL)
        return;
    if (text[0] == '\0' && !key->may_be_empty)
        reading_problem(reading, node, NULL, "key '%s' is empty", key_name(key));
    else if (key->type == KEY_TARGETS)
        check_target(reading, key, node, text, alone);
    else if (key->refers != NAME_NONE)
        reading_check_reference(reading, key, node, text);
    else if (key->check != NULL && !key->check(text, &error))
        reading_problem_error(reading, key, node, error);
    if (text[0] != '\0' || key->may_be_empty)
        g_ptr_array_add(words, g_steal_pointer(&text));
}

/* One text or a list of them. */
static char **fill_words(Reading *reading, const Key *key, const Node *node)
{
    GPtrArray *words = g_ptr_array_new();

    if (node->kind == NODE_LIST && key->required && node->count == 0 && !node->cut)
        reading_problem(reading, node, NULL, "key '%s' has no item", key_name(key));
    for (size_t i = 0; node->kind == NODE_LIST && i < node->count; i++)
        add_word(reading, key, node->values[i], false, words);
    if (node->kind != NODE_LIST)
        add_word(reading, key, node, true, words);
    g_ptr_array_add(words, NULL);
    return (char **) g_ptr_array_free(words, FALSE);
}

/* One more item of a list; it is there even when its node is none that can be read. */
static void *fill_item(Reading *reading, const Key *key, const Node *node, KeyHome home, void *base)
{
    size_t *count = FIELD(base, key->count_offset);
    char *item = *(char **) FIELD(base, key->offset) + (*count)++ * key->item_size;

    if (node->kind == NODE_MAP)
        reading_fill(reading, node, key, home, item);
    else if (node->kind != NODE_BROKEN)
        reading_problem(reading, node, NULL, "an item of '%s' must be a map of keys, not %s", key_name(key),
                        node_is_null(node) ? "nothing" : node_kind_name(node));
    return item;
}

static void count_up_address(Reading *reading, const Node *node, const char *name, unsigned copy, char **address)
{
    const Key *key = key_find(key_find(key_find(NULL, "machines"), "interfaces"), name);
    g_autofree char *first = g_steal_pointer(address);
    GError *error = NULL;

    if (first == NULL)
        return;
    *address = strcmp(first, "dhcp") == 0 ? g_strdup(first) : address_of_copy(first, copy, &error);
    if (*address == NULL)
        reading_problem_error(reading, key, node_get(node, name), error);
}

/* Give a card of copy number `copy` its own addresses. What cannot be counted up is dropped. */
static void count_up_interface(Reading *reading, const Node *node, unsigned copy, InterfaceSpec *interface)
{
    if (interface->mac != NULL)
        reading_problem(reading, node_get(node, "mac"), g_strdup("remove it; every copy then gets one of its own."),
                        "a counted machine cannot have a 'mac'");
    g_clear_pointer(&interface->mac, g_free);
    count_up_address(reading, node, "address", copy, &interface->address);
    count_up_address(reading, node, "address6", copy, &interface->address6);
}

static void count_up(Reading *reading, const Node *node, MachineSpec *machine)
{
    machine->group = machine->name;
    machine->name = machine->group != NULL ? g_strdup_printf("%s%u", machine->group, machine->copy) : NULL;
    for (size_t i = 0; i < machine->interface_count; i++)
        count_up_interface(reading, node_get(node, "interfaces")->values[i], machine->copy, &machine->interfaces[i]);
}

/* A machine, or as many as `count` says; while that cannot be told, one. */
static void fill_copies(Reading *reading, const Key *key, const Node *node, size_t item, void *base)
{
    RunSpec *spec = base;
    size_t copies = reading_count_copies(reading, node);

    if (copies == SIZE_MAX)
        copies = 1;
    if (spec->machine_count + copies > SCENARIO_MACHINES_MAX) {
        reading_problem(reading, node, NULL, "there are more than %d machines", SCENARIO_MACHINES_MAX);
        copies = SCENARIO_MACHINES_MAX - MIN(spec->machine_count, SCENARIO_MACHINES_MAX);
    }
    spec->machines = g_renew(MachineSpec, spec->machines, spec->machine_count + copies + 1);
    memset(spec->machines + spec->machine_count, 0, (copies + 1) * sizeof *spec->machines);
    for (size_t i = 0; i < copies; i++) {
        MachineSpec *machine = fill_item(reading, key, node, IN_RUN, base);

        machine->item = item;
        machine->copy = (unsigned) i;
        if (node_get(node, "count") != NULL)
            count_up(reading, node, machine);
    }
}

static void fill_list(Reading *reading, const Key *key, const Node *node, KeyHome home, void *base)
{
    size_t count;

    if (!reading_expects(reading, key, node, NODE_LIST))
        return;
    if (key->max > 0 && node->count > key->max)
        reading_problem(reading, node, NULL, "key '%s' has %zu items, the limit is %.0f", key_name(key), node->count,
                        key->max);
    if (key->required && node->count == 0 && !node->cut)
        reading_problem(reading, node, NULL, "key '%s' has no item", key_name(key));
    count = key->max > 0 ? MIN(node->count, (size_t) key->max) : node->count;
    *(void **) FIELD(base, key->offset) = g_malloc0_n(count + 1, key->item_size);
    for (size_t i = 0; i < count; i++) {
        const Node *item = node->values[i];

        if (key->counted)
            fill_copies(reading, key, item, i, base);
        else
            fill_item(reading, key, item, home, base);
    }
}

static void fill_missing(Reading *reading, const Node *map, const Key *parent, const Key *key, void *base)
{
    bool is_scalar = key->type < KEY_MAP;

    if (key->required && !map->cut) {
        g_autofree char *inside = parent != NULL ? g_strdup_printf(" inside '%s'", key_name(parent)) : g_strdup("");

        reading_problem(reading, map, g_strdup_printf("%s: %s.", key_name(key), key->about), "key '%s' is missing%s",
                        key_name(key), inside);
    }
    if (is_scalar && key->preset != NULL)
        g_assert_true(value_read(key, key->preset, FIELD(base, key->offset), NULL));
    else if (key->type == KEY_NUMBER || key->type == KEY_QUANTITY)
        *(double *) FIELD(base, key->offset) = NAN;
}

static void fill_key(Reading *reading, const Key *key, const Node *node, KeyHome home, void *base);
static void report_unknown_keys(Reading *reading, const Node *map, const Key *parent);

/* Defaults take part in the items (flatten.c puts them there); here they are looked at even when no item needs one, once. */
static void check_defaults(Reading *reading, const Key *key, const Node *node)
{
    const Key *list = key_find(NULL, key_name(key));
    g_autofree void *scratch = g_malloc0(list->item_size);

    if (reading->levels != NULL || !reading_expects(reading, key, node, NODE_MAP))
        return;
    report_unknown_keys(reading, node, list);
    for (const Key *child = key_next(list, NULL); child != NULL; child = key_next(list, child)) {
        const Node *value = node_get(node, key_name(child));

        if (value != NULL && child->declares != NAME_NONE)
            reading_problem(reading, value, g_strdup("give every item its own."), "key '%s' cannot have a default",
                            key_name(child));
        else if (value != NULL)
            fill_key(reading, child, value, IN_RUN, scratch);
    }
    reading_clear(list, IN_RUN, scratch);
}

static void fill_key(Reading *reading, const Key *key, const Node *node, KeyHome home, void *base)
{
    switch (key->type) {
    case KEY_TARGETS: *(char ***) FIELD(base, key->count_offset) = fill_words(reading, key, node); break;
    case KEY_NAMES: *(char ***) FIELD(base, key->offset) = fill_words(reading, key, node); break;
    case KEY_MAP:
        if (reading_expects(reading, key, node, NODE_MAP))
            reading_fill(reading, node, key, home, base);
        break;
    case KEY_LIST: fill_list(reading, key, node, home, base); break;
    case KEY_FACTORS: factors_read(reading, key, node, base); break;
    case KEY_EXTENDS: break; /* flatten.c has done it */
    case KEY_DEFAULTS: check_defaults(reading, key, node); break;
    case KEY_RANGE: break; /* factors_read() fills it */
    case KEY_ZIP: zip_read(reading, key, node, base); break;
    case KEY_DERIVED: derived_read(reading, key, node, base); break;
    case KEY_WHEN: conditions_read(reading, key, node, base); break;
    case KEY_EXCLUDE:
    case KEY_INCLUDE: cells_read(reading, key, node, base); break;
    case KEY_WHERE: where_read(reading, key, node, FIELD(base, key->offset)); break;
    case KEY_MARGINS: margins_read(reading, key, node, base); break;
    default: fill_scalar(reading, key, node, FIELD(base, key->offset)); break;
    }
    g_string_truncate(reading->with, 0);
}

static void report_unknown_keys(Reading *reading, const Node *map, const Key *parent)
{
    for (size_t i = 0; i < map->count; i++) {
        const NodeKey *found = &map->keys[i];
        g_autoptr(GPtrArray) known = g_ptr_array_new();
        char *hint;

        if (key_find(parent, found->text) != NULL)
            continue;
        for (const Key *key = key_next(parent, NULL); key != NULL; key = key_next(parent, key))
            g_ptr_array_add(known, (void *) key_name(key));
        hint = suggest(found->text, known, "keys");
        problems_add(reading->problems, found->line, found->column,
                     parent != NULL
                         ? g_strdup_printf("key '%s' is not known inside '%s'", found->text, key_name(parent))
                         : g_strdup_printf("key '%s' is not known", found->text),
                     hint != NULL ? hint : g_strdup("docs/scenario.md lists all keys."));
    }
}

void reading_fill(Reading *reading, const Node *map, const Key *parent, KeyHome home, void *base)
{
    if (reading->levels == NULL && (parent != NULL || home == IN_SCENARIO)) /* the top is read twice */
        report_unknown_keys(reading, map, parent);
    for (const Key *key = key_next(parent, NULL); key != NULL; key = key_next(parent, key)) {
        const Node *node = node_get(map, key_name(key));

        if (parent == NULL && key->home != home)
            continue;
        if (node != NULL)
            fill_key(reading, key, node, home, base);
        else
            fill_missing(reading, map, parent, key, base);
    }
}

static void clear_list(const Key *key, KeyHome home, void *base)
{
    char *items = *(char **) FIELD(base, key->offset);
    size_t count = *(size_t *) FIELD(base, key->count_offset);

    for (size_t i = 0; i < count; i++)
        reading_clear(key, home, items + i * key->item_size);
    for (size_t i = 0; key->counted && i < count; i++)
        g_free(((MachineSpec *) (void *) items)[i].group);
    g_free(items);
}

void reading_clear(const Key *parent, KeyHome home, void *base)
{
    for (const Key *key = key_next(parent, NULL); key != NULL; key = key_next(parent, key)) {
        if (parent == NULL && key->home != home)
            continue;
        switch (key->type) {
        case KEY_TEXT:
        case KEY_CHOICE:
        case KEY_EXCLUDE:
        case KEY_INCLUDE:
        case KEY_WHERE: g_free(*(void **) FIELD(base, key->offset)); break;
        case KEY_TARGETS:
            g_free(*(void **) FIELD(base, key->offset));
            g_strfreev(*(char ***) FIELD(base, key->count_offset));
            break;
        case KEY_NAMES: g_strfreev(*(char ***) FIELD(base, key->offset)); break;
        case KEY_MAP: reading_clear(key, home, base); break;
        case KEY_LIST: clear_list(key, home, base); break;
        case KEY_MARGINS: margins_clear(base); break;
        default: break;
        }
    }
}
