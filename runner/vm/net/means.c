// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/net/means.h"

#include <string.h>

#include "runner/base/error.h"
#include "runner/vm/net/namespace.h"
#include "runner/vm/net/netem.h"
#include "runner/vm/net/ovs.h"
#include "runner/vm/network.h"

const char *carrier_name(Carrier carrier)
{
    static const char *const names[] = { "kernel", "ovs", "wire" };

    return names[carrier];
}

const char *means_name(Means means)
{
    static const char *const names[] = { "none", "netem", "wire", "guest" };

    return names[means];
}

static bool refuse(GError **error, const MeansNeed *need, const char *what, const char *why, const char *hint)
{
    error_set(error, ERROR_HOST, "bridge '%s': %s: %s", need->bridge, what, why);
    if (hint != NULL)
        error_hint(error, "%s", hint);
    return false;
}

static bool choose_netem(const MeansHost *host, const MeansNeed *need, GError **error)
{
    if (!host->netem)
        return refuse(error, need, "'impair: netem' is impossible", "this host's kernel has no netem",
                      "'impair: auto' uses 'trialbed wire' here; on some systems 'sudo modprobe -a sch_netem ifb cls_matchall act_mirred' helps.");
    if (!host->tun)
        return refuse(error, need, "'impair: netem' is impossible", "it needs taps, and /dev/net/tun cannot be opened", NULL);
    return !need->burst || refuse(error, need, "'impair: netem' is impossible", "netem knows no burst", "use 'impair: wire'.");
}

static bool choose_guest(const MeansNeed *need, GError **error)
{
    if (need->to_machine || !need->guests)
        return refuse(error, need, "'impair: guest' is impossible",
                      need->to_machine ? "a guest impairs only what it sends" : "not all its ends are virtual machines",
                      "use 'impair: auto'.");
    return !need->burst || refuse(error, need, "'impair: guest' is impossible", "a guest's netem knows no burst", "use 'impair: wire'.");
}

/* With somebody else's libvirt there are only its bridges, and the guests. */
static bool choose_outside(const MeansNeed *need, Means *ret_means, const char **ret_why, GError **error)
{
    if (need->ovs || need->vlans || strcmp(need->wish, "netem") == 0 || strcmp(need->wish, "wire") == 0)
        return refuse(error, need, need->ovs ? "no Open vSwitch" : need->vlans ? "no VLANs" : "only 'impair: guest' is possible",
                      "with --connect the machines are in another network namespace", "run it without --connect.");
    *ret_means = need->impaired ? MEANS_GUEST : MEANS_NONE;
    *ret_why = "with --connect only guests can impair";
    return !need->impaired || choose_guest(need, error);
}

static bool choose_means(const MeansHost *host, const MeansNeed *need, Means *ret_means, const char **ret_why, GError **error)
{
    *ret_why = "the scenario says so";
    if (strcmp(need->wish, "netem") == 0)
        return *ret_means = MEANS_NETEM, choose_netem(host, need, error);
    if (strcmp(need->wish, "wire") == 0)
        return *ret_means = MEANS_WIRE, true;
    if (strcmp(need->wish, "guest") == 0)
        return *ret_means = MEANS_GUEST, choose_guest(need, error);
    *ret_means = !need->impaired ? MEANS_NONE : host->netem && host->tun && !need->burst ? MEANS_NETEM : MEANS_WIRE;
    *ret_why = !need->impaired           ? "the scenario impairs nothing on it"
               : *ret_means == MEANS_NETEM ? "the kernel has netem"
               : !host->netem              ? "the kernel has no netem"
               : !host->tun                ? "there is no tun device"
                                           : "netem knows no burst";
    return true;
}

bool means_choose(const MeansHost *host, const MeansNeed *need, Carrier *ret_carrier, Means *ret_means, const char **ret_why,
                  GError **error)
{
    *ret_carrier = CARRIER_KERNEL;
    if (!host->own_namespace)
        return choose_outside(need, ret_means, ret_why, error);
    if (!choose_means(host, need, ret_means, ret_why, error))
        return false;
    if (need->ovs && !host->ovs)
        return refuse(error, need, "no Open vSwitch", "programs 'ovsdb-server' and 'ovs-vswitchd' are not installed",
                      "'sudo apt-get install -y openvswitch-switch' installs them.");
    if (need->ovs)
        *ret_carrier = CARRIER_OVS;
    else if (*ret_means == MEANS_WIRE || !host->tun || (need->vlans && !host->vlan_filtering))
        *ret_carrier = CARRIER_WIRE;
    if (need->vlans && *ret_carrier == CARRIER_WIRE && *ret_means == MEANS_NONE)
        *ret_why = !host->tun ? "there is no tun device" : "the kernel's bridges know no VLANs";
    else if (*ret_carrier == CARRIER_WIRE && *ret_means == MEANS_NONE)
        *ret_why = "there is no tun device";
    return true;
}

static bool probe_inside(void *data, GError **error)
{
    MeansHost *host = data;
    g_autoptr(Network) network = network_open(error);

    host->netem = netem_probe();
    host->vlan_filtering = network != NULL && network_probe_vlans(network);
    return true;
}

void means_probe(MeansHost *ret_host)
{
    g_autoptr(Namespace) namespace = namespace_new(NULL);

    *ret_host = (MeansHost) { .tun = network_probe_tun(NULL), .ovs = ovs_is_installed() };
    if (namespace != NULL && !namespace_run(namespace, probe_inside, ret_host, NULL))
        ret_host->netem = ret_host->vlan_filtering = false;
}
