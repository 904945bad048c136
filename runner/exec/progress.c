// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/progress.h"

#include <glib.h>
#include <stdio.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/log.h"

enum { BAR_WIDTH = 30, REDRAW_NS = 200000000 };

void progress_start(Progress *progress, size_t total, size_t done, size_t failed)
{
    *progress = (Progress) { .total = total, .done = done, .failed = failed, .done_before = done,
                             .started_ns = clock_monotonic_ns(), .terminal = isatty(STDERR_FILENO) == 1 };
}

char *progress_duration(double seconds)
{
    int64_t whole = (int64_t) (seconds + 0.5);

    if (whole >= 3600)
        return g_strdup_printf("%d h %d min", (int) (whole / 3600), (int) (whole % 3600 / 60));
    if (whole >= 60)
        return g_strdup_printf("%d min %d s", (int) (whole / 60), (int) (whole % 60));
    return g_strdup_printf("%d s", (int) whole);
}

double progress_left_s(const Progress *progress, int64_t now_ns)
{
    size_t here = progress->done - progress->done_before;

    if (here == 0)
        return -1;
    return (double) (now_ns - progress->started_ns) / 1e9 / (double) here * (double) (progress->total - progress->done);
}

static void erase(const Progress *progress)
{
    if (progress->terminal)
        fputs("\r\033[K", stderr);
}

static void draw(Progress *progress, int64_t now_ns)
{
    size_t filled = progress->total > 0 ? progress->done * BAR_WIDTH / progress->total : 0;
    double left_s = progress_left_s(progress, now_ns);
    g_autofree char *left = left_s >= 0 ? progress_duration(left_s) : g_strdup("?");

    fputs("\r[", stderr);
    for (size_t i = 0; i < BAR_WIDTH; i++)
        fputc(i < filled ? '#' : '.', stderr);
    fprintf(stderr, "] %zu/%zu, %zu failed, %zu running, %s left\033[K", progress->done, progress->total, progress->failed,
            progress->running, left);
    fflush(stderr);
    progress->shown_ns = now_ns;
}

void progress_tick(Progress *progress)
{
    int64_t now_ns = clock_monotonic_ns();

    if (progress->terminal && log_level() >= LOG_NORMAL && now_ns - progress->shown_ns >= REDRAW_NS)
        draw(progress, now_ns);
}

void progress_line(Progress *progress, const char *line)
{
    erase(progress);
    log_info("%s", line);
    progress->shown_ns = 0;
}

void progress_end(Progress *progress)
{
    erase(progress);
}
