// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/log.h"
#include "runner/base/proc.h"
#include "runner/vm/channel.h"
#include "runner/vm/console.h"
#include "runner/vm/domain-xml.h"
#include "runner/vm/libvirt-emulator.h"
#include "runner/vm/libvirt-host.h"

enum { READY_SLICE_MS = 500, SHARED_SLICE_MS = 100, CHANNEL_LIMIT = 2, VERSION_LIMIT_MS = 5000, TIDY_LIMIT_MS = 20000 };

struct Machine {
    MachineHost *host;
    char *name, *console_path, *channel_path;
    char *settings, *foreign_settings; /* or NULL */
    char *definition;
    virDomainPtr domain;
    Channel *channels[CHANNEL_LIMIT]; /* those that may answer; once one has, it is the first and only one */
};

static const MachineHostFacts *host_facts(MachineHost *host)
{
    return &host->facts;
}

/* Ssh needs somebody to run its client. Only from the main thread. */
static bool open_ssh(Machine *machine, const MachineConfig *config, GError **error)
{
    MachineHost *host = machine->host;
    SshTarget target = { config->ssh_port, config->ssh_user, config->ssh_key, host->scratch };

    if (host->programs == NULL)
        return error_set(error, ERROR_BUG, "machine '%s': nobody runs ssh", machine->name);
    machine->channels[0] = channel_ssh_new(machine->name, &target, host->programs);
    return true;
}

/* libvirt serves the port. */
static char *agent_ask(void *data, const char *line, unsigned seconds, GError **error)
{
    char *answer = virDomainQemuAgentCommand(data, line, (int) seconds, 0);

    if (answer == NULL)
        error_set(error, ERROR_HOST, "libvirt: %s", virGetLastErrorMessage());
    return answer;
}

static bool domain_is_active(void *data)
{
    return virDomainIsActive(data) == 1;
}

static bool channels_open(Machine *machine, const MachineConfig *config, GError **error)
{
    const char *wanted = config->channel != NULL ? config->channel : "agent";
    size_t count = 0;

    if (g_str_equal(wanted, "ssh"))
        return open_ssh(machine, config, error);
    if (g_str_equal(wanted, "agent") || g_str_equal(wanted, "auto")) {
        machine->channels[count] = channel_agent_new(machine->name, machine->channel_path, error);
        if (machine->channels[count++] == NULL)
            return false;
    }
    if (g_str_equal(wanted, "qemu-ga") || g_str_equal(wanted, "auto"))
        machine->channels[count] = channel_qga_new(machine->name, &(QgaPort) { agent_ask, domain_is_active, machine->domain });
    return true;
}

/* Everything but a running processor, which the machine's memory image left where it was. */
static virDomainPtr domain_restore(Machine *machine, const MachineConfig *config, const char *xml)
{
    if (virDomainRestoreFlags(machine->host->connection, config->memory_image, xml, VIR_DOMAIN_SAVE_PAUSED) != 0)
        return NULL;
    return virDomainLookupByName(machine->host->connection, config->domain != NULL ? config->domain : config->name);
}

/* Whether a program says of itself that it is QEMU. */
static bool is_qemu(const char *emulator)
{
    const char *argv[] = { emulator, "-version", NULL };
    ProcSpec spec = { .argv = argv, .timeout_ms = VERSION_LIMIT_MS };
    g_auto(ProcResult) result = { 0 };

    return proc_run(&spec, &result, NULL) && result.exit_status == 0 && g_str_has_prefix(result.output, "QEMU emulator version ");
}

/* libvirt's words for what is wrong with a machine are about its own work; what the scenario says is looked at once more. */
static bool not_made(Machine *machine, const MachineConfig *config, GError **error)
{
    const char *emulator = config->emulator != NULL ? config->emulator : machine->host->facts.emulator;

    libvirt_error(error, "machine '%s': could not be %s", machine->name,
                  config->memory_image != NULL ? "restored from its saved memory" : "made");
    if (config->emulator != NULL && !is_qemu(config->emulator)) {
        g_clear_error(error);
        error_set(error, ERROR_HOST, "machine '%s': its emulator '%s' is no QEMU: '%s -version' does not say so", machine->name, emulator, emulator);
        error_hint(error, "leave 'emulator' away, or name QEMU's program.");
    } else if (config->memory_image == NULL && config->machine_type != NULL) {
        error_hint(error, "'%s -machine help' lists the values that 'machine_type' may have (now '%s').", emulator, config->machine_type);
    }
    return false;
}

