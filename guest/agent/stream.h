// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUEST_AGENT_STREAM_H
#define GUEST_AGENT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest/wire.h"

/* Frames over a descriptor that never blocks us: what arrives is gathered until frames are whole, what is sent waits
 * here until the descriptor takes it. Memory is fixed; whoever sends much asks stream_has_room first. */
enum {
    STREAM_CHUNK = 32 << 10, /* payload of the frames that carry output and files */
    STREAM_MARK = 256 << 10, /* with so much waiting there is no room */
    STREAM_SLACK = 256 << 10, /* for the short answers that may still come then */
};

typedef struct Stream {
    int fd;
    uint32_t sequence;
    bool lost; /* FAIL was sent for it; the next good frame ends this */
    int64_t last_input_ns;
    size_t in_start, in_size, out_start, out_size;
    uint8_t in[2 * (WIRE_HEADER_SIZE + WIRE_PAYLOAD_LIMIT)];
    uint8_t out[STREAM_MARK + STREAM_SLACK];
} Stream;

typedef enum { STREAM_OPEN, STREAM_NOTHING, STREAM_NO_HOST } StreamState;

/* Serve `fd` from now on; it is made non-blocking. */
void stream_init(Stream *stream, int fd);

/* Forget everything that was buffered: the other side is gone. */
void stream_reset(Stream *stream);

bool stream_has_room(const Stream *stream);
void stream_send(Stream *stream, WireType type, uint32_t channel, const void *payload, size_t size);

/* WIRE_FAIL with "what: why". */
void stream_fail(Stream *stream, uint32_t channel, int number, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Read once. STREAM_NO_HOST: end of file, or an error that will not go away. */
StreamState stream_receive(Stream *stream);

/* The next whole frame; its payload stays valid until the next stream_receive. What is no frame is answered with
 * WIRE_FAIL and dropped. */
bool stream_next(Stream *stream, WireFrame *ret_frame);

/* Drop the beginning of a frame whose rest does not come. Returns when to look again; INT64_MAX: no need. */
int64_t stream_expire(Stream *stream, int64_t now_ns);

/* Write what the descriptor takes. */
void stream_flush(Stream *stream);

#endif
