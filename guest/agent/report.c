// SPDX-License-Identifier: GPL-3.0-or-later
#include "guest/agent/report.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int log_fd = -1;

int64_t monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

void report_open(const char *path)
{
    log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

void report(const char *format, ...)
{
    int64_t now_ms = monotonic_ns() / 1000000;
    char line[512];
    size_t used = (size_t) snprintf(line, sizeof line, "[%5d.%03d] ", (int) (now_ms / 1000), (int) (now_ms % 1000));
    ssize_t ignored;
    va_list args;

    va_start(args, format);
    vsnprintf(line + used, sizeof line - used - 1, format, args);
    va_end(args);
    used = strlen(line);
    line[used++] = '\n';
    ignored = write(STDERR_FILENO, line, used);
    if (log_fd >= 0)
        ignored = write(log_fd, line, used);
    (void) ignored; /* there is nobody else to tell */
}
