// SPDX-License-Identifier: GPL-3.0-or-later
#include <arpa/inet.h>
#include <string.h>

#include "runner/plan/formats.h"
#include "runner/plan/reading.h"
#include "runner/plan/run-spec.h"
#include "runner/plan/scenario-files.h"
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

static void check_interfaces(Reading *reading, GHashTable *taken, const InterfaceSpec *interfaces, size_t count, const Node *owner)
{
    for (size_t i = 0; i < count; i++) {
        const Node *node = item_node(owner, "interfaces", i);
        bool has_address = interfaces[i].address != NULL && strcmp(interfaces[i].address, "dhcp") != 0;

        if (interfaces[i].bridge == NULL)
            continue;
        check_taken(reading, taken, interfaces[i].bridge, has_address ? interfaces[i].address : NULL, node, "address");
        check_taken(reading, taken, interfaces[i].bridge, interfaces[i].address6, node, "address6");
        check_taken(reading, taken, interfaces[i].bridge, interfaces[i].mac, node, "mac");
    }
}

static void check_addresses(Reading *reading, const RunSpec *spec, const Node *root)
{
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (size_t i = 0; i < spec->machine_count; i++)
        check_interfaces(reading, taken, spec->machines[i].interfaces, spec->machines[i].interface_count,
                         item_node(root, "machines", spec->machines[i].item));
    for (size_t i = 0; i < spec->router_count; i++)
        check_interfaces(reading, taken, spec->routers[i].interfaces, spec->routers[i].interface_count, item_node(root, "routers", i));
    for (size_t i = 0; i < spec->bridge_count; i++)
        if (spec->bridges[i].name != NULL)
            check_taken(reading, taken, spec->bridges[i].name, spec->bridges[i].dhcp, item_node(root, "bridges", i), "dhcp");
}

/* Whether the spec says what the file says: a value that varies is not in it during the first walk. */
static bool is_told(const Reading *reading, const Node *node)
{
    return node == NULL || node->kind != NODE_SCALAR || reading->levels != NULL || !template_is_needed(node->text);
}

static void check_ready(Reading *reading, const StepSpec *step, const Node *node)
{
    const Node *ready = node_get(node, "ready");

    if (ready != NULL && ready->kind == NODE_MAP && ready->count == 0 && !ready->cut)
        reading_problem(reading, ready, NULL, "'ready' must have one of 'port', 'file', 'output' and 'delay'");
    if (ready == NULL || step->background || !is_told(reading, node_get(node, "background")))
        return;
    reading_problem(reading, ready, g_strdup("add 'background: true' to the step, or remove 'ready'."),
                    "'ready' is only for a step in the background");
}

static void check_measure(Reading *reading, const Node *node)
{
    static const char *const rules[] = { "regex", "jsonpath", "csv", "parser" };
    size_t count = 0;

    if (node->kind != NODE_MAP || node->cut)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        count += node_get(node, rules[i]) != NULL;
    if (count != 1)
        reading_problem(reading, node, g_strdup(count == 0 ? "add one of them." : "leave one of them."),
                        "a measure has %s of 'regex', 'jsonpath', 'csv' and 'parser'",
                        count == 0 ? "none" : "more than one");
}

static const struct {
    const char *name;
    size_t offset, count_offset;
} step_lists[] = {
    { "setup", offsetof(RunSpec, setups), offsetof(RunSpec, setup_count) },
    { "steps", offsetof(RunSpec, steps), offsetof(RunSpec, step_count) },
    { "teardown", offsetof(RunSpec, teardowns), offsetof(RunSpec, teardown_count) },
};

/* A step in the background goes on until the run is over: only when it is ready can be asked of it. */
static void check_background(Reading *reading, const StepSpec *step, const Node *node)
{
    const Node *expect = node_get(node, "expect"), *repeat = node_get(node, "repeat");

    if (!step->background)
        return;
    if (expect != NULL)
        reading_problem(reading, expect, g_strdup("'ready' says what it must come to."),
                        "'expect' is not for a step in the background");
    if (repeat != NULL && step->repeat > 1)
        reading_problem(reading, repeat, NULL, "a step in the background cannot be repeated");
}

/* What a step waits for stands before it in its list, so that nobody waits in a circle. */
static void check_after(Reading *reading, const StepSpec *steps, size_t index, const Node *node)
{
    const Node *after = node_get(node, "after");

    if (steps[index].parallel != NULL && after != NULL)
        reading_problem(reading, after, g_strdup("remove one of them."), "a step has both 'parallel' and 'after'");
    if (steps[index].parallel != NULL && steps[index].background)
        reading_problem(reading, node, g_strdup("remove one of them."), "a step has both 'parallel' and 'background'");
    for (size_t i = 0; steps[index].after != NULL && steps[index].after[i] != NULL; i++) {
        const char *name = steps[index].after[i];
        const Node *place = after->kind == NODE_LIST && i < after->count ? after->values[i] : after;
        bool is_before = false;

        for (size_t j = 0; j < index; j++)
            is_before |= g_strcmp0(steps[j].name, name) == 0;
        if (g_strcmp0(steps[index].name, name) == 0)
            reading_problem(reading, place, NULL, "step '%s' waits for itself", name);
        else if (!is_before && names_find(reading->names, NAME_STEP, name) != NULL)
            reading_problem(reading, place,
                            g_strdup("a step can wait for steps above it in its list, so that none waits in a circle."),
                            "step '%s' does not stand before this one", name);
    }
}

