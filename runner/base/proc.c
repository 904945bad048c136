// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"

enum { DEFAULT_OUTPUT_LIMIT = 16 << 20, STREAM_COUNT = 2 };

/* What runs between fork and exec; only async-signal-safe calls. Says errno on `report` when exec failed. */
static void child_main(const ProcSpec *spec, char **environment, int in, const int *out, int report)
{
    setpgid(0, 0);
    if (dup2(in, 0) < 0 || dup2(out[0], 1) < 0 || dup2(out[1], 2) < 0
        || (spec->folder != NULL && chdir(spec->folder) != 0) || execvpe(spec->argv[0], (char **) spec->argv, environment) != 0) {
        int saved = errno;

        if (write(report, &saved, sizeof saved) != sizeof saved)
            _exit(126);
    }
    _exit(127);
}

static char **merged_environment(const char *const *extra)
{
    char **environment = g_get_environ();

    for (; extra != NULL && *extra != NULL; extra++) {
        const char *equals = strchr(*extra, '=');
        g_autofree char *name = g_strndup(*extra, (size_t) (equals - *extra));

        environment = g_environ_setenv(environment, name, equals + 1, TRUE);
    }
    return environment;
}

/* A temporary file without a name, rewound: a child may read it at its own pace and no pipe can block us. */
static int stdin_open(const char *text)
{
    FILE *file;
    int fd;

    if (text == NULL)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    file = tmpfile();
    if (file == NULL)
        return -1;
    fputs(text, file);
    rewind(file);
    fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3);
    fclose(file);
    return fd;
}

static void append_limited(GString *to, const char *data, size_t size, size_t limit)
{
    if (to->len < limit)
        g_string_append_len(to, data, (gssize) MIN(size, limit - to->len));
}

/* Read both outputs until both ends are closed or the time is over; true when in time. */
static bool drain(struct pollfd *streams, GString **texts, size_t limit, int64_t deadline_ns)
{
    char buffer[65536];
    unsigned open_count = STREAM_COUNT;

    while (open_count > 0) {
        int64_t left_ns = deadline_ns - clock_monotonic_ns();
        int ready = poll(streams, STREAM_COUNT, deadline_ns == INT64_MAX ? -1 : (int) CLAMP(left_ns / 1000000 + 1, 0, 1 << 30));

        if (ready == 0 || left_ns <= 0)
            return false;
        for (unsigned i = 0; ready > 0 && i < STREAM_COUNT; i++) {
            ssize_t got;

            if (streams[i].revents == 0)
                continue;
            got = read(streams[i].fd, buffer, sizeof buffer);
            if (got > 0)
                append_limited(texts[i], buffer, (size_t) got, limit);
            else if (got == 0 || errno != EINTR) {
                streams[i].fd = -streams[i].fd - 1; /* poll() passes over negative descriptors */
                open_count--;
            }
        }
    }
    return true;
}

/* Wait for the child itself: its outputs may close long before it ends. */
static bool wait_until(pid_t pid, int64_t deadline_ns, int *ret_status)
{
    for (unsigned pause_us = 50;; pause_us = MIN(pause_us * 2, 5000)) {
        pid_t got = waitpid(pid, ret_status, deadline_ns == INT64_MAX ? 0 : WNOHANG);

        if (got == pid)
            return true;
        if (got < 0 && errno != EINTR)
            return false;
        if (clock_monotonic_ns() >= deadline_ns)
            return false;
        g_usleep(pause_us);
    }
}

static void collect(pid_t pid, int *out, const ProcSpec *spec, int64_t started_ns, ProcResult *result)
{
    struct pollfd streams[STREAM_COUNT] = { { .fd = out[0], .events = POLLIN }, { .fd = out[1], .events = POLLIN } };
    GString *texts[STREAM_COUNT] = { g_string_new(NULL), g_string_new(NULL) };
    int64_t deadline_ns = spec->timeout_ms > 0 ? started_ns + (int64_t) spec->timeout_ms * 1000000 : INT64_MAX;
    size_t limit = spec->output_limit > 0 ? spec->output_limit : DEFAULT_OUTPUT_LIMIT;
    int status = 0;

    result->timed_out = !drain(streams, texts, limit, deadline_ns) || !wait_until(pid, deadline_ns, &status);
    if (result->timed_out) {
        kill(-pid, SIGKILL);
        waitpid(pid, &status, 0);
    } else {
        kill(-pid, SIGKILL); /* whatever it left behind in its group */
    }
    result->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result->duration_ns = clock_monotonic_ns() - started_ns;
    result->output = g_string_free(texts[0], FALSE);
    result->errors = g_string_free(texts[1], FALSE);
}

/* Returns the errno of a failed exec, or 0 once the program runs. */
static int exec_errno(int report)
{
    int value = 0;

    while (read(report, &value, sizeof value) < 0 && errno == EINTR)
        continue;
    return value;
}

static void close_all(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

bool proc_run(const ProcSpec *spec, ProcResult *ret_result, GError **error)
{
    enum { OUT_READ, OUT_WRITE, ERR_READ, ERR_WRITE, REPORT_READ, REPORT_WRITE, IN, FD_COUNT };
    int fds[FD_COUNT] = { -1, -1, -1, -1, -1, -1, -1 };
    g_auto(GStrv) environment = merged_environment(spec->environment);
    int64_t started_ns = clock_monotonic_ns();
    pid_t pid;
    int failed;

    fds[IN] = stdin_open(spec->stdin_text);
    if (fds[IN] < 0 || pipe2(&fds[OUT_READ], O_CLOEXEC) != 0 || pipe2(&fds[ERR_READ], O_CLOEXEC) != 0
        || pipe2(&fds[REPORT_READ], O_CLOEXEC) != 0 || (pid = fork()) < 0) {
        error_set_errno(error, ERROR_HOST, "could not start '%s'", spec->argv[0]);
        close_all(fds, FD_COUNT);
        return false;
    }
    if (pid == 0)
        child_main(spec, environment, fds[IN], (int[]) { fds[OUT_WRITE], fds[ERR_WRITE] }, fds[REPORT_WRITE]);
    setpgid(pid, pid);
    close_all((int[]) { fds[OUT_WRITE], fds[ERR_WRITE], fds[REPORT_WRITE], fds[IN] }, 4);
    failed = exec_errno(fds[REPORT_READ]);
    if (failed != 0) {
        waitpid(pid, NULL, 0);
        errno = failed;
        error_set_errno(error, ERROR_HOST, "could not start '%s'", spec->argv[0]);
    } else {
        collect(pid, (int[]) { fds[OUT_READ], fds[ERR_READ] }, spec, started_ns, ret_result);
    }
    close_all((int[]) { fds[OUT_READ], fds[ERR_READ], fds[REPORT_READ] }, 3);
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
    if (result.exit_status != 0)
        return error_set(error, ERROR_HOST, "program '%s' ended with status %d: %s", spec->argv[0], result.exit_status,
                         last_line(result.errors));
    *ret_result = result;
    result = (ProcResult) { 0 };
    return true;
}

void proc_result_clear(ProcResult *result)
{
    g_clear_pointer(&result->output, g_free);
    g_clear_pointer(&result->errors, g_free);
}
