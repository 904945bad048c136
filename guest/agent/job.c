// SPDX-License-Identifier: GPL-3.0-or-later
#include "guest/agent/job.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/agent/report.h"

#define DRAIN_NS INT64_C(200000000) /* how long an output that a grandchild holds open may delay WIRE_EXIT */
#define GROUP_LOOK_NS INT64_C(20000000) /* how often to look whether the rest of a group that was told to end is gone */

struct Job {
    Job *next;
    uint32_t channel;
    pid_t pid;
    bool ended, timed_out;
    bool ending;                /* a signal was sent: WIRE_EXIT waits for all of the group */
    bool silent;                /* nothing is sent any more: WIRE_EXIT was, or the host is gone */
    int status;                 /* as waitpid() gave it */
    int outputs[JOB_STREAMS];   /* -1 after the end */
    size_t poll_at[JOB_STREAMS]; /* place in the poll array, or SIZE_MAX */
    int64_t started_ns, ended_ns, kill_at_ns, drain_until_ns;
};

typedef struct Request {
    uint8_t flags;
    uint32_t timeout_ms;
    char **argv, **environment; /* NULL-terminated; the texts belong to the frame */
} Request;

static Job *job_find(const Jobs *jobs, uint32_t channel)
{
    for (Job *job = jobs->first; job != NULL; job = job->next)
        if (job->channel == channel && !job->silent)
            return job;
    return NULL;
}

bool jobs_has_channel(const Jobs *jobs, uint32_t channel)
{
    return job_find(jobs, channel) != NULL;
}

static void request_clear(Request *request)
{
    free(request->argv);
    free(request->environment);
}

static bool request_parse(const WireFrame *frame, Request *ret_request)
{
    WireReader reader = { .data = frame->payload, .left = frame->length };
    Request request = { .flags = wire_read_u8(&reader), .timeout_ms = wire_read_u32(&reader) };
    size_t argc = strtoul(wire_read_string(&reader), NULL, 10), count = 0;

    if (reader.failed || argc == 0 || argc > reader.left)
        return false;
    request.argv = calloc(argc + 1, sizeof *request.argv);
    request.environment = calloc(reader.left + 1, sizeof *request.environment);
    for (size_t i = 0; request.argv != NULL && i < argc; i++)
        request.argv[i] = (char *) wire_read_string(&reader);
    while (request.environment != NULL && !reader.failed && reader.left > 0) {
        request.environment[count] = (char *) wire_read_string(&reader);
        if (strchr(request.environment[count++], '=') == NULL)
            reader.failed = true;
    }
    if (request.argv == NULL || request.environment == NULL || reader.failed) {
        request_clear(&request);
        return false;
    }
    *ret_request = request;
    return true;
}

/* What the child does; says errno on `report_fd` when the program could not be started. */
static _Noreturn void child_main(const Request *request, const int *ends, int report_fd)
{
    static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    static char home[] = "HOME=/root";
    static char term[] = "TERM=linux";
    sigset_t none;
    int number;

    setsid();
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC); /* also what we were started with */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    clearenv();
    putenv(path);
    putenv(home);
    putenv(term);
    for (char **entry = request->environment; *entry != NULL; entry++)
        putenv(*entry);
    if (dup2(ends[0], 0) >= 0 && dup2(ends[1], 1) >= 0 && dup2(ends[2], 2) >= 0 && chdir("/") == 0)
        execvp(request->argv[0], request->argv);
    number = errno;
    if (write(report_fd, &number, sizeof number) != sizeof number)
        _exit(126);
    _exit(127);
}

/* 0 once the program runs, else the errno of the exec. */
static int exec_errno(int report_fd)
{
    int number = 0;

    while (read(report_fd, &number, sizeof number) < 0 && errno == EINTR)
        continue;
    return number;
}