/* Steps of one label stand together. */
static void check_parallel(Reading *reading, const StepSpec *steps, size_t index, const Node *node)
{
    const char *label = steps[index].parallel;

    if (label == NULL || index == 0 || g_strcmp0(steps[index - 1].parallel, label) == 0)
        return;
    for (size_t i = 0; i < index; i++)
        if (g_strcmp0(steps[i].parallel, label) == 0) {
            reading_problem(reading, node_get(node, "parallel"), g_strdup("put them next to each other."),
                            "the steps of 'parallel: %s' do not stand together", label);
            return;
        }
}

static void check_steps(Reading *reading, const StepSpec *steps, size_t count, const char *list)
{
    for (size_t i = 0; i < count; i++) {
        const Node *step = item_node(reading->tree->root, list, i);

        if (step->kind != NODE_MAP)
            continue;
        if (!step->cut)
            check_ready(reading, &steps[i], step);
        check_background(reading, &steps[i], step);
        check_after(reading, steps, i, step);
        check_parallel(reading, steps, i, step);
        for (size_t j = 0; j < steps[i].measure_count; j++)
            check_measure(reading, item_node(step, "measure", j));
    }
}

/* Sources lie in the scenario's folder, links followed, unless the author says otherwise. */
static void check_file(Reading *reading, const FileSpec *file, const Node *node)
{
    const char *folder = reading->scenario->folder;
    g_autofree char *place = NULL;
    bool is_path_inside;

    if (file->source == NULL || node->kind != NODE_SCALAR ||
        (reading->levels != NULL && !template_is_needed(node->text)))
        return; /* the first walk has looked */
    place = scenario_file_place(folder, file->source);
    is_path_inside = !g_path_is_absolute(file->source) && strstr(file->source, "..") == NULL;
    if (!file->outside && (!is_path_inside || !scenario_file_is_inside(folder, place)))
        reading_problem(reading, node, g_strdup("copy it, or add 'outside: true'."),
                        "file '%s' lies outside the scenario's folder", file->source);
    else if (reading->look_for_files && !g_file_test(place, G_FILE_TEST_IS_REGULAR))
        reading_problem(reading, node, NULL, "there is no file '%s' beside the scenario", file->source);
}

/* How often a step does what gives the metric; 0: no step of this list gives it, or how often is not known yet. */
static unsigned repeats_of(const StepSpec *steps, size_t count, const char *metric)
{
    unsigned repeats = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < steps[i].measure_count; j++)
            if (g_strcmp0(steps[i].measures[j].metric, metric) == 0)
                repeats = MAX(repeats, steps[i].repeat);
    return repeats;
}

/* A step that is not repeated may give many samples at once, so only of one that is can be told that it gives too few. */
static void check_steady(Reading *reading, const RunSpec *spec, size_t index)
{
    const Steady *steady = &reading->scenario->steadies[index];
    const Node *node = item_node(reading->tree->root, "steady", index);
    unsigned repeats = 0;

    if (steady->metric == NULL)
        return;
    if (metric_is_automatic(steady->metric) && reading->levels == NULL)
        reading_problem(reading, node_get(node, "metric"), g_strdup("name a metric that a step measures."),
                        "metric '%s' has no iterations", steady->metric);
    for (size_t i = 0; i < G_N_ELEMENTS(step_lists); i++)
        repeats = MAX(repeats, repeats_of(*(StepSpec *const *) (const void *) ((const char *) spec + step_lists[i].offset),
                                          *(const size_t *) (const void *) ((const char *) spec + step_lists[i].count_offset),
                                          steady->metric));
    if (repeats > 1 && repeats < steady->window)
        reading_problem(reading, node, g_strdup("raise the step's 'repeat', or lower 'window'."),
                        "a steady state takes %u iterations, and metric '%s' has %u", steady->window, steady->metric,
                        repeats);
}

static void check_scenario(Reading *reading)
{
    const Node *root = reading->tree->root;
    const Node *precision = node_get(root, "precision");
    const Node *budget = node_get(root, "budget");

    if (precision != NULL && node_get(root, "repetitions") != NULL)
        reading_problem(reading, precision,
                        g_strdup("remove 'repetitions'; 'min' and 'max' say how many there can be."),
                        "there are both 'repetitions' and 'precision'");
    if (reading->scenario->precision.min > reading->scenario->precision.max)
        reading_problem(reading, precision, NULL, "'min' is more than 'max'");
    if (budget != NULL && budget->kind == NODE_MAP && !budget->cut && budget->count != 1)
        reading_problem(reading, budget, NULL, "'budget' must have exactly one of 'time' and 'until'");
}

void cross_check(Reading *reading, const RunSpec *spec)
{
    const Node *root = reading->tree->root;

    for (size_t i = 0; reading->levels != NULL && i < reading->scenario->factor_count; i++)
        reading_note_level(reading, i);
    check_names(reading, spec, root);
    check_addresses(reading, spec, root);
    cross_check_machines(reading, spec);
    cross_check_network(reading, spec);
    for (size_t i = 0; i < G_N_ELEMENTS(step_lists); i++)
        check_steps(reading, *(StepSpec *const *) (const void *) ((const char *) spec + step_lists[i].offset),
                    *(const size_t *) (const void *) ((const char *) spec + step_lists[i].count_offset),
                    step_lists[i].name);
    for (size_t i = 0; i < spec->file_count; i++)
        if (node_get(item_node(root, "files", i), "source") != NULL)
            check_file(reading, &spec->files[i], node_get(item_node(root, "files", i), "source"));
    for (size_t i = 0; i < reading->scenario->steady_count; i++)
        check_steady(reading, spec, i);
    if (reading->levels == NULL)
        check_scenario(reading);
    g_string_truncate(reading->with, 0);
}
