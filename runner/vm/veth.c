// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/veth.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner/base/error.h"

typedef struct nl_sock NlSocket;
typedef struct rtnl_link NlLink;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NlSocket, nl_socket_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NlLink, rtnl_link_put)

static bool failed(GError **error, int code, const char *doing, const char *name)
{
    return error_set(error, ERROR_HOST, "could not %s '%s': %s", doing, name, nl_geterror(code));
}

/* A driver that has not got something of it needs no word about it. */
static bool offloads_off(const char *name, GError **error)
{
    static const uint32_t commands[] = { ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO, ETHTOOL_STXCSUM };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0;

    for (size_t i = 0; ok && i < G_N_ELEMENTS(commands); i++) {
        struct ethtool_value value = { .cmd = commands[i] };
        struct ifreq request = { .ifr_data = (char *) &value };

        g_strlcpy(request.ifr_name, name, sizeof request.ifr_name);
        ok = ioctl(fd, SIOCETHTOOL, &request) == 0 || errno == EOPNOTSUPP;
    }
    if (!ok)
        error_set_errno(error, ERROR_HOST, "could not switch off the offloads of link '%s'", name);
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool set_mac(NlLink *link, const char *mac, GError **error)
{
    struct nl_addr *address = NULL;
    int code = nl_addr_parse(mac, AF_LLC, &address);

    if (code < 0)
        return failed(error, code, "use MAC", mac);
    rtnl_link_set_addr(link, address);
    nl_addr_put(address);
    return true;
}

static bool pair_make(NlSocket *socket, const char *name, const char *peer_name, const char *mac, GError **error)
{
    g_autoptr(NlLink) link = rtnl_link_veth_alloc();
    NlLink *peer = rtnl_link_veth_get_peer(link);
    int code;
    bool ok;

    rtnl_link_set_name(link, name);
    rtnl_link_set_name(peer, peer_name);
    ok = set_mac(peer, mac, error);
    rtnl_link_put(peer);
    if (!ok)
        return false;
    code = rtnl_link_add(socket, link, NLM_F_CREATE | NLM_F_EXCL);
    return code >= 0 || failed(error, code, "make link", name);
}

static bool change(NlSocket *socket, const char *name, NlLink *wish, const char *doing, GError **error)
{
    g_autoptr(NlLink) link = NULL;
    int code = rtnl_link_get_kernel(socket, 0, name, &link);

    if (code >= 0)
        code = rtnl_link_change(socket, link, wish, 0);
    return code >= 0 || failed(error, code, doing, name);
}

static bool plug_in(NlSocket *socket, const char *name, const char *bridge, GError **error)
{
    g_autoptr(NlLink) wish = rtnl_link_alloc();

    rtnl_link_set_flags(wish, IFF_UP);
    rtnl_link_set_master(wish, (int) if_nametoindex(bridge));
    return change(socket, name, wish, "plug in link", error);
}

static bool hand_over(NlSocket *socket, const char *name, pid_t pid, GError **error)
{
    g_autoptr(NlLink) wish = rtnl_link_alloc();

    rtnl_link_set_ns_pid(wish, pid);
    return change(socket, name, wish, "hand over link", error);
}

bool veth_add(const char *name, const char *bridge, const char *mac, pid_t pid, GError **error)
{
    g_autoptr(NlSocket) socket = nl_socket_alloc();
    g_autofree char *peer = g_strconcat(name, "p", NULL);
    int code = socket != NULL ? nl_connect(socket, NETLINK_ROUTE) : -NLE_NOMEM;

    if (code < 0)
        return error_set(error, ERROR_HOST, "could not open a netlink socket: %s", nl_geterror(code));
    return pair_make(socket, name, peer, mac, error) && offloads_off(name, error) && offloads_off(peer, error)
           && plug_in(socket, name, bridge, error) && hand_over(socket, peer, pid, error);
}
