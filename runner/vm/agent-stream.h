// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_AGENT_STREAM_H
#define RUNNER_VM_AGENT_STREAM_H

#include <glib.h>
#include <stdbool.h>

#include "guest/wire.h"

/* The host's end of the frames of guest/wire.h: a thread that reads, and sending from any thread. Knows no requests. */
typedef struct AgentStream AgentStream;

/* Both are called by the reading thread, never two at a time. */
typedef struct AgentStreamEvents {
    /* One frame of the guest, in order and complete. False and *error: it makes no sense, the stream is lost. */
    bool (*frame)(void *data, const WireFrame *frame, GError **error);
    /* Once, when nothing more will come, with the reason ("machine 'server' closed its channel"). */
    void (*lost)(void *data, const GError *why);
    void *data;
} AgentStreamEvents;

/* Takes over `fd`, a stream socket, asks for a HELLO and begins to read. The first frame reported is a HELLO: what stands before
 * it belonged to an earlier connection and is dropped. `machine` is for messages. */
AgentStream *agent_stream_start(int fd, const char *machine, const AgentStreamEvents *events);

/* Send one frame. When the guest takes nothing for `patience_ms`, or the connection is gone, that is an error. */
bool agent_stream_send(AgentStream *stream, WireType type, uint32_t channel, const void *payload, size_t size, unsigned patience_ms,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* End the connection; after it no event comes any more. Not to be called from an event. Twice is fine. */
void agent_stream_stop(AgentStream *stream);
void agent_stream_free(AgentStream *stream); /* stops it too */

#endif
