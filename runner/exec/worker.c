// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/worker.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/exec/attempt.h"
#include "runner/exec/step.h"

enum { DISK_FULL_BYTES = 1 << 20 };

typedef struct Phase {
    const char *name, *failure_class;
    bool timed; /* here; the others make phases of their own */
    bool (*run)(Attempt *attempt, GError **error);
} Phase;

static const Phase phases[] = {
    { "prepare", "provision", true, attempt_prepare }, { "network", "provision", true, attempt_network },
    { "save", "boot", false, attempt_save },           { "define", "provision", true, attempt_define },
    { "boot", "boot", true, attempt_boot },            { "ready", "boot", true, attempt_ready },
    { "files", "provision", false, attempt_files },    { "setup", "step", false, attempt_setup },
    { "steps", "step", false, attempt_steps },
};

void attempt_send(Attempt *attempt, MessageKind kind, const void *record)
{
    g_autofree char *line = message_write(kind, record);
    const char *at = line;
    size_t left = strlen(line);

    g_mutex_lock(&attempt->lock);
    while (left > 0) {
        ssize_t done = write(attempt->channel, at, left);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            _exit(ERROR_HOST); /* without a coordinator there is nobody to work for */
        at += done;
        left -= (size_t) done;
    }
    g_mutex_unlock(&attempt->lock);
}

int64_t attempt_begin_phase(Attempt *attempt, const char *name)
{
    Begin begin = { name };

    attempt_send(attempt, MESSAGE_BEGIN, &begin);
    return clock_monotonic_ns();
}

void attempt_end_phase(Attempt *attempt, const char *name, int64_t start_ns)
{
    PhaseRecord phase = { .name = name,
                          .start_ns = start_ns - attempt->started_ns,
                          .duration_ns = clock_monotonic_ns() - start_ns };

    attempt_send(attempt, MESSAGE_PHASE, &phase);
}

void attempt_event(Attempt *attempt, const char *kind, const char *format, ...)
{
    g_autofree char *text = NULL;
    EventRecord event = { .at_ns = clock_monotonic_ns() - attempt->started_ns, .kind = kind };
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    event.text = text;
    attempt_send(attempt, MESSAGE_EVENT, &event);
}

char *attempt_path(Attempt *attempt, const char *format, ...)
{
    g_autofree char *name = NULL;
    va_list args;

    va_start(args, format);
    name = g_strdup_vprintf(format, args);
    va_end(args);
    return g_build_filename(attempt->job->folder, name, NULL);
}

static void pending_artifact_free(void *data)
{
    PendingArtifact *artifact = data;

    g_free(artifact->machine);
    g_free(artifact->step);
    g_free(artifact->path);
    g_free(artifact);
}

void attempt_add_artifact(Attempt *attempt, const char *machine, const char *step, const char *kind, const char *path)
{
    PendingArtifact *artifact = g_new0(PendingArtifact, 1);

    *artifact = (PendingArtifact) { g_strdup(machine), g_strdup(step), kind, g_strdup(path) };
    g_mutex_lock(&attempt->lock);
    g_ptr_array_add(attempt->artifacts, artifact);
    g_mutex_unlock(&attempt->lock);
}

unsigned attempt_time_left_ms(Attempt *attempt, int64_t limit_ms)
{
    int64_t left_ms = (attempt->deadline_ns - clock_monotonic_ns()) / 1000000;

    return (unsigned) CLAMP(MIN(left_ms, limit_ms), 1, G_MAXINT);
}

/* The phase may know better than its row. */
static void fail(const Attempt *attempt, const char *phase, const char *failure_class, End *end)
{
    end->ok = false;
    end->failure_class = attempt->failure_class != NULL ? attempt->failure_class : failure_class;
    end->failure_phase = attempt->failure_phase != NULL ? attempt->failure_phase : phase;
}

/* One line of JSON; the socket stays open for our answers. What comes is never more than a line: the coordinator says the next one only after
 * an answer of ours. */
static char *read_line(int channel)
{
    g_autoptr(GString) line = g_string_new(NULL);
    char bytes[4096];
    ssize_t got;

    while ((got = fd_read(channel, bytes, sizeof bytes)) > 0) {
        g_string_append_len(line, bytes, got);
        if (line->len > 0 && line->str[line->len - 1] == '\n') {
            g_string_truncate(line, line->len - 1);
            return g_string_free(g_steal_pointer(&line), FALSE);
        }
    }
    return NULL;
}

