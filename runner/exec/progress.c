// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/progress.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/log.h"

/* Where the details do not fit beside a whole bar, they do beside a small one, also on 80 columns. */
enum { BAR_WIDTH = 30, BAR_WIDTH_SMALL = 15, BAR_WIDTH_MIN = 8, COLUMNS_UNKNOWN = 80 };

/* A terminal shows "^C" behind the bar, and what wraps cannot be erased. */
enum { COLUMNS_FREE = 3 };

enum { RUNS_OF_A_LONG_EXPERIMENT = 100 };
#define MINUTE_NS (60 * INT64_C(1000000000))

void progress_start(Progress *progress, size_t total, size_t done, size_t failed)
{
    int64_t now_ns = clock_monotonic_ns();

    *progress = (Progress) { .total = total, .done = done, .failed = failed, .done_before = done,
                             .started_ns = now_ns, .told_ns = now_ns, .realtime_ns = clock_realtime_ns() - now_ns,
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

/* What is known anyway comes first: a narrow terminal shows no more. */
static GString *counts_text(const Progress *progress, int64_t now_ns)
{
    double left_s = progress_left_s(progress, now_ns);
    g_autofree char *left = left_s >= 0 ? progress_duration(left_s) : NULL;
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%zu/%zu", progress->done, progress->total);
    if (progress->failed > 0)
        g_string_append_printf(text, ", %zu failed", progress->failed);
    g_string_append_printf(text, ", %zu running", progress->running);
    if (left != NULL)
        g_string_append_printf(text, ", %s left", left);
    return text;
}

/* Appends the rate, the wall clock's time of the end, and the cells that are under way. */
static void add_details(const Progress *progress, int64_t now_ns, GString *text)
{
    double left_s = progress_left_s(progress, now_ns);
    size_t here = progress->done - progress->done_before;
    int64_t end_s = (now_ns + progress->realtime_ns) / INT64_C(1000000000) + (int64_t) left_s;
    g_autoptr(GDateTime) end = g_date_time_new_from_unix_local(end_s);
    g_autofree char *when = end != NULL ? g_date_time_format(end, left_s < 86400 ? "%H:%M" : "%a %H:%M") : NULL;

    if (left_s >= 0 && progress->last_done_ns > progress->started_ns)
        g_string_append_printf(text, ", %.1f a minute", (double) here * MINUTE_NS / (double) (progress->last_done_ns - progress->started_ns));
    if (left_s >= 0 && when != NULL)
        g_string_append_printf(text, ", until %s", when);
    if (progress->current != NULL)
        g_string_append_printf(text, ", now %s", progress->current);
}

char *progress_text(const Progress *progress, int64_t now_ns)
{
    GString *text = counts_text(progress, now_ns);

    add_details(progress, now_ns, text);
    return g_string_free(text, FALSE);
}

char *progress_minute(Progress *progress, int64_t now_ns)
{
    if (now_ns - progress->told_ns < MINUTE_NS)
        return NULL;
    progress->told_ns = now_ns;
    return progress_text(progress, now_ns);
}

void progress_set_current(Progress *progress, char *cells)
{
    g_free(progress->current);
    progress->current = cells;
}

bool progress_is_terse(const Progress *progress)
{
    return !progress->terminal && progress->total > RUNS_OF_A_LONG_EXPERIMENT && log_level() < LOG_VERBOSE;
}

/* The details that fit into `room`, from the first. */
static void cut_details(GString *text, size_t counts, size_t room)
{
    const char *comma;

    if (text->len <= room)
        return;
    comma = g_strrstr_len(text->str, (gssize) (MAX(counts, room) + strlen(", ")), ", ");
    g_string_truncate(text, comma != NULL ? MAX(counts, (size_t) (comma - text->str)) : counts);
}

char *progress_bar(const Progress *progress, int64_t now_ns, size_t columns)
{
    g_autoptr(GString) text = counts_text(progress, now_ns);
    size_t width, filled, counts = text->len, most = BAR_WIDTH;

    columns -= MIN(columns, COLUMNS_FREE);
    if (progress->current != NULL)
        add_details(progress, now_ns, text);
    if (text->len > counts && columns < text->len + strlen("[] ") + BAR_WIDTH) {
        most = BAR_WIDTH_SMALL;
        cut_details(text, counts, columns - MIN(columns, strlen("[] ") + most));
    }
    if (columns < text->len + strlen("[] ") + BAR_WIDTH_MIN)
        return g_strndup(text->str, columns);
    width = MIN(columns - text->len - strlen("[] "), most);
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
    g_autofree char *bar = NULL, *minute = NULL;

    if (log_level() < LOG_NORMAL)
        return;
    if (!progress->terminal) {
        minute = progress_minute(progress, clock_monotonic_ns());
        if (minute != NULL)
            log_info("%s", minute);
        return;
    }
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
    progress_set_current(progress, NULL);
}
