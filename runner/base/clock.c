// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/clock.h"

#include <glib.h>
#include <string.h>
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

int64_t clock_boot_realtime_ns(void)
{
    return clock_read(CLOCK_REALTIME) - clock_read(CLOCK_BOOTTIME);
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

bool clock_next_time_of_day(const char *text, int64_t now_realtime_ns, int64_t *ret_realtime_ns)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_local(now_realtime_ns / 1000000000);
    g_autoptr(GDateTime) day = NULL;
    g_autoptr(GDateTime) next = NULL;
    const char *colon = strchr(text, ':');

    if (!g_regex_match_simple("^([01]?[0-9]|2[0-3]):[0-5][0-9]\\z", text, 0, 0) || now == NULL)
        return false;
    /* At most one day and one skipped hour away. */
    for (int days = 0; days < 3; days++) {
        g_clear_pointer(&day, g_date_time_unref);
        g_clear_pointer(&next, g_date_time_unref);
        day = g_date_time_add_days(now, days);
        next = g_date_time_new_local(g_date_time_get_year(day), g_date_time_get_month(day), g_date_time_get_day_of_month(day),
                                     (int) g_ascii_strtoull(text, NULL, 10), (int) g_ascii_strtoull(colon + 1, NULL, 10), 0);
        if (next != NULL && g_date_time_to_unix(next) * 1000000000 > now_realtime_ns) {
            *ret_realtime_ns = g_date_time_to_unix(next) * 1000000000;
            return true;
        }
    }
    return false;
}
