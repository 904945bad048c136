// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/network.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runner/base/error.h"

#define TUN_DEVICE "/dev/net/tun"
enum { MAC_SIZE = 6 };

struct Network {
    struct nl_sock *socket;
};

static bool netlink_error(GError **error, int code, const char *doing, const char *name)
{
    error_set(error, ERROR_HOST, "could not %s '%s': %s", doing, name, nl_geterror(code));
    if (code == -NLE_PERM)
        error_hint(error, "links are made in the worker's own network namespace; 'trialbed doctor' says whether this host allows one.");
    return false;
}

Network *network_open(GError **error)
{
    Network *network = g_new0(Network, 1);
    int code;

    network->socket = nl_socket_alloc();
    code = network->socket != NULL ? nl_connect(network->socket, NETLINK_ROUTE) : -NLE_NOMEM;
    if (code < 0) {
        error_set(error, ERROR_HOST, "could not open a netlink socket: %s", nl_geterror(code));
        network_close(network);
        return NULL;
    }
    return network;
}

void network_close(Network *network)
{
    if (network->socket != NULL)
        nl_socket_free(network->socket);
    g_free(network);
}

struct nl_sock *network_socket(Network *network)
{
    return network->socket;
}

static bool name_check(const char *name, GError **error)
{
    if (strlen(name) < 1 || strlen(name) >= IFNAMSIZ || strpbrk(name, "/ \t\n:") != NULL || strspn(name, ".") == strlen(name))
        return error_set(error, ERROR_HOST,
                         "'%s' cannot be the name of a network link: it has 1 to %d characters, none of them a space, '/' or ':'",
                         name, IFNAMSIZ - 1);
    return true;
}

/* A bridge without an address of its own takes its ports' and changes it as they come. FNV-1a spreads similar names well. */
static void mac_derive(const char *name, const char *owner, uint8_t *ret_mac)
{
    g_autofree char *text = g_strconcat(name, owner, NULL);
    uint32_t hash = 2166136261u;

    for (const char *at = text; *at != '\0'; at++)
        hash = (hash ^ (uint8_t) *at) * 16777619u;
    ret_mac[0] = 0x02; /* locally administered, and apart from the 52:54:00 of machines */
    ret_mac[1] = 0x54;
    memcpy(ret_mac + 2, &(uint32_t) { GUINT32_TO_BE(hash) }, sizeof hash);
}

/* The bridge's options have no setters in libnl. NULL when memory is out. */
static struct nl_msg *bridge_message(const char *name, const uint8_t *mac)
{
    struct ifinfomsg header = { .ifi_family = AF_UNSPEC, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
    struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
    struct nlattr *info, *data;

