// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/net/veth.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_bridge.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner/base/error.h"

static bool fail(GError **error, int code, const char *doing, const char *name)
{
    return error_set(error, ERROR_HOST, "could not %s '%s': %s", doing, name, nl_geterror(code));
}

/* Change an existing link to what `change` says. Frees `change`. */
static int link_change(Network *network, const char *name, struct rtnl_link *change)
{
    struct rtnl_link *link = NULL;
    int code = change != NULL ? rtnl_link_get_kernel(network_socket(network), 0, name, &link) : -NLE_NOMEM;

    if (code == 0)
        code = rtnl_link_change(network_socket(network), link, change, 0);
    rtnl_link_put(link);
    rtnl_link_put(change);
    return code;
}

static int link_index(Network *network, const char *name)
{
    struct rtnl_link *link = NULL;
    int code = rtnl_link_get_kernel(network_socket(network), 0, name, &link);

    if (code == 0)
        code = rtnl_link_get_ifindex(link);
    rtnl_link_put(link);
    return code;
}

void network_offloads_off(const char *name)
{
    static const uint32_t commands[] = { ETHTOOL_STXCSUM, ETHTOOL_SRXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO, ETHTOOL_SUFO };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    for (size_t i = 0; fd >= 0 && i < G_N_ELEMENTS(commands); i++) {
        struct ethtool_value value = { .cmd = commands[i] };
        struct ifreq request = { .ifr_data = (void *) &value };

        g_strlcpy(request.ifr_name, name, sizeof request.ifr_name);
        if (ioctl(fd, SIOCETHTOOL, &request) != 0)
            errno = 0;
    }
    if (fd >= 0)
        close(fd);
}

bool network_mtu_set(Network *network, const char *name, unsigned mtu, GError **error)
{
    struct rtnl_link *change = rtnl_link_alloc();
    int code;

    if (change != NULL)
        rtnl_link_set_mtu(change, mtu);
    code = link_change(network, name, change);
    return code == 0 || fail(error, code, "set the MTU of link", name);
}

static int mac_set(Network *network, const char *name, const char *mac)
{
    struct rtnl_link *change = rtnl_link_alloc();
    struct nl_addr *address = NULL;
    int code = nl_addr_parse(mac, AF_LLC, &address);

    if (code == 0 && change != NULL)
        rtnl_link_set_addr(change, address);
    nl_addr_put(address);
    code = code == 0 ? link_change(network, name, change) : (rtnl_link_put(change), code);
    return code;
}

static bool link_set(Network *network, const char *name, bool is_up, GError **error)
{
    struct rtnl_link *change = rtnl_link_alloc();
    int code;

    if (change != NULL && is_up)
        rtnl_link_set_flags(change, IFF_UP);
    else if (change != NULL)
        rtnl_link_unset_flags(change, IFF_UP);
    code = link_change(network, name, change);
    return code == 0 || fail(error, code, is_up ? "bring up link" : "take down link", name);
}

bool network_link_up(Network *network, const char *name, GError **error)
{
    return link_set(network, name, true, error);
}

bool network_link_down(Network *network, const char *name, GError **error)
{
    return link_set(network, name, false, error);
}

static int enslave(Network *network, const char *name, const char *bridge)
{
    struct rtnl_link *change = rtnl_link_alloc();
    int index = link_index(network, bridge);

    if (index < 0 || change == NULL) {
        rtnl_link_put(change);
        return index < 0 ? index : -NLE_NOMEM;
    }
    rtnl_link_set_master(change, index);
    return link_change(network, name, change);
}

bool network_veth_add(Network *network, const char *outer, const char *inner, const char *bridge, const char *mac, unsigned mtu,
                      GError **error)
{
    int code = rtnl_link_veth_add(network_socket(network), outer, inner, getpid());

    if (code < 0)
        return fail(error, code, "make link", outer);
    network_offloads_off(outer);
    network_offloads_off(inner);
    network_quiet(outer);
    code = mac != NULL ? mac_set(network, inner, mac) : 0;
    if (code == 0 && bridge != NULL)
        code = enslave(network, outer, bridge);
    if (code < 0)
        return fail(error, code, bridge != NULL ? "plug in link" : "set up link", outer);
    return network_mtu_set(network, outer, mtu, error) && network_mtu_set(network, inner, mtu, error)
           && network_link_up(network, outer, error);
}

bool network_link_move(Network *network, const char *name, int namespace_fd, const char *new_name, GError **error)
{
    struct rtnl_link *change = rtnl_link_alloc();
    int code;

    if (change != NULL) {
        rtnl_link_set_ns_fd(change, namespace_fd);
        rtnl_link_set_name(change, new_name);
    }
    code = link_change(network, name, change);
    return code == 0 || fail(error, code, "move link", name);
}

bool network_address_add(Network *network, const char *name, const char *cidr, GError **error)
{
    struct rtnl_addr *address = rtnl_addr_alloc();
    struct nl_addr *local = NULL;
    int index = link_index(network, name);
    int code = index < 0 ? index : address == NULL ? -NLE_NOMEM : nl_addr_parse(cidr, AF_UNSPEC, &local);

    if (code == 0) {
        rtnl_addr_set_ifindex(address, index);
        code = rtnl_addr_set_local(address, local);
        if (nl_addr_get_family(local) == AF_INET6)
            rtnl_addr_set_flags(address, IFA_F_NODAD); /* nobody else has it: the scenario was checked */
    }
    if (code == 0)
        code = rtnl_addr_add(network_socket(network), address, 0);
    nl_addr_put(local);
    rtnl_addr_put(address);
    return code == 0 || fail(error, code, "give an address to link", name);
}

bool network_gateway_add(Network *network, const char *gateway, GError **error)
{
    int family = strchr(gateway, ':') != NULL ? AF_INET6 : AF_INET;
    struct rtnl_route *route = rtnl_route_alloc();
    struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
    struct nl_addr *everything = NULL, *via = NULL;
    int code = nl_addr_parse("default", family, &everything);

    if (code == 0)
        code = nl_addr_parse(gateway, family, &via);
    if (code == 0) {
        rtnl_route_set_family(route, (uint8_t) family);
        rtnl_route_set_dst(route, everything);
        rtnl_route_nh_set_gateway(hop, via);
        rtnl_route_add_nexthop(route, hop); /* owns it now */
        code = rtnl_route_add(network_socket(network), route, NLM_F_EXCL);
    } else {
        rtnl_route_nh_free(hop);
    }
    nl_addr_put(everything);
    nl_addr_put(via);
    rtnl_route_put(route);
    return code == 0 || fail(error, code, "route by", gateway);
}

/* The bridge's options have no setters in libnl; their files are in a /sys that may be read-only. */
static bool bridge_option(const char *name, unsigned long command, unsigned long value, const char *what, GError **error)
{
    unsigned long arguments[4] = { command, value, 0, 0 };
    struct ifreq request = { .ifr_data = (void *) arguments };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool ok;

    g_strlcpy(request.ifr_name, name, sizeof request.ifr_name);
    ok = fd >= 0 && ioctl(fd, SIOCDEVPRIVATE, &request) == 0;
    if (!ok)
        error_set_errno(error, ERROR_HOST, "could not %s of bridge '%s'", what, name);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool network_bridge_to_hub(const char *name, GError **error)
{
    return bridge_option(name, BRCTL_SET_AGEING_TIME, 0, "switch off the learning", error);
}
