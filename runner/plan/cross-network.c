// SPDX-License-Identifier: GPL-3.0-or-later
/* What no single key of the networks shows. Values that vary are missing during the first walk; then nothing is said of them. */
#include <arpa/inet.h>
#include <math.h>
#include <string.h>

#include "runner/plan/limits.h"
#include "runner/plan/reading.h"
#include "runner/plan/run-spec.h"

/* A card of a machine or router, and where it stands. */
typedef struct Card {
    const InterfaceSpec *interface;
    const char *owner, *group; /* group: NULL but for copies */
    const Node *node;
} Card;

static const Node *item_of(const Node *map, const char *list, size_t index)
{
    return node_get(map, list)->values[index];
}

static void add_cards(GArray *cards, const InterfaceSpec *interfaces, size_t count, const char *owner, const char *group, const Node *node)
{
    for (size_t i = 0; i < count; i++) {
        Card card = { &interfaces[i], owner, group, item_of(node, "interfaces", i) };

        if (owner != NULL && interfaces[i].bridge != NULL)
            g_array_append_val(cards, card);
    }
}

static GArray *list_cards(const RunSpec *spec, const Node *root)
{
    GArray *cards = g_array_new(FALSE, FALSE, sizeof(Card));

    for (size_t i = 0; i < spec->machine_count; i++)
        add_cards(cards, spec->machines[i].interfaces, spec->machines[i].interface_count, spec->machines[i].name,
                  spec->machines[i].group, item_of(root, "machines", spec->machines[i].item));
    for (size_t i = 0; i < spec->router_count; i++)
        add_cards(cards, spec->routers[i].interfaces, spec->routers[i].interface_count, spec->routers[i].name, NULL,
                  item_of(root, "routers", i));
    return cards;
}

static const Node *key_node(const Node *map, const char *key)
{
    return node_get(map, key) != NULL ? node_get(map, key) : map;
}

/* Whether some card is plugged in where a link's name says. */
static void check_link(Reading *reading, const RunSpec *spec, const GArray *cards, const char *link, const Node *node)
{
    g_autofree char *bridge = link != NULL ? g_strndup(link, strcspn(link, "/")) : NULL;

    if (link == NULL || !reading->tree->is_complete)
        return;
    if (run_spec_bridge(spec, bridge) == NULL) {
        reading_problem(reading, node, names_suggest(reading->names, NAME_BRIDGE, bridge), "there is no bridge '%s'", bridge);
        return;
    }
    for (guint i = 0; i < cards->len; i++) {
        const Card *card = &g_array_index(cards, Card, i);

        if (link_name_fits(link, card->interface->bridge, card->owner, card->group))
            return;
    }
    if (reading->levels != NULL && spec->machine_count > 0) /* the first walk may not know all that is plugged in */
        reading_problem(reading, node, g_strdup("it is BRIDGE/MACHINE, for a machine or router with an interface on that bridge."),
                        "there is no link '%s'", link);
}

static void check_links(Reading *reading, const RunSpec *spec, const GArray *cards, const Node *root)
{
    for (size_t i = 0; i < spec->link_count; i++)
        check_link(reading, spec, cards, spec->links[i].link, key_node(item_of(root, "links", i), "link"));
}

static void check_events(Reading *reading, const RunSpec *spec, const GArray *cards, const Node *root)
{
    for (size_t i = 0; i < spec->event_count; i++) {
        const Node *node = item_of(root, "events", i);
        bool set = node_get(node, "set") != NULL, state = node_get(node, "state") != NULL;

        check_link(reading, spec, cards, spec->events[i].link, key_node(node, "link"));
        if (node->kind == NODE_MAP && !node->cut && set == state)
            reading_problem(reading, node, g_strdup(set ? "remove one of them." : "add one of them."),
                            set ? "an event has both 'set' and 'state'" : "an event has neither 'set' nor 'state'");
        if (spec->timeout_ms > 0 && spec->events[i].at_ms > spec->timeout_ms)
            reading_problem(reading, key_node(node, "at"), g_strdup("raise 'timeout', or let it happen earlier."),
                            "the event is after the attempt's time is over");
    }
}

/* Whether an address lies in the network of "ADDRESS/PREFIX"; of another family: false. */
static bool is_inside(const char *address, const char *network)
{
    int family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
    g_autofree char *base = g_strndup(network, strcspn(network, "/"));
    unsigned prefix = (unsigned) g_ascii_strtoull(network + strcspn(network, "/") + 1, NULL, 10);
    uint8_t a[16], b[16];

    if (inet_pton(family, address, a) != 1 || inet_pton(family, base, b) != 1)
        return false;
    for (unsigned bit = 0; bit < prefix; bit++)
        if (((a[bit / 8] ^ b[bit / 8]) & 0x80 >> bit % 8) != 0)
            return false;
    return true;
}

