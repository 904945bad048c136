// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_ADMISSION_H
#define RUNNER_EXEC_ADMISSION_H

#include <stdbool.h>

/* Which runs may be under way side by side. Knows numbers only, neither runs nor machines. */

/* What a run takes from the host. */
typedef struct Demand {
    unsigned cpus, memory_mb;
} Demand;

typedef struct Admission {
    unsigned jobs;             /* runs side by side; 0: as many as CPUs and memory allow */
    unsigned cpus, memory_mb;  /* what the host has */
    unsigned cpus_used, memory_used_mb, running;
} Admission;

enum { ADMISSION_RUNS_MAX = 256 };

/* Whether a run may start beside those that are under way. The first one always may. */
bool admission_allows(const Admission *admission, const Demand *demand);

/* A run begins, and ends. */
void admission_take(Admission *admission, const Demand *demand);
void admission_give(Admission *admission, const Demand *demand);

#endif
