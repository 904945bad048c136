// SPDX-License-Identifier: GPL-3.0-or-later
/* How exact the wire is and how much it carries, without machines: sockets stand for them, in a network namespace of our own.
 * Usage: bench-link TRIALBED [REPETITIONS]. Every line: median, 5th and 95th percentile, n. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>

#include "runner/base/clock.h"
#include "runner/vm/net/netem.h"
#include "runner/vm/net/veth.h"
#include "runner/vm/wire/wire.h"

#define NS_PER_S INT64_C(1000000000)
#define FRAME 1000 /* bytes */

typedef struct Cable {
    Wire *wire;
    int ends[2];
    unsigned ports[2];
} Cable;

static void die(const char *what, const GError *error)
{
    fprintf(stderr, "bench-link: %s: %s\n", what, error != NULL ? error->message : strerror(errno));
    exit(1);
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void print_spread(const char *means, const char *what, double *values, size_t count, const char *unit)
{
    qsort(values, count, sizeof *values, compare);
    printf("%-10s %-34s %12.3f %12.3f %12.3f %-8s n = %zu\n", means, what, values[count / 2], values[count / 20], values[count - 1 - count / 20],
           unit, count);
    fflush(stdout);
}

static int udp_end(uint16_t ours, uint16_t theirs)
{
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(ours), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_in there = here;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), size = 8 << 20;

    there.sin_port = htons(theirs);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (bind(fd, (struct sockaddr *) &here, sizeof here) != 0 || connect(fd, (struct sockaddr *) &there, sizeof there) != 0)
        die("UDP", NULL);
    return fd;
}

static int packet_end(const char *interface)
{
    struct sockaddr_ll here = { .sll_family = AF_PACKET, .sll_protocol = htons(0x88b5), .sll_ifindex = (int) if_nametoindex(interface) };
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), size = 8 << 20, yes = 1;

    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) != 0 || bind(fd, (struct sockaddr *) &here, sizeof here) != 0)
        die("packet socket", NULL);
    return fd;
}

/* The wire between two UDP ends, as between virtual machines, or between two veth pairs, as between namespaces. */
static Cable cable_new(const char *program, bool veth, Network *network)
{
    Cable cable = { 0 };
    g_autoptr(GError) error = NULL;
    int yes = 1;

    cable.wire = wire_start(program, 1, NULL, &error);
    if (cable.wire == NULL)
        die("wire", error);
    for (unsigned i = 0; i < 2; i++) {
        g_autofree char *outer = g_strdup_printf("v%u", i), *inner = g_strdup_printf("iv%u", i);
        const FabricPort port = { .stream = i };
        uint16_t ours = (uint16_t) (20000 + 2 * i);
        bool ok = veth ? network_veth_add(network, outer, inner, NULL, NULL, 1500, &error) && network_link_up(network, inner, &error)
                             && wire_port_add_interface(cable.wire, &port, outer, &cable.ports[i], &error)
                       : wire_port_add_udp(cable.wire, &port, ours, (uint16_t) (ours + 1), &cable.ports[i], &error);

        if (!ok)
            die("port", error);
        network_quiet(inner);
        cable.ends[i] = veth ? packet_end(inner) : udp_end((uint16_t) (ours + 1), ours);
        if (setsockopt(cable.ends[i], SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes) != 0)
            die("time stamps", NULL);
    }
    return cable;
}

static void impair(const Cable *cable, const Impairment *what)
{
    g_autoptr(GError) error = NULL;

    if (!wire_impair(cable->wire, cable->ports[0], WAY_FROM_MACHINE, what, &error))
        die("impair", error);
}

static void cable_free(Cable *cable, bool veth, Network *network)
{
    wire_stop(cable->wire);
    for (unsigned i = 0; i < 2; i++) {
        g_autofree char *outer = g_strdup_printf("v%u", i);

        close(cable->ends[i]);
        if (veth && !network_link_remove(network, outer, NULL))
            errno = 0;
    }
}

static void put(int fd, size_t size, uint32_t number)
{
    uint8_t bytes[FRAME] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 0, 0, 1, 0x88, 0xb5 };
    int64_t now_ns = clock_realtime_ns();

    memcpy(bytes + 14, &number, sizeof number);
    memcpy(bytes + 18, &now_ns, sizeof now_ns);
    while (send(fd, bytes, size, 0) < 0 && (errno == ENOBUFS || errno == EAGAIN || errno == ECONNREFUSED))
        continue;
}

