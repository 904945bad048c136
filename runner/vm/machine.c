// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/machine.h"

#include <string.h>

/* What costs boot time and changes nothing that a guest measures later. panic=-1 reboots at once, and a reboot ends the machine. */
#define STOCK "console=ttyS0 panic=-1"
#define FAST STOCK " quiet cryptomgr.notests no_timer_check random.trust_cpu=on"
/* Under TCG a busy host makes the kernel's watchdog distrust the only good clock. With KVM the watchdog has its reasons. */
#define FAST_TCG FAST " tsc=reliable"
#define TRIMMED                                                                                                                \
    " mitigations=off nopti audit=0 apparmor=0 loglevel=0 8250.nr_uarts=1 i8042.noaux i8042.nokbd rcupdate.rcu_expedited=1"      \
    " initcall_blacklist=init_kprobe_trace,load_system_certificate_list,crypto_kdf108_init"

/* The same for aarch64, which has another serial port and none of a PC's devices and clocks. */
#define STOCK_ARM "console=ttyAMA0 panic=-1"
#define FAST_ARM STOCK_ARM " quiet cryptomgr.notests random.trust_cpu=on"

static const struct {
    const char *preset, *arch, *accel, *cmdline;
} presets[] = {
    { "fast", "x86_64", "kvm", FAST },
    { "fast", "x86_64", "tcg", FAST_TCG },
    { "stock", "x86_64", "kvm", STOCK },
    { "stock", "x86_64", "tcg", STOCK },
    { "fastest", "x86_64", "kvm", FAST TRIMMED },
    { "fastest", "x86_64", "tcg", FAST_TCG TRIMMED " noreplace-smp" },
    { "fast", "aarch64", "tcg", FAST_ARM },
    { "stock", "aarch64", "tcg", STOCK_ARM },
    { "fastest", "aarch64", "tcg", FAST_ARM " mitigations=off audit=0 apparmor=0 loglevel=0 rcupdate.rcu_expedited=1" },
};

bool machine_is_foreign(const char *arch)
{
    return arch != NULL && !g_str_equal(arch, MACHINE_ARCH);
}

const char *machine_accel(const char *arch, const char *accel)
{
    return machine_is_foreign(arch) ? "tcg" : accel;
}

char *machine_emulator(const char *arch)
{
    return g_strconcat("qemu-system-", arch != NULL ? arch : MACHINE_ARCH, NULL);
}

const char *machine_cmdline_preset(const char *preset, const char *arch, const char *accel)
{
    const char *known_accel = g_str_equal(machine_accel(arch, accel), "kvm") ? "kvm" : "tcg"; /* a fake machine boots as slowly as it likes */

    if (arch == NULL)
        arch = MACHINE_ARCH;
    for (size_t i = 0; i < G_N_ELEMENTS(presets); i++)
        if (g_str_equal(presets[i].preset, preset) && g_str_equal(presets[i].arch, arch) && g_str_equal(presets[i].accel, known_accel))
            return presets[i].cmdline;
    return NULL;
}

char *machine_settings(const MachineConfig *config, const MachinePeer *peers, size_t peer_count)
{
    GString *line = g_string_new(NULL);

    g_string_append_printf(line, "trialbed.host=%s", config->name);
    for (size_t i = 0; i < config->nic_count; i++)
        g_string_append_printf(line, "%s%s,%s", i == 0 ? " trialbed.net=" : ";", config->nics[i].mac,
                               config->nics[i].address != NULL ? config->nics[i].address : "");
    for (size_t i = 0; i < peer_count; i++)
        g_string_append_printf(line, "%s%s=%.*s", i == 0 ? " trialbed.hosts=" : ";", peers[i].name,
                               (int) strcspn(peers[i].address, "/"), peers[i].address);
    return g_string_free(line, FALSE);
}

char *machine_cmdline(const char *preset, const char *accel, const MachineConfig *config, const MachinePeer *peers,
                      size_t peer_count)
{
    const char *kernel_part = machine_cmdline_preset(preset, config->arch, accel);
    g_autofree char *settings = machine_settings(config, peers, peer_count);

    return kernel_part != NULL ? g_strconcat(kernel_part, " ", settings, NULL) : NULL;
}
