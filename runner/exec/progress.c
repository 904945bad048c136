// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/progress.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/log.h"

enum { BAR_WIDTH = 30, BAR_WIDTH_MIN = 8, COLUMNS_UNKNOWN = 80 };

void progress_start(Progress *progress, size_t total, size_t done, size_t failed)
{
    *progress = (Progress) { .total = total, .done = done, .failed = failed, .done_before = done,
                             .started_ns = clock_monotonic_ns(),
                             .terminal = isatty(STDERR_FILENO) == 1 && g_strcmp0(g_getenv("TERM"), "dumb") != 0 };
}

void progress_run_done(Progress *progress, bool failed, int64_t now_ns)
{
    progress->done++;
    progress->failed += failed;
    progress->last_done_ns = now_ns;
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

/* The time since the last run ended counts down what is left. It cannot count down more than the runs that are under way. */
double progress_left_s(const Progress *progress, int64_t now_ns)
{
    size_t here = progress->done - progress->done_before, left = progress->total - progress->done;
    double run_s, elapsed_s;

    if (here == 0)
        return -1;
    run_s = (double) (progress->last_done_ns - progress->started_ns) / 1e9 / (double) here;
    elapsed_s = (double) (now_ns - progress->last_done_ns) / 1e9;
    return MAX(run_s * (double) left - elapsed_s, run_s * (double) (left - MIN(progress->running, left)));
}

char *progress_bar(const Progress *progress, int64_t now_ns, size_t columns)
{
    double left_s = progress_left_s(progress, now_ns);
    g_autofree char *left = left_s >= 0 ? progress_duration(left_s) : NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    size_t width, filled;

    g_string_append_printf(text, "%zu/%zu", progress->done, progress->total);
    if (progress->failed > 0)
        g_string_append_printf(text, ", %zu failed", progress->failed);
    g_string_append_printf(text, ", %zu running", progress->running);
    if (left != NULL)
        g_string_append_printf(text, ", %s left", left);
    columns = columns > 0 ? columns - 1 : 0;
    if (columns < text->len + strlen("[] ") + BAR_WIDTH_MIN)
        return g_strndup(text->str, columns);
    width = MIN(columns - text->len - strlen("[] "), BAR_WIDTH);
    filled = progress->total > 0 ? progress->done * width / progress->total : 0;
    g_string_prepend(text, "] ");
    for (size_t i = 0; i < width; i++)
        g_string_prepend_c(text, i < width - filled ? '.' : '#');
    g_string_prepend_c(text, '[');
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static size_t terminal_columns(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : COLUMNS_UNKNOWN;
}

static void erase(Progress *progress)
{
    if (progress->shown != NULL)
        fputs("\r\033[K", stderr);
    g_clear_pointer(&progress->shown, g_free);
}

void progress_tick(Progress *progress)
{
    g_autofree char *bar = NULL;

    if (!progress->terminal || log_level() < LOG_NORMAL)
        return;
    bar = progress_bar(progress, clock_monotonic_ns(), terminal_columns());
    if (g_strcmp0(bar, progress->shown) == 0)
        return;
    fprintf(stderr, "\r%s\033[K", bar);
    fflush(stderr);
    g_free(progress->shown);
    progress->shown = g_steal_pointer(&bar);
}

void progress_line(Progress *progress, const char *line)
{
    erase(progress);
    log_info("%s", line);
}

void progress_end(Progress *progress)
{
    erase(progress);
}
