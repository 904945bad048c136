// SPDX-License-Identifier: GPL-3.0-or-later
#include "guest/agent/serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "guest/agent/boot.h"
#include "guest/agent/job.h"
#include "guest/agent/machine.h"
#include "guest/agent/report.h"
#include "guest/agent/stream.h"
#include "guest/agent/transfer.h"

/* poll() on a port without a host returns at once, so we look from time to time instead. */
#define HOST_LOOK_NS INT64_C(10000000)
#define POWEROFF_PATIENCE_NS INT64_C(500000000)

enum { POLL_CHILDREN, POLL_STREAM, POLL_FIXED };

typedef struct Server {
    Stream stream;
    Jobs jobs;
    Transfers transfers;
    bool wait_for_host, own_machine;
    bool connected, ended;
    int64_t poweroff_at_ns; /* INT64_MAX: not asked for */
} Server;

static void send_hello(Stream *stream, uint32_t channel)
{
    struct utsname kernel;
    char payload[256];
    int used;

    uname(&kernel);
    used = snprintf(payload, sizeof payload, "%d%c%s%c%lld%c%d", WIRE_VERSION, '\0', kernel.release, '\0',
                    (long long) monotonic_ns(), '\0', WIRE_REVISION);
    stream_send(stream, WIRE_HELLO, channel, payload, (size_t) used + 1);
}

static void answer_ping(Server *server, const WireFrame *frame)
{
    WireReader reader = { .data = frame->payload, .left = frame->length };
    int64_t realtime_ns = (int64_t) wire_read_u64(&reader);

    if (server->own_machine && !reader.failed && realtime_ns > 0)
        machine_set_clock(realtime_ns);
    if (server->own_machine && !reader.failed && reader.left > 0)
        machine_add_entropy(reader.data, reader.left);
    send_hello(&server->stream, frame->channel);
}

/* Names and addresses belong to a machine, so only its first process or its service may be asked to change them. */
static void configure(Server *server, const WireFrame *frame)
{
    WireReader reader = { .data = frame->payload, .left = frame->length };
    int64_t realtime_ns = (int64_t) wire_read_u64(&reader);
    const char *settings = wire_read_string(&reader);

    if (reader.failed || (getpid() != 1 && !server->own_machine)) {
        stream_fail(&server->stream, frame->channel, reader.failed ? EBADMSG : EPERM,
                    reader.failed ? "the settings are cut off" : "this agent serves no machine of its own");
        return;
    }
    if (server->own_machine && realtime_ns > 0)
        machine_set_clock(realtime_ns);
    if (server->own_machine && reader.left > 0)
        machine_add_entropy(reader.data, reader.left);
    boot_apply_settings(settings);
    stream_send(&server->stream, WIRE_DONE, frame->channel, NULL, 0);
}

static bool channel_is_busy(const Server *server, uint32_t channel)
{
    return jobs_has_channel(&server->jobs, channel) || transfers_has_channel(&server->transfers, channel);
}

static void dispatch(Server *server, const WireFrame *frame)
{
    Stream *stream = &server->stream;
    bool opens = frame->type == WIRE_EXEC || frame->type == WIRE_READ || frame->type == WIRE_WRITE;

    if (opens && channel_is_busy(server, frame->channel)) {
        stream_fail(stream, frame->channel, EBUSY, "channel %u is in use", frame->channel);
        return;
    }
    switch ((WireType) frame->type) {
    case WIRE_PING:
        answer_ping(server, frame);
        break;
    case WIRE_EXEC:
        jobs_start(&server->jobs, stream, frame);
        break;
    case WIRE_READ:
        transfers_read(&server->transfers, stream, frame);
        break;
    case WIRE_WRITE:
        transfers_write(&server->transfers, stream, frame);
        break;
    case WIRE_DATA:
        transfers_data(&server->transfers, stream, frame);
        break;
    case WIRE_KILL:
        jobs_kill(&server->jobs, frame);
        break;
    case WIRE_CONFIGURE:
        configure(server, frame);
        break;
    case WIRE_POWEROFF:
        stream_send(stream, WIRE_DONE, frame->channel, NULL, 0);
        server->poweroff_at_ns = monotonic_ns() + POWEROFF_PATIENCE_NS;
        break;
    case WIRE_HELLO:
    case WIRE_STDOUT:
    case WIRE_STDERR:
    case WIRE_EXIT:
    case WIRE_DONE:
    case WIRE_FAIL:
        stream_fail(stream, frame->channel, EPROTO, "frame type %u is for the other way", frame->type);
        break;
    }
}

