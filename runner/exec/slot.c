// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

/* What a worker may take beyond its attempt's time for collecting, tearing down and hashing, before it counts as hung; and how
 * long it may leave its job unread. */
enum { GRACE_MS = 30000, JOB_PATIENCE_S = 10 };

struct Slot {
    pid_t pid;   /* of the sandbox's init */
    int process; /* descriptor of it: readable once it is dead */
    int channel; /* -1: the worker has closed it */
    int output;  /* what it prints */
    bool reaped;
    off_t output_from; /* where this attempt's part of it begins */
    int64_t run_id, started_ns, started_realtime_ns, deadline_ns;
    unsigned attempt;
    char *log_path;
    GString *buffer;        /* a line that is not complete yet */
    GStringChunk *strings;  /* all texts of all messages */
    GArray *records[MESSAGE_END + 1]; /* by kind */
    const char *killed, *killed_class; /* why we killed it; in `strings`, and static */
};

/* The worker reads it before anything else, so we wait for room in the socket's buffer; not for ever, should it hang. */
static bool send_job(Slot *slot, const Job *job, GError **error)
{
    g_autofree char *line = message_write(MESSAGE_JOB, job);
    struct timeval patience = { .tv_sec = JOB_PATIENCE_S };
    size_t size = strlen(line);

    if (setsockopt(slot->channel, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0
        || (send(slot->channel, line, size, MSG_NOSIGNAL) != (ssize_t) size
            && errno != EPIPE)) /* it has ended already: slot_finish() will tell how */
        return error_set_errno(error, ERROR_HOST, "could not hand the job to a worker");
    return fcntl(slot->channel, F_SETFL, O_NONBLOCK) == 0 || error_set_errno(error, ERROR_HOST, "could not watch a worker");
}

static bool watch(Slot *slot, GError **error)
{
    slot->process = pidfd_open(slot->pid, 0);
    return slot->process >= 0 || error_set_errno(error, ERROR_HOST, "could not watch a worker");
}

static void begin_attempt(Slot *slot, const Job *job, int64_t run_id, unsigned attempt, int64_t timeout_ms)
{
    g_free(slot->log_path);
    slot->log_path = g_build_filename(job->folder, "worker.log", NULL);
    slot->run_id = run_id;
    slot->attempt = attempt;
    slot->started_ns = clock_monotonic_ns();
    slot->started_realtime_ns = clock_realtime_ns();
    slot->deadline_ns = slot->started_ns + (timeout_ms + GRACE_MS) * 1000000;
}

/* What worker_furnish() gets. A path that is too long for it is no furniture: then the worker opens when it is needed. */
static void furniture_add(NurseryWish *wish, const char *cache)
{
    if (g_strlcpy(wish->furniture, cache, sizeof wish->furniture) >= sizeof wish->furniture)
        wish->furniture[0] = '\0';
}

/* Only virtual machines have an accelerator; they are libvirt's. */
static NurseryWish wish_of(const Job *job)
{
    bool is_virtual = job->accel != NULL && strcmp(job->accel, "none") != 0 && strcmp(job->accel, "fake") != 0;
    NurseryWish wish = { .share_network = job->uri != NULL, .equipped = is_virtual };

    if (is_virtual && job->uri == NULL)
        furniture_add(&wish, job->cache);
    return wish;
}

Nursery *slot_nursery(const char *program, const char *cache)
{
    Nursery *nursery = nursery_new(program);
    NurseryWish wish = { .equipped = cache != NULL };

    if (cache != NULL)
        furniture_add(&wish, cache);
    nursery_expect(nursery, &wish);
    return nursery;
}

Slot *slot_start(Nursery *nursery, const Job *job, int64_t run_id, unsigned attempt, int64_t timeout_ms, GError **error)
{
    g_autoptr(Slot) slot = g_new0(Slot, 1);
    NurseryWish wish = wish_of(job);
    Job asked = *job;
    Nursling nursling;

    slot->channel = slot->process = slot->output = -1;
    begin_attempt(slot, job, run_id, attempt, timeout_ms);
    slot->buffer = g_string_new(NULL);
    slot->strings = g_string_chunk_new(4096);
    for (int kind = 0; kind <= MESSAGE_END; kind++)
        slot->records[kind] = g_array_new(FALSE, TRUE, (guint) message_size((MessageKind) kind));
    if (!nursery_take(nursery, &wish, &nursling, error))
        return NULL;
    slot->pid = nursling.pid;
    slot->channel = nursling.channel;
    slot->output = nursling.output;
    asked.asked_ns = slot->started_ns;
    if (!send_job(slot, &asked, error) || !watch(slot, error))
        return NULL;
    return g_steal_pointer(&slot);
}

bool slot_is_kept(const Slot *slot)
{
    const GArray *ends = slot->records[MESSAGE_END];

    return slot->killed == NULL && slot->channel >= 0 && ends->len > 0 && g_array_index(ends, End, 0).kept;
}

bool slot_renew(Slot *slot, const Job *job, int64_t run_id, unsigned attempt, int64_t timeout_ms, GError **error)
{
    struct pollfd process = { .fd = slot->process, .events = POLLIN };

    if (poll(&process, 1, 0) > 0)
        return error_set(error, ERROR_HOST, "the worker that had kept the machines has ended");
    for (int kind = 0; kind <= MESSAGE_END; kind++)
        g_array_set_size(slot->records[kind], 0);
    g_string_chunk_clear(slot->strings);
    g_string_truncate(slot->buffer, 0);
    slot->output_from = lseek(slot->output, 0, SEEK_END);
    begin_attempt(slot, job, run_id, attempt, timeout_ms);
    return (fcntl(slot->channel, F_SETFL, 0) == 0 || error_set_errno(error, ERROR_HOST, "could not hand the job to a worker"))
           && send_job(slot, job, error);
}

int slot_fd(const Slot *slot)
{
    return slot->channel >= 0 ? slot->channel : slot->process;
}

static void take_line(Slot *slot, const char *line)
{
    g_autoptr(GError) error = NULL;
    g_autofree void *record = NULL;
    MessageKind kind;

    if (!message_read(line, slot->strings, &kind, &record, &error))
        slot_kill(slot, "host", error->message);
    else
        g_array_append_vals(slot->records[kind], record, 1);
    if (error == NULL && kind == MESSAGE_PARKED)
        slot->deadline_ns = G_MAXINT64; /* it waits for us */
}

static void take_bytes(Slot *slot, const char *bytes, size_t size)
{
    char *line, *newline;

    g_string_append_len(slot->buffer, bytes, (gssize) size);
    line = slot->buffer->str;
    while ((newline = memchr(line, '\n', (size_t) (slot->buffer->str + slot->buffer->len - line))) != NULL) {
        *newline = '\0';
        take_line(slot, line);
        line = newline + 1;
    }
    g_string_erase(slot->buffer, 0, line - slot->buffer->str);
}

static bool has_told_all(const Slot *slot)
{
    return slot->records[MESSAGE_END]->len > 0 && slot->killed == NULL;
}

/* One piece at a time, so that a talkative worker does not keep us from the others. The channel ends when the last process of the
 * namespaces does, some milliseconds before the kernel has taken the namespaces apart: when all has been said, what was said can be stored in
 * that time. */
bool slot_read(Slot *slot)
{
    char bytes[65536];
    ssize_t got;

    if (slot->channel < 0)
        return false;
    got = read(slot->channel, bytes, sizeof bytes);
    if (got > 0) {
        take_bytes(slot, bytes, (size_t) got);
        return !slot_is_kept(slot);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        close(slot->channel);
        slot->channel = -1;
        return !has_told_all(slot);
    }
    return true;
}

void slot_kill(Slot *slot, const char *failure_class, const char *reason)
{
    /* A worker that has said everything is only on its way out. */
    if (slot->killed == NULL && slot->records[MESSAGE_END]->len == 0) {
        slot->killed = g_string_chunk_insert(slot->strings, reason);
        slot->killed_class = failure_class;
    }
    slot->deadline_ns = G_MAXINT64;
    kill(slot->pid, SIGKILL); /* the init of its namespaces: the kernel ends everything in them */
}

bool slot_check_deadline(Slot *slot, int64_t now_ns)
{
    g_autofree char *reason = NULL;

    if (now_ns < slot->deadline_ns)
        return false;
    reason = g_strdup_printf("the worker hung, and was killed %d s after the attempt's time was over", GRACE_MS / 1000);
    slot_kill(slot, "timeout", reason);
    return true;
}

static char *death_reason(const Slot *slot, int status)
{
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) - 128;
    g_autofree char *words = file_last_line(slot->log_path); /* of what the worker's programs left there */

    if (number > 0)
        return g_strdup_printf("the worker was ended by signal %d (%s)", number, g_strsignal(number));
    return g_strdup_printf("the worker ended with status %d before its attempt was over%s%s", WEXITSTATUS(status),
                           words != NULL ? ": " : "", words != NULL ? words : "");
}

