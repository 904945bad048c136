// SPDX-License-Identifier: GPL-3.0-or-later
#include "guest/agent/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guest/agent/report.h"

#define FRAME_PATIENCE_NS (3 * INT64_C(1000000000))

void stream_init(Stream *stream, int fd)
{
    stream->fd = fd;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    stream_reset(stream);
}

void stream_reset(Stream *stream)
{
    stream->in_start = stream->in_size = stream->out_start = stream->out_size = 0;
    stream->lost = false;
}

bool stream_has_room(const Stream *stream)
{
    return stream->out_size < STREAM_MARK;
}

void stream_send(Stream *stream, WireType type, uint32_t channel, const void *payload, size_t size)
{
    uint32_t sequence = stream->sequence++; /* also for a frame that finds no place: the host sees the gap */
    uint8_t *end;

    if (stream->out_size + WIRE_HEADER_SIZE + size > sizeof stream->out)
        return;
    if (stream->out_start + stream->out_size + WIRE_HEADER_SIZE + size > sizeof stream->out) {
        memmove(stream->out, stream->out + stream->out_start, stream->out_size);
        stream->out_start = 0;
    }
    end = stream->out + stream->out_start + stream->out_size;
    wire_encode_header(end, type, channel, sequence, (uint32_t) size);
    if (size > 0)
        memcpy(end + WIRE_HEADER_SIZE, payload, size);
    stream->out_size += WIRE_HEADER_SIZE + size;
}

void stream_fail(Stream *stream, uint32_t channel, int number, const char *format, ...)
{
    char payload[512];
    size_t used = 4;
    va_list args;

    wire_put_u32((uint8_t *) payload, (uint32_t) number);
    va_start(args, format);
    vsnprintf(payload + used, sizeof payload - used - 64, format, args);
    va_end(args);
    used += strlen(payload + used);
    used += (size_t) snprintf(payload + used, sizeof payload - used, ": %s", strerror(number));
    stream_send(stream, WIRE_FAIL, channel, payload, (used < sizeof payload ? used : sizeof payload - 1) + 1);
}

StreamState stream_receive(Stream *stream)
{
    ssize_t got;

    if (stream->in_start > 0) {
        memmove(stream->in, stream->in + stream->in_start, stream->in_size);
        stream->in_start = 0;
    }
    if (stream->in_size == sizeof stream->in)
        return STREAM_OPEN;
    got = read(stream->fd, stream->in + stream->in_size, sizeof stream->in - stream->in_size);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? STREAM_NOTHING : STREAM_NO_HOST;
    if (got == 0)
        return STREAM_NO_HOST;
    stream->in_size += (size_t) got;
    stream->last_input_ns = monotonic_ns();
    return STREAM_OPEN;
}

/* One answer for a lost stream: a host that talks gibberish must not be shouted at for every piece of it. */
static void lose(Stream *stream, const char *why)
{
    if (!stream->lost)
        stream_fail(stream, 0, EBADMSG, "%s", why);
    stream->lost = true;
    stream->in_start = stream->in_size = 0;
}

bool stream_next(Stream *stream, WireFrame *ret_frame)
{
    const char *why = NULL;
    size_t used = 0;

    switch (wire_decode(stream->in + stream->in_start, stream->in_size, ret_frame, &used, &why)) {
    case WIRE_OK:
        stream->in_start += used;
        stream->in_size -= used;
        stream->lost = false;
        return true;
    case WIRE_BAD:
        lose(stream, why);
        break;
    case WIRE_MORE:
        break;
    }
    return false;
}

int64_t stream_expire(Stream *stream, int64_t now_ns)
{
    if (!stream_has_room(stream))
        stream->last_input_ns = now_ns; /* it is us who do not read */
    if (stream->in_size == 0)
        return INT64_MAX;
    if (now_ns < stream->last_input_ns + FRAME_PATIENCE_NS)
        return stream->last_input_ns + FRAME_PATIENCE_NS;
    lose(stream, "the rest of a frame did not come");
    return INT64_MAX;
}

void stream_flush(Stream *stream)
{
    while (stream->out_size > 0) {
        ssize_t done = write(stream->fd, stream->out + stream->out_start, stream->out_size);

        if (done < 0 && (errno == EPIPE || errno == ECONNRESET || errno == ENODEV))
            done = (ssize_t) stream->out_size; /* nobody takes it any more; reading tells why */
        if (done <= 0)
            return;
        stream->out_start += (size_t) done;
        stream->out_size -= (size_t) done;
    }
    stream->out_start = 0;
}
