// SPDX-License-Identifier: GPL-3.0-or-later
/* One program of a step: its files, its end, and the numbers in its output. */
#include <signal.h>
#include <string.h>

#include "collectors/measure-parsers.h"
#include "collectors/measure.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/exec/step.h"

enum { KEPT_OUTPUT_LIMIT = 16 << 20 }; /* bytes of an output; measure_extract() refuses more */
static const char *const output_suffixes[] = { "stdout", "stderr" };

StepProgram *step_program_new(RunningStep *step, const char *machine, unsigned iteration)
{
    StepProgram *program = g_new0(StepProgram, 1);
    const StepSpec *spec = step->spec;

    program->step = step;
    program->machine = machine;
    program->iteration = iteration;
    program->record = (StepRecord) { .name = spec->name, .machine = machine, .command = spec->run, .exit_status = -1,
                                     .background = spec->background };
    for (int i = 0; i < 2; i++)
        program->outputs[i] = g_string_new(NULL);
    g_mutex_init(&program->lock);
    g_cond_init(&program->changed);
    return program;
}

void step_program_forget(StepProgram *program)
{
    for (int i = 0; i < 2; i++) {
        if (program->outputs[i] != NULL)
            g_string_free(program->outputs[i], TRUE);
        program->outputs[i] = NULL;
    }
}

void step_program_free(StepProgram *program)
{
    for (int i = 0; i < 2; i++)
        if (program->files[i] != NULL)
            fclose(program->files[i]);
    step_program_forget(program);
    g_cond_clear(&program->changed);
    g_mutex_clear(&program->lock);
    g_free(program);
}

/* Patterns look at both outputs, and so may a parser; other rules at the standard one. */
static bool keeps_output(const StepSpec *spec, int stream)
{
    bool keeps = spec->ready_output != NULL || spec->expect_output != NULL || (stream == 1 && spec->measure_count > 0);

    for (size_t i = 0; !keeps && i < spec->measure_count; i++)
        keeps = spec->measures[i].parser != NULL;
    return keeps;
}

static void take_output(void *data, int stream, const char *bytes, size_t size)
{
    StepProgram *program = data;
    const StepSpec *spec = program->step->spec;
    FILE *file = program->files[stream - 1];
    GString *kept = program->outputs[stream - 1];

    g_mutex_lock(&program->lock);
    if (fwrite(bytes, 1, size, file) != size)
        program->write_failed = true;
    if (keeps_output(spec, stream) && kept->len <= KEPT_OUTPUT_LIMIT)
        g_string_append_len(kept, bytes, (gssize) size);
    fflush(file); /* whoever looks on sees what there is, and the log of one that never ends is there */
    g_cond_broadcast(&program->changed);
    g_mutex_unlock(&program->lock);
}

/* A program in the background that ended by itself. */
static void take_end(void *data, const ExecResult *result)
{
    StepProgram *program = data;

    g_mutex_lock(&program->lock);
    program->ended = true;
    program->record.exit_status = result->exit_status;
    program->record.signal = result->signal;
    program->record.duration_ns = result->guest_duration_ns;
    g_cond_broadcast(&program->changed);
    g_mutex_unlock(&program->lock);
}

/* The folder explains itself: NN-STEP.command, .stdout, .stderr and .exit. */
static bool write_note(StepProgram *program, const char *suffix, const char *text, GError **error)
{
    g_autofree char *path = step_program_path(program, suffix);

    if (!file_write(path, text, strlen(text), error))
        return false;
    attempt_add_artifact(program->step->attempt, program->machine, program->step->spec->name, suffix, path);
    return true;
}

bool step_program_write_exit(StepProgram *program, GError **error)
{
    g_autofree char *status = g_strdup_printf("%d\n", program->record.exit_status);

    return write_note(program, "exit", status, error);
}

static bool open_outputs(StepProgram *program, GError **error)
{
    for (int i = 0; i < 2; i++) {
        g_autofree char *path = step_program_path(program, output_suffixes[i]);

        program->files[i] = fopen(path, "we");
        if (program->files[i] == NULL)
            return error_set_errno(error, ERROR_HOST, "could not write '%s'", path);
        attempt_add_artifact(program->step->attempt, program->machine, program->step->spec->name, output_suffixes[i],
                             path);
    }
    return write_note(program, "command", program->step->spec->run, error);
}

/* Its input is kept, too. */
static bool write_input(StepProgram *program, GError **error)
{
    const char *input = program->step->spec->input;

    return input == NULL || write_note(program, "stdin", input, error);
}

bool step_program_close(StepProgram *program, GError **error)
{
    for (int i = 0; i < 2; i++) {
        FILE *file = g_steal_pointer(&program->files[i]);

        if (file != NULL && fclose(file) != 0)
            program->write_failed = true;
    }
    return !program->write_failed || error_set(error, ERROR_HOST, "could not write its output: is the disk full?");
}