static bool domain_create(Machine *machine, const MachineConfig *config, GError **error)
{
    const MachineHostFacts *facts = &machine->host->facts;
    /* An external daemon ends what is ours when we are killed and our connection breaks. */
    unsigned flags = VIR_DOMAIN_START_PAUSED | (machine->host->embedded ? 0 : VIR_DOMAIN_START_AUTODESTROY);
    DomainXmlHost host = { facts->accelerator, facts->emulator, machine->channel_path, machine->host->embedded, machine->host->relabels };
    g_autofree char *xml = domain_xml(config, &host);

    machine->domain = config->memory_image != NULL ? domain_restore(machine, config, xml)
                                                   : virDomainCreateXML(machine->host->connection, xml, flags);
    if (machine->domain == NULL)
        return not_made(machine, config, error);
    machine->definition = virDomainGetXMLDesc(machine->domain, 0); /* ours, and all that libvirt chose */
    return machine->definition != NULL || libvirt_error(error, "machine '%s': has no definition", machine->name);
}

static void channels_stop(Machine *machine)
{
    for (size_t i = 0; i < CHANNEL_LIMIT && machine->channels[i] != NULL; i++)
        machine->channels[i]->kind->stop(machine->channels[i]);
}

static bool machine_stop(Machine *machine, GError **error)
{
    bool ok;

    if (machine->channels[0] != NULL && g_str_equal(machine->channels[0]->kind->name, "ssh"))
        channels_stop(machine); /* its programs notice the machine's end, and must not tell of it */
    ok = machine->domain == NULL || (machine->host->embedded && libvirt_emulator_end(machine->domain, machine->host->scratch))
              || virDomainDestroy(machine->domain) == 0;

    /* It may have ended by itself: a guest that switches itself off, or an emulator that crashed. */
    if (!ok && (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN || virGetLastErrorCode() == VIR_ERR_OPERATION_INVALID))
        ok = true;
    if (!ok)
        libvirt_error(error, "machine '%s': could not be stopped", machine->name);
    channels_stop(machine);
    return ok;
}

static void machine_free(Machine *machine)
{
    for (size_t i = 0; i < CHANNEL_LIMIT && machine->channels[i] != NULL; i++)
        machine->channels[i]->kind->free(machine->channels[i]);
    if (machine->domain != NULL)
        virDomainFree(machine->domain);
    g_free(machine->definition);
    g_free(machine->settings);
    g_free(machine->foreign_settings);
    g_free(machine->channel_path);
    g_free(machine->console_path);
    g_free(machine->name);
    g_free(machine);
}

static Machine *machine_define(MachineHost *host, const MachineConfig *config, GError **error)
{
    Machine *machine = g_new0(Machine, 1);
    bool ok;

    machine->host = host;
    machine->name = g_strdup(config->name);
    machine->console_path = g_strdup(config->console_path);
    machine->settings = g_strdup(config->settings);
    machine->foreign_settings = g_strdup(config->foreign_settings);
    machine->channel_path = g_strdup_printf("%s/%d.agent", host->scratch, g_atomic_int_add(&host->channels, 1));
    if (strlen(machine->channel_path) >= sizeof ((struct sockaddr_un *) NULL)->sun_path)
        ok = error_set(error, ERROR_HOST, "machine '%s': the path of its channel '%s' is longer than the %zu bytes of a socket's",
                       machine->name, machine->channel_path, sizeof ((struct sockaddr_un *) NULL)->sun_path - 1);
    else
        ok = domain_create(machine, config, error) && channels_open(machine, config, error);
    if (ok)
        return machine;
    if (!machine_stop(machine, NULL))
        error_hint(error, "machine '%s' may still run.", machine->name);
    machine_free(machine);
    return NULL;
}

static bool machine_boot(Machine *machine, GError **error)
{
    return virDomainResume(machine->domain) == 0 || libvirt_error(error, "machine '%s': could not be started", machine->name);
}

/* Whoever dies before the first word closes the channel; what is worth saying then is that it never got so far. `why`, what the channel
 * said last, counts where the guest did answer. Taken over. */
