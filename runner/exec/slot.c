// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/sandbox.h"

/* What a worker may take beyond its attempt's time for collecting, tearing down and hashing, before it counts as hung. */
enum { GRACE_MS = 30000 };

struct Slot {
    pid_t pid; /* of the sandbox's init */
    int channel;
    int64_t run_id, started_ns, started_realtime_ns, deadline_ns;
    unsigned attempt;
    GString *buffer;        /* a line that is not complete yet */
    GStringChunk *strings;  /* all texts of all messages */
    GArray *records[MESSAGE_END + 1]; /* by kind */
    const char *killed;     /* why we killed it; in `strings` */
    bool late;              /* and it was because its time was over */
};

static bool spawn(Slot *slot, const char *program, const Job *job, int channel, GError **error)
{
    g_autofree char *log = g_build_filename(job->folder, "worker.log", NULL);
    int output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    SandboxSpec spec = { .argv = (const char *const[]) { program, "worker", NULL }, .channel = channel, .output = output,
                         .share_network = job->uri != NULL };
    bool ok;

    if (output < 0)
        return error_set_errno(error, ERROR_HOST, "could not write '%s'", log);
    ok = sandbox_spawn(&spec, &slot->pid, error);
    close(output);
    return ok;
}

/* The worker reads it before anything else, so waiting for room in the socket's buffer is no danger. */
static bool send_job(Slot *slot, const Job *job, GError **error)
{
    g_autofree char *line = message_write(MESSAGE_JOB, job);
    size_t size = strlen(line);

    if (send(slot->channel, line, size, MSG_NOSIGNAL) != (ssize_t) size)
        return error_set_errno(error, ERROR_HOST, "could not hand the job to a worker");
    return fcntl(slot->channel, F_SETFL, O_NONBLOCK) == 0
           || error_set_errno(error, ERROR_HOST, "could not set up a worker's channel");
}

Slot *slot_start(const char *program, const Job *job, int64_t run_id, unsigned attempt, int64_t timeout_ms, GError **error)
{
    g_autoptr(Slot) slot = g_new0(Slot, 1);
    int ends[2];

    slot->channel = -1;
    slot->run_id = run_id;
    slot->attempt = attempt;
    slot->started_ns = clock_monotonic_ns();
    slot->started_realtime_ns = clock_realtime_ns();
    slot->deadline_ns = slot->started_ns + (timeout_ms + GRACE_MS) * 1000000;
    slot->buffer = g_string_new(NULL);
    slot->strings = g_string_chunk_new(4096);
    for (int kind = 0; kind <= MESSAGE_END; kind++)
        slot->records[kind] = g_array_new(FALSE, TRUE, (guint) message_size((MessageKind) kind));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        error_set_errno(error, ERROR_HOST, "could not make a socket pair");
        return NULL;
    }
    slot->channel = ends[0];
    if (!spawn(slot, program, job, ends[1], error)) {
        close(ends[1]);
        return NULL;
    }
    close(ends[1]);
    if (!send_job(slot, job, error)) {
        slot_kill(slot, "could not get its job");
        waitpid(slot->pid, NULL, 0);
        return NULL;
    }
    return g_steal_pointer(&slot);
}

int slot_fd(const Slot *slot)
{
    return slot->channel;
}

int64_t slot_run_id(const Slot *slot)
{
    return slot->run_id;
}

int64_t slot_started_ns(const Slot *slot)
{
    return slot->started_ns;
}

static void take_line(Slot *slot, const char *line)
{
    g_autoptr(GError) error = NULL;
    g_autofree void *record = NULL;
    MessageKind kind;

    if (!message_read(line, slot->strings, &kind, &record, &error)) {
        slot_kill(slot, error->message);
        return;
    }
    g_array_append_vals(slot->records[kind], record, 1);
}

static void take_bytes(Slot *slot, const char *bytes, size_t size)
{
    char *newline;

    g_string_append_len(slot->buffer, bytes, (gssize) size);
    while ((newline = memchr(slot->buffer->str, '\n', slot->buffer->len)) != NULL) {
        *newline = '\0';
        take_line(slot, slot->buffer->str);
        g_string_erase(slot->buffer, 0, newline + 1 - slot->buffer->str);
    }
}

bool slot_read(Slot *slot)
{
    char bytes[65536];
    ssize_t got;

    while ((got = read(slot->channel, bytes, sizeof bytes)) > 0)
        take_bytes(slot, bytes, (size_t) got);
    return got < 0 && (errno == EAGAIN || errno == EINTR);
}

