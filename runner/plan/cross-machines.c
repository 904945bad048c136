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

/* Pins are one run's. */
static void check_keep(Reading *reading, const RunSpec *spec, const Node *root)
{
    const Node *start = node_get(root, "start");

    if (is(spec->start, "keep") && spec->pin_machines != NULL)
        reading_problem(reading, start, g_strdup("remove 'pin.machines', or choose another policy."),
                        "with 'start: keep' machines cannot be pinned: each run may have other processors");
}

/* Whatever a machine boots has to come from somewhere. */
static void check_image(Reading *reading, const MachineSpec *machine, const Node *item)
{
    static const char *const sources[] = { "disk", "kernel", "root" };
    g_autofree char *who = machine->name != NULL ? g_strdup_printf("machine '%s'", machine->name) : g_strdup("a machine");

    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++)
        if (node_get(item, sources[i]) != NULL)
            return;
    if (is(machine->image, "none") && machine->copy == 0)
        reading_problem(reading, node_get(item, "image") != NULL ? node_get(item, "image") : item,
                        g_strdup("'image: tiny' is what 'trialbed image build tiny' makes; 'disk', 'kernel' and 'root' take files of this host."),
                        "%s has neither 'image' nor 'disk', 'kernel' or 'root'", who);
}

/* What only virtual machines have, and what only some can do. */
static void check_channel(Reading *reading, const RunSpec *spec, const MachineSpec *machine, const Node *item)
{
    bool foreign = is(machine->channel, "qemu-ga") || is(machine->channel, "ssh");

    if (is(spec->platform, "bare") && machine->disk != NULL)
        reading_problem(reading, node_get(item, "disk"), g_strdup("'root' names a folder."), "machines of 'platform: bare' have no disks");
    if (is(spec->platform, "bare") && foreign)
        reading_problem(reading, node_get(item, "channel"), NULL, "machines of 'platform: bare' have no channel but the agent");
    if (machine->disk != NULL && machine->root != NULL)
        reading_problem(reading, node_get(item, "root"), g_strdup("remove one of them."), "a machine has a 'disk' or a 'root', not both");
}

static void check_sources(Reading *reading, const RunSpec *spec, const Node *root)
{
    for (size_t i = 0; i < spec->machine_count; i++) {
        const Node *item = node_get(root, "machines")->values[spec->machines[i].item];

        check_image(reading, &spec->machines[i], item);
        check_channel(reading, spec, &spec->machines[i], item);
    }
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

/* Another architecture than the host's has to be emulated. */
static void check_arch(Reading *reading, const RunSpec *spec, const Node *root)
{
    for (size_t i = 0; i < spec->machine_count; i++) {
        const MachineSpec *machine = &spec->machines[i];
        const Node *arch = node_get(node_get(root, "machines")->values[machine->item], "arch");

        if (arch == NULL || machine->arch == NULL || strcmp(machine->arch, RUN_SPEC_ARCH) == 0 || machine->copy > 0)
            continue;
        if (is(spec->platform, "bare"))
            reading_problem(reading, arch, g_strdup("exclude the cell, or choose 'platform: vm'."),
                            "machines of 'platform: bare' have the host's architecture, " RUN_SPEC_ARCH);
        if (is(spec->accel, "kvm"))
            reading_problem(reading, arch, g_strdup("remove 'accel: kvm': 'auto' emulates what the host cannot run."),
                            "KVM runs only machines of the host's architecture, " RUN_SPEC_ARCH);
    }
}

void cross_check_machines(Reading *reading, const RunSpec *spec)
{
    check_keep(reading, spec, reading->tree->root);
    check_sources(reading, spec, reading->tree->root);
    check_restore(reading, spec, reading->tree->root);
    check_clock(reading, spec, reading->tree->root);
    check_arch(reading, spec, reading->tree->root);
}
