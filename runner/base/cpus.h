// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_CPUS_H
#define RUNNER_BASE_CPUS_H

#include <glib.h>
#include <sched.h>
#include <stdbool.h>

/* Sets of the host's processors, written as the kernel and taskset write them: "0-3,6". At most CPU_SETSIZE (1024). */

/* The error completes "key 'x' ...": "must be CPU numbers such as 0-3,6, not '...'". */
bool cpus_parse(const char *text, cpu_set_t *ret_cpus, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sorted, neighbours as ranges; "" for none. Caller frees. */
char *cpus_text(const cpu_set_t *cpus);

/* Those that this process may use. */
void cpus_allowed(cpu_set_t *ret_cpus);

/* From now on this process with all threads that it has, and what it starts, uses only these. */
bool cpus_bind(const cpu_set_t *cpus, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