static void host_gone(Server *server)
{
    stream_reset(&server->stream);
    transfers_drop(&server->transfers);
    jobs_silence(&server->jobs);
    server->connected = false;
    server->ended = !server->wait_for_host;
}

/* Requests wait while the host does not take our answers; so does what is already here. */
static void dispatch_all(Server *server)
{
    WireFrame frame;

    while (stream_has_room(&server->stream) && stream_next(&server->stream, &frame))
        dispatch(server, &frame);
}

static void receive(Server *server)
{
    StreamState state = stream_receive(&server->stream);

    dispatch_all(server);
    if (state == STREAM_NO_HOST)
        host_gone(server);
}

static void greet_host(Server *server)
{
    server->connected = true;
    send_hello(&server->stream, 0);
}

static void look_for_host(Server *server)
{
    struct pollfd port = { .fd = server->stream.fd, .events = POLLIN | POLLOUT };

    if (poll(&port, 1, 0) >= 0 && (port.revents & POLLHUP) == 0)
        greet_host(server);
}

static int64_t earlier(int64_t a_ns, int64_t b_ns)
{
    return a_ns < b_ns ? a_ns : b_ns;
}

/* What waited for room goes on at once when there is some again: poll() need not tell. */
static int64_t flush(Server *server, int64_t now_ns)
{
    bool was_full = !stream_has_room(&server->stream);

    stream_flush(&server->stream);
    return was_full && stream_has_room(&server->stream) ? now_ns : INT64_MAX;
}

/* Everything that depends on time rather than on a descriptor. Returns when to do it again. */
static int64_t advance(Server *server)
{
    int64_t now_ns = monotonic_ns();
    int64_t next_ns;

    if (!server->connected)
        look_for_host(server);
    dispatch_all(server);
    next_ns = earlier(stream_expire(&server->stream, now_ns), server->poweroff_at_ns);
    if (transfers_advance(&server->transfers, &server->stream))
        next_ns = now_ns;
    next_ns = earlier(next_ns, jobs_advance(&server->jobs, &server->stream, now_ns));
    return earlier(next_ns, server->connected ? flush(server, now_ns) : now_ns + HOST_LOOK_NS);
}

static int poll_timeout_ms(int64_t next_ns)
{
    int64_t left_ns = next_ns - monotonic_ns();

    if (next_ns == INT64_MAX)
        return -1;
    return left_ns <= 0 ? 0 : left_ns > INT64_C(60000000000) ? 60000 : (int) ((left_ns + 999999) / 1000000);
}

static short stream_events(const Stream *stream)
{
    return (short) ((stream_has_room(stream) ? POLLIN : 0) | (stream->out_size > 0 ? POLLOUT : 0));
}

static void wait_and_read(Server *server, int children_fd, int64_t next_ns)
{
    static struct pollfd polls[POLL_FIXED + JOB_LIMIT * JOB_STREAMS];
    size_t count = POLL_FIXED + jobs_poll(&server->jobs, &server->stream, polls + POLL_FIXED);
    struct signalfd_siginfo child;

    polls[POLL_CHILDREN] = (struct pollfd) { .fd = children_fd, .events = POLLIN };
    polls[POLL_STREAM] = (struct pollfd) { .fd = server->connected ? server->stream.fd : -1,
                                           .events = stream_events(&server->stream) };
    if (poll(polls, count, poll_timeout_ms(next_ns)) < 0)
        return;
    jobs_read(&server->jobs, &server->stream, polls + POLL_FIXED); /* before requests change the jobs */
    if (polls[POLL_CHILDREN].revents != 0 && read(children_fd, &child, sizeof child) > 0)
        jobs_reap(&server->jobs);
    if ((polls[POLL_STREAM].revents & POLLHUP) != 0 && !stream_has_room(&server->stream))
        host_gone(server); /* what it still asked for could not be answered */
    else if ((polls[POLL_STREAM].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        receive(server);
}

static bool may_power_off(const Server *server)
{
    return server->poweroff_at_ns != INT64_MAX
           && (server->stream.out_size == 0 || monotonic_ns() >= server->poweroff_at_ns);
}

ServeEnd serve(int fd, bool wait_for_host, bool own_machine)
{
    static Server server;
    sigset_t children;
    int children_fd;

    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    children_fd = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    server.wait_for_host = wait_for_host;
    server.own_machine = own_machine;
    server.poweroff_at_ns = INT64_MAX;
    stream_init(&server.stream, fd);
    if (!wait_for_host)
        greet_host(&server);
    while (!server.ended && !may_power_off(&server))
        wait_and_read(&server, children_fd, advance(&server));
    jobs_kill_all(&server.jobs);
    close(children_fd);
    return server.ended ? SERVE_ENDED : SERVE_POWEROFF;
}
