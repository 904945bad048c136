// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_PROGRESS_H
#define RUNNER_EXEC_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What people see while an experiment runs, on stderr: one line for every run that ends, and below it, on a terminal, a bar. */
typedef struct Progress {
    size_t total, done, failed, running; /* runs of the whole experiment; `done` counts failed ones too */
    size_t done_before;                  /* of `done`, those of earlier calls: they say nothing about our speed */
    int64_t started_ns;
    bool terminal;
    int64_t shown_ns; /* when the bar was drawn last */
} Progress;

void progress_start(Progress *progress, size_t total, size_t done, size_t failed);

/* A line above the bar. */
void progress_line(Progress *progress, const char *line);

/* Redraw the bar if it is time; nothing when stderr is no terminal or with -q. */
void progress_tick(Progress *progress);

/* Remove the bar. */
void progress_end(Progress *progress);

/* "1 h 5 min", "3 min 20 s", "12 s". Caller frees. */
char *progress_duration(double seconds);

/* Seconds until the end at the speed so far; negative when it cannot be told yet. */
double progress_left_s(const Progress *progress, int64_t now_ns);

#endif
