// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/cpus.h"

#include <errno.h>

#include "runner/base/error.h"

/* "3" or "3-5". */
static bool add_range(const char *text, cpu_set_t *cpus)
{
    g_auto(GStrv) ends = g_strsplit(text, "-", 3);
    guint count = g_strv_length(ends);
    guint64 first, last;

    if (count < 1 || count > 2 || !g_ascii_string_to_unsigned(ends[0], 10, 0, CPU_SETSIZE - 1, &first, NULL)
        || !g_ascii_string_to_unsigned(ends[count - 1], 10, first, CPU_SETSIZE - 1, &last, NULL))
        return false;
    for (guint64 cpu = first; cpu <= last; cpu++)
        CPU_SET(cpu, cpus);
    return true;
}

bool cpus_parse(const char *text, cpu_set_t *ret_cpus, GError **error)
{
    g_auto(GStrv) ranges = g_strsplit(text, ",", -1);
    bool ok = ranges[0] != NULL;
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    for (char **range = ranges; ok && *range != NULL; range++)
        ok = add_range(*range, &cpus);
    if (!ok)
        return error_set(error, ERROR_SCENARIO, "must be CPU numbers such as 0-3,6, not '%s'", text);
    *ret_cpus = cpus;
    return true;
}

char *cpus_text(const cpu_set_t *cpus)
{
    GString *text = g_string_new(NULL);

    for (int first = 0; first < CPU_SETSIZE; first++) {
        int last = first;

        if (!CPU_ISSET(first, cpus))
            continue;
        while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, cpus))
            last++;
        g_string_append_printf(text, "%s%d", text->len > 0 ? "," : "", first);
        if (last > first)
            g_string_append_printf(text, "-%d", last);
        first = last;
    }
    return g_string_free(text, FALSE);
}

void cpus_allowed(cpu_set_t *ret_cpus)
{
    if (sched_getaffinity(0, sizeof *ret_cpus, ret_cpus) == 0)
        return;
    CPU_ZERO(ret_cpus); /* a host with more of them than the set holds */
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        CPU_SET(cpu, ret_cpus);
}

/* A thread may end while we look; new ones are made by those that are bound already, or by us. */
static bool bind_thread(const char *id, const cpu_set_t *cpus)
{
    return sched_setaffinity((pid_t) g_ascii_strtoll(id, NULL, 10), sizeof *cpus, cpus) == 0 || errno == ESRCH;
}

bool cpus_bind(const cpu_set_t *cpus, GError **error)
{
    g_autofree char *text = cpus_text(cpus);
    g_autoptr(GDir) threads = g_dir_open("/proc/self/task", 0, NULL);
    const char *id;
    bool ok = sched_setaffinity(0, sizeof *cpus, cpus) == 0;

    while (ok && threads != NULL && (id = g_dir_read_name(threads)) != NULL)
        ok = bind_thread(id, cpus);
    return ok || error_set_errno(error, ERROR_HOST, "could not use only CPUs %s", text);
}
