// SPDX-License-Identifier: GPL-3.0-or-later
/* The steps of a run: `setup`, `steps` and `teardown`. */
#include <string.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/exec/step-order.h"
#include "runner/exec/step.h"

size_t step_number(const Attempt *attempt, const StepSpec *spec)
{
    const RunSpec *run = attempt->spec;
    const struct {
        const StepSpec *steps;
        size_t count;
    } lists[] = { { run->setups, run->setup_count }, { run->steps, run->step_count }, { run->teardowns, run->teardown_count } };
    size_t before = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        if (spec >= lists[i].steps && spec < lists[i].steps + lists[i].count)
            return before + (size_t) (spec - lists[i].steps) + 1;
        before += lists[i].count;
    }
    return 0;
}

/* A list of steps on its way. */
typedef struct StepList {
    Attempt *attempt;
    GPtrArray *steps; /* of RunningStep; the attempt owns them */
    GMutex lock;      /* of all below */
    size_t failed;    /* which step it was */
    StepFailure first;
} StepList;

/* Of steps that run side by side, the first that failed is the one that counts. */
static void note_failure(StepList *list, size_t index, StepFailure failure)
{
    const char *name = ((RunningStep *) g_ptr_array_index(list->steps, index))->spec->name;

    g_mutex_lock(&list->lock);
    g_prefix_error(&failure.error, "step '%s': ", name);
    if (list->first.error == NULL) {
        list->first = failure;
        list->failed = index;
    } else {
        attempt_event(list->attempt, "problem", "%s", failure.error->message);
        g_error_free(failure.error);
    }
    g_mutex_unlock(&list->lock);
}

/* A machine that is gone, or a full disk here, is no failure that a scenario can allow. */
static bool is_allowed(const StepSpec *spec, const StepFailure *failure)
{
    return spec->allow_failure && strcmp(failure->failure_class, "host") != 0;
}

static bool perform(void *data, size_t index)
{
    StepList *list = data;
    RunningStep *step = g_ptr_array_index(list->steps, index);
    g_autofree char *phase = g_strconcat("step:", step->spec->name, NULL);
    int64_t start_ns = attempt_begin_phase(list->attempt, phase);
    StepFailure failure = { 0 };
    bool ok = running_step_perform(step, &failure);

    attempt_end_phase(list->attempt, phase, start_ns);
    if (!ok && is_allowed(step->spec, &failure)) {
        attempt_event(list->attempt, "allowed", "step '%s': %s", step->spec->name, failure.error->message);
        g_error_free(failure.error);
        ok = true;
    } else if (!ok) {
        note_failure(list, index, failure);
    }
    return ok;
}

static bool perform_list(Attempt *attempt, const StepSpec *specs, size_t count, GError **error)
{
    g_autoptr(GPtrArray) steps = g_ptr_array_new();
    StepList list = { .attempt = attempt, .steps = steps };
    bool ok;

    for (size_t i = 0; i < count; i++) {
        g_ptr_array_add(steps, running_step_new(attempt, &specs[i]));
        g_ptr_array_add(attempt->steps, g_ptr_array_index(steps, i));
    }
    g_mutex_init(&list.lock);
    ok = steps_in_order(specs, count, perform, &list);
    g_mutex_clear(&list.lock);
    if (ok)
        return true;
    attempt->failure_class = list.first.failure_class;
    g_free(attempt->failure_phase);
    attempt->failure_phase = g_strconcat("step:", specs[list.failed].name, NULL);
    g_propagate_error(error, list.first.error);
    return false;
}

bool attempt_setup(Attempt *attempt, GError **error)
{
    if (!attempt_host_open(attempt, error)) {
        attempt->failure_class = "provision";
        return false;
    }
    return perform_list(attempt, attempt->spec->setups, attempt->spec->setup_count, error);
}

bool attempt_steps(Attempt *attempt, GError **error)
{
    return perform_list(attempt, attempt->spec->steps, attempt->spec->step_count, error);
}

/* Machines that never answered have nothing to be torn down. An attempt whose time is over gets some more for it. */
bool attempt_steps_teardown(Attempt *attempt, GError **error)
{
    if (!attempt->ready || attempt->spec->teardown_count == 0)
        return true;
    attempt->deadline_ns = MAX(attempt->deadline_ns, clock_monotonic_ns() + (int64_t) ATTEMPT_TEARDOWN_MS * 1000000);
    return perform_list(attempt, attempt->spec->teardowns, attempt->spec->teardown_count, error);
}

/* A machine that is gone cannot be told anything. One where something goes on is nobody's after this run: the step would still report to it. */
bool attempt_steps_stop(Attempt *attempt, GError **error)
{
    (void) error;
    if (attempt->ready && g_strcmp0(attempt->failure_class, "host") != 0)
        attempt->unclean = !steps_stop(attempt->steps);
    return true;
}

bool attempt_steps_end(Attempt *attempt, GError **error)
{
    bool ok = true;

    for (guint i = 0; i < attempt->steps->len; i++) {
        RunningStep *step = g_ptr_array_index(attempt->steps, i);
        GError *problem = NULL;

        if (running_step_end(step, &problem))
            continue;
        g_prefix_error(&problem, "step '%s': ", step->spec->name);
        attempt_note(attempt, problem, error, &ok);
    }
    return ok;
}
