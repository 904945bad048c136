// SPDX-License-Identifier: GPL-3.0-or-later
/* Every test makes its links in a network namespace of its own, which goes away with the test's process. */
#include "runner/vm/network.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "tests/unit/namespace.h"

static Network *network_in_new_namespace(void)
{
    int flags = CLONE_NEWNET | CLONE_NEWNS | (geteuid() != 0 ? CLONE_NEWUSER : 0);
    g_autoptr(GError) error = NULL;
    Network *network;

    ck_assert_int_eq(unshare(flags), 0);
    unit_mounts_private();
    ck_assert_int_eq(mount("sysfs", "/sys", "sysfs", 0, NULL), 0); /* this namespace's links */
    network = network_open(&error);
    ck_assert_ok(network != NULL, error);
    return network;
}

/* One line of /sys/class/net/LINK/FILE, or "" when there is none. */
static char *link_says(const char *link, const char *file)
{
    g_autofree char *path = g_build_filename("/sys/class/net", link, file, NULL);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? g_strchomp(text) : g_strdup("");
}

static void assert_link(const char *link, const char *file, const char *expected)
{
    g_autofree char *text = link_says(link, file);

    ck_assert_str_eq(text, expected);
}

static bool is_up(const char *link)
{
    struct ifreq request = { 0 };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    g_strlcpy(request.ifr_name, link, sizeof request.ifr_name);
    ck_assert_int_eq(ioctl(fd, SIOCGIFFLAGS, &request), 0);
    close(fd);
    return (request.ifr_flags & IFF_UP) != 0;
}

START_TEST(a_bridge_is_up_quiet_and_has_a_mac_of_its_own)
{
    g_autoptr(Network) network = network_in_new_namespace();
    g_autofree char *mac = NULL, *again = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert_ok(network_bridge_add(network, "br0", &error), error);
    ck_assert(is_up("br0"));
    assert_link("br0", "bridge/stp_state", "0");
    assert_link("br0", "bridge/multicast_snooping", "0");
    assert_link("br0", "addr_assign_type", "3"); /* set, and so not the ports' */
    mac = link_says("br0", "address");
    ck_assert(g_str_has_prefix(mac, "02:54:"));
    ck_assert_ok(network_bridge_add(network, "br1", &error), error);
    assert_link("br1", "bridge/stp_state", "0");
    again = link_says("br1", "address");
    ck_assert_str_ne(mac, again);
    ck_assert_ok(network_link_remove(network, "br0", &error) && network_bridge_add(network, "br0", &error), error);
    assert_link("br0", "address", mac); /* the same name has the same MAC */
}
END_TEST

START_TEST(a_tap_is_persistent_up_and_on_its_bridge)
{
    g_autoptr(Network) network = network_in_new_namespace();
    g_autofree char *master = NULL, *bridge_index = NULL, *disabled = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert_ok(network_bridge_add(network, "br0", &error), error);
    ck_assert_ok(network_tap_add(network, "tap0", "br0", &error), error);
    ck_assert(is_up("tap0"));
    assert_link("tap0", "tun_flags", "0x5802"); /* tap, no packet information, vnet_hdr, persistent */
    bridge_index = link_says("br0", "ifindex");
    master = link_says("tap0", "master/ifindex");
    ck_assert_str_eq(master, bridge_index);
    if (g_file_get_contents("/proc/sys/net/ipv6/conf/tap0/disable_ipv6", &disabled, NULL, NULL))
        ck_assert_str_eq(disabled, "1\n");
    ck_assert_ok(network_link_remove(network, "tap0", &error), error);
    assert_link("tap0", "ifindex", "");
}
END_TEST

START_TEST(removing_what_is_not_there_is_fine)
{
    g_autoptr(Network) network = network_in_new_namespace();
    g_autoptr(GError) error = NULL;

    ck_assert_ok(network_link_remove(network, "nothing0", &error), error);
}
END_TEST

START_TEST(a_name_can_be_used_once)
{
    g_autoptr(Network) network = network_in_new_namespace();
    g_autoptr(GError) bridge = NULL, tap = NULL, error = NULL;

    ck_assert_ok(network_bridge_add(network, "br0", &error), error);
    ck_assert_ok(network_tap_add(network, "tap0", "br0", &error), error);
    ck_assert(!network_bridge_add(network, "br0", &bridge));
    ck_assert_str_eq(bridge->message, "could not make bridge 'br0': Object exists");
    ck_assert(!network_tap_add(network, "tap0", "br0", &tap));
    ck_assert_str_eq(tap->message, "could not make tap 'tap0': File exists");
}
END_TEST

START_TEST(a_tap_without_its_bridge_is_not_left_behind)
{
    g_autoptr(Network) network = network_in_new_namespace();
    g_autoptr(GError) error = NULL;

    ck_assert(!network_tap_add(network, "tap0", "br7", &error));
    ck_assert_str_eq(error->message, "could not bring up tap 'tap0': No such device");
    assert_link("tap0", "ifindex", "");
}
END_TEST

static const char *const wrong_names[] = { "", "sixteen-bytes-00", "a b", "a/b", ".", "..", "a:b" };

START_TEST(a_name_that_no_link_can_have_is_refused)
{
    g_autoptr(Network) network = network_in_new_namespace();
    g_autoptr(GError) bridge = NULL, tap = NULL;
    g_autofree char *start = g_strdup_printf("'%s' cannot be the name of a network link: it has 1 to 15 characters", wrong_names[_i]);

    ck_assert(!network_bridge_add(network, wrong_names[_i], &bridge));
    ck_assert(g_str_has_prefix(bridge->message, start));
    ck_assert(!network_tap_add(network, wrong_names[_i], "br0", &tap));
    ck_assert(g_str_has_prefix(tap->message, start));
}
END_TEST

START_TEST(a_tun_device_that_does_not_open_says_what_mends_it)
{
    g_autoptr(GError) gone = NULL;

    ck_assert_int_eq(unshare(CLONE_NEWNS | (geteuid() != 0 ? CLONE_NEWUSER : 0)), 0);
    unit_mounts_private();
    ck_assert_int_eq(mount("tmpfs", "/dev/net", "tmpfs", 0, NULL), 0);
    ck_assert(!network_probe_tun(&gone));
    ck_assert_str_eq(gone->message,
                     "cannot open '/dev/net/tun', which every network of a machine needs: No such file or directory\n"
                     "hint: 'sudo modprobe tun' brings the driver; without it: 'sudo mknod -m 666 /dev/net/tun c 10 200'.");
    ck_assert_int_eq(error_kind(gone), ERROR_HOST);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, a_bridge_is_up_quiet_and_has_a_mac_of_its_own);
    tcase_add_test(tcase, a_tap_is_persistent_up_and_on_its_bridge);
    tcase_add_test(tcase, removing_what_is_not_there_is_fine);
    tcase_add_test(tcase, a_name_can_be_used_once);
    tcase_add_test(tcase, a_tap_without_its_bridge_is_not_left_behind);
    tcase_add_loop_test(tcase, a_name_that_no_link_can_have_is_refused, 0, G_N_ELEMENTS(wrong_names));
    tcase_add_test(tcase, a_tun_device_that_does_not_open_says_what_mends_it);
}

int main(void)
{
    return unit_run("vm/network", add_tests);
}
