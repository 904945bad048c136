// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_WIRE_FRAME_QUEUE_H
#define RUNNER_VM_WIRE_FRAME_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "runner/base/impairment.h"

/* A frame on its way. */
typedef struct Frame {
    int64_t due_ns;
    uint64_t order; /* set by the queue: of frames due together, the first in is the first out */
    uint32_t port;  /* the link that holds it */
    uint16_t vlan;  /* 0: none */
    uint8_t way;    /* a Way */
    uint32_t size;
    uint8_t bytes[];
} Frame;

/* Copies the bytes. Free with g_free(). */
Frame *frame_new(const uint8_t *bytes, size_t size);

/* Frames by the time at which they are due: a binary heap. */
typedef struct FrameQueue {
    Frame **frames;
    size_t count, room;
    uint64_t order;
} FrameQueue;

/* Takes the frame. */
void frame_queue_push(FrameQueue *queue, Frame *frame);

/* The one that is due first; NULL when there is none. It stays in the queue. */
const Frame *frame_queue_first(const FrameQueue *queue);

/* Take it out. The queue must not be empty. */
Frame *frame_queue_pop(FrameQueue *queue);

/* Free all frames. */
void frame_queue_clear(FrameQueue *queue);

#endif
