// SPDX-License-Identifier: GPL-3.0-or-later
/* The phase that makes the networks. Names, addresses and ports are the same in every run: each has namespaces of its own. */
#include "runner/exec/attempt-network.h"

#include <string.h>

#include "runner/base/daemon.h"
#include "runner/base/error.h"
#include "runner/base/fault.h"
#include "runner/base/files.h"
#include "runner/vm/net/veth.h"
#include "runner/vm/outside.h"

enum { FIRST_UDP_PORT = 20000, LAST_UDP_PORT = 65000, DEFAULT_MTU = 1500 };

static NetBridge *find_bridge(Attempt *attempt, const char *name)
{
    for (size_t i = 0; i < attempt->spec->bridge_count; i++)
        if (strcmp(attempt->spec->bridges[i].name, name) == 0)
            return &attempt->net->bridges[i];
    return NULL;
}

/* "tap0-1" for machine 0, card 1; "r0-1" for routers. */
static void add_link(Attempt *attempt, const char *prefix, size_t index, size_t card, const InterfaceSpec *spec, NetLink what)
{
    AttemptNet *net = attempt->net;
    NetLink *link = &net->links[net->link_count++];
    unsigned udp = FIRST_UDP_PORT + 2 * (unsigned) net->link_count;

    *link = what;
    link->spec = spec;
    link->bridge = find_bridge(attempt, spec->bridge);
    link->card = (unsigned) card;
    g_snprintf(link->outer, sizeof link->outer, "%s%zu-%zu", prefix, index, card);
    if (link->bridge->means == MEANS_WIRE || link->bridge->carrier == CARRIER_WIRE) {
        link->udp_ours = (uint16_t) (udp <= LAST_UDP_PORT ? udp : 0);
        link->udp_theirs = (uint16_t) (udp <= LAST_UDP_PORT ? udp + 1 : 0);
    }
}

static void list_links(Attempt *attempt)
{
    const RunSpec *spec = attempt->spec;
    size_t count = 0;

    for (size_t i = 0; i < spec->machine_count; i++)
        count += spec->machines[i].interface_count;
    for (size_t i = 0; i < spec->router_count; i++)
        count += spec->routers[i].interface_count;
    attempt->net->links = g_new0(NetLink, count + 1);
    for (size_t i = 0; i < spec->machine_count; i++)
        for (size_t k = 0; k < spec->machines[i].interface_count; k++)
            add_link(attempt, "tap", i, k, &spec->machines[i].interfaces[k],
                     (NetLink) { .owner = spec->machines[i].name, .group = spec->machines[i].group, .machine = &attempt->machines[i] });
    for (size_t i = 0; i < spec->router_count; i++)
        for (size_t k = 0; k < spec->routers[i].interface_count; k++)
            add_link(attempt, "r", i, k, &spec->routers[i].interfaces[k], (NetLink) { .owner = spec->routers[i].name });
}

/* Whether some card of the bridge needs what `test` looks for. */
static bool any_card(const RunSpec *spec, const char *bridge, bool (*test)(const InterfaceSpec *card), bool routers)
{
    for (size_t i = 0; !routers && i < spec->machine_count; i++)
        for (size_t k = 0; k < spec->machines[i].interface_count; k++)
            if (strcmp(spec->machines[i].interfaces[k].bridge, bridge) == 0 && test(&spec->machines[i].interfaces[k]))
                return true;
    for (size_t i = 0; i < spec->router_count; i++)
        for (size_t k = 0; k < spec->routers[i].interface_count; k++)
            if (strcmp(spec->routers[i].interfaces[k].bridge, bridge) == 0 && test(&spec->routers[i].interfaces[k]))
                return true;
    return false;
}

static bool has_vlans(const InterfaceSpec *card)
{
    return card->vlan != 0 || card->trunk != NULL;
}

static bool is_card(const InterfaceSpec *card)
{
    return card != NULL;
}

