// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/machine.h"

#include <string.h>

#include "runner/base/files.h"
#include "runner/vm/domain-xml.h"
#include "tests/unit/unit.h"

#define GOLDEN_FOLDER "tests/data/domain-xml"

static const NicConfig two_nics[] = {
    { .bridge = "br0", .mac = "52:54:00:00:00:01", .tap = "tap0", .address = "10.0.0.1/24" },
    { .bridge = "br1", .mac = "52:54:00:00:00:02" }, /* libvirt makes the tap */
};

static const unsigned pins[] = { 5, 3 };

static const struct {
    const char *golden;
    MachineConfig config;
    const char *accel;
} machines[] = {
    { "tcg.xml",
      { .name = "server", .kernel = "/images/k", .initrd = "/images/i", .cmdline = "console=ttyS0 panic=-1", .memory_mb = 128,
        .cpus = 1, .nics = two_nics, .nic_count = 2, .console_path = "/run/tb/server.console",
        .run_uuid = "d7a2b1f0-0000-4000-8000-000000000001" },
      "tcg" },
    { "kvm.xml",
      { .name = "server", .kernel = "/images/k", .initrd = "/images/i", .cmdline = "console=ttyS0", .memory_mb = 2048, .cpus = 4,
        .nics = two_nics, .nic_count = 1, .console_path = "/run/tb/server.console" },
      "kvm" },
    { "outside.xml", /* among the domains of others it says whose it is */
      { .name = "server", .domain = "trialbed-d7a2b1f0-17-server", .kernel = "/images/k", .cmdline = "console=ttyS0", .memory_mb = 64,
        .cpus = 1, .nics = two_nics + 1, .nic_count = 1, .console_path = "/lab/server.console",
        .run_uuid = "d7a2b1f0-0000-4000-8000-000000000001", .owner = "0123456789abcdef", .run_id = 17 },
      "tcg" },
    { "aarch64.xml", /* foreign: emulated, whatever the host's own run on */
      { .name = "server", .arch = "aarch64", .kernel = "/images/k", .initrd = "/images/i", .cmdline = "console=ttyAMA0", .memory_mb = 128,
        .cpus = 1, .emulator = "/usr/bin/qemu-system-aarch64", .nics = two_nics, .nic_count = 1, .console_path = "/run/tb/server.console" },
      "kvm" },
    { "pinned.xml",
      { .name = "server", .kernel = "/images/k", .cmdline = "console=ttyS0", .memory_mb = 64, .cpus = 2, .pins = pins,
        .emulator_cpus = "0-1", .console_path = "/run/tb/server.console" },
      "kvm" },
    { "restored.xml", /* its kernel is in the memory that it begins from */
      { .name = "server", .kernel = "/images/k", .initrd = "/images/i", .cmdline = "console=ttyS0", .memory_mb = 64, .cpus = 1,
        .uuid = "d7a2b1f0-0000-8000-8000-000000000002", .memory_image = "/cache/memory/k.memory", .console_path = "/run/tb/server.console" },
      "tcg" },
    { "escaped.xml", /* nothing that a scenario says can become markup */
      { .name = "a<b>&'\"c", .kernel = "/k&k", .cmdline = "x='1' y=\"<2>\"", .memory_mb = 64, .cpus = 1,
        .console_path = "/run/</serial>", .run_uuid = "'/><evil a='" },
      "tcg" },
};

START_TEST(a_machine_becomes_its_golden_definition)
{
    DomainXmlHost host = { machines[_i].accel, "/usr/bin/qemu-system-x86_64", "/run/tb/server.agent", machines[_i].config.owner == NULL,
                           machines[_i].config.owner != NULL };
    g_autofree char *path = g_build_filename(GOLDEN_FOLDER, machines[_i].golden, NULL);
    g_autofree char *xml = domain_xml(&machines[_i].config, &host);
    g_autofree char *golden = NULL;
    g_autoptr(GError) error = NULL;
    size_t size;

    if (g_getenv("REGENERATE") != NULL)
        ck_assert_ok(file_write_atomic(path, xml, strlen(xml), &error), error);
    ck_assert_ok(file_read(path, 1 << 20, &golden, &size, &error), error);
    ck_assert_str_eq(xml, golden);
}
END_TEST

static const struct {
    const char *preset, *arch, *accel, *cmdline;
} presets[] = {
    { "stock", "x86_64", "tcg", "console=ttyS0 panic=-1" },
    { "stock", NULL, "kvm", "console=ttyS0 panic=-1" },
    { "fast", NULL, "kvm", "console=ttyS0 panic=-1 quiet cryptomgr.notests no_timer_check random.trust_cpu=on" },
    { "fast", NULL, "tcg", "console=ttyS0 panic=-1 quiet cryptomgr.notests no_timer_check random.trust_cpu=on tsc=reliable" },
    { "fast", "aarch64", "tcg", "console=ttyAMA0 panic=-1 quiet cryptomgr.notests random.trust_cpu=on" },
    { "fast", "aarch64", "kvm", "console=ttyAMA0 panic=-1 quiet cryptomgr.notests random.trust_cpu=on" }, /* is emulated beside others */
    { "slow", NULL, "tcg", NULL },
    { "", NULL, "tcg", NULL },
};

START_TEST(a_preset_is_a_kernel_command_line)
{
    ck_assert_pstr_eq(machine_cmdline_preset(presets[_i].preset, presets[_i].arch, presets[_i].accel), presets[_i].cmdline);
}
END_TEST

START_TEST(only_fastest_changes_what_a_guest_measures)
{
    static const char *const accels[] = { "tcg", "kvm", "fake" };

    for (size_t i = 0; i < G_N_ELEMENTS(accels); i++) {
        ck_assert_ptr_null(strstr(machine_cmdline_preset("fast", NULL, accels[i]), "mitigations"));
        ck_assert_ptr_nonnull(strstr(machine_cmdline_preset("fastest", NULL, accels[i]), "mitigations=off"));
        ck_assert_ptr_nonnull(strstr(machine_cmdline_preset("fastest", NULL, accels[i]), machine_cmdline_preset("fast", NULL, accels[i])));
    }
}
END_TEST

START_TEST(a_guest_learns_its_name_addresses_and_peers)
{
    MachineConfig config = { .name = "server", .nics = two_nics, .nic_count = 2 };
    MachinePeer peers[] = { { "server", "10.0.0.1/24" }, { "client", "10.0.0.2" } };
    g_autofree char *full = machine_cmdline("stock", "tcg", &config, peers, 2);
    g_autofree char *lonely = NULL;

    ck_assert_str_eq(full, "console=ttyS0 panic=-1 trialbed.host=server "
                           "trialbed.net=52:54:00:00:00:01,10.0.0.1/24;52:54:00:00:00:02, "
                           "trialbed.hosts=server=10.0.0.1;client=10.0.0.2");
    config.nic_count = 0;
    lonely = machine_cmdline("stock", "tcg", &config, NULL, 0);
    ck_assert_str_eq(lonely, "console=ttyS0 panic=-1 trialbed.host=server");
    ck_assert_ptr_null(machine_cmdline("slow", "tcg", &config, NULL, 0));
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_machine_becomes_its_golden_definition, 0, G_N_ELEMENTS(machines));
    tcase_add_loop_test(tcase, a_preset_is_a_kernel_command_line, 0, G_N_ELEMENTS(presets));
    tcase_add_test(tcase, only_fastest_changes_what_a_guest_measures);
    tcase_add_test(tcase, a_guest_learns_its_name_addresses_and_peers);
}

int main(void)
{
    return unit_run("vm/machine", add_tests);
}
