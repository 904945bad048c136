// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/cmd/status-watch.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/cmd/support.h"
#include "runner/exec/progress.h"

enum { BAR_COLUMNS = 64, PACE_RUNS = 30, FAILURES_SHOWN = 5, MS_TO_US = 1000 };

/* One look at the experiment. */
typedef struct Look {
    Table *counts, *open, *pace, *failures;
    int64_t now_ns;
    bool written; /* somebody writes to the lab */
} Look;

static void look_clear(Look *look)
{
    table_free(look->counts);
    table_free(look->open);
    table_free(look->pace);
    table_free(look->failures);
    *look = (Look) { 0 };
}

/* Whether there is a writer is asked first: what it wrote before it ended is then seen for sure. */
static bool look_take(const Context *context, int64_t experiment_id, Look *ret_look, GError **error)
{
    g_autofree char *path = g_build_filename(context->lab, "trialbed.db", NULL);
    Param id = PARAM_INTEGER(experiment_id);
    Look look = { .now_ns = clock_realtime_ns(), .written = store_is_being_written(path) };

    if (store_read(context->store, "experiment-counts", &look.counts, error, id, PARAM_END)
        && store_read(context->store, "open-attempts", &look.open, error, id, PARAM_END)
        && store_read(context->store, "pace", &look.pace, error, id, PARAM_INTEGER(PACE_RUNS), PARAM_END)
        && store_read(context->store, "failures-newest", &look.failures, error, id, PARAM_INTEGER(FAILURES_SHOWN),
                      PARAM_END)) {
        *ret_look = look;
        return true;
    }
    look_clear(&look);
    return false;
}

static int64_t count(const Look *look, const char *column)
{
    return table_integer(look->counts, 0, column);
}

/* Runs a second, judging by those that ended last; 0 when none has. */
static double rate(const Look *look)
{
    double span_s = (double) (table_integer(look->pace, 0, "last_ns") - table_integer(look->pace, 0, "first_ns")) / 1e9;

    return span_s > 0 ? (double) table_integer(look->pace, 0, "runs") / span_s : 0;
}

static char *local_time(int64_t realtime_ns)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(realtime_ns / 1000000000);

    return time != NULL ? g_date_time_format(time, "%a %H:%M") : g_strdup("?");
}

/* "[####....] 12/18, 1 failed, 2 running, 3 min left", then rate and end. */
static void draw_head(const Look *look, GString *text)
{
    Progress progress = { .total = (size_t) count(look, "runs"),
                          .done = (size_t) (count(look, "runs") - count(look, "left")),
                          .failed = (size_t) count(look, "failed"), .running = (size_t) count(look, "running") };
    g_autofree char *bar = NULL;
    double speed = rate(look);

    progress.done_before = progress.done; /* the time left is told below, from what the database says of speed */
    bar = progress_bar(&progress, 0, BAR_COLUMNS);
    g_string_append(text, bar);
    if (count(look, "tainted") > 0)
        g_string_append_printf(text, ", %lld tainted", (long long) count(look, "tainted"));
    if (speed > 0)
        g_string_append_printf(text, speed * 3600 < 10 ? ", %.2g runs/h" : ", %.0f runs/h", speed * 3600);
    if (speed > 0 && count(look, "left") > 0 && look->written) {
        double left_s = (double) count(look, "left") / speed;
        g_autofree char *left = progress_duration(left_s);
        g_autofree char *end = local_time(look->now_ns + (int64_t) (left_s * 1e9));

        g_string_append_printf(text, ", about %s left, end %s", left, end);
    }
}

static void draw_open(const Look *look, GString *text)
{
    for (size_t row = 0; row < look->open->row_count && look->written; row++) {
        int64_t since_ns = look->now_ns - table_integer(look->open, row, "started_ns");
        g_autofree char *since = progress_duration((double) since_ns / 1e9);

        g_string_append_printf(text, "  running  run %lld (%s), attempt %lld, for %s\n",
                               (long long) table_integer(look->open, row, "run"), table_text(look->open, row, "cell"),
                               (long long) table_integer(look->open, row, "attempt"), since);
    }
}

static void draw_failures(const Look *look, GString *text)
{
    for (size_t row = 0; row < look->failures->row_count; row++) {
        const char *phase = table_text(look->failures, row, "phase"), *class = table_text(look->failures, row, "class");

        g_string_append_printf(text, "  %s  run %lld (%s), attempt %lld%s%s (%s): %s\n", phase != NULL ? "failed " : "tainted",
                               (long long) table_integer(look->failures, row, "run"),
                               table_text(look->failures, row, "cell"),
                               (long long) table_integer(look->failures, row, "attempt"), phase != NULL ? ", in " : "",
                               phase != NULL ? phase : "", class, table_text(look->failures, row, "reason"));
    }
}

/* In place: home, each line erased to its end, then all below. */
static void show_on_terminal(const Look *look, const char *head, GString *below)
{
    g_autoptr(GString) text = g_string_new("\033[H");

    g_string_append_printf(text, "experiment '%s' of %s\n%s\n%s", table_text(look->counts, 0, "name"),
                           table_text(look->counts, 0, "created_at"), head, below->str);
    g_string_replace(text, "\n", "\033[K\n", 0);
    fputs(text->str, stdout);
    fputs("\033[J", stdout);
}

static void show(const Context *context, const Look *look, char **last)
{
    g_autoptr(GString) head = g_string_new(NULL);
    g_autoptr(GString) below = g_string_new(NULL);
    g_autofree char *state = g_strdup_printf("%lld %lld %lld", (long long) count(look, "left"),
                                             (long long) count(look, "running"), (long long) count(look, "failed"));

    draw_head(look, head);
    draw_open(look, below);
    draw_failures(look, below);
    if (!context->json && isatty(STDOUT_FILENO)) {
        show_on_terminal(look, head->str, below);
    } else if (g_strcmp0(state, *last) != 0) {
        if (context->json)
            print_json_row(look->counts, 0, stdout);
        else
            fputs(head->str, stdout);
        fputc('\n', stdout);
    }
    fflush(stdout);
    g_free(*last);
    *last = g_steal_pointer(&state);
}

static bool say_end(const Look *look, int64_t experiment_id, GError **error)
{
    if (count(look, "left") > 0) {
        error_set(error, ERROR_INTERRUPTED, "nobody is running experiment %lld, and %lld of its runs are left",
                  (long long) experiment_id, (long long) count(look, "left"));
        error_hint(error, "'trialbed resume %lld' goes on.", (long long) experiment_id);
        return false;
    }
    if (count(look, "failed") > 0)
        return error_set(error, ERROR_RUNS, "%lld of %lld run%s failed", (long long) count(look, "failed"),
                         (long long) count(look, "runs"), support_plural(count(look, "runs")));
    return true;
}

bool status_watch(const Context *context, int64_t experiment_id, unsigned interval_ms, GError **error)
{
    g_autofree char *last = NULL;
    Look look = { 0 };
    bool over = false, ok;

    if (!context->json && isatty(STDOUT_FILENO))
        fputs("\033[2J", stdout);
    while (!over) {
        if (!look_take(context, experiment_id, &look, error))
            return false;
        show(context, &look, &last);
        over = count(&look, "left") == 0 || !look.written;
        if (over)
            break;
        look_clear(&look);
        g_usleep((gulong) interval_ms * MS_TO_US);
    }
    ok = say_end(&look, experiment_id, error);
    look_clear(&look);
    return ok;
}