/* What a rule is looked for in. Some tools print their values as errors. */
static const char *measured_text(const StepProgram *program, const Parser *parser)
{
    bool reads_errors = parser != NULL && measure_parser_reads_errors(parser);

    return program->outputs[reads_errors && program->outputs[1]->len > 0 ? 1 : 0]->str;
}

static bool send_samples(StepProgram *program, size_t index, GError **error)
{
    const MeasureSpec *measure = &program->step->spec->measures[index];
    const Parser *parser = measure->parser != NULL ? measure_parser_find(measure->parser, NULL) : NULL;
    MeasureRule rule = { .regex = measure->regex, .jsonpath = measure->jsonpath, .csv = measure->csv,
                         .parser = measure->parser, .scale = measure->scale };
    bool own_unit = parser == NULL || measure->unit[0] != '\0';
    int64_t *sequence = &program->step->sequences[index];
    g_autoptr(GArray) values = NULL;

    if (!measure_extract(&rule, measured_text(program, parser), &values, error)) {
        g_prefix_error(error, "metric '%s': ", measure->metric);
        return false;
    }
    for (guint i = 0; i < values->len; i++) {
        SampleRecord sample = {
            .metric = measure->metric, .unit = own_unit ? measure->unit : parser->unit,
            .direction = measure->direction == NULL && parser != NULL ? parser->direction : measure->direction,
            .aggregate = measure->aggregate, .sequence = (*sequence)++, .value = g_array_index(values, double, i),
            .machine = program->machine, .iteration = program->iteration,
            .has_offset = program->iteration > 0, .offset_ns = program->record.start_ns,
        };

        attempt_send(program->step->attempt, MESSAGE_SAMPLE, &sample);
    }
    return true;
}

/* A text ends at a NUL, the output does not. */
static void tame(GString *output)
{
    for (size_t i = 0; i < output->len; i++)
        if (output->str[i] == '\0')
            output->str[i] = ' ';
}

bool step_program_measure(StepProgram *program, GError **error)
{
    tame(program->outputs[0]);
    tame(program->outputs[1]);
    for (size_t i = 0; i < program->step->spec->measure_count; i++)
        if (!send_samples(program, i, error))
            return false;
    return true;
}

static bool fail(StepFailure *failure, const char *failure_class)
{
    failure->failure_class = failure_class;
    return false;
}

/* Whichever of the two limits came first. */
static bool too_slow(const StepProgram *program, unsigned limit_ms, GError **error)
{
    const StepSpec *spec = program->step->spec;
    bool own_limit = limit_ms >= spec->timeout_ms;

    error_set(error, ERROR_HOST, "did not end within %u ms%s on machine '%s'", limit_ms,
              own_limit ? "" : ", when the attempt's time was over,", program->machine);
    error_hint(error, "raise the %s 'timeout' (now %lld ms).", own_limit ? "step's" : "scenario's",
               (long long) (own_limit ? spec->timeout_ms : program->step->attempt->spec->timeout_ms));
    return false;
}

static bool unexpected(const StepProgram *program, const char *what, GError **error)
{
    error_set(error, ERROR_HOST, "%s on machine '%s'", what, program->machine);
    error_hint(error, "'trialbed log %" G_GINT64_FORMAT " %s' shows what it printed.", program->step->attempt->job->run_id,
               program->step->spec->name);
    return false;
}

/* Whether it ended as the step expects. */
static bool meets_expectations(const StepProgram *program, GError **error)
{
    const StepSpec *spec = program->step->spec;
    unsigned status = (unsigned) program->record.exit_status;
    g_autofree char *what = NULL;

    if (status != spec->expect_status && spec->expect_status == 0)
        what = g_strdup_printf("ended with status %u", status);
    else if (status != spec->expect_status)
        what = g_strdup_printf("ended with status %u instead of %u", status, spec->expect_status);
    else if (spec->expect_output != NULL && !step_pattern_matches(spec->expect_output, program->outputs[0]->str)
             && !step_pattern_matches(spec->expect_output, program->outputs[1]->str))
        what = g_strdup_printf("printed nothing that matches '%s'", spec->expect_output);
    return what == NULL || unexpected(program, what, error);
}

/* A program in the foreground that ended: was it well? */
static bool judge(StepProgram *program, unsigned limit_ms, StepFailure *failure)
{
    if (!step_program_write_exit(program, &failure->error) || !step_program_close(program, &failure->error))
        return fail(failure, "host");
    if (program->record.timed_out && !too_slow(program, limit_ms, &failure->error))
        return fail(failure, "timeout");
    return meets_expectations(program, &failure->error) || fail(failure, "step");
}

