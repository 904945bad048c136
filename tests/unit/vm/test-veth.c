// SPDX-License-Identifier: GPL-3.0-or-later
/* Links between namespaces, which are gone with the test's process. */
#include "runner/vm/net/veth.h"

#include <arpa/inet.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/vm/net/namespace.h"
#include "runner/vm/wire/wire.h"
#include "tests/unit/namespace.h"

static Network *network_in_new_namespace(void)
{
    g_autoptr(GError) error = NULL;
    Network *network;

    ck_assert_int_eq(unshare(CLONE_NEWNET | CLONE_NEWNS | (geteuid() != 0 ? CLONE_NEWUSER : 0)), 0);
    unit_mounts_private();
    ck_assert_int_eq(mount("sysfs", "/sys", "sysfs", 0, NULL), 0);
    network = network_open(&error);
    ck_assert_ok(network != NULL, error);
    return network;
}

typedef struct Card {
    const char *name, *address, *gateway;
} Card;

static bool set_up(void *data, GError **error)
{
    const Card *card = data;
    g_autoptr(Network) network = network_open(error);

    return network != NULL && network_link_up(network, card->name, error) && network_address_add(network, card->name, card->address, error)
           && (card->gateway == NULL || network_gateway_add(network, card->gateway, error));
}

/* A namespace that answers a TCP connection, and one that makes it: needs no program. */
typedef struct Call {
    const char *address;
    int fd;
} Call;

static socklen_t address_of(const char *text, struct sockaddr_storage *ret)
{
    struct sockaddr_in *four = (struct sockaddr_in *) ret;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *) ret;

    *ret = (struct sockaddr_storage) { .ss_family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET };
    four->sin_port = htons(4000); /* at the same place in both */
    ck_assert_int_eq(inet_pton(ret->ss_family, text, ret->ss_family == AF_INET ? (void *) &four->sin_addr : (void *) &six->sin6_addr), 1);
    return ret->ss_family == AF_INET ? sizeof *four : sizeof *six;
}

static bool answer(void *data, GError **error)
{
    Call *call = data;
    struct sockaddr_storage address;
    socklen_t size = address_of(call->address, &address);

    call->fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return (bind(call->fd, (struct sockaddr *) &address, size) == 0 && listen(call->fd, 5) == 0)
           || error_set_errno(error, ERROR_HOST, "listen");
}

static bool make_call(void *data, GError **error)
{
    const Call *call = data;
    struct sockaddr_storage address;
    socklen_t size = address_of(call->address, &address);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = { .tv_sec = 10 };
    bool ok = setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0
              && connect(fd, (struct sockaddr *) &address, size) == 0;

    if (!ok)
        error_set_errno(error, ERROR_HOST, "connect");
    close(fd);
    return ok;
}

/* A namespace with one card, whose other end is called `outer` here. */
static Namespace *host_new(Network *network, const char *outer, const char *bridge, const Card *card)
{
    g_autofree char *inner = g_strconcat("i", outer, NULL), *mac = g_strconcat("52:54:00:00:00:0", outer + 1, NULL);
    g_autoptr(GError) error = NULL;
    Namespace *namespace = namespace_new(&error);

    ck_assert_ok(namespace != NULL, error);
    ck_assert_ok(network_veth_add(network, outer, inner, bridge, mac, 1400, &error), error);
    ck_assert_ok(network_link_move(network, inner, namespace_fd(namespace), card->name, &error), error);
    ck_assert_ok(namespace_run(namespace, set_up, (void *) card, &error), error);
    return namespace;
}

static bool offload_is_on(const char *name, uint32_t command)
{
    struct ethtool_value value = { .cmd = command };
    struct ifreq request = { .ifr_data = (char *) &value };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    g_strlcpy(request.ifr_name, name, sizeof request.ifr_name);
    ck_assert_int_eq(ioctl(fd, SIOCETHTOOL, &request), 0);
    close(fd);
    return value.data != 0;
}

static const Card cards4[] = { { "eth0", "10.0.0.1/24", NULL }, { "eth7", "10.0.0.2/24", "10.0.0.1" } };
static const Card cards6[] = { { "eth0", "fd00::1/64", NULL }, { "eth0", "fd00::2/64", "fd00::1" } };

START_TEST(two_namespaces_on_a_bridge_reach_each_other)
{
    g_autoptr(Network) network = network_in_new_namespace();
    const Card *cards = _i == 0 ? cards4 : cards6;
    Call call = { .address = _i == 0 ? "10.0.0.1" : "fd00::1" };
    g_autoptr(GError) error = NULL;
    g_autoptr(Namespace) first = NULL, second = NULL;

    ck_assert_ok(network_bridge_add(network, "br0", &error), error);
    if (_i == 1)
        ck_assert_ok(network_bridge_to_hub("br0", &error), error);
    first = host_new(network, "v0", "br0", &cards[0]);
    second = host_new(network, "v1", "br0", &cards[1]);
    ck_assert_ok(namespace_run(first, answer, &call, &error), error);
    ck_assert_ok(namespace_run(second, make_call, &call, &error), error);
    ck_assert(!offload_is_on("v0", ETHTOOL_GTSO) && !offload_is_on("v0", ETHTOOL_GGSO) && !offload_is_on("v0", ETHTOOL_GTXCSUM));
    ck_assert_ok(network_link_down(network, "v0", &error), error);
    ck_assert(!namespace_run(second, make_call, &call, NULL));
    close(call.fd);
}
END_TEST

START_TEST(a_wire_joins_interfaces)
{
    g_autoptr(Network) network = network_in_new_namespace();
    g_autoptr(GError) error = NULL;
    g_autoptr(Namespace) first = host_new(network, "v0", NULL, &cards4[0]), second = host_new(network, "v1", NULL, &cards4[1]);
    Wire *wire = wire_start(g_getenv("TRIALBED"), 1, NULL, &error);
    Call call = { .address = "10.0.0.1" };
    FabricCount count;
    unsigned ports[2];

    ck_assert_ok(wire != NULL, error);
    for (unsigned i = 0; i < 2; i++)
        ck_assert_ok(wire_port_add_interface(wire, &(FabricPort) { .stream = i }, i == 0 ? "v0" : "v1", &ports[i], &error), error);
    ck_assert_ok(namespace_run(first, answer, &call, &error), error);
    ck_assert_ok(namespace_run(second, make_call, &call, &error), error);
    close(call.fd);
    ck_assert_ok(wire_count(wire, ports[0], &count, &error), error);
    ck_assert_int_ge(count.rx, 2); /* an answer to ARP, and one to TCP */
    wire_stop(wire);
}
END_TEST

START_TEST(what_is_not_there_is_named)
{
    g_autoptr(Network) network = network_in_new_namespace();
    g_autoptr(GError) up = NULL, address = NULL, veth = NULL;

    ck_assert(!network_link_up(network, "none0", &up));
    ck_assert_str_eq(up->message, "could not bring up link 'none0': No such device");
    ck_assert(!network_address_add(network, "none0", "10.0.0.1/24", &address));
    ck_assert_str_eq(address->message, "could not give an address to link 'none0': No such device");
    ck_assert(!network_veth_add(network, "v0", "v1", "br9", NULL, 1500, &veth));
    ck_assert_str_eq(veth->message, "could not plug in link 'v0': No such device");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, two_namespaces_on_a_bridge_reach_each_other, 0, 2);
    tcase_add_test(tcase, a_wire_joins_interfaces);
    tcase_add_test(tcase, what_is_not_there_is_named);
}

int main(void)
{
    return unit_run("vm/veth", add_tests);
}