static bool choose_means(Attempt *attempt, GError **error)
{
    MeansHost host = { .tun = true };

    if (!attempt_is_fake(attempt) && attempt->job->uri == NULL)
        means_probe(attempt->job->cache, &host);
    host.own_namespace = attempt->job->uri == NULL;
    for (size_t i = 0; i < attempt->spec->bridge_count; i++) {
        NetBridge *bridge = &attempt->net->bridges[i];
        const BridgeSpec *spec = bridge->spec = &attempt->spec->bridges[i];
        NetworkNeeds needs = scenario_network_needs(attempt->scenario, spec->name);
        MeansNeed need = { .bridge = spec->name, .wish = spec->impair, .ovs = strcmp(spec->type, "ovs") == 0,
                           .vlans = any_card(attempt->spec, spec->name, has_vlans, false), .impaired = needs.impaired,
                           .to_machine = needs.to_machine, .burst = needs.burst,
                           .guests = strcmp(attempt->spec->platform, "vm") == 0 && !any_card(attempt->spec, spec->name, is_card, true) };
        const char *why;

        host.ovs = host.ovs || attempt_is_fake(attempt);
        if (!means_choose(&host, &need, &bridge->carrier, &bridge->means, &why, error))
            return false;
        bridge->segment = attempt->net->segments++;
        attempt_event(attempt, "network", "bridge '%s': carried by %s, impaired by %s: %s", spec->name, carrier_name(bridge->carrier),
                      means_name(bridge->means), why);
    }
    return true;
}

static bool needs_wire(const Attempt *attempt)
{
    for (size_t i = 0; i < attempt->spec->bridge_count; i++)
        if (attempt->net->bridges[i].carrier == CARRIER_WIRE || attempt->net->bridges[i].means == MEANS_WIRE)
            return true;
    return false;
}

static bool make_kernel_bridge(Attempt *attempt, const BridgeSpec *spec, GError **error)
{
    g_autofree char *link = attempt_link_name(attempt, spec->name);
    g_autofree char *name = g_strdup(link);

    if (!network_bridge_add_owned(attempt->network, link, attempt->job->uri != NULL ? attempt->job->owner : "", error))
        return false;
    g_ptr_array_add(attempt->bridges, g_steal_pointer(&link)); /* only now is it ours to remove */
    return (strcmp(spec->type, "link") != 0 || network_bridge_to_hub(name, error))
           && (spec->mtu == DEFAULT_MTU || network_mtu_set(attempt->network, name, spec->mtu, error));
}

static bool make_ovs_bridge(Attempt *attempt, const BridgeSpec *spec, GError **error)
{
    const OvsBridge bridge = { spec->name, spec->controller, spec->protocol };

    if (attempt->net->ovs == NULL) {
        g_autofree char *folder = g_build_filename(attempt->scratch, "ovs", NULL);

        attempt->net->ovs = ovs_start(folder, error);
    }
    return attempt->net->ovs != NULL && ovs_bridge_add(attempt->net->ovs, &bridge, error)
           && network_link_up(attempt->network, spec->name, error); /* its own interface, on which captures listen */
}

/* A fake's networks are the bridges alone, for captures. */
static bool make_bridges(Attempt *attempt, GError **error)
{
    if (needs_wire(attempt) && !attempt_is_fake(attempt)) {
        g_autofree char *log = attempt_path(attempt, "wire.log");

        attempt->net->wire = wire_start("/proc/self/exe", (uint64_t) attempt->job->seed, log, error);
        if (attempt->net->wire == NULL)
            return false;
        attempt_add_artifact(attempt, NULL, NULL, "log", log);
    }
    for (size_t i = 0; i < attempt->spec->bridge_count; i++) {
        const NetBridge *bridge = &attempt->net->bridges[i];

        if (bridge->carrier == CARRIER_OVS && !attempt_is_fake(attempt) ? !make_ovs_bridge(attempt, bridge->spec, error)
            : bridge->carrier == CARRIER_WIRE && !attempt_is_fake(attempt) ? false
                                                                           : !make_kernel_bridge(attempt, bridge->spec, error))
            return false;
    }
    return true;
}

static void port_of(const NetLink *link, unsigned segment, bool is_wire, FabricPort *ret_port)
{
    g_autofree char *name = g_strdup_printf("%s/%s#%u", link->bridge->spec->name, link->owner, link->card);

    *ret_port = (FabricPort) { .segment = segment, .is_wire = is_wire, .stream = wire_stream(name) };
    if (link->bridge->carrier != CARRIER_WIRE)
        return; /* the switch behind it cares for VLANs */
    ret_port->vlan = (uint16_t) link->spec->vlan;
    for (size_t i = 0; link->spec->trunk != NULL && link->spec->trunk[i] != NULL && i < FABRIC_VLANS_MAX; i++)
        ret_port->trunk[i] = (uint16_t) g_ascii_strtoull(link->spec->trunk[i], NULL, 10);
}

