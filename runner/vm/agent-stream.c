// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/agent-stream.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner/base/error.h"

enum { BUFFER_SIZE = 4 * (WIRE_HEADER_SIZE + WIRE_PAYLOAD_LIMIT), FIRST_PING_PATIENCE_MS = 1000 };

struct AgentStream {
    char *machine;
    int fd;
    AgentStreamEvents events;
    GThread *reader;
    GMutex sending; /* one frame at a time; also guards next_out */
    uint32_t next_out;
    /* Of the reading thread only: */
    bool in_step; /* a HELLO was seen */
    uint32_t next_in;
    size_t have;
    uint8_t *buffer;
};

/* Before the first HELLO anything may come, and only a HELLO counts. */
static bool frame_take(AgentStream *stream, const WireFrame *frame, GError **error)
{
    if (!stream->in_step && frame->type != WIRE_HELLO)
        return true;
    if (stream->in_step && frame->sequence != stream->next_in)
        return error_set(error, ERROR_HOST, "machine '%s' sent frame %u where frame %u was due: something was lost on the way",
                         stream->machine, frame->sequence, stream->next_in);
    stream->in_step = true;
    stream->next_in = frame->sequence + 1;
    return stream->events.frame(stream->events.data, frame, error);
}

/* Hand on every complete frame and keep the rest for later. */
static bool buffer_take(AgentStream *stream, GError **error)
{
    size_t at = 0;

    for (;;) {
        WireFrame frame;
        size_t used = 0;
        const char *why = NULL;
        WireStatus status = wire_decode(stream->buffer + at, stream->have - at, &frame, &used, &why);

        if (status == WIRE_MORE)
            break;
        if (status == WIRE_BAD && stream->in_step)
            return error_set(error, ERROR_HOST, "machine '%s' sent what is no frame of the agent: %s", stream->machine, why);
        if (status == WIRE_OK && !frame_take(stream, &frame, error))
            return false;
        at += status == WIRE_OK ? used : 1; /* out of step: look for a HELLO at every byte */
    }
    memmove(stream->buffer, stream->buffer + at, stream->have - at);
    stream->have -= at;
    return true;
}

static bool receive(AgentStream *stream, GError **error)
{
    ssize_t got;

    do
        got = recv(stream->fd, stream->buffer + stream->have, BUFFER_SIZE - stream->have, 0);
    while (got < 0 && errno == EINTR);
    if (got == 0 || (got < 0 && errno == ECONNRESET))
        return error_set(error, ERROR_HOST, "machine '%s' closed its channel", stream->machine);
    if (got < 0)
        return error_set_errno(error, ERROR_HOST, "could not read from the channel of machine '%s'", stream->machine);
    stream->have += (size_t) got;
    return true;
}

static gpointer read_all(gpointer data)
{
    AgentStream *stream = data;
    g_autoptr(GError) why = NULL;

    while (receive(stream, &why) && buffer_take(stream, &why))
        continue;
    shutdown(stream->fd, SHUT_RDWR); /* whoever is sending now must not wait for a guest that we gave up */
    stream->events.lost(stream->events.data, why);
    return NULL;
}

AgentStream *agent_stream_start(int fd, const char *machine, const AgentStreamEvents *events)
{
    AgentStream *stream = g_new0(AgentStream, 1);
    g_autoptr(GError) ignored = NULL;

    stream->machine = g_strdup(machine);
    stream->fd = fd;
    stream->events = *events;
    stream->buffer = g_malloc(BUFFER_SIZE);
    g_mutex_init(&stream->sending);
    if (!agent_stream_send(stream, WIRE_PING, 0, NULL, 0, FIRST_PING_PATIENCE_MS, &ignored))
        shutdown(fd, SHUT_RDWR); /* the reader will find it closed and say so */
    stream->reader = g_thread_new("agent", read_all, stream);
    return stream;
}

static bool send_all(AgentStream *stream, const uint8_t *bytes, size_t size, unsigned patience_ms, GError **error)
{
    while (size > 0) {
        struct pollfd writable = { .fd = stream->fd, .events = POLLOUT };
        ssize_t sent = send(stream->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent >= 0) {
            bytes += sent;
            size -= (size_t) sent;
        } else if (errno == EAGAIN) {
            if (poll(&writable, 1, (int) patience_ms) == 0)
                return error_set(error, ERROR_HOST, "machine '%s' did not take what was sent to it within %g s", stream->machine,
                                 patience_ms / 1000.0);
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return error_set(error, ERROR_HOST, "machine '%s' closed its channel", stream->machine);
        } else if (errno != EINTR) {
            return error_set_errno(error, ERROR_HOST, "could not write to the channel of machine '%s'", stream->machine);
        }
    }
    return true;
}

bool agent_stream_send(AgentStream *stream, WireType type, uint32_t channel, const void *payload, size_t size, unsigned patience_ms,
                       GError **error)
{
    uint8_t header[WIRE_HEADER_SIZE];
    bool ok;

    if (size > WIRE_PAYLOAD_LIMIT)
        return error_set(error, ERROR_HOST, "a request of %zu bytes cannot be sent to machine '%s'; at most %d are possible", size,
                         stream->machine, WIRE_PAYLOAD_LIMIT);
    g_mutex_lock(&stream->sending);
    wire_encode_header(header, type, channel, stream->next_out++, (uint32_t) size);
    ok = send_all(stream, header, sizeof header, patience_ms, error) && send_all(stream, payload, size, patience_ms, error);
    g_mutex_unlock(&stream->sending);
    if (!ok)
        shutdown(stream->fd, SHUT_RDWR); /* half a frame may be out */
    return ok;
}

void agent_stream_stop(AgentStream *stream)
{
    shutdown(stream->fd, SHUT_RDWR);
    if (stream->reader != NULL)
        g_thread_join(g_steal_pointer(&stream->reader));
}

void agent_stream_free(AgentStream *stream)
{
    agent_stream_stop(stream);
    close(stream->fd);
    g_mutex_clear(&stream->sending);
    g_free(stream->buffer);
    g_free(stream->machine);
    g_free(stream);
}
