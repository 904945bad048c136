// SPDX-License-Identifier: GPL-3.0-or-later
#include <arpa/inet.h>
#include <string.h>

#include "runner/plan/reading.h"
#include "runner/plan/run-spec.h"
#include "runner/plan/template.h"

/* The node of a list's item; the tree has one for every item of the spec. */
static const Node *item_node(const Node *map, const char *list, size_t index)
{
    return node_get(map, list)->values[index];
}

/* One way to write an address: without prefix length, IPv6 shortened; a hardware address in lower case. */
static char *normal_address(const char *text)
{
    g_autofree char *address = g_strndup(text, strcspn(text, "/"));
    unsigned char bytes[sizeof(struct in6_addr)];
    char normal[INET6_ADDRSTRLEN];

    if (inet_pton(AF_INET6, address, bytes) == 1 && inet_ntop(AF_INET6, bytes, normal, sizeof normal) != NULL)
        return g_strdup(normal);
    return g_ascii_strdown(address, -1);
}

/* Two cards on one bridge with the same address would talk to nobody. */
static void check_taken(Reading *reading, GHashTable *taken, const char *bridge, const char *address,
                        const Node *interface, const char *key)
{
    const Node *node = node_get(interface, key) != NULL ? node_get(interface, key) : interface;
    g_autofree char *normal = address != NULL ? normal_address(address) : NULL;
    char *place = g_strconcat(bridge, "\n", normal, NULL);
    const Node *other;
    g_autofree char *line = NULL;

    if (normal == NULL || node->kind == NODE_BROKEN) {
        g_free(place);
        return;
    }
    other = g_hash_table_lookup(taken, place);
    if (other == NULL) {
        g_hash_table_insert(taken, place, (void *) node);
        return;
    }
    line = problems_line(reading->problems, other->line);
    reading_problem(reading, node, g_strdup_printf("the other one is in %s.", line),
                    "%s '%s' is there twice on bridge '%s'", key, normal, bridge);
    g_free(place);
}

/* A counted machine's copies could be named as another machine is. */
static void check_names(Reading *reading, const RunSpec *spec, const Node *root)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (size_t i = 0; i < spec->machine_count; i++) {
        const MachineSpec *machine = &spec->machines[i];
        const MachineSpec *other = machine->name != NULL ? g_hash_table_lookup(seen, machine->name) : NULL;

        if (machine->name != NULL)
            g_hash_table_insert(seen, machine->name, (void *) machine);
        if (other != NULL && (machine->group != NULL || other->group != NULL))
            reading_problem(reading, item_node(root, "machines", machine->item),
                            g_strdup("copies of a counted machine have a number behind its name."),
                            "machine '%s' is there twice", machine->name);
    }
}

static void check_addresses(Reading *reading, const RunSpec *spec, const Node *root)
{
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (size_t i = 0; i < spec->machine_count; i++) {
        const MachineSpec *machine = &spec->machines[i];

        for (size_t j = 0; j < machine->interface_count; j++) {
            const InterfaceSpec *interface = &machine->interfaces[j];
            const Node *node = item_node(item_node(root, "machines", machine->item), "interfaces", j);

            if (interface->bridge == NULL)
                continue;
            check_taken(reading, taken, interface->bridge, interface->address, node, "address");
            check_taken(reading, taken, interface->bridge, interface->mac, node, "mac");
        }
    }
}

/* Whether the spec says what the file says: a value that varies is not in it during the first walk. */
static bool is_told(const Reading *reading, const Node *node)
{
    return node == NULL || node->kind != NODE_SCALAR || reading->levels != NULL || !template_is_needed(node->text);
}

static void check_ready(Reading *reading, const StepSpec *step, const Node *node)
{
    const Node *ready = node_get(node, "ready");

    if (ready == NULL || step->background || !is_told(reading, node_get(node, "background")))
        return;
    reading_problem(reading, ready, g_strdup("add 'background: true' to the step, or remove 'ready'."),
                    "'ready' is only for a step in the background");
}

static void check_measure(Reading *reading, const Node *node)
{
    bool regex = node_get(node, "regex") != NULL;
    bool jsonpath = node_get(node, "jsonpath") != NULL;

    if (node->kind != NODE_MAP || node->cut || regex != jsonpath)
        return;
    reading_problem(reading, node, g_strdup(regex ? "remove one of them." : "add one of them."),
                    regex ? "a measure has both 'regex' and 'jsonpath'"
                          : "a measure has neither 'regex' nor 'jsonpath'");
}

void cross_check(Reading *reading, const RunSpec *spec)
{
    const Node *root = reading->tree->root;

    for (size_t i = 0; reading->levels != NULL && i < reading->scenario->factor_count; i++)
        reading_note_level(reading, i);
    check_names(reading, spec, root);
    check_addresses(reading, spec, root);
    for (size_t i = 0; i < spec->step_count; i++) {
        const Node *step = item_node(root, "steps", i);

        if (step->kind == NODE_MAP && !step->cut)
            check_ready(reading, &spec->steps[i], step);
        for (size_t j = 0; j < spec->steps[i].measure_count; j++)
            check_measure(reading, item_node(item_node(root, "steps", i), "measure", j));
    }
    g_string_truncate(reading->with, 0);
}
