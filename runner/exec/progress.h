// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_PROGRESS_H
#define RUNNER_EXEC_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What people see while an experiment runs, on stderr: one line for every run that ends, and below it, on a terminal, a bar. Without a
 * terminal: how far it is, once a minute; and of a long experiment's runs only those that fail. */
typedef struct Progress {
    size_t total, done, failed, running; /* runs of the whole experiment; `done` counts failed ones too */
    size_t done_before;                  /* of `done`, those of earlier calls: they say nothing about our speed */
    int64_t started_ns, last_done_ns;    /* the beginning, and when a run ended last */
    int64_t told_ns;                     /* the last line that says how far it is */
    int64_t realtime_ns;                 /* what the wall clock is ahead of the monotonic one */
    bool terminal;
    char *current; /* the cells under way, "delay=10ms, delay=50ms"; NULL: none */
    char *shown; /* the bar that is on the screen; NULL: none */
} Progress;

void progress_start(Progress *progress, size_t total, size_t done, size_t failed);

/* One more run has ended. */
void progress_run_done(Progress *progress, bool failed, int64_t now_ns);

/* A line above the bar. */
void progress_line(Progress *progress, const char *line);

/* Which cells are under way; takes the text. */
void progress_set_current(Progress *progress, char *cells);

/* Whether a run that went well deserves no line of its own. */
bool progress_is_terse(const Progress *progress);

/* Show the bar if it looks different by now, or the line of the minute; nothing with -q. */
void progress_tick(Progress *progress);

/* Remove the bar. */
void progress_end(Progress *progress);

/* "1 h 5 min", "3 min 20 s", "12 s". Caller frees. */
char *progress_duration(double seconds);

/* Seconds until the end, at the speed up to the run that ended last; negative when it cannot be told yet. */
double progress_left_s(const Progress *progress, int64_t now_ns);

/* "12/60, 1 failed, 2 running, 3 min 20 s left, 14.2 a minute, until 07:12, now delay=10ms". Caller frees. */
char *progress_text(const Progress *progress, int64_t now_ns);

/* The same when a minute has gone by since the last; NULL: not yet. Caller frees. */
char *progress_minute(Progress *progress, int64_t now_ns);

/* The bar for a terminal of so many columns, as much of it as there is room for; the last three stay free. Caller frees. */
char *progress_bar(const Progress *progress, int64_t now_ns, size_t columns);

#endif
