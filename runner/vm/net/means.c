// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/net/means.h"

#include <string.h>
#include <sys/utsname.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
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
    *ret_means = !need->impaired                                             ? MEANS_NONE
                 : host->netem && host->tun && !need->burst && (need->ovs || !need->vlans) ? MEANS_NETEM
                                                                           : MEANS_WIRE;
    *ret_why = !need->impaired           ? "the scenario impairs nothing on it"
               : *ret_means == MEANS_NETEM ? "the kernel has netem"
               : !host->netem              ? "the kernel has no netem"
               : !host->tun                ? "there is no tun device"
               : need->burst               ? "netem knows no burst"
                                           : "it has VLANs";
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
    else if (*ret_means == MEANS_WIRE || !host->tun || need->vlans)
        *ret_carrier = CARRIER_WIRE;
    if (*ret_carrier == CARRIER_WIRE && *ret_means == MEANS_NONE)
        *ret_why = !host->tun ? "there is no tun device" : "it has VLANs";
    return *ret_carrier != CARRIER_WIRE || *ret_means != MEANS_NETEM
           || refuse(error, need, "'impair: netem' is impossible", "it has VLANs, which the wire carries", "use 'impair: auto'.");
}

static bool probe_inside(void *data, GError **error)
{
    (void) error;
    *(bool *) data = netem_probe();
    return true;
}

static bool try_netem(void)
{
    g_autoptr(Namespace) namespace = namespace_new(NULL);
    bool found = false;

    return namespace != NULL && namespace_run(namespace, probe_inside, &found, NULL) && found;
}

/* One file a kernel: "netem-6.1.0-18-amd64" with "yes" or "no". */
static bool has_netem(const char *cache)
{
    g_autofree char *path = NULL, *known = NULL;
    struct utsname kernel;
    bool found;

    if (cache == NULL || uname(&kernel) != 0)
        return try_netem();
    path = g_strdup_printf("%s/netem-%s", cache, kernel.release);
    if (g_file_get_contents(path, &known, NULL, NULL))
        return strcmp(known, "yes") == 0;
    found = try_netem();
    if (!file_write_atomic(path, found ? "yes" : "no", found ? 3 : 2, NULL))
        return found; /* it will be tried again */
    return found;
}

void means_probe(const char *cache, MeansHost *ret_host)
{
    *ret_host = (MeansHost) { .tun = network_probe_tun(NULL), .netem = has_netem(cache), .ovs = ovs_is_installed() };
}
