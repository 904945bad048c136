// SPDX-License-Identifier: GPL-3.0-or-later
/* The steps of a run: commands inside machines, their outputs, and the numbers read from them. */
#include <math.h>
#include <string.h>

#include "collectors/measure.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/exec/attempt.h"

enum { MEASURED_OUTPUT_LIMIT = 16 << 20 }; /* bytes of a step's output; measure_extract() refuses more */

/* A step that was started. Its outputs are written as they come, by whichever thread brings them. */
struct RunningStep {
    const StepSpec *spec;
    GMutex lock;
    FILE *files[2];   /* stdout, stderr */
    GString *output;  /* stdout again, for `measure`; a little more than the limit when it is more than that */
    bool write_failed;
    StepRecord record;
};

void running_step_free(RunningStep *step)
{
    if (step == NULL)
        return;
    for (int i = 0; i < 2; i++)
        if (step->files[i] != NULL)
            fclose(step->files[i]);
    g_string_free(step->output, TRUE);
    g_mutex_clear(&step->lock);
    g_free(step);
}

static void take_output(void *data, int stream, const char *bytes, size_t size)
{
    RunningStep *step = data;

    g_mutex_lock(&step->lock);
    if (fwrite(bytes, 1, size, step->files[stream - 1]) != size)
        step->write_failed = true;
    if (stream == 1 && step->spec->measure_count > 0 && step->output->len <= MEASURED_OUTPUT_LIMIT)
        g_string_append_len(step->output, bytes, (gssize) size);
    if (step->spec->background)
        fflush(step->files[stream - 1]); /* it may never end, and its log shall be there */
    g_mutex_unlock(&step->lock);
}

/* A background program that ended by itself. */
static void take_end(void *data, const ExecResult *result)
{
    RunningStep *step = data;

    g_mutex_lock(&step->lock);
    step->record.exit_status = result->exit_status;
    step->record.duration_ns = result->guest_duration_ns;
    g_mutex_unlock(&step->lock);
}

/* The folder explains itself: NN-STEP.command, .stdout, .stderr and .exit. */
static char *step_path(Attempt *attempt, const StepSpec *spec, const char *suffix)
{
    return attempt_path(attempt, "%02zu-%s.%s", (size_t) (spec - attempt->spec->steps) + 1, spec->name, suffix);
}

static bool write_note(Attempt *attempt, const StepSpec *spec, const char *suffix, const char *text, GError **error)
{
    g_autofree char *path = step_path(attempt, spec, suffix);

    if (!file_write_atomic(path, text, strlen(text), error))
        return false;
    attempt_add_artifact(attempt, spec->on, spec->name, suffix, path);
    return true;
}

static bool write_exit(Attempt *attempt, const RunningStep *step, GError **error)
{
    g_autofree char *status = g_strdup_printf("%d\n", step->record.exit_status);

    return write_note(attempt, step->spec, "exit", status, error);
}

static RunningStep *step_new(Attempt *attempt, const StepSpec *spec, int64_t start_ns)
{
    RunningStep *step = g_new0(RunningStep, 1);

    step->spec = spec;
    step->output = g_string_new(NULL);
    step->record = (StepRecord) { .name = spec->name, .machine = spec->on, .command = spec->run, .exit_status = -1,
                                  .background = spec->background, .start_ns = start_ns - attempt->started_ns };
    g_mutex_init(&step->lock);
    g_ptr_array_add(attempt->steps, step);
    return step;
}

static bool step_open(Attempt *attempt, RunningStep *step, GError **error)
{
    static const char *const suffixes[] = { "stdout", "stderr" };

    for (int i = 0; i < 2; i++) {
        g_autofree char *path = step_path(attempt, step->spec, suffixes[i]);

        step->files[i] = fopen(path, "we");
        if (step->files[i] == NULL)
            return error_set_errno(error, ERROR_HOST, "could not write '%s'", path);
        attempt_add_artifact(attempt, step->spec->on, step->spec->name, suffixes[i], path);
    }
    return write_note(attempt, step->spec, "command", step->spec->run, error);
}