/* One frame within `timeout_ms`: when it was sent and came, by the kernel's stamp: how late we are does not count. */
static bool take(int fd, int timeout_ms, int64_t *ret_sent_ns, int64_t *ret_came_ns, size_t *ret_size)
{
    struct pollfd event = { fd, POLLIN, 0 };
    uint8_t bytes[2048];
    char control[CMSG_SPACE(sizeof(struct timespec))];
    struct iovec vector = { bytes, sizeof bytes };
    struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    struct timespec stamp;
    ssize_t got;

    if (poll(&event, 1, timeout_ms) != 1 || (got = recvmsg(fd, &message, 0)) < 26 || CMSG_FIRSTHDR(&message) == NULL)
        return false;
    memcpy(&stamp, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof stamp);
    *ret_came_ns = (int64_t) stamp.tv_sec * NS_PER_S + stamp.tv_nsec;
    memcpy(ret_sent_ns, bytes + 18, sizeof *ret_sent_ns);
    *ret_size = (size_t) got;
    return true;
}

/* A frame every 2 ms: how much later than the delay it comes. */
static void bench_delay(const Cable *cable, const char *means, double delay_s, double jitter_s, size_t count)
{
    const Impairment what = { .delay_s = delay_s, .jitter_s = jitter_s };
    g_autofree double *errors = g_new(double, count);
    g_autofree char *label = g_strdup_printf(jitter_s > 0 ? "delay %g ms, jitter %g ms: total" : "error of delay %g ms", delay_s * 1e3, jitter_s * 1e3);
    int64_t due_ns = clock_monotonic_ns();
    size_t sent = 0, came = 0;

    impair(cable, &what);
    while (came < count) {
        int64_t now_ns = clock_monotonic_ns(), from_ns, to_ns;
        size_t size;

        if (sent < count && now_ns >= due_ns) {
            put(cable->ends[0], 100, (uint32_t) sent++);
            due_ns += 2000000;
        }
        if (take(cable->ends[1], sent < count ? (int) MAX((due_ns - clock_monotonic_ns()) / 1000000, 0) : 2000, &from_ns, &to_ns, &size))
            errors[came++] = (double) (to_ns - from_ns) / 1e3 - (jitter_s > 0 ? 0 : delay_s * 1e6);
        else if (sent == count && came < count && clock_monotonic_ns() > due_ns + 3 * NS_PER_S)
            break;
    }
    print_spread(means, label, errors, came, "us");
    if (jitter_s > 0) {
        double mean = 0, square = 0;

        for (size_t i = 0; i < came; i++)
            mean += errors[i] / (double) came;
        for (size_t i = 0; i < came; i++)
            square += (errors[i] - mean) * (errors[i] - mean) / (double) (came - 1);
        printf("%-10s   mean %.3f ms (declared %.3f), standard deviation %.3f ms (uniform: %.3f)\n", means, mean / 1e3, delay_s * 1e3,
               sqrt(square) / 1e3, jitter_s * 1e3 / sqrt(3));
    }
}

/* Twice as much as the rate lets through, for half a second: what comes out between the first and the last frame. */
static void bench_rate(const Cable *cable, const char *means, double rate, size_t repetitions)
{
    const Impairment what = { .rate_bit_s = rate, .queue = 100000 };
    g_autofree double *errors = g_new(double, repetitions);
    g_autofree char *label = g_strdup_printf("error of rate %g Mbit/s", rate / 1e6);

    impair(cable, &what);
    for (size_t i = 0; i < repetitions; i++) {
        size_t frames = (size_t) MAX(rate * 0.5 / 8 / FRAME, 20), came = 0, sent = 0;
        int64_t first_ns = 0, last_ns = 0, sent_ns, start_ns = clock_monotonic_ns();
        size_t size;

        while (came < frames) {
            for (; sent < frames && (double) (clock_monotonic_ns() - start_ns) * rate * 2 / 8 / FRAME / 1e9 > (double) sent; sent++)
                put(cable->ends[0], FRAME, (uint32_t) sent);
            if (!take(cable->ends[1], sent < frames ? 0 : 2000, &sent_ns, &last_ns, &size)) {
                if (sent == frames)
                    break;
                continue;
            }
            if (came++ == 0)
                first_ns = last_ns;
        }
        errors[i] = ((double) (came - 1) * FRAME * 8 / ((double) (last_ns - first_ns) / 1e9) / rate - 1) * 100;
    }
    print_spread(means, label, errors, repetitions, "%");
}

