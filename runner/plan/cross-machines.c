// SPDX-License-Identifier: GPL-3.0-or-later
/* What machines cannot be at the same time. */
#include <string.h>

#include "runner/plan/reading.h"
#include "runner/plan/run-spec.h"

/* A value that varies is not in the spec during the first walk. */
static bool is(const char *value, const char *expected)
{
    return value != NULL && strcmp(value, expected) == 0;
}

static void check_restore(Reading *reading, const RunSpec *spec, const Node *root)
{
    if (is(spec->platform, "bare") && is(spec->start, "restore"))
        reading_problem(reading, node_get(root, "start"), g_strdup("exclude the cell, or choose another policy."),
                        "machines of 'platform: bare' have no memory that could be restored");
}

/* An instruction count stands still or runs away where something else than one emulated processor moves the time. */
static void check_clock(Reading *reading, const RunSpec *spec, const Node *root)
{
    const Node *clock = node_get(root, "clock");
    bool skips = is(spec->clock, "instructions-skip");

    if (!skips && !is(spec->clock, "instructions"))
        return;
    if (is(spec->platform, "bare"))
        reading_problem(reading, clock, NULL, "instructions can only be counted in virtual machines, not with 'platform: bare'");
    if (is(spec->accel, "kvm"))
        reading_problem(reading, clock, g_strdup("remove 'accel: kvm': instructions are counted by TCG."),
                        "instructions cannot be counted with 'accel: kvm'");
    for (size_t i = 0; i < spec->machine_count; i++) {
        const Node *machine = node_get(root, "machines")->values[spec->machines[i].item];

        if (spec->machines[i].cpus > 1)
            reading_problem(reading, node_get(machine, "cpus"), g_strdup("give it one processor."),
                            "instructions can only be counted for one processor, machine '%s' has %u", spec->machines[i].name,
                            spec->machines[i].cpus);
        if (skips && (spec->machine_count > 1 || spec->machines[i].interface_count > 0))
            reading_problem(reading, clock, g_strdup("'clock: instructions' keeps idle time, and may have a network."),
                            "'instructions-skip' is for a single machine without interfaces: its time would run away from the others'");
    }
}

void cross_check_machines(Reading *reading, const RunSpec *spec)
{
    check_restore(reading, spec, reading->tree->root);
    check_clock(reading, spec, reading->tree->root);
}