static void check_card(Reading *reading, const RunSpec *spec, const Card *card)
{
    const InterfaceSpec *interface = card->interface;
    const BridgeSpec *bridge = run_spec_bridge(spec, interface->bridge);
    bool dhcp = g_strcmp0(interface->address, "dhcp") == 0;
    bool has_told = node_get(card->node, "address") == NULL || interface->address != NULL;

    if (interface->vlan != 0 && interface->trunk != NULL)
        reading_problem(reading, card->node, g_strdup("remove one of them."), "an interface has both 'vlan' and 'trunk'");
    if (bridge != NULL && g_strcmp0(bridge->type, "link") == 0 && (interface->vlan != 0 || interface->trunk != NULL))
        reading_problem(reading, card->node, g_strdup("a link passes tags as they are."), "a link has no VLANs");
    if (dhcp && bridge != NULL && node_get(item_of(reading->tree->root, "bridges", (size_t) (bridge - spec->bridges)), "dhcp") == NULL)
        reading_problem(reading, key_node(card->node, "address"),
                        g_strdup_printf("give bridge '%s' a server: 'dhcp: 10.0.0.254/24'.", bridge->name),
                        "there is no DHCP server on bridge '%s'", bridge->name);
    if (interface->gateway != NULL && !dhcp && has_told
        && (interface->address == NULL || !is_inside(interface->gateway, interface->address))
        && (interface->address6 == NULL || !is_inside(interface->gateway, interface->address6)))
        reading_problem(reading, key_node(card->node, "gateway"), g_strdup("a router is reached through the card's own network."),
                        "gateway '%s' is not in the interface's network", interface->gateway);
}

static void check_bridge(Reading *reading, const BridgeSpec *bridge, const GArray *cards, const Node *node)
{
    bool is_ovs = g_strcmp0(bridge->type, "ovs") == 0;
    size_t ports = 0;

    for (guint i = 0; i < cards->len; i++)
        ports += g_strcmp0(g_array_index(cards, Card, i).interface->bridge, bridge->name) == 0;
    if (ports > SCENARIO_PORTS_MAX)
        reading_problem(reading, node, g_strdup("spread the machines over several bridges."),
                        "bridge '%s' has %zu ports, the limit is %d", bridge->name, ports, SCENARIO_PORTS_MAX);
    if (bridge->type != NULL && !is_ovs && (node_get(node, "controller") != NULL || node_get(node, "protocol") != NULL))
        reading_problem(reading, node, g_strdup("add 'type: ovs'."), "'controller' and 'protocol' are of an Open vSwitch");
    if (bridge->type != NULL && strcmp(bridge->type, "link") == 0 && node_get(node, "dhcp") != NULL)
        reading_problem(reading, node_get(node, "dhcp"), g_strdup("make it a bridge."), "a link has two ends, and no room for a server");
    if (reading->levels != NULL && bridge->type != NULL && strcmp(bridge->type, "link") == 0 && ports != 2)
        reading_problem(reading, node, g_strdup("a bridge can have any number."), "link '%s' must have 2 ends, not %zu", bridge->name, ports);
    if (bridge->dhcp != NULL && strchr(bridge->dhcp, ':') != NULL)
        reading_problem(reading, node_get(node, "dhcp"), NULL, "a DHCP server needs an IPv4 address");
}

/* What the chosen means cannot do, however the host is. */
static void check_means(Reading *reading, const RunSpec *spec, const Card *card, const BridgeSpec *bridge, const Node *node)
{
    bool guest = g_strcmp0(bridge->impair, "guest") == 0, netem = g_strcmp0(bridge->impair, "netem") == 0;
    Impairment from, to;

    run_spec_impairment(spec, bridge->name, card->owner, card->group, WAY_FROM_MACHINE, &from);
    run_spec_impairment(spec, bridge->name, card->owner, card->group, WAY_TO_MACHINE, &to);
    if (guest && !impairment_is_none(&to))
        reading_problem(reading, key_node(node, "impair"), g_strdup("use 'impair: auto'."),
                        "a guest impairs only what it sends: nothing can happen to frames to machine '%s'", card->owner);
    if ((guest || netem) && (from.burst_bytes > 0 || to.burst_bytes > 0))
        reading_problem(reading, key_node(node, "impair"), g_strdup("use 'impair: wire'."), "netem knows no 'burst'");
}

static void check_routers(Reading *reading, const RunSpec *spec, const Node *root)
{
    for (size_t i = 0; i < spec->router_count; i++) {
        const RouterSpec *router = &spec->routers[i];
        const Node *node = item_of(root, "routers", i);
        bool is_there = router->nat == NULL;

        for (size_t k = 0; k < spec->machine_count; k++)
            if (g_strcmp0(spec->machines[k].name, router->name) == 0 && router->name != NULL)
                reading_problem(reading, key_node(node, "name"), g_strdup("give one of them another name."),
                                "'%s' is a machine and a router", router->name);
        for (size_t k = 0; k < router->interface_count; k++)
            is_there |= g_strcmp0(router->interfaces[k].bridge, router->nat) == 0;
        if (!is_there && reading->levels != NULL)
            reading_problem(reading, key_node(node, "nat"), NULL, "router '%s' has no interface on bridge '%s'", router->name, router->nat);
    }
}

void cross_check_network(Reading *reading, const RunSpec *spec)
{
    const Node *root = reading->tree->root;
    g_autoptr(GArray) cards = list_cards(spec, root);
    bool is_whole; /* every value can be told, and is one */

    check_links(reading, spec, cards, root);
    check_events(reading, spec, cards, root);
    check_routers(reading, spec, root);
    for (size_t i = 0; i < spec->bridge_count; i++)
        if (spec->bridges[i].name != NULL)
            check_bridge(reading, &spec->bridges[i], cards, item_of(root, "bridges", i));
    is_whole = reading->levels != NULL && reading->problems->items->len == 0;
    for (guint i = 0; i < cards->len; i++) {
        const Card *card = &g_array_index(cards, Card, i);
        const BridgeSpec *bridge = run_spec_bridge(spec, card->interface->bridge);

        check_card(reading, spec, card);
        if (bridge != NULL && is_whole)
            check_means(reading, spec, card, bridge, item_of(root, "bridges", (size_t) (bridge - spec->bridges)));
    }
}