static void close_all(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

/* Returns 0, or the errno of what went wrong. */
static int spawn(const Request *request, pid_t *ret_pid, int *ret_outputs)
{
    enum { IN, OUT_READ, OUT_WRITE, ERR_READ, ERR_WRITE, REPORT_READ, REPORT_WRITE, COUNT };
    int fds[COUNT] = { -1, -1, -1, -1, -1, -1, -1 };
    int number;
    pid_t pid;

    fds[IN] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fds[IN] < 0 || pipe2(&fds[OUT_READ], O_CLOEXEC) != 0 || pipe2(&fds[ERR_READ], O_CLOEXEC) != 0
        || pipe2(&fds[REPORT_READ], O_CLOEXEC) != 0 || (pid = fork()) < 0) {
        number = errno;
        close_all(fds, COUNT);
        return number;
    }
    if (pid == 0)
        child_main(request, (int[]) { fds[IN], fds[OUT_WRITE], fds[ERR_WRITE] }, fds[REPORT_WRITE]);
    close_all((int[]) { fds[IN], fds[OUT_WRITE], fds[ERR_WRITE], fds[REPORT_WRITE] }, 4);
    number = exec_errno(fds[REPORT_READ]);
    close(fds[REPORT_READ]);
    if (number != 0) {
        waitpid(pid, NULL, 0);
        close_all((int[]) { fds[OUT_READ], fds[ERR_READ] }, 2);
        return number;
    }
    fcntl(fds[OUT_READ], F_SETFL, O_NONBLOCK);
    fcntl(fds[ERR_READ], F_SETFL, O_NONBLOCK);
    *ret_pid = pid;
    ret_outputs[0] = fds[OUT_READ];
    ret_outputs[1] = fds[ERR_READ];
    return 0;
}

static int job_add(Jobs *jobs, uint32_t channel, const Request *request)
{
    Job *job = jobs->count < JOB_LIMIT ? calloc(1, sizeof *job) : NULL;
    int number;

    if (job == NULL)
        return EAGAIN;
    job->channel = channel;
    job->poll_at[0] = job->poll_at[1] = SIZE_MAX;
    job->started_ns = monotonic_ns();
    number = spawn(request, &job->pid, job->outputs);
    if (number != 0) {
        free(job);
        return number;
    }
    job->kill_at_ns = request->timeout_ms > 0 ? job->started_ns + (int64_t) request->timeout_ms * 1000000 : INT64_MAX;
    job->next = jobs->first;
    jobs->first = job;
    jobs->count++;
    return 0;
}

void jobs_start(Jobs *jobs, Stream *stream, const WireFrame *frame)
{
    Request request;
    int number;

    if (!request_parse(frame, &request)) {
        stream_fail(stream, frame->channel, EINVAL, "cannot read the request to start a program");
        return;
    }
    number = job_add(jobs, frame->channel, &request);
    if (number != 0)
        stream_fail(stream, frame->channel, number, "could not start '%s'", request.argv[0]);
    else if ((request.flags & WIRE_EXEC_BACKGROUND) != 0)
        stream_send(stream, WIRE_DONE, frame->channel, NULL, 0);
    request_clear(&request);
}

void jobs_kill(Jobs *jobs, const WireFrame *frame)
{
    WireReader reader = { .data = frame->payload, .left = frame->length };
    int number = (int) wire_read_u32(&reader);
    Job *job = job_find(jobs, frame->channel);

    if (job == NULL || reader.failed || number <= 0 || number >= NSIG || (job->ended && !job->ending))
        return; /* of one that has ended the number may be somebody else's by now */
    kill(-job->pid, number); /* the group, which may outlive its first process */
    job->ending = number != SIGKILL; /* what even that does not end is not waited for */
}

void jobs_kill_all(Jobs *jobs)
{
    for (Job *job = jobs->first; job != NULL; job = job->next)
        if (!job->ended)
            kill(-job->pid, SIGKILL);
}

void jobs_silence(Jobs *jobs)
{
    for (Job *job = jobs->first; job != NULL; job = job->next)
        job->silent = true;
}

void jobs_reap(Jobs *jobs)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (Job *job = jobs->first; job != NULL; job = job->next)
            if (job->pid == pid && !job->ended) {
                job->ended = true;
                job->status = status;
                job->ended_ns = monotonic_ns();
                job->drain_until_ns = job->ended_ns + DRAIN_NS;
            }
}

