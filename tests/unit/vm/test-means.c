// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/net/means.h"

#include <string.h>

#include "runner/vm/net/netem.h"
#include "tests/unit/unit.h"

#define PLAIN { .tun = true, .own_namespace = true, .ovs = true }
#define NETEM { .tun = true, .own_namespace = true, .ovs = true, .netem = true }
#define NO_TUN { .own_namespace = true, .ovs = true, .netem = true }
#define OUTSIDE { .tun = true, .netem = true }

/* `error` is how its first line ends; NULL: it is decided. */
static const struct {
    MeansHost host;
    MeansNeed need;
    Carrier carrier;
    Means means;
    const char *why, *error;
} cases[] = {
    /* nothing to impair: the kernel's bridge, when there are taps */
    { PLAIN, { .wish = "auto", .guests = true }, CARRIER_KERNEL, MEANS_NONE, "the scenario impairs nothing on it", NULL },
    { NO_TUN, { .wish = "auto", .guests = true }, CARRIER_WIRE, MEANS_NONE, "there is no tun device", NULL },
    /* auto: netem where there is one, else the wire */
    { NETEM, { .wish = "auto", .impaired = true }, CARRIER_KERNEL, MEANS_NETEM, "the kernel has netem", NULL },
    { PLAIN, { .wish = "auto", .impaired = true, .guests = true }, CARRIER_WIRE, MEANS_WIRE, "the kernel has no netem", NULL },
    { NO_TUN, { .wish = "auto", .impaired = true }, CARRIER_WIRE, MEANS_WIRE, "there is no tun device", NULL },
    { NETEM, { .wish = "auto", .impaired = true, .burst = true }, CARRIER_WIRE, MEANS_WIRE, "netem knows no burst", NULL },
    { NETEM, { .wish = "auto", .impaired = true, .vlans = true }, CARRIER_WIRE, MEANS_WIRE, "it has VLANs", NULL },
    { NETEM, { .wish = "auto", .vlans = true }, CARRIER_WIRE, MEANS_NONE, "it has VLANs", NULL },
    /* Open vSwitch carries, whoever impairs */
    { NETEM, { .wish = "auto", .impaired = true, .ovs = true, .vlans = true }, CARRIER_OVS, MEANS_NETEM, "the kernel has netem", NULL },
    { PLAIN, { .wish = "auto", .impaired = true, .ovs = true }, CARRIER_OVS, MEANS_WIRE, "the kernel has no netem", NULL },
    { { .tun = true, .own_namespace = true }, { .wish = "auto", .ovs = true }, 0, 0, NULL, "'ovsdb-server' and 'ovs-vswitchd' are not installed" },
    /* what the scenario demands */
    { PLAIN, { .wish = "wire" }, CARRIER_WIRE, MEANS_WIRE, "the scenario says so", NULL },
    { PLAIN, { .wish = "guest", .impaired = true, .guests = true }, CARRIER_KERNEL, MEANS_GUEST, "the scenario says so", NULL },
    { PLAIN, { .wish = "guest", .impaired = true, .guests = false }, 0, 0, NULL, "not all its ends are virtual machines" },
    { PLAIN, { .wish = "guest", .impaired = true, .guests = true, .to_machine = true }, 0, 0, NULL, "a guest impairs only what it sends" },
    { PLAIN, { .wish = "netem", .impaired = true }, 0, 0, NULL, "this host's kernel has no netem" },
    { NO_TUN, { .wish = "netem", .impaired = true }, 0, 0, NULL, "it needs taps, and /dev/net/tun cannot be opened" },
    { NETEM, { .wish = "netem", .impaired = true, .burst = true }, 0, 0, NULL, "netem knows no burst" },
    { NETEM, { .wish = "netem", .impaired = true, .vlans = true }, 0, 0, NULL, "it has VLANs, which the wire carries" },
    /* somebody else's libvirt */
    { OUTSIDE, { .wish = "auto", .impaired = true, .guests = true }, CARRIER_KERNEL, MEANS_GUEST, "with --connect only guests can impair", NULL },
    { OUTSIDE, { .wish = "auto", .guests = true }, CARRIER_KERNEL, MEANS_NONE, "with --connect only guests can impair", NULL },
    { OUTSIDE, { .wish = "wire", .impaired = true }, 0, 0, NULL, "the machines are in another network namespace" },
    { OUTSIDE, { .wish = "auto", .impaired = true, .guests = true, .to_machine = true }, 0, 0, NULL, "a guest impairs only what it sends" },
};

START_TEST(the_means_follow_from_host_and_scenario)
{
    MeansNeed need = cases[_i].need;
    g_autoptr(GError) error = NULL;
    const char *why = NULL;
    Carrier carrier;
    Means means;
    bool ok;

    need.bridge = "br0";
    ok = means_choose(&cases[_i].host, &need, &carrier, &means, &why, &error);
    if (cases[_i].error != NULL) {
        g_auto(GStrv) lines = NULL;

        ck_assert(!ok);
        lines = g_strsplit(error->message, "\n", 2);
        ck_assert_msg(g_str_has_prefix(lines[0], "bridge 'br0': ") && g_str_has_suffix(lines[0], cases[_i].error), "%s", lines[0]);
        return;
    }
    ck_assert_ok(ok, error);
    ck_assert_str_eq(carrier_name(carrier), carrier_name(cases[_i].carrier));
    ck_assert_str_eq(means_name(means), means_name(cases[_i].means));
    ck_assert_str_eq(why, cases[_i].why);
}
END_TEST

static const struct {
    Impairment what;
    const char *command;
} commands[] = {
    { { .queue = 1000 }, "tc qdisc replace dev eth0 root netem limit 1000" },
    { { .queue = 1000, .jitter_s = 0.001 }, "tc qdisc replace dev eth0 root netem limit 1000 delay 0us 1000us" },
    { { .queue = 50, .delay_s = 0.0105, .jitter_s = 0.0005, .loss_percent = 0.25, .duplicate_percent = 1, .corrupt_percent = 2,
        .reorder_percent = 3, .rate_bit_s = 1e9 },
      "tc qdisc replace dev eth0 root netem limit 50 delay 10500us 500us loss 0.25% duplicate 1% corrupt 2% reorder 3% rate 1000000000bit" },
    { { .queue = 1, .reorder_percent = 3 }, "tc qdisc replace dev eth0 root netem limit 1" }, /* nothing waits, nothing overtakes */
};

START_TEST(netem_is_told_in_its_own_words)
{
    g_auto(GStrv) command = netem_command("eth0", &commands[_i].what);
    g_autofree char *text = g_strjoinv(" ", command);

    ck_assert_str_eq(text, commands[_i].command);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, the_means_follow_from_host_and_scenario, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(tcase, netem_is_told_in_its_own_words, 0, G_N_ELEMENTS(commands));
}

int main(void)
{
    return unit_run("vm/means", add_tests);
}
