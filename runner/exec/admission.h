// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_ADMISSION_H
#define RUNNER_EXEC_ADMISSION_H

#include <glib.h>
#include <sched.h>
#include <stdbool.h>

/* Which runs may be under way side by side. Knows numbers and names only, neither runs nor machines. */

/* What a run takes from the host. All zero: next to nothing. */
typedef struct Demand {
    unsigned cpus, memory_mb;
    bool alone;          /* no other run beside it */
    char **exclusive;    /* names of what only one run at a time may have; NULL: none. Owned */
    bool pinned;         /* each of `cpus` gets a host's CPU of `pin_from` for itself */
    cpu_set_t pin_from;
    cpu_set_t pins;      /* those that it got: admission_take() writes them */
} Demand;

void demand_clear(Demand *demand);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Demand, demand_clear)

typedef struct Admission {
    unsigned jobs;            /* runs side by side; 0: as many as CPUs allow. Everything else holds for both */
    unsigned cpus, memory_mb; /* what the host has */
    unsigned cpus_used, memory_used_mb, running;
    unsigned alone;           /* 1 while a run has the whole host */
    GHashTable *held;         /* names of exclusive things; NULL: none yet */
    cpu_set_t pinned;         /* CPUs that belong to a run */
} Admission;

enum { ADMISSION_RUNS_MAX = 256 };

/* Whether a run may start beside those that are under way. The first one always may, so that none waits for ever: what no host could
 * give is refused before (admission_refuses). */
bool admission_allows(const Admission *admission, const Demand *demand);

/* A run begins, and ends. */
void admission_take(Admission *admission, Demand *demand);
void admission_give(Admission *admission, const Demand *demand);
void admission_clear(Admission *admission);

/* What a run asks for that this host never has, given its memory and the CPUs that we may use: a reason such as "it needs 4 CPUs
 * of 'pin', which has 2". NULL: nothing. Caller frees. */
char *admission_refuses(const Demand *demand, unsigned memory_mb, const cpu_set_t *allowed);

#endif
