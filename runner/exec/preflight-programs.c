// SPDX-License-Identifier: GPL-3.0-or-later
/* Programs of the host that only some scenarios need. */
#include <string.h>

#include "runner/base/error.h"
#include "runner/exec/preflight.h"
#include "runner/vm/machine.h"

static const struct {
    const char *program, *package, *purpose;
} programs[] = {
    { "qemu-img", "qemu-utils", "makes the overlay of a machine with a disk" },
    { "ovs-vswitchd", "openvswitch-switch", "is the switch of a network of 'type: ovs'" },
    { "dnsmasq", "dnsmasq-base", "serves a network with 'dhcp'" },
    { "nft", "nftables", "does a router's 'nat'" },
    { "ssh", "openssh-client", "reaches a machine with 'channel: ssh'" },
    { "qemu-system-aarch64", "qemu-system-arm", "emulates a machine with 'arch: aarch64'" },
};

static void note(PreflightNeeds *needs, const char *program)
{
    g_hash_table_add(needs->programs, g_strdup(program));
}

void preflight_note_programs(PreflightNeeds *needs, const RunSpec *spec)
{
    bool bare = strcmp(spec->platform, "bare") == 0;

    for (size_t i = 0; i < spec->machine_count && !bare; i++) {
        const MachineSpec *machine = &spec->machines[i];
        g_autofree char *emulator = machine_emulator(machine->arch);

        if (machine->disk != NULL)
            note(needs, "qemu-img");
        if (strcmp(machine->channel, "ssh") == 0)
            note(needs, "ssh");
        if (machine_is_foreign(machine->arch) && machine->emulator == NULL)
            note(needs, emulator);
    }
    for (size_t i = 0; i < spec->bridge_count; i++) {
        if (strcmp(spec->bridges[i].type, "ovs") == 0)
            note(needs, "ovs-vswitchd");
        if (spec->bridges[i].dhcp != NULL)
            note(needs, "dnsmasq");
    }
    for (size_t i = 0; i < spec->router_count; i++)
        if (spec->routers[i].nat != NULL)
            note(needs, "nft");
}

bool preflight_program(const char *program, GError **error)
{
    g_autofree char *path = g_find_program_in_path(program);

    if (path != NULL)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
        if (strcmp(programs[i].program, program) != 0)
            continue;
        error_set(error, ERROR_HOST, "program '%s' is not installed, which %s", program, programs[i].purpose);
        error_hint(error, "'sudo apt-get install -y %s' installs it.", programs[i].package);
        return false;
    }
    return error_set(error, ERROR_HOST, "program '%s' is not installed", program);
}

bool preflight_all_programs(const PreflightNeeds *needs, GError **error)
{
    GHashTableIter iterator;
    void *program;

    g_hash_table_iter_init(&iterator, needs->programs);
    while (g_hash_table_iter_next(&iterator, &program, NULL))
        if (!preflight_program(program, error))
            return false;
    return true;
}