/* False when some of its output could not be written. Closed files are forgotten. */
static bool step_close(RunningStep *step, GError **error)
{
    for (int i = 0; i < 2; i++) {
        FILE *file = g_steal_pointer(&step->files[i]);

        if (file != NULL && fclose(file) != 0)
            step->write_failed = true;
    }
    return !step->write_failed || error_set(error, ERROR_HOST, "could not write its output: is the disk full?");
}

/* Waits inside the guest until a TCP port listens, without connecting to it: a server that serves one client must not take
 * us for it. 0A is the state LISTEN in /proc/net/tcp. */
static bool wait_port(Attempt *attempt, const StepSpec *spec, GError **error)
{
    g_autofree char *script = g_strdup_printf(
        "until grep -q ': [0-9A-F]*:%04X [0-9A-F:]* 0A ' /proc/net/tcp /proc/net/tcp6 2>/dev/null; do sleep 0.02; done",
        spec->ready_port);
    const char *argv[] = { "/bin/sh", "-c", script, NULL };
    ExecRequest request = { .argv = argv, .timeout_ms = attempt_time_left_ms(attempt, spec->timeout_ms) };
    ExecResult result;

    if (!attempt->backend->exec(attempt_machine(attempt, spec->on), &request, &result, error)) {
        attempt->failure_class = "host";
        return false;
    }
    if (!result.timed_out && result.exit_status == 0)
        return true;
    attempt->failure_class = "timeout";
    error_set(error, ERROR_HOST, "port %u of machine '%s' did not listen within %u ms", spec->ready_port, spec->on,
              request.timeout_ms);
    error_hint(error, "the step's output is in %02zu-%s.stdout and .stderr of the run's folder.",
               (size_t) (spec - attempt->spec->steps) + 1, spec->name);
    return false;
}

static bool send_samples(Attempt *attempt, const MeasureSpec *measure, const char *output, GError **error)
{
    MeasureRule rule = { .regex = measure->regex, .jsonpath = measure->jsonpath, .scale = measure->scale };
    g_autoptr(GArray) values = NULL;

    if (!measure_extract(&rule, output, &values, error)) {
        g_prefix_error(error, "metric '%s': ", measure->metric);
        return false;
    }
    for (guint i = 0; i < values->len; i++) {
        SampleRecord sample = {
            .metric = measure->metric, .unit = measure->unit, .direction = measure->direction,
            .aggregate = measure->aggregate, .sequence = i, .value = g_array_index(values, double, i),
        };

        attempt_send(attempt, MESSAGE_SAMPLE, &sample);
    }
    return true;
}

static bool step_measure(Attempt *attempt, RunningStep *step, GError **error)
{
    for (size_t i = 0; i < step->output->len; i++)
        if (step->output->str[i] == '\0') /* a text ends there, the output does not */
            step->output->str[i] = ' ';
    for (size_t i = 0; i < step->spec->measure_count; i++)
        if (!send_samples(attempt, &step->spec->measures[i], step->output->str, error))
            return false;
    return true;
}

/* Whichever of the two limits came first. */
static bool step_too_slow(Attempt *attempt, const StepSpec *spec, unsigned limit_ms, GError **error)
{
    bool own_limit = limit_ms >= spec->timeout_ms;

    error_set(error, ERROR_HOST, "did not end within %u ms%s on machine '%s'", limit_ms,
              own_limit ? "" : ", when the attempt's time was over,", spec->on);
    error_hint(error, "raise the %s 'timeout' (now %lld ms).", own_limit ? "step's" : "scenario's",
               (long long) (own_limit ? spec->timeout_ms : attempt->spec->timeout_ms));
    return false;
}