int step_signal(const StepSpec *spec)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = { { "TERM", SIGTERM }, { "INT", SIGINT },   { "HUP", SIGHUP },  { "QUIT", SIGQUIT },
                    { "USR1", SIGUSR1 }, { "USR2", SIGUSR2 }, { "KILL", SIGKILL } };

    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
        if (strcmp(spec->signal, signals[i].name) == 0)
            return signals[i].number;
    return SIGTERM;
}

/* The command's words; what stands before them when it has an input, which is a file of the machine by then. */
static GPtrArray *program_words(const StepSpec *spec, const char *input)
{
    const char *const reads[] = { "/bin/sh", "-c", "exec <\"$1\" || exit 1; rm -f \"$1\"; shift; exec \"$@\"", "stdin", input };
    const char *const command[] = { "/bin/sh", "-c", spec->run };
    GPtrArray *words = g_ptr_array_new();

    for (size_t i = 0; input != NULL && i < G_N_ELEMENTS(reads); i++)
        g_ptr_array_add(words, (void *) reads[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(command); i++)
        g_ptr_array_add(words, (void *) command[i]);
    if (spec->arguments != NULL && spec->arguments[0] != NULL)
        g_ptr_array_add(words, (void *) "sh"); /* $0 */
    for (char **word = spec->arguments; word != NULL && *word != NULL; word++)
        g_ptr_array_add(words, *word);
    g_ptr_array_add(words, NULL);
    return words;
}

/* The levels, then the step's own variables. */
static GPtrArray *program_environment(const StepProgram *program)
{
    char **const lists[] = { program->step->attempt->spec->environment, program->step->spec->environment };
    GPtrArray *environment = g_ptr_array_new();

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        for (char **entry = lists[i]; entry != NULL && *entry != NULL; entry++)
            g_ptr_array_add(environment, *entry);
    g_ptr_array_add(environment, NULL);
    return environment;
}

/* The input as a file where the program is; NULL: it has none. Caller frees *ret_path. */
static bool place_input(StepProgram *program, char **ret_path, GError **error)
{
    Attempt *attempt = program->step->attempt;
    const char *input = program->step->spec->input;
    Machine *machine = attempt_machine(attempt, program->machine);

    *ret_path = NULL;
    if (input == NULL)
        return true;
    *ret_path = g_strdup_printf("/tmp/.trialbed-stdin-%08x%08x", g_random_int(), g_random_int());
    if (machine == NULL) /* the host's, or what stands for it */
        machine = attempt->host_machine;
    if (machine != NULL ? attempt_put(attempt, machine, *ret_path, 0600, input, strlen(input), error)
                        : file_write(*ret_path, input, strlen(input), error))
        return true;
    g_prefix_error(error, "its input: ");
    return false;
}

static bool start(StepProgram *program, unsigned limit_ms, ExecResult *ret_result, GError **error)
{
    Attempt *attempt = program->step->attempt;
    const StepSpec *spec = program->step->spec;
    g_autofree char *input = NULL;
    bool placed = place_input(program, &input, error);
    g_autoptr(GPtrArray) argv = program_words(spec, input), environment = program_environment(program);
    ExecRequest request = {
        .argv = (const char *const *) argv->pdata,
        .environment = (const char *const *) environment->pdata,
        .timeout_ms = spec->background ? 0 : limit_ms,
        .background = spec->background,
        .signal = step_signal(spec),
        .grace_ms = strcmp(spec->signal, "KILL") == 0 ? 0 : (unsigned) spec->grace_ms,
        .output = take_output,
        .ended = take_end,
        .data = program,
    };

    return placed && attempt_exec(attempt, program->machine, &request, ret_result, error);
}

bool step_program_run(StepProgram *program, StepFailure *ret_failure)
{
    Attempt *attempt = program->step->attempt;
    const StepSpec *spec = program->step->spec;
    unsigned limit_ms = attempt_time_left_ms(attempt, spec->timeout_ms);
    int64_t start_ns = clock_monotonic_ns();
    ExecResult result = { 0 };

    program->record.start_ns = start_ns - attempt->started_ns;
    if (!open_outputs(program, &ret_failure->error) || !write_input(program, &ret_failure->error)
        || !start(program, limit_ms, &result, &ret_failure->error))
        return fail(ret_failure, "host");
    program->started = spec->background;
    if (spec->background)
        return step_program_wait_ready(program, limit_ms, ret_failure);
    program->ended = true;
    program->record.exit_status = result.exit_status;
    program->record.signal = result.signal;
    program->record.stop_signal = !result.timed_out ? 0 : result.signal == SIGKILL ? SIGKILL : step_signal(spec);
    program->record.timed_out = result.timed_out;
    program->record.duration_ns = clock_monotonic_ns() - start_ns;
    return judge(program, limit_ms, ret_failure);
}