/* The machine's end, as a port of the wire. */
static bool make_wire_port(Attempt *attempt, NetLink *link, const FabricPort *port, GError **error)
{
    link->has_port = true;
    if (link->inner[0] != '\0')
        return wire_port_add_interface(attempt->net->wire, port, link->outer, &link->port, error);
    if (link->udp_ours == 0)
        return error_set(error, ERROR_HOST, "there are more links than UDP ports");
    return wire_port_add_udp(attempt->net->wire, port, link->udp_ours, link->udp_theirs, &link->port, error);
}

/* Open vSwitch with impaired links: a piece of wire between the machine and each of its ports. */
static bool make_ovs_wire(Attempt *attempt, NetLink *link, GError **error)
{
    g_autofree char *far = g_strconcat("o", link->outer, NULL), *near = g_strconcat("w", link->outer, NULL);
    unsigned segment = attempt->net->segments++, port;
    FabricPort what;

    port_of(link, segment, true, &what);
    return make_wire_port(attempt, link, &what, error)
           && network_veth_add(attempt->network, far, near, NULL, NULL, link->bridge->spec->mtu, error)
           && network_link_up(attempt->network, near, error)
           && wire_port_add_interface(attempt->net->wire, &what, near, &port, error)
           && ovs_port_add(attempt->net->ovs, link->bridge->spec->name, far, ++link->bridge->ports, link->spec->vlan, link->spec->trunk, error);
}

bool net_link_make(Attempt *attempt, NetLink *link, bool is_virtual, GError **error)
{
    const BridgeSpec *bridge = link->bridge->spec;
    bool to_wire = link->bridge->carrier == CARRIER_WIRE || link->bridge->means == MEANS_WIRE;
    const char *master = link->bridge->carrier == CARRIER_KERNEL ? bridge->name : NULL;
    FabricPort port;

    if (!is_virtual) {
        g_snprintf(link->inner, sizeof link->inner, "i%s", link->outer);
        if (!network_veth_add(attempt->network, link->outer, link->inner, master, link->spec->mac, bridge->mtu, error))
            return false;
    } else if (!to_wire) {
        if (!network_tap_add(attempt->network, link->outer, master, error)
            || (bridge->mtu != DEFAULT_MTU && !network_mtu_set(attempt->network, link->outer, bridge->mtu, error)))
            return false;
    }
    if (to_wire && link->bridge->carrier == CARRIER_OVS)
        return make_ovs_wire(attempt, link, error);
    port_of(link, link->bridge->segment, strcmp(bridge->type, "link") == 0, &port);
    if (to_wire)
        return make_wire_port(attempt, link, &port, error);
    return master != NULL
           || ovs_port_add(attempt->net->ovs, bridge->name, link->outer, ++link->bridge->ports, link->spec->vlan, link->spec->trunk, error);
}

static bool make_links(Attempt *attempt, GError **error)
{
    bool is_virtual = strcmp(attempt->spec->platform, "vm") == 0;

    for (size_t i = 0; i < attempt->net->link_count; i++) {
        NetLink *link = &attempt->net->links[i];

        if (!net_link_make(attempt, link, is_virtual && link->machine != NULL, error)) {
            g_prefix_error(error, "link '%s/%s': ", link->bridge->spec->name, link->owner);
            return false;
        }
    }
    return true;
}

/* An interface on which a capture sees all that passes a bridge; NULL: none can be made. Caller frees. */
static char *capture_interface(Attempt *attempt, NetBridge *bridge, GError **error)
{
    g_autofree char *outer = NULL, *inner = NULL;

    if (bridge->carrier != CARRIER_OVS || attempt_is_fake(attempt))
        return attempt_link_name(attempt, bridge->spec->name);
    outer = g_strdup_printf("c%u", bridge->segment);
    inner = g_strdup_printf("ic%u", bridge->segment);
    if (!bridge->is_mirrored
        && (!network_veth_add(attempt->network, outer, inner, NULL, NULL, bridge->spec->mtu, error)
            || !network_link_up(attempt->network, inner, error)
            || !ovs_mirror_add(attempt->net->ovs, bridge->spec->name, outer, error)))
        return NULL;
    bridge->is_mirrored = true;
    return g_steal_pointer(&inner);
}

