// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUEST_WIRE_H
#define GUEST_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The protocol between the guest agent and the host over a virtio-serial port; documented in docs/guest-agent.md. Plain C
 * without GLib: the agent is a static program. Every message is a frame:
 *   magic 'T' 'B', version, type (one byte each), channel (4 bytes), sequence (4), length (4), payload; little endian.
 * `channel` numbers one request; all frames of its answer carry the same one. `sequence` counts the frames of one direction. */

enum {
    WIRE_VERSION = 1,
    WIRE_HEADER_SIZE = 16,
    WIRE_PAYLOAD_LIMIT = 1 << 16, /* a longer length is an error: the stream is lost */
};

/* What an agent of this version can do, told in HELLO: one more whenever a host may rely on something new. Agents live in images, which
 * are older than the host, or of another one. 0: from before there was a number; 1: KILL has EXIT wait for the whole group, and
 * WIRE_EXIT_SIGNALLED. */
enum {
    WIRE_REVISION = 1,
    WIRE_REVISION_NEEDED = 1, /* an agent with less is refused by its host */
};

#define WIRE_PORT_NAME "org.trialbed.agent.0"

enum {
    WIRE_EXEC_BACKGROUND = 1, /* flag of WIRE_EXEC: answer WIRE_DONE once it runs; output and WIRE_EXIT follow later */
    WIRE_EXIT_TIMED_OUT = 1,  /* flags of WIRE_EXIT */
    WIRE_EXIT_SIGNALLED = 2,  /* a signal ended it; the status is 128 + its number */
};

typedef enum {
    WIRE_HELLO = 1,   /* guest -> host after start or on WIRE_PING: payload "VERSION\0KERNEL\0UPTIME_NS\0REVISION\0" */
    WIRE_PING,        /* host -> guest: empty, or real time in ns (8), then random bytes: sets the clock, feeds the pool */
    WIRE_EXEC,        /* host -> guest: flags byte, timeout_ms (4), then NUL-terminated strings: argc as text, argv..., env... */
    WIRE_STDOUT,      /* guest -> host: a piece of output */
    WIRE_STDERR,
    WIRE_EXIT,        /* guest -> host: exit status (4), flags byte, duration_ns (8) */
    WIRE_READ,        /* host -> guest: path NUL */
    WIRE_WRITE,       /* host -> guest: mode (4), path NUL; then WIRE_DATA frames, the last one empty */
    WIRE_DATA,        /* both ways: a piece of a file; an empty one ends it */
    WIRE_DONE,        /* guest -> host: a request without other answer succeeded */
    WIRE_FAIL,        /* guest -> host: errno (4), text NUL; ends the request */
    WIRE_KILL,        /* host -> guest: signal (4) to the program's process group; WIRE_EXIT tells the rest */
    WIRE_POWEROFF,    /* host -> guest: WIRE_DONE, then the guest switches itself off */
    WIRE_CONFIGURE,   /* host -> guest: real time in ns (8; 0: leave the clock alone), settings NUL, then random bytes; WIRE_DONE or
                       * WIRE_FAIL. A restored machine becomes the one that the settings name (docs/guest-agent.md) */
} WireType;

typedef struct WireFrame {
    uint8_t type;
    uint32_t channel, sequence, length;
    const uint8_t *payload; /* points into the buffer that was decoded */
} WireFrame;

typedef enum { WIRE_OK, WIRE_MORE, WIRE_BAD } WireStatus;

/* Decode the frame at the beginning of `data`. WIRE_MORE: not all there yet. WIRE_BAD: no frame of ours; *ret_why is static.
 * On WIRE_OK *ret_used bytes belong to the frame. */
WireStatus wire_decode(const uint8_t *data, size_t size, WireFrame *ret_frame, size_t *ret_used, const char **ret_why);

/* Write the header for a frame into 16 bytes; the payload follows it. */
void wire_encode_header(uint8_t *out, WireType type, uint32_t channel, uint32_t sequence, uint32_t length);

/* A cursor over a payload; every read fails for good once something was missing. */
typedef struct WireReader {
    const uint8_t *data;
    size_t left;
    bool failed;
} WireReader;

uint8_t wire_read_u8(WireReader *reader);
uint32_t wire_read_u32(WireReader *reader);
uint64_t wire_read_u64(WireReader *reader);
const char *wire_read_string(WireReader *reader); /* NUL-terminated inside the payload; "" after a failure */

void wire_put_u32(uint8_t *out, uint32_t value);
void wire_put_u64(uint8_t *out, uint64_t value);

#endif