/* A foreground step that ended: was it well? */
static bool step_judge(Attempt *attempt, RunningStep *step, const ExecResult *result, unsigned limit_ms, GError **error)
{
    const StepSpec *spec = step->spec;

    attempt->failure_class = "host";
    if (!write_exit(attempt, step, error) || !step_close(step, error))
        return false;
    if (result->timed_out) {
        attempt->failure_class = "timeout";
        return step_too_slow(attempt, spec, limit_ms, error);
    }
    attempt->failure_class = "step";
    if (result->exit_status != 0) {
        error_set(error, ERROR_HOST, "ended with status %d on machine '%s'", result->exit_status, spec->on);
        error_hint(error, "'trialbed log %" G_GINT64_FORMAT " %s' shows what it printed.", attempt->job->run_id, spec->name);
        return false;
    }
    attempt->failure_class = "collect";
    if (!step_measure(attempt, step, error))
        return false;
    attempt->failure_class = NULL;
    return true;
}

static bool step_execute(Attempt *attempt, RunningStep *step, GError **error)
{
    const StepSpec *spec = step->spec;
    const char *argv[] = { "/bin/sh", "-c", spec->run, NULL };
    Machine *machine = attempt_machine(attempt, spec->on);
    ExecRequest request = {
        .argv = argv,
        .environment = (const char *const *) attempt->spec->environment,
        .timeout_ms = spec->background ? 0 : attempt_time_left_ms(attempt, spec->timeout_ms),
        .background = spec->background,
        .output = take_output,
        .ended = take_end,
        .data = step,
    };
    ExecResult result = { 0 };

    attempt->failure_class = "host";
    if (!step_open(attempt, step, error))
        return false;
    if (!attempt->backend->exec(machine, &request, &result, error)) {
        attempt_diagnose(attempt, machine, error);
        return false;
    }
    attempt->failure_class = NULL;
    if (spec->background)
        return spec->ready_port == 0 || wait_port(attempt, spec, error);
    step->record.exit_status = result.exit_status;
    step->record.timed_out = result.timed_out;
    return step_judge(attempt, step, &result, request.timeout_ms, error);
}

static bool step_run(Attempt *attempt, const StepSpec *spec, GError **error)
{
    g_autofree char *phase = g_strconcat("step:", spec->name, NULL);
    int64_t start_ns = attempt_begin_phase(attempt, phase);
    RunningStep *step = step_new(attempt, spec, start_ns);
    bool ok = step_execute(attempt, step, error);

    if (!spec->background)
        step->record.duration_ns = clock_monotonic_ns() - start_ns;
    attempt_end_phase(attempt, phase, start_ns);
    if (!ok) {
        g_prefix_error(error, "step '%s': ", spec->name);
        attempt->failure_phase = g_steal_pointer(&phase);
    }
    return ok;
}

bool attempt_steps(Attempt *attempt, GError **error)
{
    for (size_t i = 0; i < attempt->spec->step_count; i++)
        if (!step_run(attempt, &attempt->spec->steps[i], error))
            return false;
    return true;
}

/* What could only be done now for a step in the background: nobody writes to it any more. */
static bool background_end(Attempt *attempt, RunningStep *step, GError **error)
{
    const StepRecord *record = &step->record;

    if (record->exit_status > 0)
        attempt_event(attempt, "warning", "step '%s' ended by itself with status %d on machine '%s'", record->name,
                      record->exit_status, record->machine);
    return (record->exit_status < 0 || write_exit(attempt, step, error)) && step_close(step, error)
           && step_measure(attempt, step, error);
}

bool attempt_steps_end(Attempt *attempt, GError **error)
{
    bool ok = true;

    for (guint i = 0; i < attempt->steps->len; i++) {
        RunningStep *step = g_ptr_array_index(attempt->steps, i);
        GError *problem = NULL;

        if (!(step->spec->background ? background_end(attempt, step, &problem) : step_close(step, &problem))) {
            g_prefix_error(&problem, "step '%s': ", step->spec->name);
            attempt_note(attempt, problem, error, &ok);
        }
        attempt_send(attempt, MESSAGE_STEP, &step->record);
    }
    return ok;
}