/* It was in the phase that it said it began last. */
static void describe_death(Slot *slot, int status, AttemptRecord *attempt)
{
    const GArray *begins = slot->records[MESSAGE_BEGIN];

    attempt->status = ATTEMPT_FAILED;
    attempt->failure_class = "host";
    attempt->failure_phase = "prepare";
    if (begins->len > 0)
        attempt->failure_phase = g_array_index(begins, Begin, begins->len - 1).phase;
    if (slot->killed != NULL) {
        attempt->failure_class = slot->killed_class;
        attempt->failure_reason = slot->killed;
    } else {
        g_autofree char *reason = death_reason(slot, status);

        attempt->failure_reason = g_string_chunk_insert(slot->strings, reason);
    }
}

static void take_end(Slot *slot, AttemptRecord *attempt)
{
    const End *end = &g_array_index(slot->records[MESSAGE_END], End, 0);

    attempt->status = end->ok ? ATTEMPT_COMPLETED : ATTEMPT_FAILED;
    attempt->failure_class = end->failure_class;
    attempt->failure_phase = end->failure_phase;
    attempt->failure_reason = end->failure_reason;
}

bool slot_is_parked(const Slot *slot)
{
    return slot->records[MESSAGE_PARKED]->len > 0 && slot->records[MESSAGE_END]->len == 0;
}

