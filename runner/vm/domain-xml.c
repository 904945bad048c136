// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/domain-xml.h"

#include <stdarg.h>

#include "guest/wire.h"


/* Appends with every argument escaped. */
static void put(GString *xml, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void put(GString *xml, const char *format, ...)
{
    va_list args;
    g_autofree char *text = NULL;

    va_start(args, format);
    text = g_markup_vprintf_escaped(format, args);
    va_end(args);
    g_string_append(xml, text);
}

static void put_metadata(GString *xml, const MachineConfig *config)
{
    if (config->run_uuid == NULL)
        return;
    put(xml, "  <metadata>\n    <trialbed:run xmlns:trialbed='%s' uuid='%s'", DOMAIN_XML_NAMESPACE, config->run_uuid);
    if (config->owner != NULL)
        put(xml, " owner='%s' run='%" G_GINT64_FORMAT "'", config->owner, config->run_id);
    put(xml, "/>\n  </metadata>\n");
}

static void put_pins(GString *xml, const MachineConfig *config)
{
    if (config->pins == NULL && config->emulator_cpus == NULL)
        return;
    put(xml, "  <cputune>\n");
    for (unsigned i = 0; config->pins != NULL && i < config->cpus; i++)
        put(xml, "    <vcpupin vcpu='%u' cpuset='%u'/>\n", i, config->pins[i]);
    if (config->emulator_cpus != NULL)
        put(xml, "    <emulatorpin cpuset='%s'/>\n", config->emulator_cpus);
    put(xml, "  </cputune>\n");
}

/* What computers of different architectures are, where nothing is said. */
typedef struct Computer {
    const char *arch, *machine_type;
    const char *cpu; /* under TCG; NULL: the emulator's own */
    bool acpi;       /* without UEFI */
} Computer;

static const Computer *computer(const char *arch)
{
    static const Computer computers[] = {
        { MACHINE_ARCH, "pc", NULL, true },
        { "aarch64", "virt", "cortex-a57", false }, /* the emulator's own has 32 bits */
    };

    return &computers[machine_is_foreign(arch) ? 1 : 0];
}

/* Whoever begins from a saved memory has its kernel there. Of the emulator it would be 70 MB to read and to copy, to be overwritten at once. */
static void put_kernel(GString *xml, const MachineConfig *config)
{
    put(xml, "    <kernel>%s</kernel>\n", config->kernel);
    if (config->initrd != NULL)
        put(xml, "    <initrd>%s</initrd>\n", config->initrd);
    put(xml, "    <cmdline>%s</cmdline>\n", config->cmdline);
}

static void put_boot(GString *xml, const MachineConfig *config)
{
    const Computer *like = computer(config->arch);

    put(xml, "  <os>\n    <type arch='%s' machine='%s'>hvm</type>\n", like->arch, config->machine_type != NULL ? config->machine_type : like->machine_type);
    if (config->firmware != NULL)
        put(xml, "    <loader readonly='yes' type='rom'>%s</loader>\n", config->firmware);
    if (config->kernel != NULL && config->memory_image == NULL)
        put_kernel(xml, config);
    else
        put(xml, "    <boot dev='hd'/>\n");
    put(xml, "  </os>\n");
    if (like->acpi)
        put(xml, "  <features>\n    <acpi/>\n  </features>\n");
}

/* Under TCG the emulator's own model boots fastest: what it lacks need not be emulated. */
static void put_cpu(GString *xml, const MachineConfig *config, const char *accel)
{
    const char *model = config->cpu_model;

    if (model == NULL)
        model = g_str_equal(accel, "kvm") ? "host-passthrough" : computer(config->arch)->cpu;
    if (model != NULL && (g_str_equal(model, "host-passthrough") || g_str_equal(model, "maximum")))
        put(xml, "  <cpu mode='%s'/>\n", model);
    else if (model != NULL)
        put(xml, "  <cpu mode='custom' match='exact' check='none'>\n    <model fallback='forbid'>%s</model>\n  </cpu>\n", model);
}

/* The card for ssh: the emulator's own network, which reaches nothing and is on no bridge, so that no capture sees it and no impairment
 * delays it. */
static void put_ssh(GString *xml, const MachineConfig *config)
{
    put(xml, "    <qemu:arg value='-netdev'/>\n    <qemu:arg value='user,id=trialbed-ssh,restrict=on,hostfwd=tcp:127.0.0.1:%u-:22'/>\n",
        config->ssh_port);
    put(xml, "    <qemu:arg value='-device'/>\n    <qemu:arg value='virtio-net-pci,netdev=trialbed-ssh,mac=" MACHINE_SSH_MAC ",romfile=,addr=0x1e'/>\n");
}

/* An emulator that begins allocates 10 MiB in small pieces, and each of their pages is a fault of its own. In huge pages, and in one arena that
 * grows by 8 MiB at a time, it begins in two thirds of the time; it holds 7 MiB more then. A C library that knows no such words ignores them. */
#define TUNABLES "glibc.malloc.hugetlb=1:glibc.malloc.top_pad=8388608:glibc.malloc.arena_max=1"

/* What libvirt has no words for. */
static void put_arguments(GString *xml, const MachineConfig *config, bool embedded)
{
    if (config->icount == NULL && config->qemu_args == NULL && config->ssh_port == 0 && !embedded)
        return;
    put(xml, "  <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n");
    if (embedded)
        put(xml, "    <qemu:env name='GLIBC_TUNABLES' value='" TUNABLES "'/>\n");
    if (config->ssh_port != 0)
        put_ssh(xml, config);
    if (config->icount != NULL)
        put(xml, "    <qemu:arg value='-icount'/>\n    <qemu:arg value='%s'/>\n", config->icount);
    for (const char *const *word = config->qemu_args; word != NULL && *word != NULL; word++)
        put(xml, "    <qemu:arg value='%s'/>\n", *word);
    put(xml, "  </qemu:commandline>\n");
}

/* Without checksum and segmentation offload a guest sends frames as long as on a wire, so that its own netem and our captures see
 * frames and not 64 KiB super-packets. */
static void put_nic(GString *xml, const NicConfig *nic)
{
    put(xml, "    <interface type='%s'>\n      <mac address='%s'/>\n",
        nic->udp_host != 0 ? "udp" : nic->tap != NULL ? "ethernet" : "bridge", nic->mac);
    if (nic->udp_host != 0)
        put(xml, "      <source address='127.0.0.1' port='%u'>\n        <local address='127.0.0.1' port='%u'/>\n      </source>\n",
            nic->udp_host, nic->udp_machine);
    else if (nic->tap != NULL)
        put(xml, "      <target dev='%s' managed='no'/>\n", nic->tap);
    else
        put(xml, "      <source bridge='%s'/>\n", nic->bridge);
    put(xml, "      <model type='virtio'/>\n"
             "      <driver>\n"
             "        <host csum='off' gso='off' tso4='off' tso6='off' ecn='off' ufo='off'/>\n"
             "      </driver>\n"
             "      <rom enabled='no'/>\n" /* nobody boots from the network: saves the firmware a third of a second */
             "    </interface>\n");
}

/* What is written to the overlay need not survive the host, and a full disk is the guest's I/O error instead of a machine that stands
 * still. */
static void put_disks(GString *xml, const MachineConfig *config)
{
    if (config->disk != NULL)
        put(xml, "    <disk type='file' device='disk'>\n"
                 "      <driver name='qemu' type='qcow2' cache='unsafe' discard='unmap' error_policy='report'/>\n"
                 "      <source file='%s'/>\n      <target dev='vda' bus='virtio'/>\n    </disk>\n",
            config->disk);
    if (config->seed != NULL)
        put(xml, "    <disk type='file' device='disk'>\n      <driver name='qemu' type='raw'/>\n"
                 "      <source file='%s'/>\n      <target dev='vdb' bus='virtio'/>\n      <readonly/>\n    </disk>\n",
            config->seed);
}

/* The agents' ports; libvirt itself serves QEMU's. A guest without one of them takes no notice of its port. */
static void put_channels(GString *xml, const MachineConfig *config, const DomainXmlHost *host)
{
    const char *channel = config->channel != NULL ? config->channel : "agent";

    if (g_str_equal(channel, "agent") || g_str_equal(channel, "auto"))
        put(xml, "    <channel type='unix'>\n      <source mode='bind' path='%s'/>\n"
                 "      <target type='virtio' name='%s'/>\n    </channel>\n",
            host->channel_path, WIRE_PORT_NAME);
    if (g_str_equal(channel, "qemu-ga") || g_str_equal(channel, "auto"))
        put(xml, "    <channel type='unix'>\n      <target type='virtio' name='org.qemu.guest_agent.0'/>\n    </channel>\n");
}

static void put_devices(GString *xml, const MachineConfig *config, const DomainXmlHost *host)
{
    put(xml, "  <devices>\n    <emulator>%s</emulator>\n", config->emulator != NULL ? config->emulator : host->emulator);
    put_disks(xml, config);
    for (size_t i = 0; i < config->nic_count; i++)
        put_nic(xml, &config->nics[i]);
    put(xml, "    <serial type='file'>\n      <source path='%s'/>\n    </serial>\n", config->console_path);
    put_channels(xml, config, host);
    put(xml, "    <controller type='usb' model='none'/>\n"
             "    <memballoon model='none'/>\n"
             "    <rng model='virtio'>\n      <backend model='random'>/dev/urandom</backend>\n    </rng>\n"
             "  </devices>\n");
}

/* A daemon would give the image's files to the emulator's user and to root at the end, and refuse a second daemon's machine meanwhile.
 * Everybody may read them anyway. */
static void put_label(GString *xml, const DomainXmlHost *host)
{
    if (host->keep_owners)
        put(xml, "  <seclabel type='none' model='dac'/>\n");
}

char *domain_xml(const MachineConfig *config, const DomainXmlHost *host)
{
    GString *xml = g_string_new(NULL);
    const char *accel = machine_accel(config->arch, host->accel);

    put(xml, "<domain type='%s'>\n  <name>%s</name>\n", g_str_equal(accel, "kvm") ? "kvm" : "qemu",
        config->domain != NULL ? config->domain : config->name);
    if (config->uuid != NULL)
        put(xml, "  <uuid>%s</uuid>\n", config->uuid);
    put_metadata(xml, config);
    put(xml, "  <memory unit='MiB'>%u</memory>\n  <vcpu>%u</vcpu>\n", config->memory_mb, config->cpus);
    if (config->hugepages)
        put(xml, "  <memoryBacking>\n    <hugepages/>\n  </memoryBacking>\n");
    put_pins(xml, config);
    put_boot(xml, config);
    put_cpu(xml, config, accel);
    put(xml, "  <clock offset='utc'/>\n");
    put(xml, "  <on_poweroff>destroy</on_poweroff>\n  <on_reboot>destroy</on_reboot>\n  <on_crash>destroy</on_crash>\n");
    put_devices(xml, config, host);
    put_label(xml, host);
    put_arguments(xml, config, host->embedded);
    put(xml, "</domain>\n");
    return g_string_free(xml, FALSE);
}
