// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_CLOCK_H
#define RUNNER_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* The only file that reads clocks. Monotonic time measures, real time labels. Both in nanoseconds. */
int64_t clock_monotonic_ns(void);
int64_t clock_realtime_ns(void);

/* The real time at which this host began to run; who sets the clock moves it. */
int64_t clock_boot_realtime_ns(void);

/* "2026-11-22T10:26:00.123Z" for a real time. Caller frees. */
char *clock_format_utc(int64_t realtime_ns);

/* The real time at which the clock on the wall next shows `text` ("07:00") after `now_realtime_ns`. False for what is no time of day. */
bool clock_next_time_of_day(const char *text, int64_t now_realtime_ns, int64_t *ret_realtime_ns);

#endif
