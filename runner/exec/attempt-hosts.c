// SPDX-License-Identifier: GPL-3.0-or-later
/* Namespaces that are plugged in beside the machines: routers, and servers of DHCP and DNS. */
#include <string.h>

#include "runner/base/daemon.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/proc.h"
#include "runner/exec/attempt-network.h"
#include "runner/vm/net/veth.h"

enum { PROGRAM_TIMEOUT_MS = 10000, FIRST_LEASE = 100, LAST_LEASE = 250 };

/* What is done inside a namespace: its cards are there, named eth0 and so on. */
typedef struct Inside {
    const InterfaceSpec *cards;
    size_t count;
    const char *nat;
} Inside;

static bool write_setting(const char *path, const char *value, GError **error)
{
    FILE *file = fopen(path, "we");
    bool ok = file != NULL && fputs(value, file) >= 0;

    if (file != NULL && fclose(file) != 0)
        ok = false;
    return ok || error_set_errno(error, ERROR_HOST, "could not write '%s'", path);
}

/* Its hardware addresses are known in advance, so nothing has to be found out: no duplicate address detection. */
static bool set_up_cards(const Inside *inside, GError **error)
{
    g_autoptr(Network) network = network_open(error);

    for (size_t i = 0; network != NULL && i < inside->count; i++) {
        const InterfaceSpec *card = &inside->cards[i];
        g_autofree char *name = g_strdup_printf("eth%zu", i);

        if (!network_link_up(network, name, error) || (card->address != NULL && !network_address_add(network, name, card->address, error))
            || (card->address6 != NULL && !network_address_add(network, name, card->address6, error))
            || (card->gateway != NULL && !network_gateway_add(network, card->gateway, error)))
            return false;
    }
    return network != NULL;
}

static bool masquerade(const Inside *inside, GError **error)
{
    g_autofree char *rules = NULL;
    GString *devices = g_string_new(NULL);
    g_auto(ProcResult) result = { 0 };
    ProcSpec spec = { .argv = (const char *const[]) { "nft", "-f", "-", NULL }, .timeout_ms = PROGRAM_TIMEOUT_MS };

    for (size_t i = 0; i < inside->count; i++)
        if (strcmp(inside->cards[i].bridge, inside->nat) == 0)
            g_string_append_printf(devices, "%seth%zu", devices->len > 0 ? ", " : "", i);
    rules = g_strdup_printf("table inet trialbed { chain out { type nat hook postrouting priority srcnat; oifname { %s } masquerade; }\n}\n",
                            devices->str);
    g_string_free(devices, TRUE);
    spec.stdin_text = rules;
    if (proc_run_checked(&spec, &result, error))
        return true;
    error_hint(error, "NAT needs the program 'nft' ('sudo apt-get install -y nftables') and the kernel's nf_tables.");
    return false;
}

static bool set_up_router(void *data, GError **error)
{
    const Inside *inside = data;

    return write_setting("/proc/sys/net/ipv4/ip_forward", "1", error)
           && (!g_file_test("/proc/sys/net/ipv6", G_FILE_TEST_EXISTS) || write_setting("/proc/sys/net/ipv6/conf/all/forwarding", "1", error))
           && set_up_cards(inside, error) && (inside->nat == NULL || masquerade(inside, error));
}

static bool set_up_server(void *data, GError **error)
{
    return set_up_cards(data, error);
}

/* A namespace for these links, whose inner ends move in. Owned by the attempt. */
static Namespace *make_host(Attempt *attempt, NetLink *const *links, size_t count, NamespaceFunction set_up, Inside *inside, GError **error)
{
    Namespace *namespace = namespace_new(error);

    if (namespace == NULL)
        return NULL;
    g_ptr_array_add(attempt->net->hosts, namespace);
    for (size_t i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("eth%zu", i);

        if (!network_link_move(attempt->network, links[i]->inner, namespace_fd(namespace), name, error))
            return NULL;
    }
    return namespace_run(namespace, set_up, inside, error) ? namespace : NULL;
}

static bool make_router(Attempt *attempt, const RouterSpec *router, GError **error)
{
    g_autofree NetLink **links = g_new0(NetLink *, router->interface_count);
    Inside inside = { router->interfaces, router->interface_count, router->nat };

    for (size_t i = 0; i < attempt->net->link_count; i++) {
        NetLink *link = &attempt->net->links[i];

        if (link->machine == NULL && strcmp(link->owner, router->name) == 0)
            links[link->card] = link;
    }
    return make_host(attempt, links, router->interface_count, set_up_router, &inside, error) != NULL;
}

/* Who gets which address: fixed by hardware address, so that every run has the same. Machines with addresses of their own are
 * known by name. */