/* Wilson's interval of a share. */
static void bench_loss(const Cable *cable, const char *means, double percent, size_t count)
{
    const Impairment what = { .loss_percent = percent };
    size_t came = 0, size;
    int64_t sent_ns, came_ns;
    double share, z = 1.959964, n = (double) count, centre, half;

    impair(cable, &what);
    for (size_t i = 0; i < count; i++) {
        put(cable->ends[0], 100, (uint32_t) i);
        while (i % 50 == 49 && take(cable->ends[1], 2, &sent_ns, &came_ns, &size))
            came++;
    }
    while (take(cable->ends[1], 200, &sent_ns, &came_ns, &size))
        came++;
    share = 1 - (double) came / n;
    centre = (share + z * z / (2 * n)) / (1 + z * z / n);
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    printf("%-10s %-34s %12.3f %12.3f %12.3f %-8s n = %zu (95 %% interval %s %g %%)\n", means, "loss, and its 95 % interval", share * 100,
           (centre - half) * 100, (centre + half) * 100, "%", count,
           (centre - half) * 100 <= percent && percent <= (centre + half) * 100 ? "holds" : "does not hold", percent);
}

/* As many frames as pass with 64 on their way, for a second. */
static void bench_capacity(const Cable *cable, const char *means, const Impairment *what, const char *label, size_t repetitions, size_t window)
{
    g_autofree double *rates = g_new(double, repetitions);

    impair(cable, what);
    for (size_t i = 0; i < repetitions; i++) {
        int64_t start_ns = clock_realtime_ns(), sent_ns, came_ns = start_ns;
        size_t sent = 0, came = 0, size;

        while (came_ns - start_ns < NS_PER_S) {
            while (sent - came < window)
                put(cable->ends[0], FRAME, (uint32_t) sent++);
            if (!take(cable->ends[1], 500, &sent_ns, &came_ns, &size))
                break;
            came++;
        }
        rates[i] = (double) came / ((double) (came_ns - start_ns) / 1e9);
        while (take(cable->ends[1], 100, &sent_ns, &came_ns, &size))
            continue;
    }
    print_spread(means, label, rates, repetitions, "frames/s");
}

static void bench(const char *program, const char *means, bool veth, Network *network, size_t repetitions)
{
    const Impairment none = { 0 }, some = { .delay_s = 0.005, .loss_percent = 0.0001, .queue = 20000 };
    Cable cable = cable_new(program, veth, network);

    bench_delay(&cable, means, 0, 0, 1000);
    bench_delay(&cable, means, 0.001, 0, 1000);
    bench_delay(&cable, means, 0.010, 0, 1000);
    bench_delay(&cable, means, 0.100, 0, 1000);
    bench_delay(&cable, means, 0.010, 0.005, 2000);
    bench_rate(&cable, means, 1e6, repetitions);
    bench_rate(&cable, means, 10e6, repetitions);
    bench_rate(&cable, means, 100e6, repetitions);
    bench_loss(&cable, means, 1, 20000);
    bench_loss(&cable, means, 10, 20000);
    bench_capacity(&cable, means, &none, "capacity, 1000-byte frames", repetitions, 64);
    bench_capacity(&cable, means, &some, "capacity with 5 ms of delay", repetitions, 1000);
    cable_free(&cable, veth, network);
}

int main(int argc, char **argv)
{
    size_t repetitions = argc > 2 ? (size_t) atol(argv[2]) : 7; /* allowed: a number of a benchmark */
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
    g_autoptr(GError) error = NULL;
    Network *network;
    int fd;

    if (argc < 2 || unshare(CLONE_NEWNET | (geteuid() != 0 ? CLONE_NEWUSER : 0)) != 0)
        die("usage: bench-link TRIALBED [REPETITIONS]", NULL);
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (ioctl(fd, SIOCSIFFLAGS, &request) != 0 || (network = network_open(&error)) == NULL)
        die("network", error);
    printf("%-10s %-34s %12s %12s %12s\n", "means", "what", "median", "5 %", "95 %");
    bench(argv[1], "wire, UDP", false, network, repetitions);
    bench(argv[1], "wire, veth", true, network, repetitions);
    if (!netem_probe())
        printf("%-10s not in this kernel\n", "netem");
    network_close(network);
    return 0;
}