size_t jobs_poll(Jobs *jobs, const Stream *stream, struct pollfd *polls)
{
    bool room = stream_has_room(stream);
    size_t count = 0;

    for (Job *job = jobs->first; job != NULL; job = job->next)
        for (unsigned i = 0; i < JOB_STREAMS; i++) {
            job->poll_at[i] = SIZE_MAX;
            if (job->outputs[i] < 0 || !(room || job->silent))
                continue;
            job->poll_at[i] = count;
            polls[count++] = (struct pollfd) { .fd = job->outputs[i], .events = POLLIN };
        }
    return count;
}

static void job_read(Job *job, unsigned which, Stream *stream)
{
    static uint8_t buffer[STREAM_CHUNK];
    ssize_t got = read(job->outputs[which], buffer, sizeof buffer);

    if (got > 0 && !job->silent)
        stream_send(stream, which == 0 ? WIRE_STDOUT : WIRE_STDERR, job->channel, buffer, (size_t) got);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        close(job->outputs[which]);
        job->outputs[which] = -1;
    }
}

void jobs_read(Jobs *jobs, Stream *stream, const struct pollfd *polls)
{
    for (Job *job = jobs->first; job != NULL; job = job->next)
        for (unsigned i = 0; i < JOB_STREAMS; i++)
            if (job->poll_at[i] != SIZE_MAX && polls[job->poll_at[i]].revents != 0
                && (stream_has_room(stream) || job->silent))
                job_read(job, i, stream);
}

static bool job_is_drained(const Job *job)
{
    return job->outputs[0] < 0 && job->outputs[1] < 0;
}

static void job_send_exit(Job *job, Stream *stream)
{
    uint8_t payload[13];

    wire_put_u32(payload, (uint32_t) (WIFEXITED(job->status) ? WEXITSTATUS(job->status) : 128 + WTERMSIG(job->status)));
    payload[4] = (uint8_t) ((job->timed_out ? WIRE_EXIT_TIMED_OUT : 0) | (WIFEXITED(job->status) ? 0 : WIRE_EXIT_SIGNALLED));
    wire_put_u64(payload + 5, (uint64_t) (job->ended_ns - job->started_ns));
    stream_send(stream, WIRE_EXIT, job->channel, payload, sizeof payload);
    job->silent = true;
}

static int64_t running_advance(Job *job, int64_t now_ns)
{
    if (now_ns >= job->kill_at_ns) {
        kill(-job->pid, SIGKILL);
        job->timed_out = true;
        job->ending = false;
        job->kill_at_ns = INT64_MAX;
    }
    return job->kill_at_ns;
}

/* Whether others of a group that was told to end are still there: their time goes on. */
static bool group_lives(const Job *job)
{
    return job->ending && kill(-job->pid, 0) == 0;
}

/* A host that is slow to take output gets the time it needs; only then do the 200 ms begin. */
static int64_t ended_advance(Job *job, Stream *stream, int64_t now_ns)
{
    if (job->silent)
        return INT64_MAX;
    if (group_lives(job)) {
        int64_t due_ns = running_advance(job, now_ns);

        job->drain_until_ns = now_ns + DRAIN_NS;
        return due_ns < now_ns + GROUP_LOOK_NS ? due_ns : now_ns + GROUP_LOOK_NS;
    }
    if (!stream_has_room(stream) && !job_is_drained(job))
        job->drain_until_ns = now_ns + DRAIN_NS;
    if (!job_is_drained(job) && now_ns < job->drain_until_ns)
        return job->drain_until_ns;
    job_send_exit(job, stream);
    return INT64_MAX;
}

int64_t jobs_advance(Jobs *jobs, Stream *stream, int64_t now_ns)
{
    int64_t next_ns = INT64_MAX;

    for (Job **at = &jobs->first; *at != NULL;) {
        Job *job = *at;
        int64_t look_ns = job->ended ? ended_advance(job, stream, now_ns) : running_advance(job, now_ns);

        if (look_ns < next_ns)
            next_ns = look_ns;
        if (job->ended && job->silent && job_is_drained(job)) {
            *at = job->next;
            free(job);
            jobs->count--;
        } else {
            at = &job->next;
        }
    }
    return next_ns;
}
