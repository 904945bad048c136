// SPDX-License-Identifier: GPL-3.0-or-later
/* When a program in the background lets the next step begin. */
#include <string.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/exec/step.h"

enum { NS_PER_MS = 1000000, SLICE_PATIENCE_MS = 5000 };

bool step_pattern_matches(const char *pattern, const char *text)
{
    g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    return regex != NULL && g_regex_match(regex, valid, 0, NULL);
}

/* One wait: what for, until when, and how far we are. */
typedef struct Wait {
    StepProgram *program;
    int64_t started_ns, due_ns;
    unsigned timeout_ms;
    size_t looked_at[2]; /* bytes of each output that cannot match any more */
} Wait;

/* --- what can be waited for; *ret_ready, or false when it could not be asked --- */

/* Waits inside the machine, for about a second at a time: asking from here again and again would cost it more. The words behind
 * the script are its parameters. Exit status 1: not yet. */
static bool ask_machine(const Wait *wait, const char *script, const char *kind, const char *what, bool *ret_ready, GError **error)
{
    const char *argv[] = { "/bin/sh", "-c", script, "ready", kind, what, NULL };
    int64_t left_ms = (wait->due_ns - clock_monotonic_ns()) / NS_PER_MS;
    ExecRequest request = { .argv = argv, .timeout_ms = (unsigned) CLAMP(left_ms, 1, SLICE_PATIENCE_MS) };
    ExecResult result;

    if (!attempt_exec(wait->program->step->attempt, wait->program->machine, &request, &result, error))
        return false;
    *ret_ready = !result.timed_out && result.exit_status == 0;
    return true;
}

#define IN_SLICES(test) "i=0; until " test "; do i=$((i+1)); [ $i -lt 40 ] || exit 1; sleep 0.02; done"

/* Without connecting to it: a server that serves one client must not take us for it. 0A is the state LISTEN in /proc/net/tcp. */
static bool port_is_ready(Wait *wait, bool *ret_ready, GError **error)
{
    unsigned port = wait->program->step->spec->ready_port;
    g_autofree char *number = g_strdup_printf("%u", port);
    g_autofree char *script = g_strdup_printf(
        IN_SLICES("grep -q ': [0-9A-F]*:%04X [0-9A-F:]* 0A ' /proc/net/tcp /proc/net/tcp6 2>/dev/null"), port);

    return ask_machine(wait, script, "port", number, ret_ready, error);
}

static bool file_is_ready(Wait *wait, bool *ret_ready, GError **error)
{
    return ask_machine(wait, IN_SLICES("[ -e \"$2\" ]"), "file", wait->program->step->spec->ready_file, ret_ready, error);
}

/* Whether a line of an output matches, also one that is not complete yet; lines that are need no second look. */
static bool output_matches(Wait *wait, int stream)
{
    const GString *output = wait->program->outputs[stream];
    const char *from = output->str + wait->looked_at[stream];
    const char *last = strrchr(from, '\n');

    if (step_pattern_matches(wait->program->step->spec->ready_output, from))
        return true;
    if (last != NULL)
        wait->looked_at[stream] = (size_t) (last + 1 - output->str);
    return false;
}

/* Until something new is there. An output that ended has said all. */
static bool output_is_ready(Wait *wait, bool *ret_ready, GError **error)
{
    StepProgram *program = wait->program;

    (void) error;
    g_mutex_lock(&program->lock);
    *ret_ready = output_matches(wait, 0) || output_matches(wait, 1);
    if (!*ret_ready && !program->ended)
        g_cond_wait_until(&program->changed, &program->lock, wait->due_ns / 1000 + 1);
    g_mutex_unlock(&program->lock);
    return true;
}

static bool delay_is_over(Wait *wait, bool *ret_ready, GError **error)
{
    StepProgram *program = wait->program;
    int64_t over_ns = wait->started_ns + program->step->spec->ready_delay_ms * NS_PER_MS;

    (void) error;
    g_mutex_lock(&program->lock);
    if (clock_monotonic_ns() < over_ns && !program->ended)
        g_cond_wait_until(&program->changed, &program->lock, MIN(over_ns, wait->due_ns) / 1000 + 1);
    *ret_ready = clock_monotonic_ns() >= over_ns || program->ended; /* nothing more is to be waited for */
    g_mutex_unlock(&program->lock);
    return true;
}

