// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/proc-child.h"

enum { DEFAULT_OUTPUT_LIMIT = 16 << 20, READ_BYTES = 65536, LAST_READS = 16 };

/* What we wait for: both outputs, and the end of the program. */
enum { STREAM_OUTPUT, STREAM_ERRORS, STREAM_COUNT, EVENT_END = STREAM_COUNT, EVENT_COUNT };

/* What runs between fork and exec; only async-signal-safe calls. Says errno on `report` when exec failed. */
static void child_main(const ProcSpec *spec, char **environment, int in, const int *out, int report)
{
    setpgid(0, 0);
    child_signals_reset();
    if (dup2(in, 0) >= 0 && dup2(out[0], 1) >= 0 && dup2(out[1], 2) >= 0 && (spec->folder == NULL || chdir(spec->folder) == 0))
        execvpe(spec->argv[0], (char **) spec->argv, environment);
    child_report(report);
}

/* A file in memory, rewound: a child may read it at its own pace and no pipe can block us. */
static int stdin_open(const char *text)
{
    int fd;

    if (text == NULL)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    fd = memfd_create("stdin", MFD_CLOEXEC);
    if (fd >= 0 && fd_write_all(fd, text, strlen(text)) && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* One read; false when there is nothing more to read from this stream. */
static bool stream_read(int fd, GString *text, size_t limit)
{
    char buffer[READ_BYTES];
    ssize_t got = read(fd, buffer, sizeof buffer);

    if (got > 0 && text->len < limit)
        g_string_append_len(text, buffer, (gssize) MIN((size_t) got, limit - text->len));
    return got > 0 || (got < 0 && errno == EINTR);
}

/* Read both outputs until the program has ended; true when in time. The end of the outputs says nothing: a program
 * may close them and go on, and what it left in the background may keep them open for ever. */
static bool follow(struct pollfd *events, GString **texts, size_t limit, int64_t deadline_ns)
{
    for (;;) {
        int64_t left_ns = deadline_ns - clock_monotonic_ns();
        int timeout_ms = deadline_ns == INT64_MAX ? -1 : (int) CLAMP(left_ns / 1000000 + 1, 0, G_MAXINT);
        int ready = poll(events, EVENT_COUNT, timeout_ms);

        for (unsigned i = 0; ready > 0 && i < STREAM_COUNT; i++)
            if (events[i].revents != 0 && !stream_read(events[i].fd, texts[i], limit))
                events[i].fd = -1; /* poll() passes over negative descriptors */
        if (ready > 0 && events[EVENT_END].revents != 0)
            return true;
        if (left_ns <= 0)
            return false;
    }
}

/* What the pipe still holds; not more, for somebody who left the process group may go on writing. */
static void read_rest(int fd, GString *text, size_t limit)
{
    fcntl(fd, F_SETFL, O_NONBLOCK);
    for (unsigned i = 0; i < LAST_READS && stream_read(fd, text, limit); i++)
        continue;
}

static void collect(pid_t pid, int end, const int *out, const ProcSpec *spec, int64_t started_ns, ProcResult *result)
{
    struct pollfd events[EVENT_COUNT] = { { out[0], POLLIN, 0 }, { out[1], POLLIN, 0 }, { end, POLLIN, 0 } };
    GString *texts[STREAM_COUNT] = { g_string_new(NULL), g_string_new(NULL) };
    int64_t deadline_ns = spec->timeout_ms > 0 ? started_ns + (int64_t) spec->timeout_ms * 1000000 : INT64_MAX;
    size_t limit = spec->output_limit > 0 ? spec->output_limit : DEFAULT_OUTPUT_LIMIT;
    int status = 0;

    result->timed_out = !follow(events, texts, limit, deadline_ns);
    kill(-pid, SIGKILL); /* also what it left behind; as long as nobody has waited for it, its number is its own */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    for (unsigned i = 0; i < STREAM_COUNT; i++)
        read_rest(out[i], texts[i], limit);
    result->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result->duration_ns = clock_monotonic_ns() - started_ns;
    result->output = g_string_free(texts[STREAM_OUTPUT], FALSE);
    result->errors = g_string_free(texts[STREAM_ERRORS], FALSE);
}

static void close_all(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

static bool start_failed(const ProcSpec *spec, GError **error)
{
    if (spec->folder != NULL)
        return error_set_errno(error, ERROR_HOST, "could not start '%s' in '%s'", spec->argv[0], spec->folder);
    return error_set_errno(error, ERROR_HOST, "could not start '%s'", spec->argv[0]);
}

/* Reap a child that is of no use, and keep errno. */
static void child_drop(pid_t pid, int why)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    errno = why;
}

bool proc_run(const ProcSpec *spec, ProcResult *ret_result, GError **error)
{
    enum { OUT_READ, OUT_WRITE, ERR_READ, ERR_WRITE, REPORT_READ, REPORT_WRITE, IN, END, FD_COUNT };
    int fds[FD_COUNT] = { -1, -1, -1, -1, -1, -1, -1, -1 };
    g_auto(GStrv) environment = child_environment(spec->environment);
    int64_t started_ns = clock_monotonic_ns();
    pid_t pid;
    int failed;

    fds[IN] = stdin_open(spec->stdin_text);
    if (fds[IN] < 0 || pipe2(&fds[OUT_READ], O_CLOEXEC) != 0 || pipe2(&fds[ERR_READ], O_CLOEXEC) != 0
        || pipe2(&fds[REPORT_READ], O_CLOEXEC) != 0 || (pid = fork()) < 0) {
        start_failed(spec, error);
        close_all(fds, FD_COUNT);
        return false;
    }
    if (pid == 0)
        child_main(spec, environment, fds[IN], (int[]) { fds[OUT_WRITE], fds[ERR_WRITE] }, fds[REPORT_WRITE]);
    setpgid(pid, pid);
    fds[END] = (int) syscall(SYS_pidfd_open, pid, 0);
    failed = fds[END] < 0 ? errno : 0;
    close_all((int[]) { fds[OUT_WRITE], fds[ERR_WRITE], fds[REPORT_WRITE], fds[IN] }, 4);
    if (failed == 0)
        failed = child_exec_errno(fds[REPORT_READ]);
    if (failed != 0) {
        child_drop(pid, failed);
        start_failed(spec, error);
    } else {
        collect(pid, fds[END], (int[]) { fds[OUT_READ], fds[ERR_READ] }, spec, started_ns, ret_result);
    }
    close_all((int[]) { fds[OUT_READ], fds[ERR_READ], fds[REPORT_READ], fds[END] }, 4);
    return failed == 0;
}

static const char *last_line(char *text)
{
    const char *newline;

    g_strchomp(text);
    newline = strrchr(text, '\n');
    return newline != NULL ? newline + 1 : text;
}

bool proc_run_checked(const ProcSpec *spec, ProcResult *ret_result, GError **error)
{
    g_auto(ProcResult) result = { 0 };

    if (!proc_run(spec, &result, error))
        return false;
    if (result.timed_out)
        return error_set(error, ERROR_HOST, "program '%s' did not end within %u ms", spec->argv[0], spec->timeout_ms);
    if (result.exit_status != 0) {
        const char *why = last_line(result.errors);

        return error_set(error, ERROR_HOST, "program '%s' ended with status %d%s%s", spec->argv[0], result.exit_status,
                         *why != '\0' ? ": " : "", why);
    }
    *ret_result = result;
    result = (ProcResult) { 0 };
    return true;
}

void proc_result_clear(ProcResult *result)
{
    g_clear_pointer(&result->output, g_free);
    g_clear_pointer(&result->errors, g_free);
}