    if (message != NULL && nlmsg_append(message, &header, sizeof header, NLMSG_ALIGNTO) == 0
        && nla_put_string(message, IFLA_IFNAME, name) == 0 && nla_put(message, IFLA_ADDRESS, MAC_SIZE, mac) == 0
        && (info = nla_nest_start(message, IFLA_LINKINFO)) != NULL && nla_put_string(message, IFLA_INFO_KIND, "bridge") == 0
        && (data = nla_nest_start(message, IFLA_INFO_DATA)) != NULL && nla_put_u32(message, IFLA_BR_STP_STATE, 0) == 0
        && nla_put_u8(message, IFLA_BR_MCAST_SNOOPING, 0) == 0) {
        nla_nest_end(message, data);
        nla_nest_end(message, info);
        return message;
    }
    if (message != NULL)
        nlmsg_free(message);
    return NULL;
}

/* A kernel without IPv6 has no such file: fine. */
void network_quiet(const char *name)
{
    g_autofree char *path = g_strdup_printf("/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (write(fd, "1", 1) != 1)
        errno = 0; /* where it is forbidden the link works all the same */
    close(fd);
}

static int link_up(Network *network, const char *name, const char *bridge)
{
    struct rtnl_link *link = NULL, *master = NULL, *change = rtnl_link_alloc();
    int code = change != NULL ? rtnl_link_get_kernel(network->socket, 0, name, &link) : -NLE_NOMEM;

    if (code == 0 && bridge != NULL && (code = rtnl_link_get_kernel(network->socket, 0, bridge, &master)) == 0)
        rtnl_link_set_master(change, rtnl_link_get_ifindex(master));
    if (code == 0) {
        rtnl_link_set_flags(change, IFF_UP);
        code = rtnl_link_change(network->socket, link, change, 0);
    }
    rtnl_link_put(master);
    rtnl_link_put(link);
    rtnl_link_put(change);
    return code;
}

bool network_bridge_add(Network *network, const char *name, GError **error)
{
    return network_bridge_add_owned(network, name, "", error);
}

bool network_bridge_add_owned(Network *network, const char *name, const char *owner, GError **error)
{
    uint8_t mac[MAC_SIZE];
    struct nl_msg *message;
    int code;

    if (!name_check(name, error))
        return false;
    mac_derive(name, owner, mac);
    message = bridge_message(name, mac);
    code = message != NULL ? nl_send_sync(network->socket, message) : -NLE_NOMEM; /* frees the message */
    if (code < 0)
        return netlink_error(error, code, "make bridge", name);
    network_quiet(name);
    return true;
}

bool network_bridge_is_owned(Network *network, const char *name, const char *owner)
{
    struct rtnl_link *link = NULL;
    uint8_t mac[MAC_SIZE];
    bool owned = false;

    mac_derive(name, owner, mac);
    if (rtnl_link_get_kernel(network->socket, 0, name, &link) == 0) {
        struct nl_addr *address = rtnl_link_get_addr(link);

        owned = address != NULL && nl_addr_get_len(address) == MAC_SIZE
                && memcmp(nl_addr_get_binary_addr(address), mac, MAC_SIZE) == 0;
    }
    rtnl_link_put(link);
    return owned;
}

static int tun_open(GError **error)
{
    int fd = open(TUN_DEVICE, O_RDWR | O_CLOEXEC);

    if (fd >= 0)
        return fd;
    error_set_errno(error, ERROR_HOST, "cannot open '%s', which every network of a machine needs", TUN_DEVICE);
    if (errno == EACCES || errno == EPERM)
        error_hint(error, "'sudo chmod 0666 " TUN_DEVICE "' allows it to everybody, as most distributions do; it gives no rights "
                          "outside one's own network namespaces.");
    else
        error_hint(error, "'sudo modprobe tun' brings the driver; without it: 'sudo mknod -m 666 " TUN_DEVICE " c 10 200'.");
    return -1;
}

/* vnet_hdr must be what the emulator asks for when it opens the tap again. */
static bool tap_make(int fd, const char *name, GError **error)
{
    struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_TUN_EXCL };

    g_strlcpy(request.ifr_name, name, sizeof request.ifr_name);
    if (ioctl(fd, TUNSETIFF, &request) == 0 && ioctl(fd, TUNSETPERSIST, 1) == 0)
        return true;
    if (errno == EBUSY)
        errno = EEXIST; /* what the kernel means */
    return error_set_errno(error, ERROR_HOST, "could not make tap '%s'", name);
}

bool network_tap_add(Network *network, const char *name, const char *bridge, GError **error)
{
    int fd, code;
    bool made;

    if (!name_check(name, error) || (fd = tun_open(error)) < 0)
        return false;
    made = tap_make(fd, name, error);
    close(fd);
    if (!made)
        return false;
    network_quiet(name);
    code = link_up(network, name, bridge);
    if (code < 0) {
        netlink_error(error, code, "bring up tap", name);
        if (!network_link_remove(network, name, NULL))
            error_hint(error, "tap '%s' is left behind.", name);
        return false;
    }
    return true;
}

bool network_link_remove(Network *network, const char *name, GError **error)
{
    struct rtnl_link *link = NULL;
    int code = rtnl_link_get_kernel(network->socket, 0, name, &link);

    if (code == 0)
        code = rtnl_link_delete(network->socket, link);
    rtnl_link_put(link);
    if (code < 0 && code != -NLE_OBJ_NOTFOUND && code != -NLE_NODEV)
        return netlink_error(error, code, "remove link", name);
    return true;
}

bool network_probe_tun(GError **error)
{
    int fd = tun_open(error);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}