void slot_kill(Slot *slot, const char *reason)
{
    if (slot->killed == NULL)
        slot->killed = g_string_chunk_insert(slot->strings, reason);
    kill(slot->pid, SIGKILL); /* the init of its namespaces: the kernel ends everything in them */
}

bool slot_check_deadline(Slot *slot, int64_t now_ns)
{
    g_autofree char *reason = NULL;

    if (now_ns < slot->deadline_ns || slot->killed != NULL)
        return false;
    reason = g_strdup_printf("the worker was killed: it did not end within the run's 'timeout' and %d s more to clean up",
                             GRACE_MS / 1000);
    slot->late = true;
    slot_kill(slot, reason);
    return true;
}

/* Before its first phase, and after its last, a worker is only itself. */
static const char *last_phase(Slot *slot)
{
    const GArray *entered = slot->records[MESSAGE_ENTER];

    return entered->len > 0 ? g_array_index(entered, Enter, entered->len - 1).phase : "worker";
}

static void describe_death(Slot *slot, int status, AttemptRecord *attempt)
{
    g_autofree char *reason = NULL;

    attempt->status = ATTEMPT_FAILED;
    attempt->failure_class = slot->late ? "timeout" : "host";
    attempt->failure_phase = last_phase(slot);
    if (slot->killed != NULL)
        attempt->failure_reason = slot->killed;
    else if (WIFSIGNALED(status))
        reason = g_strdup_printf("the worker was ended by signal %d (%s)", WTERMSIG(status), g_strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) > 128)
        reason = g_strdup_printf("the worker was ended by signal %d (%s)", WEXITSTATUS(status) - 128,
                                 g_strsignal(WEXITSTATUS(status) - 128));
    else
        reason = g_strdup_printf("the worker ended with status %d before its attempt was over; see worker.log",
                                 WEXITSTATUS(status));
    if (reason != NULL)
        attempt->failure_reason = g_string_chunk_insert(slot->strings, reason);
}

static void take_end(Slot *slot, AttemptRecord *attempt)
{
    const End *end = &g_array_index(slot->records[MESSAGE_END], End, 0);

    attempt->status = end->ok ? ATTEMPT_COMPLETED : ATTEMPT_FAILED;
    attempt->failure_class = end->failure_class;
    attempt->failure_phase = end->failure_phase;
    attempt->failure_reason = end->failure_reason;
}

void slot_finish(Slot *slot, AttemptRecord *ret_attempt)
{
    const Facts *facts;
    int status = 0;

    while (waitpid(slot->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    *ret_attempt = (AttemptRecord) {
        .run_id = slot->run_id,
        .attempt = slot->attempt,
        .started_realtime_ns = slot->started_realtime_ns,
        .duration_ns = clock_monotonic_ns() - slot->started_ns,
    };
    if (slot->records[MESSAGE_END]->len > 0 && slot->killed == NULL)
        take_end(slot, ret_attempt);
    else
        describe_death(slot, status, ret_attempt);
    if (slot->records[MESSAGE_FACTS]->len > 0) {
        facts = &g_array_index(slot->records[MESSAGE_FACTS], Facts, 0);
        ret_attempt->platform = facts->platform;
        ret_attempt->accelerator = facts->accelerator;
        ret_attempt->emulator = facts->emulator;
        ret_attempt->backend = facts->backend;
    }
#define TAKE(kind, type, member, count) \
    ret_attempt->member = (const type *) slot->records[kind]->data, ret_attempt->count = slot->records[kind]->len
    TAKE(MESSAGE_PHASE, PhaseRecord, phases, phase_count);
    TAKE(MESSAGE_MACHINE, MachineRecord, machines, machine_count);
    TAKE(MESSAGE_STEP, StepRecord, steps, step_count);
    TAKE(MESSAGE_SAMPLE, SampleRecord, samples, sample_count);
    TAKE(MESSAGE_ARTIFACT, ArtifactRecord, artifacts, artifact_count);
    TAKE(MESSAGE_CAPTURE, CaptureRecord, captures, capture_count);
    TAKE(MESSAGE_EVENT, EventRecord, events, event_count);
#undef TAKE
}

void slot_free(Slot *slot)
{
    if (slot == NULL)
        return;
    if (slot->channel >= 0)
        close(slot->channel);
    for (int kind = 0; kind <= MESSAGE_END; kind++)
        g_array_unref(slot->records[kind]);
    g_string_free(slot->buffer, TRUE);
    g_string_chunk_free(slot->strings);
    g_free(slot);
}