static bool await_go(Attempt *attempt, int64_t *ret_at_ns, GError **error)
{
    g_autofree char *line = read_line(attempt->channel);
    g_autoptr(GStringChunk) strings = g_string_chunk_new(64);
    g_autofree void *record = NULL;
    MessageKind kind;

    if (line == NULL)
        _exit(ERROR_HOST); /* nobody wants the run any more: the kernel takes all of it away */
    if (!message_read(line, strings, &kind, &record, error))
        return false;
    if (kind != MESSAGE_GO)
        return error_set(error, ERROR_BUG, "a parked worker got something else instead of its start: %.80s", line);
    *ret_at_ns = ((const Go *) record)->at_ns;
    return true;
}

/* Wait here until the run's turn comes. Its time begins then: what was done before it has negative times. */
static bool park(Attempt *attempt, GError **error)
{
    int64_t began_ns = attempt->started_ns;
    Parked parked = { began_ns };
    int64_t at_ns = 0;

    if (strcmp(attempt->job->park, "ready") == 0)
        attempt_warm(attempt);
    attempt_send(attempt, MESSAGE_PARKED, &parked);
    if (!await_go(attempt, &at_ns, error))
        return false;
    attempt->started_ns = at_ns;
    attempt->deadline_ns = at_ns + attempt->spec->timeout_ms * 1000000;
    attempt_end_phase(attempt, "handover", attempt->started_ns);
    attempt_event(attempt, "ahead", "everything up to the phase '%s' was done ahead of the run, which waited %.3f s for its turn",
                  attempt->job->park, (double) (at_ns - began_ns) / 1e9);
    return true;
}

/* On machines that an earlier run of the cell has left. */
static const Phase kept_phases[] = {
    { "handover", "boot", true, attempt_take_over },
    { "files", "provision", false, attempt_files },
    { "setup", "step", false, attempt_setup },
    { "steps", "step", false, attempt_steps },
};

/* A machine whose overlay finds no room has I/O errors, and what its programs say of them does not tell why. */
static void blame_disk(Attempt *attempt, End *end, GError **error)
{
    g_autofree char *folder = attempt_path(attempt, ".");
    int64_t free_bytes = folder_free_bytes(folder);

    if (free_bytes < 0 || free_bytes >= DISK_FULL_BYTES)
        return;
    end->failure_class = "host";
    g_prefix_error(error, "the lab's disk has no space left (%d KiB): ", (int) (free_bytes >> 10));
}

/* Runs the phases until one fails; says in *end which and why. */
static void run_phases(Attempt *attempt, const Phase *list, size_t count, End *end, GError **error)
{
    for (size_t i = 0; i < count; i++) {
        bool timed = list[i].timed;
        int64_t start_ns = timed ? attempt_begin_phase(attempt, list[i].name) : 0;
        bool ok = list[i].run(attempt, error);

        if (timed)
            attempt_end_phase(attempt, list[i].name, start_ns);
        if (ok && g_strcmp0(attempt->job->park, list[i].name) == 0)
            ok = park(attempt, error);
        if (!ok) {
            fail(attempt, list[i].name, list[i].failure_class, end);
            blame_disk(attempt, end, error);
            return;
        }
    }
    end->ok = true;
}

/* What always happens, whatever failed before: its error counts only when nothing did. */
static const Phase last_phases[] = {
    { "teardown", "step", false, attempt_steps_teardown },
    { "stop", "host", false, attempt_steps_stop },
    { "collect", "collect", true, attempt_collect },
    { "teardown", "host", true, attempt_teardown },
    { "collect", "collect", false, attempt_steps_end },
    { "collect", "collect", false, attempt_keep_consoles },
    { "collect", "collect", false, attempt_report_artifacts },
};

/* A run that went wrong leaves its machines to nobody. */
static bool leaves_machines(const Attempt *attempt, const End *end)
{
    return end->ok && attempt_keeps(attempt) && !attempt->unclean;
}

static void run_last_phases(Attempt *attempt, End *end, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(last_phases); i++) {
        const char *name = last_phases[i].name;
        int64_t start_ns = attempt_begin_phase(attempt, name);
        g_autoptr(GError) problem = NULL;

        attempt->kept = leaves_machines(attempt, end);
        if (!last_phases[i].run(attempt, &problem)) {
            if (end->ok) {
                fail(attempt, name, last_phases[i].failure_class, end);
                g_propagate_error(error, g_steal_pointer(&problem));
            } else {
                attempt_event(attempt, "problem", "%s: %s", name, problem->message);
            }
        }
        if (last_phases[i].timed)
            attempt_end_phase(attempt, name, start_ns);
    }
}

