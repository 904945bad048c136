// SPDX-License-Identifier: GPL-3.0-or-later
/* Fuzz target for the frame decoder and the payload reader; `make fuzz` builds and runs it (needs clang). */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "guest/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_payload(const WireFrame *frame)
{
    WireReader reader = { .data = frame->payload, .left = frame->length };

    wire_read_u8(&reader);
    wire_read_u32(&reader);
    while (!reader.failed && reader.left > 0)
        if (strlen(wire_read_string(&reader)) >= frame->length)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    while (size > 0) {
        uint8_t header[WIRE_HEADER_SIZE];
        const char *why = NULL;
        size_t used = 0;
        WireFrame frame;

        if (wire_decode(data, size, &frame, &used, &why) != WIRE_OK)
            return 0;
        wire_encode_header(header, (WireType) frame.type, frame.channel, frame.sequence, frame.length);
        if (used > size || memcmp(header, data, sizeof header) != 0)
            abort();
        read_payload(&frame);
        data += used;
        size -= used;
    }
    return 0;
}
