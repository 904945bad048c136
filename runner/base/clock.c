// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/clock.h"

#include <glib.h>
#include <time.h>

static int64_t clock_read(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_monotonic_ns(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

int64_t clock_realtime_ns(void)
{
    return clock_read(CLOCK_REALTIME);
}

char *clock_format_utc(int64_t realtime_ns)
{
    time_t seconds = (time_t) (realtime_ns / 1000000000);
    struct tm parts;
    char text[32];

    gmtime_r(&seconds, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    return g_strdup_printf("%s.%03dZ", text, (int) (realtime_ns % 1000000000 / 1000000));
}
