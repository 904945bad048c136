// SPDX-License-Identifier: GPL-3.0-or-later
/* A step: its machines side by side, its iterations one after the other. */
#include "runner/exec/step.h"

#include <string.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"

/* The machines that a step is on, one after the other; NULL behind the last. */
static const char *step_machine(const StepSpec *spec, size_t index)
{
    if (spec->machines[0] == NULL)
        return index == 0 ? spec->on : NULL; /* the host */
    return spec->machines[index];
}

static bool has_several_machines(const StepSpec *spec)
{
    return spec->machines[0] != NULL && spec->machines[1] != NULL;
}

RunningStep *running_step_new(Attempt *attempt, const StepSpec *spec)
{
    RunningStep *step = g_new0(RunningStep, 1);

    step->attempt = attempt;
    step->spec = spec;
    step->programs = g_ptr_array_new_with_free_func((GDestroyNotify) step_program_free);
    step->sequences = g_new0(int64_t, spec->measure_count + 1);
    return step;
}

void running_step_free(RunningStep *step)
{
    if (step == NULL)
        return;
    g_ptr_array_unref(step->programs);
    g_free(step->sequences);
    g_free(step);
}

static unsigned decimal_digits(unsigned number)
{
    return number < 10 ? 1 : 1 + decimal_digits(number / 10);
}

char *step_program_path(const StepProgram *program, const char *suffix)
{
    const StepSpec *spec = program->step->spec;
    Attempt *attempt = program->step->attempt;
    g_autofree char *machine = has_several_machines(spec) ? g_strconcat(".", program->machine, NULL) : g_strdup("");
    g_autofree char *iteration = program->iteration > 0
                                     ? g_strdup_printf(".%0*u", (int) decimal_digits(spec->repeat), program->iteration)
                                     : g_strdup("");

    return attempt_path(attempt, "%02zu-%s%s%s.%s", step_number(attempt, spec), spec->name, machine, iteration, suffix);
}

/* A program and what came of it. */
typedef struct Task {
    StepProgram *program;
    bool ok;
    StepFailure failure;
} Task;

static void *task_run(void *data)
{
    Task *task = data;

    task->ok = step_program_run(task->program, &task->failure);
    return NULL;
}

/* The first machine's failure counts; the others' are told. */
static void keep_failure(RunningStep *step, StepFailure failure, StepFailure *kept)
{
    if (kept->error == NULL) {
        *kept = failure;
        return;
    }
    attempt_event(step->attempt, "problem", "step '%s': %s", step->spec->name, failure.error->message);
    g_error_free(failure.error);
}

/* With the programs of one iteration at their ends. Numbers are read only of programs that were well. */
static bool gather(RunningStep *step, GArray *tasks, StepFailure *ret_failure)
{
    for (guint i = 0; i < tasks->len; i++) {
        Task *task = &g_array_index(tasks, Task, i);

        if (task->ok && !step->spec->background
            && !step_program_measure(task->program, &task->failure.error)) {
            task->failure.failure_class = "collect";
            task->ok = false;
        }
        if (!step->spec->background)
            step_program_forget(task->program);
        if (!task->ok)
            keep_failure(step, task->failure, ret_failure);
    }
    return ret_failure->error == NULL;
}

/* On all machines at the same time. */
static bool perform_once(RunningStep *step, unsigned iteration, StepFailure *ret_failure)
{
    g_autoptr(GArray) tasks = g_array_new(FALSE, TRUE, sizeof(Task));
    g_autoptr(GPtrArray) threads = g_ptr_array_new();

    for (size_t i = 0; step_machine(step->spec, i) != NULL; i++) {
        Task task = { .program = step_program_new(step, step_machine(step->spec, i), iteration) };

        g_ptr_array_add(step->programs, task.program);
        g_array_append_val(tasks, task);
    }
    for (guint i = 1; i < tasks->len; i++)
        g_ptr_array_add(threads, g_thread_new("program", task_run, &g_array_index(tasks, Task, i)));
    if (tasks->len > 0)
        task_run(&g_array_index(tasks, Task, 0));
    for (guint i = 0; i < threads->len; i++)
        g_thread_join(g_ptr_array_index(threads, i));
    return gather(step, tasks, ret_failure);
}

/* How long each of several machines took; the step's own phase is as long as the longest. */
static void tell_phases(RunningStep *step, size_t first)
{
    g_autofree char *name = g_strconcat("step:", step->spec->name, NULL);

    for (size_t i = first; has_several_machines(step->spec) && i < step->programs->len; i++) {
        const StepProgram *program = g_ptr_array_index(step->programs, i);
        PhaseRecord phase = { .name = name, .machine = program->machine, .start_ns = program->record.start_ns,
                              .duration_ns = program->record.duration_ns };

        if (!step->spec->background)
            attempt_send(step->attempt, MESSAGE_PHASE, &phase);
    }
}

bool running_step_perform(RunningStep *step, StepFailure *ret_failure)
{
    const StepSpec *spec = step->spec;

    for (unsigned i = 1; i <= spec->repeat; i++) {
        size_t first = step->programs->len;
        bool ok = perform_once(step, spec->repeat > 1 ? i : 0, ret_failure);

        tell_phases(step, first);
        if (!ok && spec->repeat > 1)
            g_prefix_error(&ret_failure->error, "iteration %u of %u: ", i, spec->repeat);
        if (!ok)
            return false;
    }
    return true;
}

/* What could only be done now for a program in the background. */
static bool background_end(StepProgram *program, GError **error)
{
    const StepRecord *record = &program->record;

    if (record->exit_status > 0 && record->stop_signal == 0)
        attempt_event(program->step->attempt, "warning", "step '%s' ended by itself with status %d on machine '%s'",
                      record->name, record->exit_status, record->machine);
    return (!program->ended || step_program_write_exit(program, error)) && step_program_close(program, error)
           && step_program_measure(program, error);
}

bool running_step_end(RunningStep *step, GError **error)
{
    bool ok = true;

    for (guint i = 0; i < step->programs->len; i++) {
        StepProgram *program = g_ptr_array_index(step->programs, i);
        GError *problem = NULL;
        bool ended = step->spec->background ? background_end(program, &problem) : step_program_close(program, &problem);

        if (!ended)
            attempt_note(step->attempt, problem, error, &ok);
        attempt_send(step->attempt, MESSAGE_STEP, &program->record);
    }
    return ok;
}