static bool start_capture(Attempt *attempt, size_t index, const char *path, GError **error)
{
    const CaptureSpec *spec = &attempt->spec->captures[index];
    NetBridge *bridge = find_bridge(attempt, spec->bridge);
    g_autofree char *link = NULL;

    if (bridge->carrier == CARRIER_WIRE && attempt->net->wire != NULL) {
        unsigned number;

        if (!wire_capture(attempt->net->wire, bridge->segment, spec->filter, spec->snaplen, path, &number, error))
            return false;
        attempt->wire_captures[index] = number + 1;
        return true;
    }
    link = capture_interface(attempt, bridge, error);
    if (link == NULL)
        return false;
    attempt->captures[index] = capture_start(link, spec->filter, spec->snaplen, path, error);
    return attempt->captures[index] != NULL;
}

bool attempt_wire_captures(const Attempt *attempt, size_t capture)
{
    return attempt->wire_captures[capture] != 0;
}

/* Nothing is dropped between a frame's arrival and the file. */
bool attempt_wire_capture_end(Attempt *attempt, size_t capture, CaptureStats *ret_stats, GError **error)
{
    PcapCount count;

    if (!wire_capture_end(attempt->net->wire, attempt->wire_captures[capture] - 1, &count, error))
        return false;
    attempt->wire_captures[capture] = 0;
    *ret_stats = (CaptureStats) { .packets = count.packets, .bytes = count.bytes, .received = count.packets,
                                  .first_ns = count.first_ns, .last_ns = count.last_ns };
    return true;
}

bool attempt_captures_start(Attempt *attempt, GError **error)
{
    for (size_t i = 0; i < attempt->spec->capture_count; i++) {
        const CaptureSpec *spec = &attempt->spec->captures[i];
        g_autofree char *path = attempt_path(attempt, "%s-%zu.pcap", spec->bridge, i);

        if (!start_capture(attempt, i, path, error)) {
            g_prefix_error(error, "capture on bridge '%s': ", spec->bridge);
            return false;
        }
        attempt_add_artifact(attempt, NULL, NULL, "pcap", path);
    }
    return true;
}

bool attempt_network(Attempt *attempt, GError **error)
{
    AttemptNet *net = attempt->net = g_new0(AttemptNet, 1);

    g_mutex_init(&net->lock);
    g_cond_init(&net->changed);
    if (attempt_is_bare(attempt) && attempt->job->uri != NULL)
        return error_set(error, ERROR_HOST, "'platform: bare' knows no libvirt, but --connect names one");
    net->hosts = g_ptr_array_new_with_free_func((GDestroyNotify) namespace_free);
    net->servers = g_ptr_array_new();
    net->bridges = g_new0(NetBridge, attempt->spec->bridge_count);
    attempt->network = network_open(error);
    if (attempt->network == NULL || !choose_means(attempt, error) || !make_bridges(attempt, error))
        return false;
    list_links(attempt);
    /* An external libvirt makes its own taps: it cannot see ours when it runs elsewhere. */
    if (!attempt_is_fake(attempt) && attempt->job->uri == NULL
        && (!make_links(attempt, error) || !net_hosts_make(attempt, error) || !net_impair_all(attempt, false, error)))
        return false;
    fault_point("network-made");
    return attempt_captures_start(attempt, error);
}

void attempt_network_clear(Attempt *attempt)
{
    AttemptNet *net = attempt->net;

    if (net == NULL)
        return;
    net_events_stop(attempt);
    for (guint i = 0; net->servers != NULL && i < net->servers->len; i++)
        daemon_stop(g_ptr_array_index(net->servers, i), 500);
    g_clear_pointer(&net->servers, g_ptr_array_unref);
    g_clear_pointer(&net->hosts, g_ptr_array_unref);
    ovs_stop(net->ovs);
    wire_stop(net->wire);
    g_mutex_clear(&net->lock);
    g_cond_clear(&net->changed);
    g_free(net->bridges);
    g_free(net->links);
    g_free(net);
    attempt->net = NULL;
}

void attempt_nic(const Attempt *attempt, size_t machine, size_t card, NicConfig *nic)
{
    const NetLink *link = attempt->net->links;

    for (; link->machine != &attempt->machines[machine] || link->card != card; link++)
        continue;
    nic->tap = nic->veth = NULL;
    if (attempt->job->uri != NULL)
        return;
    if (link->inner[0] != '\0')
        nic->veth = link->inner;
    else if (link->udp_ours != 0) {
        nic->udp_host = link->udp_ours;
        nic->udp_machine = link->udp_theirs;
    } else {
        nic->tap = link->outer;
    }
}