static bool not_ready(Machine *machine, unsigned timeout_ms, bool late, GError *why, GError **error)
{
    const char *by = machine->channels[1] != NULL ? "agent or qemu-ga" : machine->channels[0]->kind->name;
    g_autoptr(GError) last = why;

    if (last != NULL && error_kind(last) == ERROR_DATA) {
        g_propagate_error(error, g_steal_pointer(&last));
        return false;
    }
    if (console_has_panic(machine->console_path))
        return error_set(error, ERROR_HOST, "machine '%s' did not start: its kernel gave up", machine->name);
    if (!late)
        return error_set(error, ERROR_HOST, "machine '%s' ended before it answered", machine->name);
    error_set(error, ERROR_HOST, "machine '%s' did not answer within %g s", machine->name, timeout_ms / 1000.0);
    if (machine->channels[1] != NULL || !g_str_equal(by, "agent"))
        error_hint(error, "it was expected by %s: is that in its image, and started?", by);
    return false;
}

/* The other one is not listened to any more. */
static void channel_choose(Machine *machine, size_t index)
{
    Channel *other = machine->channels[1 - index];

    machine->channels[0] = machine->channels[index];
    machine->channels[1] = NULL;
    if (other != NULL)
        other->kind->free(other);
}

/* Which of the channels answers first; -1 and *error when none did. In slices, because a kernel that gave up need not end the machine. */
static int channels_wait(Machine *machine, unsigned timeout_ms, bool *ret_late, GError **error)
{
    int64_t due_ns = clock_monotonic_ns() + (int64_t) timeout_ms * 1000000;
    unsigned slice_ms = machine->channels[1] != NULL ? SHARED_SLICE_MS : READY_SLICE_MS;
    int64_t left_ms = timeout_ms;

    for (*ret_late = true; *ret_late && left_ms > 0; left_ms = (due_ns - clock_monotonic_ns()) / 1000000) {
        for (int i = 0; i < CHANNEL_LIMIT && machine->channels[i] != NULL && *ret_late; i++) {
            g_clear_error(error);
            if (machine->channels[i]->kind->wait_ready(machine->channels[i], (unsigned) MIN(left_ms, slice_ms), ret_late, error))
                return i;
        }
        if (console_has_panic(machine->console_path))
            break;
        *ret_late = *ret_late && virDomainIsActive(machine->domain) == 1;
    }
    return -1;
}

static bool machine_wait_ready(Machine *machine, unsigned timeout_ms, GError **error)
{
    bool late;
    GError *why = NULL;
    int index = channels_wait(machine, timeout_ms, &late, &why);
    const char *settings = machine->settings;
    Channel *channel;

    if (index < 0)
        return not_ready(machine, timeout_ms, late, why, error);
    if (machine->channels[1] != NULL)
        channel_choose(machine, (size_t) index);
    channel = machine->channels[0];
    if (settings == NULL && !g_str_equal(channel->kind->name, "agent"))
        settings = machine->foreign_settings;
    return settings == NULL || channel->kind->configure(channel, settings, error);
}

/* A definition with the paths of no attempt. */
static char *machine_identity(MachineHost *host, const MachineConfig *config)
{
    MachineConfig neutral = *config;
    DomainXmlHost any = { host->facts.accelerator, host->facts.emulator, "channel", host->embedded, host->relabels };

    neutral.console_path = "console";
    neutral.disk = config->disk != NULL ? "disk" : NULL; /* which one is said by its digest */
    neutral.seed = config->seed != NULL ? "seed" : NULL;
    neutral.run_uuid = neutral.owner = neutral.uuid = neutral.emulator_cpus = NULL;
    neutral.pins = NULL; /* a memory is not bound to the processors that it was made on */
    return domain_xml(&neutral, &any);
}

static bool memory_save(Machine *machine, const char *path, GError **error)
{
    g_autofree char *unfinished = g_strconcat(path, ".new", NULL);

    if (!g_str_equal(machine->channels[0]->kind->name, "agent"))
        return error_set(error, ERROR_HOST, "machine '%s' is reached by %s, which cannot make a restored machine a fresh one: only our agent can",
                         machine->name, machine->channels[0]->kind->name);
    machine->channels[0]->kind->stop(machine->channels[0]);
    if (virDomainSaveFlags(machine->domain, unfinished, NULL, VIR_DOMAIN_SAVE_PAUSED) != 0) {
        libvirt_error(error, "machine '%s': its memory could not be saved to '%s'", machine->name, unfinished);
        unlink(unfinished);
        return false;
    }
    return rename(unfinished, path) == 0 || error_set_errno(error, ERROR_HOST, "could not write '%s'", path);
}

