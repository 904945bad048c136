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

static const struct {
    const char *preset, *accel, *cmdline;
} presets[] = {
    { "fast", "kvm", FAST },
    { "fast", "tcg", FAST_TCG },
    { "stock", "kvm", STOCK },
    { "stock", "tcg", STOCK },
    { "fastest", "kvm", FAST TRIMMED },
    { "fastest", "tcg", FAST_TCG TRIMMED " noreplace-smp" },
};

const char *machine_cmdline_preset(const char *preset, const char *accel)
{
    const char *known_accel = g_str_equal(accel, "kvm") ? "kvm" : "tcg"; /* a fake machine boots as slowly as it likes */

    for (size_t i = 0; i < G_N_ELEMENTS(presets); i++)
        if (g_str_equal(presets[i].preset, preset) && g_str_equal(presets[i].accel, known_accel))
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
    const char *kernel_part = machine_cmdline_preset(preset, accel);
    g_autofree char *settings = machine_settings(config, peers, peer_count);

    return kernel_part != NULL ? g_strconcat(kernel_part, " ", settings, NULL) : NULL;
}
