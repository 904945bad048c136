// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/noise-gate.h"

#include <math.h>

#include "runner/base/clock.h"

enum { WINDOW_MS = 1000, MS_NS = 1000000 };

bool noise_policy_limits(const NoisePolicy *policy)
{
    return policy->on_violation != NULL
           && (!isnan(policy->load) || !isnan(policy->throttles) || policy->steal_percent < 100 || policy->pressure_percent < 100);
}

/* Comparisons with what is not known or not limited (NAN) are false. */
char *noise_violation(const NoisePolicy *policy, const Noise *noise, int64_t drops)
{
    const struct {
        const char *what, *unit;
        double value, limit;
    } limits[] = {
        { "steal", " %", noise->steal_percent, policy->steal_percent },
        { "load", "", noise->load, policy->load },
        { "memory pressure", " %", noise->pressure_percent, policy->pressure_percent },
        { "throttlings", "", (double) noise->throttles, policy->throttles },
        { "packets lost by captures", "", (double) drops, policy->drops },
    };
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(limits) && policy->on_violation != NULL; i++)
        if (limits[i].value > limits[i].limit)
            g_string_append_printf(text, "%s%s %.3g%s (at most %g%s)", text->len > 0 ? ", " : "", limits[i].what,
                                   limits[i].value, limits[i].unit, limits[i].limit, limits[i].unit);
    return text->len > 0 ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}

bool noise_gate_read(NoiseGate *gate, int64_t age_ns, NoiseReading *ret_reading)
{
    if (gate->latest.at_ns == 0 || clock_monotonic_ns() - gate->latest.at_ns > age_ns) {
        NoiseReading reading;

        if (!noise_read(gate->root, gate->ours, &reading, NULL))
            return false;
        gate->latest = reading;
    }
    *ret_reading = gate->latest;
    return true;
}

/* A host whose counters cannot be read is not held up. */
static bool look(NoiseGate *gate, int64_t now_ns)
{
    NoiseReading reading;

    if (gate->last.at_ns != 0 && now_ns - gate->last.at_ns < (int64_t) WINDOW_MS * MS_NS)
        return true;
    if (!noise_gate_read(gate, 0, &reading))
        return false;
    gate->known = gate->last.at_ns != 0;
    if (gate->known)
        gate->now = noise_between(&gate->last, &reading);
    gate->last = reading;
    return true;
}

NoiseAnswer noise_gate_ask(NoiseGate *gate, int64_t now_ns, char **ret_violation)
{
    g_autofree char *violation = NULL;
    bool waits = g_strcmp0(gate->policy->on_violation, "wait") == 0;

    *ret_violation = NULL;
    if (!noise_policy_limits(gate->policy) || !look(gate, now_ns))
        return NOISE_QUIET;
    if (!gate->known)
        return NOISE_WAIT;
    violation = noise_violation(gate->policy, &gate->now, 0);
    if (violation == NULL) {
        gate->waiting_since_ns = 0;
        return NOISE_QUIET;
    }
    if (waits && gate->waiting_since_ns == 0)
        gate->waiting_since_ns = now_ns;
    *ret_violation = g_steal_pointer(&violation);
    return waits && now_ns - gate->waiting_since_ns < gate->policy->wait_ms * MS_NS ? NOISE_WAIT : NOISE_LOUD;
}
