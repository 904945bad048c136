// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_NOISE_GATE_H
#define RUNNER_EXEC_NOISE_GATE_H

#include "collectors/noise.h"
#include "runner/plan/scenario.h"

/* Whether the host is quiet enough to measure on, by the scenario's `noise`. The coordinator asks before a run begins and judges
 * it when it has ended. */
typedef struct NoiseGate {
    const NoisePolicy *policy;
    const char *root;            /* as of noise_read() */
    pid_t ours;
    NoiseReading latest;         /* of all; at_ns 0: none yet */
    NoiseReading last;           /* where the window begins; at_ns 0: none yet */
    Noise now;                   /* over the last window */
    bool known;                  /* `now` is */
    int64_t waiting_since_ns;    /* monotonic; 0: nobody waits */
} NoiseGate;

/* What the gate says to a run that wants to begin. */
typedef enum {
    NOISE_WAIT,  /* not yet: the host is not quiet, or it is not known yet */
    NOISE_QUIET,
    NOISE_LOUD,  /* begin, but it is disturbed from its beginning; the policy says what becomes of it */
} NoiseAnswer;

/* The counters as they are, or were at most `age_ns` ago: to read them is to look at every process of the host. `root` and `ours` are those of the gate. */
bool noise_gate_read(NoiseGate *gate, int64_t age_ns, NoiseReading *ret_reading) G_GNUC_WARN_UNUSED_RESULT;

/* Ask, again and again. Reads the counters about once a second. *ret_violation says what is too loud (with NOISE_LOUD, and with
 * NOISE_WAIT while that is why); caller frees; else NULL. Without limits the answer is NOISE_QUIET at once. */
NoiseAnswer noise_gate_ask(NoiseGate *gate, int64_t now_ns, char **ret_violation);

/* What of it breaks the policy, for people: "load 1.3 (at most 0.5)"; NULL: nothing. `drops` are packets that captures lost. Caller
 * frees. */
char *noise_violation(const NoisePolicy *policy, const Noise *noise, int64_t drops);

/* Whether the policy has any limit that is measured on the host. */
bool noise_policy_limits(const NoisePolicy *policy);

#endif
