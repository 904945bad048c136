// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUEST_AGENT_JOB_H
#define GUEST_AGENT_JOB_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest/agent/stream.h"

/* The programs that the host had us start. */
enum { JOB_LIMIT = 256, JOB_STREAMS = 2 };

typedef struct Job Job;
typedef struct Jobs {
    Job *first;
    unsigned count;
} Jobs;

/* WIRE_EXEC. */
void jobs_start(Jobs *jobs, Stream *stream, const WireFrame *frame);

/* WIRE_KILL. */
void jobs_kill(Jobs *jobs, const WireFrame *frame);
void jobs_kill_all(Jobs *jobs);

bool jobs_has_channel(const Jobs *jobs, uint32_t channel);

/* Nobody listens any more: programs go on, their output is dropped. */
void jobs_silence(Jobs *jobs);

/* Gather every child that ended, ours or an orphan. */
void jobs_reap(Jobs *jobs);

/* Outputs to wait for: writes at most JOB_LIMIT * JOB_STREAMS entries, returns how many. */
size_t jobs_poll(Jobs *jobs, const Stream *stream, struct pollfd *polls);

/* Read from those that are ready after poll(). */
void jobs_read(Jobs *jobs, Stream *stream, const struct pollfd *polls);

/* End programs whose time is over, send WIRE_EXIT for those that are done.
 * Returns when to look again (INT64_MAX: no need). */
int64_t jobs_advance(Jobs *jobs, Stream *stream, int64_t now_ns);

#endif