static char *dhcp_settings(Attempt *attempt, const BridgeSpec *bridge)
{
    g_autofree char *server = g_strndup(bridge->dhcp, strcspn(bridge->dhcp, "/"));
    g_autofree char *network = g_strndup(server, (size_t) (strrchr(server, '.') - server));
    GString *text = g_string_new(NULL);
    unsigned next = FIRST_LEASE;

    g_string_append_printf(text, "no-resolv\nno-hosts\nbind-interfaces\ninterface=eth0\nexcept-interface=lo\nuser=\nleasefile-ro\n"
                                 "dhcp-authoritative\nlog-dhcp\ndhcp-range=%s.%d,static,1h\ndhcp-option=option:dns-server,%s\n",
                           network, FIRST_LEASE, server);
    for (size_t i = 0; i < attempt->net->link_count; i++) {
        const NetLink *link = &attempt->net->links[i];
        const char *address = link->spec->address;

        g_string_append_printf(text, "local=/%s/\n", link->owner); /* asked for what it has not, say so, and ask nobody */
        if (link->spec->address6 != NULL)
            g_string_append_printf(text, "host-record=%s,%.*s\n", link->owner, (int) strcspn(link->spec->address6, "/"), link->spec->address6);
        if (link->bridge->spec == bridge && link->machine != NULL && g_strcmp0(address, "dhcp") == 0 && next <= LAST_LEASE)
            g_string_append_printf(text, "dhcp-host=%s,%s.%u,%s\nhost-record=%s,%s.%u\n", link->spec->mac, network, next, link->owner,
                                   link->owner, network, next),
                next++;
        else if (address != NULL && strcmp(address, "dhcp") != 0)
            g_string_append_printf(text, "host-record=%s,%.*s\n", link->owner, (int) strcspn(address, "/"), address);
        if (link->bridge->spec == bridge && link->machine == NULL && address != NULL)
            g_string_append_printf(text, "dhcp-option=option:router,%.*s\n", (int) strcspn(address, "/"), address);
    }
    return g_string_free(text, FALSE);
}

static bool start_dnsmasq(Attempt *attempt, const BridgeSpec *bridge, Namespace *namespace, GError **error)
{
    g_autofree char *settings = dhcp_settings(attempt, bridge), *path = attempt_path(attempt, "%s-dhcp.conf", bridge->name);
    g_autofree char *log = attempt_path(attempt, "%s-dhcp.log", bridge->name), *option = g_strconcat("--conf-file=", path, NULL);
    DaemonSpec spec = { .argv = (const char *const[]) { "dnsmasq", "--keep-in-foreground", "--log-facility=-", option, NULL },
                        .log_path = log, .channel = -1, .network = namespace_fd(namespace) };
    Daemon *daemon;

    if (!file_write_atomic(path, settings, strlen(settings), error))
        return false;
    daemon = daemon_start(&spec, error);
    if (daemon == NULL) {
        error_hint(error, "'sudo apt-get install -y dnsmasq-base' installs it.");
        return false;
    }
    g_ptr_array_add(attempt->net->servers, daemon);
    attempt_add_artifact(attempt, NULL, NULL, "log", log);
    attempt_add_artifact(attempt, NULL, NULL, "definition", path);
    return true;
}

static bool make_server(Attempt *attempt, size_t index, GError **error)
{
    const BridgeSpec *bridge = &attempt->spec->bridges[index];
    g_autofree char *mac = g_strdup_printf("52:54:02:00:00:%02x", (unsigned) index & 0xff);
    InterfaceSpec card = { .bridge = bridge->name, .address = bridge->dhcp, .mac = mac };
    NetLink link = { .spec = &card, .owner = "dhcp", .bridge = &attempt->net->bridges[index] };
    Inside inside = { &card, 1, NULL };
    Namespace *namespace;

    g_snprintf(link.outer, sizeof link.outer, "d%zu", index);
    if (!net_link_make(attempt, &link, false, error))
        return false;
    namespace = make_host(attempt, (NetLink *const[]) { &link }, 1, set_up_server, &inside, error);
    return namespace != NULL && start_dnsmasq(attempt, bridge, namespace, error);
}

bool net_hosts_make(Attempt *attempt, GError **error)
{
    for (size_t i = 0; i < attempt->spec->router_count; i++) {
        if (!make_router(attempt, &attempt->spec->routers[i], error)) {
            g_prefix_error(error, "router '%s': ", attempt->spec->routers[i].name);
            return false;
        }
    }
    for (size_t i = 0; i < attempt->spec->bridge_count; i++) {
        if (attempt->spec->bridges[i].dhcp != NULL && !make_server(attempt, i, error)) {
            g_prefix_error(error, "DHCP server of bridge '%s': ", attempt->spec->bridges[i].name);
            return false;
        }
    }
    return true;
}
