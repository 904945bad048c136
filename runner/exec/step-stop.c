// SPDX-License-Identifier: GPL-3.0-or-later
/* The end of steps in the background: what they have not written yet shall be there before files are fetched and machines stop. */
#include <signal.h>

#include "runner/base/clock.h"
#include "runner/exec/step.h"

enum { KILL_PATIENCE_MS = 5000, NS_PER_MS = 1000000 };

static bool is_running(StepProgram *program)
{
    bool running;

    g_mutex_lock(&program->lock);
    running = program->started && !program->ended;
    g_mutex_unlock(&program->lock);
    return running;
}

static GPtrArray *running_programs(GPtrArray *steps)
{
    GPtrArray *running = g_ptr_array_new();

    for (guint i = 0; i < steps->len; i++) {
        const RunningStep *step = g_ptr_array_index(steps, i);

        for (guint j = 0; j < step->programs->len; j++)
            if (is_running(g_ptr_array_index(step->programs, j)))
                g_ptr_array_add(running, g_ptr_array_index(step->programs, j));
    }
    return running;
}

static void tell(StepProgram *program, int number)
{
    Attempt *attempt = program->step->attempt;
    g_autoptr(GError) error = NULL;

    g_mutex_lock(&program->lock);
    program->record.stop_signal = program->ended ? 0 : number;
    g_mutex_unlock(&program->lock);
    if (!attempt_signal(attempt, program->machine, program, number, &error))
        attempt_event(attempt, "problem", "step '%s' could not be told to end: %s", program->record.name, error->message);
}

/* False: it still runs then. */
static bool await_end(StepProgram *program, int64_t due_ns)
{
    bool ended;

    g_mutex_lock(&program->lock);
    while (!program->ended && clock_monotonic_ns() < due_ns)
        g_cond_wait_until(&program->changed, &program->lock, due_ns / 1000 + 1);
    ended = program->ended;
    g_mutex_unlock(&program->lock);
    return ended;
}

/* Those that still run get KILL when their grace is over. False: not even that ended it. */
static bool insist(StepProgram *program, int64_t told_ns)
{
    if (await_end(program, told_ns + program->step->spec->grace_ms * NS_PER_MS))
        return true;
    tell(program, SIGKILL);
    if (await_end(program, clock_monotonic_ns() + KILL_PATIENCE_MS * (int64_t) NS_PER_MS))
        return true;
    attempt_event(program->step->attempt, "warning", "step '%s' did not end on machine '%s', though it was killed", program->record.name,
                  program->machine);
    return false;
}

/* Its phase is there only when there is something to stop. */
bool steps_stop(GPtrArray *steps)
{
    g_autoptr(GPtrArray) running = running_programs(steps);
    int64_t start_ns, told_ns;
    Attempt *attempt;
    bool ended = true;

    if (running->len == 0)
        return true;
    attempt = ((StepProgram *) g_ptr_array_index(running, 0))->step->attempt;
    start_ns = attempt_begin_phase(attempt, "stop");
    for (guint i = 0; i < running->len; i++) {
        StepProgram *program = g_ptr_array_index(running, i);

        tell(program, step_signal(program->step->spec));
    }
    told_ns = clock_monotonic_ns();
    for (guint i = 0; i < running->len; i++)
        ended = insist(g_ptr_array_index(running, i), told_ns) && ended;
    attempt_end_phase(attempt, "stop", start_ns);
    return ended;
}