static bool wants_port(const StepSpec *spec)
{
    return spec->ready_port > 0;
}

static bool wants_file(const StepSpec *spec)
{
    return spec->ready_file != NULL;
}

static bool wants_output(const StepSpec *spec)
{
    return spec->ready_output != NULL;
}

static bool wants_delay(const StepSpec *spec)
{
    return spec->ready_delay_ms > 0;
}

static char *port_text(const StepSpec *spec)
{
    return g_strdup_printf("nothing listened on its port %u", spec->ready_port);
}

static char *file_text(const StepSpec *spec)
{
    return g_strdup_printf("there was no file '%s'", spec->ready_file);
}

static char *output_text(const StepSpec *spec)
{
    return g_strdup_printf("nothing in its output matched '%s'", spec->ready_output);
}

static char *delay_text(const StepSpec *spec)
{
    return g_strdup_printf("its delay of %lld ms was not over", (long long) spec->ready_delay_ms);
}

static const struct {
    bool (*is_wanted)(const StepSpec *spec);
    bool (*is_ready)(Wait *wait, bool *ret_ready, GError **error);
    char *(*missing)(const StepSpec *spec); /* "nothing listened ..." */
    bool needs_it;                          /* a program that ended cannot become so any more */
} conditions[] = {
    { wants_port, port_is_ready, port_text, false }, /* it may have left a server behind */
    { wants_file, file_is_ready, file_text, false },
    { wants_output, output_is_ready, output_text, true },
    { wants_delay, delay_is_over, delay_text, false },
};

/* The last line of what it printed, which mostly says why. */
static void hint_output(const StepProgram *program, GError **error)
{
    static const char *const suffixes[] = { "stderr", "stdout" };
    bool is_silent = true;

    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *path = step_program_path(program, suffixes[i]);
        g_autofree char *line = file_last_line(path);

        if (line != NULL)
            error_hint(error, "the last line of its %s is '%s'.", suffixes[i], line);
        is_silent = is_silent && line == NULL;
    }
    if (is_silent)
        error_hint(error, "it has printed nothing so far.");
}

static bool not_ready(const Wait *wait, size_t condition, StepFailure *failure)
{
    StepProgram *program = wait->program;
    g_autofree char *missing = conditions[condition].missing(program->step->spec);
    int status = program->record.exit_status;

    if (program->ended) {
        failure->failure_class = "step";
        error_set(&failure->error, ERROR_HOST, "ended with status %d on machine '%s' before it was ready: %s", status,
                  program->machine, missing);
    } else {
        failure->failure_class = "timeout";
        error_set(&failure->error, ERROR_HOST, "was not ready within %u ms on machine '%s': %s", wait->timeout_ms,
                  program->machine, missing);
    }
    hint_output(program, &failure->error);
    return false;
}

/* How a program is that may not be ready yet. One that ended well may have left behind what we wait for. */
static void look(StepProgram *program, bool *ret_ended, bool *ret_failed)
{
    g_mutex_lock(&program->lock);
    *ret_ended = program->ended;
    *ret_failed = program->ended && program->record.exit_status != 0;
    g_mutex_unlock(&program->lock);
}

static bool wait_for(Wait *wait, size_t condition, StepFailure *failure)
{
    for (;;) {
        bool ready = false, ended, ended_before, failed;

        look(wait->program, &ended_before, &failed); /* before we ask: its last words may be the ones */
        if (!failed && !conditions[condition].is_ready(wait, &ready, &failure->error)) {
            failure->failure_class = "host";
            return false;
        }
        look(wait->program, &ended, &failed);
        if (ready && !failed)
            return true;
        if (failed || (ended_before && conditions[condition].needs_it) || clock_monotonic_ns() >= wait->due_ns)
            return not_ready(wait, condition, failure);
    }
}

bool step_program_wait_ready(StepProgram *program, unsigned timeout_ms, StepFailure *ret_failure)
{
    int64_t now_ns = clock_monotonic_ns();
    Wait wait = { .program = program, .started_ns = now_ns, .due_ns = now_ns + (int64_t) timeout_ms * NS_PER_MS,
                  .timeout_ms = timeout_ms };

    for (size_t i = 0; i < G_N_ELEMENTS(conditions); i++)
        if (conditions[i].is_wanted(program->step->spec) && !wait_for(&wait, i, ret_failure))
            return false;
    return true;
}
