// SPDX-License-Identifier: GPL-3.0-or-later
/* What the machines cost the host while the steps ran: metrics without asking. */
#include "runner/exec/attempt.h"

/* Its cost is no part of what was asked for, so not knowing it fails nothing. */
static bool look(Attempt *attempt, size_t index, MachineUsage *ret_usage)
{
    g_autoptr(GError) problem = NULL;

    if (attempt->backend->usage == NULL || attempt->machines[index] == NULL)
        return false;
    if (attempt->backend->usage(attempt->machines[index], ret_usage, &problem))
        return true;
    attempt_event(attempt, "warning", "what machine '%s' used is not known: %s", attempt->spec->machines[index].name, problem->message);
    return false;
}

void attempt_usage_begin(Attempt *attempt)
{
    attempt->usages = g_new0(MachineUsage, attempt->spec->machine_count);
    for (size_t i = 0; i < attempt->spec->machine_count; i++)
        if (!look(attempt, i, &attempt->usages[i]))
            attempt->usages[i].cpu_ns = -1;
}

static void tell(Attempt *attempt, size_t index, const char *metric, const char *unit, double value)
{
    SampleRecord sample = { .metric = metric, .unit = unit, .direction = "lower", .aggregate = "sum", .automatic = true,
                            .sequence = (int64_t) index, .value = value, .machine = attempt->spec->machines[index].name };

    attempt_send(attempt, MESSAGE_SAMPLE, &sample);
}

/* Machines that ended on their way have nothing to tell. */
void attempt_usage_end(Attempt *attempt)
{
    for (size_t i = 0; attempt->usages != NULL && i < attempt->spec->machine_count; i++) {
        MachineUsage now;

        if (attempt->usages[i].cpu_ns < 0 || !look(attempt, i, &now))
            continue;
        tell(attempt, i, "cpu.time", "s", (double) (now.cpu_ns - attempt->usages[i].cpu_ns) / 1e9);
        tell(attempt, i, "memory.resident", "MiB", (double) now.resident_bytes / (1 << 20));
    }
    g_clear_pointer(&attempt->usages, g_free);
}
