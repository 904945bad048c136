// SPDX-License-Identifier: GPL-3.0-or-later
/* The only part of the wire that knows sockets and the clock: one thread, one epoll, one timer. */
#include "runner/vm/wire/wire-serve.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/vm/wire/wire-order.h"

#define NS_PER_S 1000000000

enum { BATCH = 64, EVENTS = 32, PORTS_MAX = 2048, CAPTURES_MAX = 64, SOCKET_BUFFER = 8 << 20, NICENESS = -10, TAG_AT = 12, TAG_SIZE = 4 };
enum { EVENT_CHANNEL = PORTS_MAX, EVENT_TIMER };

typedef struct Slot { /* room for one received frame */
    uint8_t bytes[FABRIC_FRAME_MAX + 1];
    char control[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(struct tpacket_auxdata))];
    struct iovec vector;
} Slot;

typedef struct Server {
    int channel, epoll, timer;
    int64_t timer_ns; /* what the timer is set to */
    uint64_t seed;
    Fabric *fabric;
    int sockets[PORTS_MAX];
    PcapFile *captures[CAPTURES_MAX];
    unsigned capture_count;
    Slot *slots;
    struct mmsghdr messages[BATCH];
} Server;

/* A refused connection is what the frame before this one met: the machine was not there yet. So once more. */
static void send_out(void *data, unsigned port, const uint8_t *bytes, size_t size)
{
    Server *server = data;

    if (send(server->sockets[port], bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return;
    if (errno != ECONNREFUSED || send(server->sockets[port], bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        fabric_refused(server->fabric, port);
}

/* When the kernel got the frame, which may be long before we could look: a real time; 0 when it does not say. */
static int64_t arrival_ns(struct msghdr *message)
{
    struct timespec time = { 0 };

    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header))
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_TIMESTAMPNS)
            memcpy(&time, CMSG_DATA(header), sizeof time);
    return (int64_t) time.tv_sec * NS_PER_S + time.tv_nsec;
}

static void prepare_slots(Server *server)
{
    for (unsigned i = 0; i < BATCH; i++) {
        Slot *slot = &server->slots[i];

        slot->vector = (struct iovec) { slot->bytes, sizeof slot->bytes };
        server->messages[i].msg_hdr = (struct msghdr) { .msg_iov = &slot->vector, .msg_iovlen = 1, .msg_control = slot->control,
                                                        .msg_controllen = sizeof slot->control };
    }
}

/* The kernel takes the VLAN tag off what it gives to a packet socket, and tells it besides. */
static size_t restore_tag(struct msghdr *message, uint8_t *bytes, size_t size)
{
    struct tpacket_auxdata data = { 0 };

    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header))
        if (header->cmsg_level == SOL_PACKET && header->cmsg_type == PACKET_AUXDATA)
            memcpy(&data, CMSG_DATA(header), sizeof data);
    if ((data.tp_status & TP_STATUS_VLAN_VALID) == 0 || size < TAG_AT || size + TAG_SIZE > FABRIC_FRAME_MAX)
        return size;
    memmove(bytes + TAG_AT + TAG_SIZE, bytes + TAG_AT, size - TAG_AT);
    memcpy(bytes + TAG_AT, (const uint8_t[]) { 0x81, 0x00, (uint8_t) (data.tp_vlan_tci >> 8), (uint8_t) data.tp_vlan_tci }, TAG_SIZE);
    return size + TAG_SIZE;
}

/* Delays count from the frames' arrival, so that our own lateness does not add to them. */
static void take_frames(Server *server, unsigned port)
{
    int64_t now_ns, offset_ns;
    int count;

    prepare_slots(server);
    count = recvmmsg(server->sockets[port], server->messages, BATCH, MSG_DONTWAIT, NULL);
    now_ns = clock_monotonic_ns();
    offset_ns = clock_realtime_ns() - now_ns;
    for (int i = 0; i < count; i++) {
        int64_t real_ns = arrival_ns(&server->messages[i].msg_hdr);
        int64_t at_ns = real_ns - offset_ns;
        size_t size;

        if (real_ns == 0 || at_ns > now_ns || at_ns < now_ns - NS_PER_S) { /* no time, or the real clock was set */
            at_ns = now_ns;
            real_ns = now_ns + offset_ns;
        }
        size = restore_tag(&server->messages[i].msg_hdr, server->slots[i].bytes, server->messages[i].msg_len);
        fabric_take(server->fabric, port, server->slots[i].bytes, size, at_ns, real_ns);
    }
}

static bool watch(Server *server, int fd, uint32_t number)
{
    struct epoll_event event = { .events = EPOLLIN, .data.u32 = number };

    return epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void refuse(WireAnswer *answer, const char *why)
{
    answer->ok = false;
    g_strlcpy(answer->why, why, sizeof answer->why);
}

static void add_port(Server *server, const WireOrder *order, int fd, WireAnswer *answer)
{
    int yes = 1, size = SOCKET_BUFFER;

    if (fd < 0 || fabric_port_count(server->fabric) >= PORTS_MAX) {
        refuse(answer, "too many ports");
        return;
    }
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size); /* as much as the host allows */
    answer->number = fabric_port_add(server->fabric, &order->what);
    server->sockets[answer->number] = fd;
    if (!watch(server, fd, answer->number))
        refuse(answer, strerror(errno));
}

