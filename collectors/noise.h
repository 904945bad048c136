// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTORS_NOISE_H
#define COLLECTORS_NOISE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What else the host was doing while something was measured, from counters of the kernel that only grow: two readings, and
 * the difference is the noise between them.
 *   steal     share of the processors' time that the hypervisor below this host gave to others (/proc/stat, steal)
 *   load      processors that other programs kept busy on average: all busy time (/proc/stat: user, nice, system, irq, softirq;
 *             guest time is in user) less that of one process and its descendants, dead ones that were waited for included
 *             (/proc/PID/stat: utime, stime, cutime, cstime)
 *   pressure  share of the time in which something waited for memory (/proc/pressure/memory, "some")
 *   throttles times that a processor slowed down for heat (/sys/devices/system/cpu/cpu*\/thermal_throttle/core_throttle_count) */

typedef struct NoiseReading {
    int64_t at_ns;      /* monotonic */
    double busy_s, steal_s, ours_s;
    double waited_s;    /* for memory; negative: this kernel does not tell */
    int64_t throttles;  /* negative: this host does not tell */
    unsigned cpus;
} NoiseReading;

typedef struct Noise {
    double steal_percent, load;
    double pressure_percent; /* negative: not known */
    int64_t throttles;       /* negative: not known */
} Noise;

/* Read the counters; `ours` is the process whose tree is not noise. `root` is "" or, for tests, a folder with proc/ and sys/.
 * ERROR_HOST when /proc/stat cannot be read. */
bool noise_read(const char *root, pid_t ours, NoiseReading *ret_reading, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What happened between two readings, `after` being the later one. All 0 when no time has passed. */
Noise noise_between(const NoiseReading *before, const NoiseReading *after);

#endif
