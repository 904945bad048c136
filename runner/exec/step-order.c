// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/step-order.h"

#include <string.h>

typedef enum { STEP_WAITS, STEP_RUNS, STEP_DONE } StepState;

/* A list on its way. `lock` is for all below it. */
typedef struct Queue {
    const StepSpec *steps;
    size_t count;
    StepPerform perform;
    void *data;
    GMutex lock;
    GCond changed;
    StepState *states;
    size_t running;
    bool failed;
} Queue;

typedef struct Performance {
    Queue *queue;
    size_t index;
} Performance;

bool step_waits_for(const StepSpec *steps, size_t index, size_t other)
{
    const StepSpec *step = &steps[index];

    if (step->after != NULL)
        return g_strv_contains((const char *const *) step->after, steps[other].name);
    return step->parallel == NULL || g_strcmp0(step->parallel, steps[other].parallel) != 0;
}

static bool may_begin(const Queue *queue, size_t index)
{
    if (queue->failed || queue->states[index] != STEP_WAITS)
        return false;
    for (size_t other = 0; other < index; other++)
        if (queue->states[other] != STEP_DONE && step_waits_for(queue->steps, index, other))
            return false;
    return true;
}

/* The first step that may begin, from `from` on; `count` when there is none. */
static size_t next_step(const Queue *queue, size_t from)
{
    while (from < queue->count && !may_begin(queue, from))
        from++;
    return from;
}

/* With the lock held, which is given up meanwhile. */
static void perform(Queue *queue, size_t index)
{
    bool ok;

    g_mutex_unlock(&queue->lock);
    ok = queue->perform(queue->data, index);
    g_mutex_lock(&queue->lock);
    queue->states[index] = STEP_DONE;
    queue->failed = queue->failed || !ok;
    queue->running--;
    g_cond_broadcast(&queue->changed);
}

static void *perform_beside(void *data)
{
    g_autofree Performance *performance = data;

    g_mutex_lock(&performance->queue->lock);
    perform(performance->queue, performance->index);
    g_mutex_unlock(&performance->queue->lock);
    return NULL;
}

/* As long as nothing else runs or may begin, nothing can become possible while this step runs: no thread is needed. */
static void begin(Queue *queue, size_t index, GPtrArray *threads)
{
    bool alone = queue->running == 0 && next_step(queue, index + 1) == queue->count;

    queue->states[index] = STEP_RUNS;
    queue->running++;
    if (alone) {
        perform(queue, index);
    } else {
        Performance *performance = g_new(Performance, 1);

        *performance = (Performance) { queue, index };
        g_ptr_array_add(threads, g_thread_new("step", perform_beside, performance));
    }
}

bool steps_in_order(const StepSpec *steps, size_t count, StepPerform perform_step, void *data)
{
    g_autofree StepState *states = g_new0(StepState, count + 1);
    g_autoptr(GPtrArray) threads = g_ptr_array_new();
    Queue queue = { .steps = steps, .count = count, .perform = perform_step, .data = data, .states = states };

    g_mutex_init(&queue.lock);
    g_cond_init(&queue.changed);
    g_mutex_lock(&queue.lock);
    for (;;) {
        size_t index = next_step(&queue, 0);

        if (index < count)
            begin(&queue, index, threads);
        else if (queue.running > 0)
            g_cond_wait(&queue.changed, &queue.lock);
        else
            break;
    }
    g_mutex_unlock(&queue.lock);
    for (guint i = 0; i < threads->len; i++)
        g_thread_join(g_ptr_array_index(threads, i));
    g_cond_clear(&queue.changed);
    g_mutex_clear(&queue.lock);
    return !queue.failed;
}