static void add_capture(Server *server, const WireOrder *order, int fd, WireAnswer *answer)
{
    g_autoptr(GError) error = NULL;
    PcapFile *file;

    if (fd < 0 || server->capture_count >= CAPTURES_MAX) {
        refuse(answer, "too many captures");
        return;
    }
    file = pcap_file_new(fd, order->filter[0] != '\0' ? order->filter : NULL, order->snaplen, &error);
    if (file == NULL) {
        refuse(answer, error->message);
        return;
    }
    answer->number = server->capture_count;
    server->captures[server->capture_count++] = file;
    fabric_capture(server->fabric, order->segment, file);
}

static void end_capture(Server *server, unsigned number, WireAnswer *answer)
{
    g_autoptr(GError) error = NULL;
    PcapFile *file = number < server->capture_count ? g_steal_pointer(&server->captures[number]) : NULL;

    if (file == NULL) {
        refuse(answer, "there is no such capture");
        return;
    }
    fabric_capture_end(server->fabric, file);
    if (!pcap_file_end(file, &answer->captured, &error))
        refuse(answer, error->message);
}

static void obey(Server *server, const WireOrder *order, int fd, WireAnswer *answer)
{
    bool names_port = order->kind == ORDER_IMPAIR || order->kind == ORDER_UP || order->kind == ORDER_COUNT;

    if (server->fabric == NULL)
        server->fabric = fabric_new(order->seed, send_out, server);
    if (names_port && order->port >= fabric_port_count(server->fabric)) {
        refuse(answer, "there is no such port");
        return;
    }
    switch (order->kind) {
    case ORDER_SEED: break;
    case ORDER_PORT: add_port(server, order, fd, answer); break;
    case ORDER_CAPTURE: add_capture(server, order, fd, answer); break;
    case ORDER_IMPAIR: fabric_impair(server->fabric, order->port, order->way, &order->impairment); break;
    case ORDER_UP: fabric_set_up(server->fabric, order->port, order->is_up); break;
    case ORDER_COUNT: answer->count = *fabric_count(server->fabric, order->port); break;
    case ORDER_CAPTURE_END: end_capture(server, order->port, answer); break;
    }
}

/* False when the worker has closed its end. */
static bool take_order(Server *server)
{
    WireOrder order;
    WireAnswer answer = { .ok = true };
    char control[CMSG_SPACE(sizeof(int))];
    struct iovec vector = { &order, sizeof order };
    struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    ssize_t got = recvmsg(server->channel, &message, MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    int fd = -1;

    if (got < 0 && errno == EINTR)
        return true;
    if (got != sizeof order)
        return false;
    if (header != NULL && header->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(header), sizeof fd);
    obey(server, &order, fd, &answer);
    return send(server->channel, &answer, sizeof answer, MSG_NOSIGNAL) == sizeof answer;
}

static void set_timer(Server *server)
{
    int64_t due_ns = server->fabric != NULL ? fabric_due_ns(server->fabric) : INT64_MAX;
    struct itimerspec when = { 0 };

    if (due_ns == server->timer_ns)
        return;
    server->timer_ns = due_ns;
    if (due_ns != INT64_MAX)
        when.it_value = (struct timespec) { due_ns / NS_PER_S, due_ns % NS_PER_S };
    timerfd_settime(server->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void serve(Server *server)
{
    struct epoll_event events[EVENTS];
    bool goes_on = true;

    while (goes_on) {
        uint64_t expired;
        int count;

        set_timer(server);
        count = epoll_wait(server->epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.u32 == EVENT_CHANNEL)
                goes_on = take_order(server) && goes_on;
            else if (events[i].data.u32 == EVENT_TIMER)
                server->timer_ns = read(server->timer, &expired, sizeof expired) > 0 ? 0 : server->timer_ns;
            else
                take_frames(server, events[i].data.u32);
        }
        if (server->fabric != NULL)
            fabric_deliver(server->fabric, clock_monotonic_ns());
    }
}

static void server_clear(Server *server)
{
    for (unsigned i = 0; server->fabric != NULL && i < fabric_port_count(server->fabric); i++)
        close(server->sockets[i]);
    for (unsigned i = 0; i < server->capture_count; i++) {
        PcapCount count;

        if (server->captures[i] != NULL && !pcap_file_end(server->captures[i], &count, NULL))
            errno = 0; /* nobody listens any more */
    }
    g_clear_pointer(&server->fabric, fabric_free);
    g_free(server->slots);
    close(server->timer);
    close(server->epoll);
}

bool wire_serve(int channel, GError **error)
{
    g_autofree Server *server = g_new0(Server, 1);

    server->channel = channel;
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    server->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    server->timer_ns = INT64_MAX;
    server->slots = g_new(Slot, BATCH);
    if (!watch(server, channel, EVENT_CHANNEL) || !watch(server, server->timer, EVENT_TIMER))
        return error_set_errno(error, ERROR_HOST, "could not watch the wire's sockets");
    if (setpriority(PRIO_PROCESS, 0, NICENESS) != 0)
        errno = 0; /* only root may; without it the wire is late when the host is busy */
    serve(server);
    server_clear(server);
    return true;
}
