// SPDX-License-Identifier: GPL-3.0-or-later
/* A tap made and put on a bridge, by our code, by two commands of ip, and by nothing but the system calls that it takes; in turns, in a
 * network namespace of its own. Prints two rows of bench-start's table. */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/proc.h"
#include "runner/vm/network.h"
#include "tests/bench/bench.h"

/* Published for a tap made and attached on request: mean and standard deviation of 1000, in us. */
#define PUBLISHED_MEAN_US 6788.9
#define PUBLISHED_STDDEV_US 3232.7

static void must(bool ok, const char *what, const GError *error)
{
    if (ok)
        return;
    fprintf(stderr, "bench-taps: %s: %s\n", what, error != NULL ? error->message : g_strerror(errno));
    exit(1);
}

static void by_trialbed(Network *network, const char *name)
{
    g_autoptr(GError) error = NULL;

    must(network_tap_add(network, name, "br0", &error), "tap", error);
}

static void by_ip(Network *network, const char *name)
{
    const char *const commands[][9] = { { "ip", "tuntap", "add", "dev", name, "mode", "tap", "vnet_hdr", NULL },
                                        { "ip", "link", "set", name, "master", "br0", "up", NULL } };

    (void) network;
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_auto(ProcResult) result = { 0 };
        g_autoptr(GError) error = NULL;

        must(proc_run_checked(&(ProcSpec) { .argv = commands[i] }, &result, &error), "ip", error);
    }
}

/* The least that it takes: the device, and one message that puts it on the bridge and sets it up. */
static void by_hand(Network *network, const char *name)
{
    static int netlink = -1;
    struct {
        struct nlmsghdr header;
        struct ifinfomsg link;
        struct rtattr attribute;
        uint32_t master;
    } request = { { sizeof request, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0 },
                  { .ifi_family = AF_UNSPEC, .ifi_flags = IFF_UP, .ifi_change = IFF_UP },
                  { RTA_LENGTH(sizeof(uint32_t)), IFLA_MASTER }, if_nametoindex("br0") };
    struct ifreq tap = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    char answer[4096];

    (void) network;
    g_strlcpy(tap.ifr_name, name, sizeof tap.ifr_name);
    must(fd >= 0 && ioctl(fd, TUNSETIFF, &tap) == 0 && ioctl(fd, TUNSETPERSIST, 1) == 0, "tun", NULL);
    close(fd);
    if (netlink < 0)
        netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    request.link.ifi_index = (int) if_nametoindex(name);
    must(send(netlink, &request, sizeof request, 0) == sizeof request && recv(netlink, answer, sizeof answer, 0) > 0
             && ((struct nlmsgerr *) NLMSG_DATA((struct nlmsghdr *) answer))->error == 0,
         "netlink", NULL);
}

static const struct {
    const char *prefix;
    void (*add)(Network *network, const char *name);
} ways[] = { { "o", by_trialbed }, { "i", by_ip }, { "h", by_hand } };

typedef struct Series {
    double *us;
    unsigned n;
    double sum, squares;
} Series;

static int compare(const void *a, const void *b)
{
    return measured_compare(a, b);
}

static double median(Series *series)
{
    qsort(series->us, series->n, sizeof *series->us, compare);
    return series->us[series->n / 2];
}

int main(int argc, char **argv)
{
    unsigned times = argc > 1 ? (unsigned) strtoul(argv[1], NULL, 10) : 1000;
    Series series[G_N_ELEMENTS(ways)] = { 0 };
    double ours, ip, hand, mean;
    g_autoptr(GError) error = NULL;
    Network *network;

    must(unshare(CLONE_NEWNET) == 0, "a network namespace (root needed)", NULL);
    network = network_open(&error);
    must(network != NULL && network_bridge_add(network, "br0", &error), "bridge", error);
    for (size_t way = 0; way < G_N_ELEMENTS(ways); way++)
        series[way].us = g_new0(double, times);
    for (unsigned i = 0; i < times; i++) {
        for (size_t way = 0; way < G_N_ELEMENTS(ways); way++) {
            g_autofree char *name = g_strdup_printf("%s%u", ways[way].prefix, i);
            int64_t start_ns = clock_monotonic_ns();
            double us;

            ways[way].add(network, name);
            us = (double) (clock_monotonic_ns() - start_ns) / 1000;
            series[way].us[series[way].n++] = us;
            series[way].sum += us;
            must(network_link_remove(network, name, &error), "remove", error); /* a bridge takes 1023 ports */
        }
    }
    mean = series[0].sum / times;
    ours = median(&series[0]);
    ip = median(&series[1]);
    hand = median(&series[2]);
    printf("| tap made and put on a bridge, us | %.1f [%.1f .. %.1f] n = %u (mean %.1f) | two ip commands: %.1f [%.1f .. %.1f] | %.1f x faster | >= 10 x |\n",
           ours, series[0].us[0], series[0].us[times - 1], times, mean, ip, series[1].us[0], series[1].us[times - 1], ip / ours);
    printf("| | | ioctl and netlink by hand: %.1f [%.1f .. %.1f] | %.2f | <= 1.2 |\n", hand, series[2].us[0], series[2].us[times - 1],
           ours / hand);
    printf("| | | published: mean %.1f, standard deviation %.1f, n = 1000 | %.1f x faster | beside it |\n", PUBLISHED_MEAN_US,
           PUBLISHED_STDDEV_US, PUBLISHED_MEAN_US / mean);
    return 0;
}