/* Fill what the guest has free with zeros, nearly all of it: a restored machine's emulator has to clear and fill every page that has been in
 * use, be it only by the initramfs and the kernel's beginning. A guest that cannot do it has a longer file. */
static void memory_tidy(Machine *machine)
{
    static const char script[] = "echo 3 >/proc/sys/vm/drop_caches\n"
                                 "free=$(sed -n 's/^MemFree: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo)\n"
                                 "exec dd if=/dev/zero of=/dev/null count=1 bs=$((free - free / 16 - 2048))k";
    static const char *const argv[] = { "/bin/sh", "-c", script, NULL };
    ExecRequest request = { .argv = argv, .timeout_ms = TIDY_LIMIT_MS };
    g_autoptr(GError) problem = NULL;
    ExecResult result;

    if (!machine->channels[0]->kind->exec(machine->channels[0], &request, &result, &problem))
        log_debug("%s", problem->message);
}

static bool machine_save(MachineHost *host, const MachineConfig *config, unsigned timeout_ms, GError **error)
{
    MachineConfig fresh = *config;
    Machine *machine;
    bool ok;

    fresh.memory_image = fresh.settings = fresh.foreign_settings = NULL;
    machine = machine_define(host, &fresh, error);
    if (machine == NULL)
        return false;
    ok = machine_boot(machine, error) && machine_wait_ready(machine, timeout_ms, error);
    if (ok && g_str_equal(machine->channels[0]->kind->name, "agent"))
        memory_tidy(machine);
    ok = ok && memory_save(machine, config->memory_image, error);
    if (!machine_stop(machine, ok ? error : NULL))
        ok = false;
    machine_free(machine);
    return ok;
}

static bool machine_exec(Machine *machine, const ExecRequest *request, ExecResult *ret_result, GError **error)
{
    return machine->channels[0]->kind->exec(machine->channels[0], request, ret_result, error);
}

static bool machine_signal(Machine *machine, const void *data, int number, GError **error)
{
    return machine->channels[0]->kind->signal(machine->channels[0], data, number, error);
}

static bool machine_read_file(Machine *machine, const char *path, int to_fd, GError **error)
{
    return machine->channels[0]->kind->read_file(machine->channels[0], path, to_fd, error);
}

static bool machine_write_file(Machine *machine, const char *path, unsigned mode, int from_fd, GError **error)
{
    return machine->channels[0]->kind->write_file(machine->channels[0], path, mode, from_fd, error);
}

static const char *machine_channel(Machine *machine)
{
    return machine->channels[0]->kind->name;
}

static const char *machine_definition(Machine *machine)
{
    return machine->definition;
}

static char *machine_diagnose(Machine *machine)
{
    return console_diagnose(machine->console_path);
}

static bool machine_usage(Machine *machine, MachineUsage *ret_usage, GError **error)
{
    virDomainMemoryStatStruct stats[VIR_DOMAIN_MEMORY_STAT_NR];
    virDomainInfo info;
    int count;

    if (virDomainGetInfo(machine->domain, &info) != 0
        || (count = virDomainMemoryStats(machine->domain, stats, VIR_DOMAIN_MEMORY_STAT_NR, 0)) < 0)
        return libvirt_error(error, "machine '%s': could not be asked", machine->name);
    *ret_usage = (MachineUsage) { .cpu_ns = (int64_t) info.cpuTime };
    for (int i = 0; i < count; i++)
        if (stats[i].tag == VIR_DOMAIN_MEMORY_STAT_RSS)
            ret_usage->resident_bytes = (int64_t) stats[i].val * 1024;
    return true;
}

const MachineBackend machine_backend_libvirt = {
    .name = "libvirt",
    .host_open = libvirt_host_open,
    .host_ahead = libvirt_host_ahead,
    .host_close = libvirt_host_close,
    .host_facts = host_facts,
    .identity = machine_identity,
    .save = machine_save,
    .define = machine_define,
    .boot = machine_boot,
    .wait_ready = machine_wait_ready,
    .exec = machine_exec,
    .signal = machine_signal,
    .read_file = machine_read_file,
    .write_file = machine_write_file,
    .channel = machine_channel,
    .definition = machine_definition,
    .diagnose = machine_diagnose,
    .usage = machine_usage,
    .stop = machine_stop,
    .free = machine_free,
};
