// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUEST_AGENT_TRANSFER_H
#define GUEST_AGENT_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "guest/agent/stream.h"

/* Files on their way to the host and from it. */
enum { TRANSFER_LIMIT = 64 };

typedef struct Transfer Transfer;
typedef struct Transfers {
    Transfer *first;
    unsigned count;
} Transfers;

void transfers_read(Transfers *transfers, Stream *stream, const WireFrame *frame);
void transfers_write(Transfers *transfers, Stream *stream, const WireFrame *frame);
void transfers_data(Transfers *transfers, Stream *stream, const WireFrame *frame);

bool transfers_has_channel(const Transfers *transfers, uint32_t channel);

/* Send one piece of every file that is read, while there is room. True while there is more to send. */
bool transfers_advance(Transfers *transfers, Stream *stream);

/* The host is gone: end them all and remove what was half written. */
void transfers_drop(Transfers *transfers);

#endif