/* What was told so far counts from the worker's own beginning. */
static void shift_times(Slot *slot, int64_t by_ns)
{
    for (guint i = 0; i < slot->records[MESSAGE_PHASE]->len; i++)
        g_array_index(slot->records[MESSAGE_PHASE], PhaseRecord, i).start_ns -= by_ns;
    for (guint i = 0; i < slot->records[MESSAGE_EVENT]->len; i++)
        g_array_index(slot->records[MESSAGE_EVENT], EventRecord, i).at_ns -= by_ns;
}

bool slot_go(Slot *slot, int64_t timeout_ms, GError **error)
{
    const Parked *parked = &g_array_index(slot->records[MESSAGE_PARKED], Parked, 0);
    Go go = { clock_monotonic_ns() };
    g_autofree char *line = message_write(MESSAGE_GO, &go);

    shift_times(slot, go.at_ns - parked->started_ns);
    slot->started_ns = go.at_ns;
    slot->started_realtime_ns = clock_realtime_ns();
    slot->deadline_ns = go.at_ns + (timeout_ms + GRACE_MS) * 1000000;
    return send(slot->channel, line, strlen(line), MSG_NOSIGNAL) == (ssize_t) strlen(line)
           || error_set_errno(error, ERROR_HOST, "could not tell a worker that its run begins");
}

/* In pieces, since the kernel copies at most 2 GiB at a time. */
static void keep_output(const Slot *slot)
{
    int log = lseek(slot->output, 0, SEEK_END) > slot->output_from ? open(slot->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
    off_t at = slot->output_from;

    while (log >= 0 && sendfile(log, slot->output, &at, G_MAXINT) > 0)
        continue;
    if (log >= 0)
        close(log);
}

static int reap(Slot *slot)
{
    int status = 0;

    while (!slot->reaped && waitpid(slot->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    slot->reaped = true;
    return status;
}

void slot_finish(Slot *slot, AttemptRecord *ret_attempt)
{
    const Facts *facts;
    int status = has_told_all(slot) ? 0 : reap(slot);

    keep_output(slot);
    *ret_attempt = (AttemptRecord) {
        .run_id = slot->run_id,
        .attempt = slot->attempt,
        .started_realtime_ns = slot->started_realtime_ns,
        .duration_ns = clock_monotonic_ns() - slot->started_ns,
    };
    if (has_told_all(slot))
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

void slot_end(Slot *slot)
{
    if (slot->pid <= 0 || slot->reaped)
        return;
    kill(slot->pid, SIGKILL); /* mostly it is ending already */
    reap(slot);
}

void slot_free(Slot *slot)
{
    if (slot == NULL)
        return;
    if (slot->channel >= 0)
        close(slot->channel);
    slot_end(slot);
    if (slot->process >= 0)
        close(slot->process);
    if (slot->output >= 0)
        close(slot->output);
    for (int kind = 0; kind <= MESSAGE_END; kind++)
        g_array_unref(slot->records[kind]);
    g_free(slot->log_path);
    g_string_free(slot->buffer, TRUE);
    g_string_chunk_free(slot->strings);
    g_free(slot);
}
