// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/plan/run-spec.h"
#include "runner/plan/yaml-tree.h"

const BridgeSpec *run_spec_bridge(const RunSpec *spec, const char *name)
{
    for (size_t i = 0; i < spec->bridge_count; i++)
        if (g_strcmp0(spec->bridges[i].name, name) == 0)
            return &spec->bridges[i];
    return NULL;
}

bool link_name_fits(const char *link, const char *bridge, const char *machine, const char *group)
{
    const char *slash = strchr(link, '/');
    size_t length = slash != NULL ? (size_t) (slash - link) : strlen(link);

    if (strncmp(link, bridge, length) != 0 || bridge[length] != '\0')
        return false;
    return slash == NULL || strcmp(slash + 1, machine) == 0 || g_strcmp0(slash + 1, group) == 0;
}

void run_spec_impairment(const RunSpec *spec, const char *bridge, const char *machine, const char *group, Way way,
                         Impairment *ret_impairment)
{
    const BridgeSpec *found = run_spec_bridge(spec, bridge);

    *ret_impairment = (Impairment) { .queue = found->impairment.queue };
    if (way == WAY_FROM_MACHINE)
        *ret_impairment = found->impairment;
    for (size_t i = 0; i < spec->link_count; i++) {
        const LinkSpec *link = &spec->links[i];

        if ((strcmp(link->direction, "both") == 0 || strcmp(link->direction, way_name(way)) == 0)
            && link_name_fits(link->link, bridge, machine, group))
            impairment_overlay(ret_impairment, &link->change);
    }
}

static const char *const impairment_keys[] = { "delay", "jitter", "loss", "duplicate", "reorder", "corrupt", "rate" };

static bool has_impairment(const Node *map)
{
    for (size_t i = 0; i < G_N_ELEMENTS(impairment_keys); i++)
        if (node_get(map, impairment_keys[i]) != NULL)
            return true;
    return false;
}

/* A text with ${...} in it may mean any bridge. */
static bool may_mean(const Node *link, const char *bridge)
{
    size_t length = strlen(bridge);

    return link == NULL || link->kind != NODE_SCALAR || strstr(link->text, "${") != NULL
           || (strncmp(link->text, bridge, length) == 0 && (link->text[length] == '\0' || link->text[length] == '/'));
}

static void add_needs(const Node *list, const char *bridge, NetworkNeeds *needs)
{
    for (size_t i = 0; list != NULL && list->kind == NODE_LIST && i < list->count; i++) {
        const Node *item = list->values[i], *set = node_get(item, "set"), *direction = node_get(item, "direction");

        if (!may_mean(node_get(item, "link"), bridge))
            continue;
        needs->impaired |= has_impairment(item) || set != NULL || node_get(item, "state") != NULL;
        needs->to_machine |= node_get(item, "state") != NULL || (direction != NULL && g_strcmp0(direction->text, "from") != 0);
        needs->burst |= node_get(item, "burst") != NULL || node_get(set, "burst") != NULL;
    }
}

NetworkNeeds scenario_network_needs(const Scenario *scenario, const char *bridge)
{
    const Node *root = scenario->tree->root, *list = node_get(root, "bridges");
    NetworkNeeds needs = { 0 };

    for (size_t i = 0; list != NULL && list->kind == NODE_LIST && i < list->count; i++) {
        const Node *item = list->values[i], *name = node_get(item, "name");

        if (name == NULL || g_strcmp0(name->text, bridge) != 0)
            continue;
        needs.impaired |= has_impairment(item);
        needs.burst |= node_get(item, "burst") != NULL;
    }
    add_needs(node_get(root, "links"), bridge, &needs);
    add_needs(node_get(root, "events"), bridge, &needs);
    return needs;
}
