// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/wire/frame-queue.h"

#include <glib.h>
#include <string.h>

enum { FIRST_ROOM = 1024 };

Frame *frame_new(const uint8_t *bytes, size_t size)
{
    Frame *frame = g_malloc(sizeof *frame + size);

    *frame = (Frame) { .size = (uint32_t) size };
    memcpy(frame->bytes, bytes, size);
    return frame;
}

static bool is_before(const Frame *a, const Frame *b)
{
    return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

void frame_queue_push(FrameQueue *queue, Frame *frame)
{
    size_t at = queue->count++;

    if (queue->count > queue->room) {
        queue->room = MAX(queue->room * 2, FIRST_ROOM);
        queue->frames = g_renew(Frame *, queue->frames, queue->room);
    }
    frame->order = queue->order++;
    for (; at > 0 && is_before(frame, queue->frames[(at - 1) / 2]); at = (at - 1) / 2)
        queue->frames[at] = queue->frames[(at - 1) / 2];
    queue->frames[at] = frame;
}

const Frame *frame_queue_first(const FrameQueue *queue)
{
    return queue->count > 0 ? queue->frames[0] : NULL;
}

Frame *frame_queue_pop(FrameQueue *queue)
{
    Frame *first = queue->frames[0], *last = queue->frames[--queue->count];
    size_t at = 0;

    for (;;) {
        size_t child = 2 * at + 1;

        if (child + 1 < queue->count && is_before(queue->frames[child + 1], queue->frames[child]))
            child++;
        if (child >= queue->count || !is_before(queue->frames[child], last))
            break;
        queue->frames[at] = queue->frames[child];
        at = child;
    }
    if (queue->count > 0)
        queue->frames[at] = last;
    return first;
}

void frame_queue_clear(FrameQueue *queue)
{
    for (size_t i = 0; i < queue->count; i++)
        g_free(queue->frames[i]);
    g_free(queue->frames);
    *queue = (FrameQueue) { 0 };
}
