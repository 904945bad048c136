// SPDX-License-Identifier: GPL-3.0-or-later
#include "guest/wire.h"

#include <string.h>

static uint32_t get_u32(const uint8_t *in)
{
    return (uint32_t) in[0] | (uint32_t) in[1] << 8 | (uint32_t) in[2] << 16 | (uint32_t) in[3] << 24;
}

void wire_put_u32(uint8_t *out, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t) (value >> (8 * i));
}

void wire_put_u64(uint8_t *out, uint64_t value)
{
    wire_put_u32(out, (uint32_t) value);
    wire_put_u32(out + 4, (uint32_t) (value >> 32));
}

static WireStatus bad(const char *why, const char **ret_why)
{
    *ret_why = why;
    return WIRE_BAD;
}

/* Judges as much of a header as there is: a wrong first byte must not wait for fifteen more. */
static WireStatus header_check(const uint8_t *data, size_t size, const char **ret_why)
{
    static const uint8_t magic[] = { 'T', 'B' };

    if (memcmp(data, magic, size < sizeof magic ? size : sizeof magic) != 0)
        return bad("the magic is wrong", ret_why);
    if (size > 2 && data[2] != WIRE_VERSION)
        return bad("the protocol version is unknown", ret_why);
    if (size > 3 && (data[3] < WIRE_HELLO || data[3] > WIRE_CONFIGURE))
        return bad("the frame type is unknown", ret_why);
    if (size < WIRE_HEADER_SIZE)
        return WIRE_MORE;
    if (get_u32(data + 12) > WIRE_PAYLOAD_LIMIT)
        return bad("the payload is too long", ret_why);
    return WIRE_OK;
}

WireStatus wire_decode(const uint8_t *data, size_t size, WireFrame *ret_frame, size_t *ret_used, const char **ret_why)
{
    WireStatus status = size > 0 ? header_check(data, size, ret_why) : WIRE_MORE;
    uint32_t length;

    if (status != WIRE_OK)
        return status;
    length = get_u32(data + 12);
    if (size - WIRE_HEADER_SIZE < length)
        return WIRE_MORE;
    *ret_frame = (WireFrame) {
        .type = data[3],
        .channel = get_u32(data + 4),
        .sequence = get_u32(data + 8),
        .length = length,
        .payload = data + WIRE_HEADER_SIZE,
    };
    *ret_used = WIRE_HEADER_SIZE + (size_t) length;
    return WIRE_OK;
}

void wire_encode_header(uint8_t *out, WireType type, uint32_t channel, uint32_t sequence, uint32_t length)
{
    out[0] = 'T';
    out[1] = 'B';
    out[2] = WIRE_VERSION;
    out[3] = (uint8_t) type;
    wire_put_u32(out + 4, channel);
    wire_put_u32(out + 8, sequence);
    wire_put_u32(out + 12, length);
}

/* The next `size` bytes, or NULL for good. */
static const uint8_t *take(WireReader *reader, size_t size)
{
    const uint8_t *at = reader->data;

    if (reader->failed || reader->left < size) {
        reader->failed = true;
        return NULL;
    }
    reader->data += size;
    reader->left -= size;
    return at;
}

uint8_t wire_read_u8(WireReader *reader)
{
    const uint8_t *at = take(reader, 1);

    return at != NULL ? *at : 0;
}

uint32_t wire_read_u32(WireReader *reader)
{
    const uint8_t *at = take(reader, 4);

    return at != NULL ? get_u32(at) : 0;
}

uint64_t wire_read_u64(WireReader *reader)
{
    const uint8_t *at = take(reader, 8);

    return at != NULL ? (uint64_t) get_u32(at) | (uint64_t) get_u32(at + 4) << 32 : 0;
}

const char *wire_read_string(WireReader *reader)
{
    const uint8_t *end = !reader->failed && reader->left > 0 ? memchr(reader->data, '\0', reader->left) : NULL;

    if (end == NULL) {
        reader->failed = true;
        return "";
    }
    return (const char *) take(reader, (size_t) (end - reader->data) + 1);
}