static void attempt_clear(Attempt *attempt)
{
    for (size_t i = 0; attempt->images != NULL && i < attempt->spec->machine_count; i++)
        image_free(attempt->images[i]);
    g_free(attempt->images);
    for (size_t i = 0; attempt->memories != NULL && i < attempt->spec->machine_count; i++)
        memory_image_free(attempt->memories[i]);
    g_free(attempt->memories);
    g_free(attempt->machines);
    g_free(attempt->captures);
    g_free(attempt->wire_captures);
    g_free(attempt->failure_phase);
    g_free(attempt->usages);
    g_free(attempt->console_sizes);
    g_free(attempt->ssh_key);
    g_clear_pointer(&attempt->overlays, g_ptr_array_unref);
    g_ptr_array_unref(attempt->steps);
    g_ptr_array_unref(attempt->artifacts);
    g_ptr_array_unref(attempt->bridges);
    g_clear_pointer(&attempt->network, network_close);
    run_spec_free(attempt->spec);
    scenario_free(attempt->scenario);
    g_mutex_clear(&attempt->lock);
}

static void attempt_run(Attempt *attempt, bool takes_over)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *reason = NULL;
    End end = { .ok = false };

    if (takes_over)
        run_phases(attempt, kept_phases, G_N_ELEMENTS(kept_phases), &end, &error);
    else
        run_phases(attempt, phases, G_N_ELEMENTS(phases), &end, &error);
    run_last_phases(attempt, &end, &error);
    if (error != NULL) {
        reason = error_first_line(error);
        end.failure_reason = reason;
        attempt_event(attempt, "failure", "%s", error->message); /* with its hints */
    }
    attempt->kept = end.kept = leaves_machines(attempt, &end);
    attempt_send(attempt, MESSAGE_END, &end);
}

/* The next job of the coordinator; NULL without *error when there will be none. Its texts are of `strings`. */
static Job *read_job(int channel, GStringChunk *strings, GError **error)
{
    g_autofree char *line = read_line(channel);
    g_autofree void *record = NULL;
    MessageKind kind;

    if (line == NULL || !message_read(line, strings, &kind, &record, error))
        return NULL;
    if (kind == MESSAGE_JOB)
        return g_steal_pointer(&record);
    error_set(error, ERROR_BUG, "a worker got something else instead of a job: %.80s", line);
    return NULL;
}

/* One run of the cell after the other, as long as each leaves its machines to the next. */
static bool serve(Attempt *attempt, GStringChunk *strings, GError **error)
{
    attempt->kept_from = attempt->job->run_id;
    attempt_run(attempt, false);
    while (attempt->kept) {
        Job *job = read_job(attempt->channel, strings, error);

        if (job == NULL && *error != NULL)
            return false;
        if (job == NULL)
            _exit(0); /* nobody wants the machines any more: the kernel takes all of it away */
        g_free(attempt->job->levels);
        g_free((Job *) attempt->job);
        attempt_renew(attempt, job, clock_monotonic_ns());
        attempt_run(attempt, true);
    }
    return true;
}

/* TOUR 4/8: a worker knows neither database nor other runs. It gets a Job, goes through the phases of the table above,
 * and says what happens in messages. Next: runner/vm/machine.h. */
bool worker_main(int channel, GError **error)
{
    g_autoptr(GStringChunk) strings = g_string_chunk_new(4096);
    GError *problem = NULL;
    Attempt attempt = { .channel = channel };
    bool ok;

    attempt.job = read_job(channel, strings, &problem);
    if (attempt.job == NULL && problem == NULL)
        return error_set(error, ERROR_BUG, "a worker was started without a job");
    if (attempt.job == NULL) {
        g_propagate_error(error, problem);
        return false;
    }
    attempt.started_ns = attempt.job->asked_ns;
    attempt.scratch = attempt.job->scratch != NULL ? attempt.job->scratch : ATTEMPT_SCRATCH;
    g_mutex_init(&attempt.lock);
    attempt.deadline_ns = G_MAXINT64; /* until the scenario is read */
    attempt.steps = g_ptr_array_new_with_free_func((GDestroyNotify) running_step_free);
    attempt.artifacts = g_ptr_array_new_with_free_func(pending_artifact_free);
    attempt.bridges = g_ptr_array_new_with_free_func(g_free);
    ok = serve(&attempt, strings, &problem);
    g_free(attempt.job->levels);
    g_free((Job *) attempt.job);
    attempt_clear(&attempt);
    if (!ok)
        g_propagate_error(error, problem);
    return ok;
}
