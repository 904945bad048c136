// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/wire/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner/base/daemon.h"
#include "runner/base/error.h"
#include "runner/vm/wire/wire-order.h"

enum { STOP_PATIENCE_MS = 2000 };

struct Wire {
    GMutex lock; /* an order and its answer belong together */
    Daemon *daemon;
    int channel;
};

/* Send an order, perhaps with a descriptor, and wait for its answer. */
static bool order(Wire *wire, const WireOrder *what, int fd, WireAnswer *ret_answer, GError **error)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = { .bytes = { 0 } };
    struct iovec vector = { (void *) what, sizeof *what };
    struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
    g_autofree char *why = NULL;
    bool answered;

    if (fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        *CMSG_FIRSTHDR(&message) = (struct cmsghdr) { CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS };
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &fd, sizeof fd);
    }
    g_mutex_lock(&wire->lock);
    answered = sendmsg(wire->channel, &message, MSG_NOSIGNAL) == (ssize_t) sizeof *what
               && recv(wire->channel, ret_answer, sizeof *ret_answer, 0) == (ssize_t) sizeof *ret_answer;
    g_mutex_unlock(&wire->lock);
    if (answered)
        return ret_answer->ok || error_set(error, ERROR_HOST, "the wire refused: %s", ret_answer->why);
    if (!daemon_is_running(wire->daemon, &why))
        return error_set(error, ERROR_HOST, "the wire is gone: %s", why);
    return error_set(error, ERROR_HOST, "the wire does not answer");
}

Wire *wire_start(const char *program, uint64_t seed, const char *log_path, GError **error)
{
    Wire *wire = g_new0(Wire, 1);
    const WireOrder first = { .kind = ORDER_SEED, .seed = seed };
    WireAnswer answer;
    int ends[2] = { -1, -1 };
    DaemonSpec spec = { .argv = (const char *const[]) { program, "wire", NULL }, .log_path = log_path, .network = -1 };

    g_mutex_init(&wire->lock);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        error_set_errno(error, ERROR_HOST, "could not make a socket pair");
    wire->channel = ends[0];
    spec.channel = ends[1];
    if (ends[1] >= 0)
        wire->daemon = daemon_start(&spec, error);
    if (ends[1] >= 0)
        close(ends[1]);
    if (wire->daemon != NULL && order(wire, &first, -1, &answer, error))
        return wire;
    wire_stop(wire);
    return NULL;
}

void wire_stop(Wire *wire)
{
    if (wire == NULL)
        return;
    if (wire->channel >= 0)
        close(wire->channel); /* it ends by itself */
    daemon_stop(wire->daemon, STOP_PATIENCE_MS);
    g_mutex_clear(&wire->lock);
    g_free(wire);
}

bool wire_port_add(Wire *wire, const FabricPort *what, int fd, unsigned *ret_port, GError **error)
{
    const WireOrder request = { .kind = ORDER_PORT, .what = *what };
    WireAnswer answer;

    if (!order(wire, &request, fd, &answer, error))
        return false;
    *ret_port = answer.number;
    return true;
}

/* Hand over a socket of our own making. */
static bool port_give(Wire *wire, const FabricPort *what, int fd, unsigned *ret_port, GError **error)
{
    bool ok = wire_port_add(wire, what, fd, ret_port, error);

    close(fd);
    return ok;
}

bool wire_port_add_udp(Wire *wire, const FabricPort *what, uint16_t ours, uint16_t theirs, unsigned *ret_port, GError **error)
{
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(ours), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_in there = here;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    there.sin_port = htons(theirs);
    if (fd >= 0 && bind(fd, (const struct sockaddr *) &here, sizeof here) == 0
        && connect(fd, (const struct sockaddr *) &there, sizeof there) == 0)
        return port_give(wire, what, fd, ret_port, error);
    error_set_errno(error, ERROR_HOST, "could not make a wire's end at UDP port %u", ours);
    if (fd >= 0)
        close(fd);
    return false;
}

bool wire_port_add_interface(Wire *wire, const FabricPort *what, const char *interface, unsigned *ret_port, GError **error)
{
    struct sockaddr_ll here = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int) if_nametoindex(interface) };
    struct packet_mreq all = { .mr_ifindex = here.sll_ifindex, .mr_type = PACKET_MR_PROMISC };
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), yes = 1;

    if (fd >= 0 && setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) == 0
        && setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &yes, sizeof yes) == 0
        && bind(fd, (const struct sockaddr *) &here, sizeof here) == 0
        && setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) == 0)
        return port_give(wire, what, fd, ret_port, error);
    error_set_errno(error, ERROR_HOST, "could not make a wire's end at interface '%s'", interface);
    if (fd >= 0)
        close(fd);
    return false;
}

bool wire_impair(Wire *wire, unsigned port, Way way, const Impairment *what, GError **error)
{
    const WireOrder request = { .kind = ORDER_IMPAIR, .port = port, .way = way, .impairment = *what };
    WireAnswer answer;

    return order(wire, &request, -1, &answer, error);
}

bool wire_set_up(Wire *wire, unsigned port, bool is_up, GError **error)
{
    const WireOrder request = { .kind = ORDER_UP, .port = port, .is_up = is_up };
    WireAnswer answer;

    return order(wire, &request, -1, &answer, error);
}

bool wire_count(Wire *wire, unsigned port, FabricCount *ret_count, GError **error)
{
    const WireOrder request = { .kind = ORDER_COUNT, .port = port };
    WireAnswer answer;

    if (!order(wire, &request, -1, &answer, error))
        return false;
    *ret_count = answer.count;
    return true;
}

bool wire_capture(Wire *wire, unsigned segment, const char *filter, unsigned snaplen, const char *path, unsigned *ret_capture,
                  GError **error)
{
    WireOrder request = { .kind = ORDER_CAPTURE, .segment = segment, .snaplen = snaplen };
    WireAnswer answer;
    bool ok;
    int fd;

    if (filter != NULL && g_strlcpy(request.filter, filter, sizeof request.filter) >= sizeof request.filter)
        return error_set(error, ERROR_SCENARIO, "a capture's filter has more than %d bytes", WIRE_FILTER_MAX - 1);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_set_errno(error, ERROR_HOST, "could not write '%s'", path);
    ok = order(wire, &request, fd, &answer, error);
    close(fd);
    if (ok)
        *ret_capture = answer.number;
    return ok;
}

bool wire_capture_end(Wire *wire, unsigned capture, PcapCount *ret_count, GError **error)
{
    const WireOrder request = { .kind = ORDER_CAPTURE_END, .port = capture };
    WireAnswer answer;

    if (!order(wire, &request, -1, &answer, error))
        return false;
    *ret_count = answer.captured;
    return true;
}

/* FNV-1a. */
uint64_t wire_stream(const char *link)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *link != '\0'; link++)
        hash = (hash ^ (uint8_t) *link) * UINT64_C(1099511628211);
    return hash >> 8; /* streams are multiplied by small numbers */
}
