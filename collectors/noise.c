// SPDX-License-Identifier: GPL-3.0-or-later
#include "collectors/noise.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"

/* Fields of the line "cpu" of /proc/stat, in ticks. */
enum { STAT_USER, STAT_NICE, STAT_SYSTEM, STAT_IDLE, STAT_IOWAIT, STAT_IRQ, STAT_SOFTIRQ, STAT_STEAL, STAT_FIELDS };

static bool read_processors(const char *root, NoiseReading *reading, GError **error)
{
    static const int busy[] = { STAT_USER, STAT_NICE, STAT_SYSTEM, STAT_IRQ, STAT_SOFTIRQ };
    g_autofree char *path = g_build_filename(root, "/proc/stat", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) fields = NULL;
    double tick_s = 1.0 / (double) sysconf(_SC_CLK_TCK);

    if (!g_file_get_contents(path, &text, NULL, NULL) || !g_str_has_prefix(text, "cpu "))
        return error_set(error, ERROR_HOST, "could not read the processors' time from '%s'", path);
    for (const char *line = text; (line = strstr(line, "\ncpu")) != NULL; line++)
        reading->cpus++;
    text[strcspn(text, "\n")] = '\0';
    fields = g_strsplit(g_strchug(text + strlen("cpu ")), " ", -1);
    if (g_strv_length(fields) < STAT_FIELDS)
        return error_set(error, ERROR_HOST, "'%s' has no time of steal", path);
    for (size_t i = 0; i < G_N_ELEMENTS(busy); i++)
        reading->busy_s += (double) g_ascii_strtoull(fields[busy[i]], NULL, 10) * tick_s;
    reading->steal_s = (double) g_ascii_strtoull(fields[STAT_STEAL], NULL, 10) * tick_s;
    return true;
}

/* A process: its parent, and its time and that of its dead children, in ticks. */
typedef struct Process {
    pid_t pid, parent;
    guint64 ticks;
    bool ours;
} Process;

/* "PID (NAME) STATE PPID ...": a name may hold blanks and brackets, so fields count from behind the last one. */
static bool read_process(const char *root, const char *pid, Process *ret_process)
{
    enum { PARENT = 1, UTIME = 11, CSTIME = 14, FIELDS };
    g_autofree char *path = g_build_filename(root, "/proc", pid, "stat", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) fields = NULL;
    char *behind;

    if (!g_file_get_contents(path, &text, NULL, NULL) || (behind = strrchr(text, ')')) == NULL)
        return false; /* it has ended meanwhile */
    fields = g_strsplit(g_strchug(behind + 1), " ", FIELDS + 1);
    if (g_strv_length(fields) < FIELDS)
        return false;
    *ret_process = (Process) { .pid = (pid_t) g_ascii_strtoull(pid, NULL, 10),
                               .parent = (pid_t) g_ascii_strtoull(fields[PARENT], NULL, 10) };
    for (int i = UTIME; i <= CSTIME; i++)
        ret_process->ticks += g_ascii_strtoull(fields[i], NULL, 10);
    return true;
}

/* Parents may stand behind their children (numbers wrap around), so look until nothing is added. */
static void mark_tree(GArray *processes, pid_t ours)
{
    g_autoptr(GHashTable) known = g_hash_table_new(NULL, NULL);
    bool added = true;

    g_hash_table_add(known, GINT_TO_POINTER(ours));
    while (added) {
        added = false;
        for (guint i = 0; i < processes->len; i++) {
            Process *process = &g_array_index(processes, Process, i);

            if (process->ours || (process->pid != ours && !g_hash_table_contains(known, GINT_TO_POINTER(process->parent))))
                continue;
            process->ours = added = true;
            g_hash_table_add(known, GINT_TO_POINTER(process->pid));
        }
    }
}

static double tree_time_s(const char *root, pid_t ours)
{
    g_autofree char *path = g_build_filename(root, "/proc", NULL);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    g_autoptr(GArray) processes = g_array_new(FALSE, FALSE, sizeof(Process));
    guint64 ticks = 0;
    const char *name;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        Process process;

        if (g_ascii_isdigit(name[0]) && read_process(root, name, &process))
            g_array_append_val(processes, process);
    }
    mark_tree(processes, ours);
    for (guint i = 0; i < processes->len; i++) {
        const Process *process = &g_array_index(processes, Process, i);

        ticks += process->ours ? process->ticks : 0;
    }
    return (double) ticks / (double) sysconf(_SC_CLK_TCK);
}

static double memory_wait_s(const char *root)
{
    g_autofree char *path = g_build_filename(root, "/proc/pressure/memory", NULL);
    g_autofree char *text = NULL;
    const char *total;

    if (!g_file_get_contents(path, &text, NULL, NULL) || !g_str_has_prefix(text, "some ")
        || (total = strstr(text, "total=")) == NULL)
        return -1;
    return (double) g_ascii_strtoull(total + strlen("total="), NULL, 10) / 1e6;
}

static int64_t throttle_count(const char *root, unsigned cpus)
{
    int64_t count = -1;

    for (unsigned cpu = 0; cpu < cpus; cpu++) {
        g_autofree char *path = g_strdup_printf("%s/sys/devices/system/cpu/cpu%u/thermal_throttle/core_throttle_count",
                                                root, cpu);
        g_autofree char *text = NULL;

        if (g_file_get_contents(path, &text, NULL, NULL))
            count = MAX(count, 0) + (int64_t) g_ascii_strtoull(text, NULL, 10);
    }
    return count;
}

bool noise_read(const char *root, pid_t ours, NoiseReading *ret_reading, GError **error)
{
    NoiseReading reading = { .at_ns = clock_monotonic_ns() };

    if (!read_processors(root, &reading, error))
        return false;
    reading.ours_s = tree_time_s(root, ours);
    reading.waited_s = memory_wait_s(root);
    reading.throttles = throttle_count(root, reading.cpus);
    *ret_reading = reading;
    return true;
}

Noise noise_between(const NoiseReading *before, const NoiseReading *after)
{
    double elapsed_s = (double) (after->at_ns - before->at_ns) / 1e9;
    bool waits = before->waited_s >= 0 && after->waited_s >= 0;
    Noise noise = { .pressure_percent = waits ? 0 : -1, .throttles = before->throttles < 0 ? -1 : 0 };

    if (elapsed_s <= 0)
        return noise;
    noise.steal_percent = 100 * (after->steal_s - before->steal_s) / elapsed_s / MAX(after->cpus, 1);
    noise.load = MAX((after->busy_s - before->busy_s - (after->ours_s - before->ours_s)) / elapsed_s, 0);
    if (waits)
        noise.pressure_percent = 100 * (after->waited_s - before->waited_s) / elapsed_s;
    if (before->throttles >= 0 && after->throttles >= 0)
        noise.throttles = after->throttles - before->throttles;
    return noise;
}
