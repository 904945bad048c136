// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <libvirt/virterror.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/vm/agent-client.h"
#include "runner/vm/console.h"
#include "runner/vm/domain-xml.h"
#include "runner/vm/libvirt-emulator.h"
#include "runner/vm/libvirt-host.h"

enum { READY_SLICE_MS = 500 };

struct Machine {
    MachineHost *host;
    char *name, *console_path, *channel_path;
    char *settings; /* for the agent, or NULL */
    char *definition;
    virDomainPtr domain;
    AgentClient *agent;
};

static const MachineHostFacts *host_facts(MachineHost *host)
{
    return &host->facts;
}

static bool channel_open(Machine *machine, GError **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, machine->channel_path, sizeof address.sun_path);
    if (fd >= 0 && connect(fd, (const struct sockaddr *) &address, sizeof address) == 0) {
        machine->agent = agent_client_new(fd, machine->name, AGENT_PATIENCE_MS);
        return true;
    }
    error_set_errno(error, ERROR_HOST, "machine '%s': could not connect to its channel '%s'", machine->name, machine->channel_path);
    if (fd >= 0)
        close(fd);
    return false;
}

/* Everything but a running processor, which the machine's memory image left where it was. */
static virDomainPtr domain_restore(Machine *machine, const MachineConfig *config, const char *xml)
{
    if (virDomainRestoreFlags(machine->host->connection, config->memory_image, xml, VIR_DOMAIN_SAVE_PAUSED) != 0)
        return NULL;
    return virDomainLookupByName(machine->host->connection, config->domain != NULL ? config->domain : config->name);
}

static bool domain_create(Machine *machine, const MachineConfig *config, GError **error)
{
    const MachineHostFacts *facts = &machine->host->facts;
    /* An external daemon ends what is ours when we are killed and our connection breaks. */
    unsigned flags = VIR_DOMAIN_START_PAUSED | (machine->host->embedded ? 0 : VIR_DOMAIN_START_AUTODESTROY);
    DomainXmlHost host = { facts->accelerator, facts->emulator, machine->channel_path, machine->host->relabels };
    g_autofree char *xml = domain_xml(config, &host);

    machine->domain = config->memory_image != NULL ? domain_restore(machine, config, xml)
                                                   : virDomainCreateXML(machine->host->connection, xml, flags);
    if (machine->domain == NULL)
        return libvirt_error(error, "machine '%s': could not be %s", machine->name,
                             config->memory_image != NULL ? "restored from its saved memory" : "made");
    machine->definition = virDomainGetXMLDesc(machine->domain, 0); /* ours, and all that libvirt chose */
    return machine->definition != NULL || libvirt_error(error, "machine '%s': has no definition", machine->name);
}

static bool machine_stop(Machine *machine, GError **error)
{
    bool ok = machine->domain == NULL || (machine->host->embedded && libvirt_emulator_end(machine->domain, machine->host->scratch))
              || virDomainDestroy(machine->domain) == 0;

    /* It may have ended by itself: a guest that switches itself off, or an emulator that crashed. */
    if (!ok && (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN || virGetLastErrorCode() == VIR_ERR_OPERATION_INVALID))
        ok = true;
    if (!ok)
        libvirt_error(error, "machine '%s': could not be stopped", machine->name);
    if (machine->agent != NULL)
        agent_client_stop(machine->agent);
    return ok;
}

static void machine_free(Machine *machine)
{
    if (machine->agent != NULL)
        agent_client_free(machine->agent);
    if (machine->domain != NULL)
        virDomainFree(machine->domain);
    g_free(machine->definition);
    g_free(machine->settings);
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
    machine->channel_path = g_strdup_printf("%s/%d.agent", host->scratch, g_atomic_int_add(&host->channels, 1));
    if (strlen(machine->channel_path) >= sizeof ((struct sockaddr_un *) NULL)->sun_path)
        ok = error_set(error, ERROR_HOST, "machine '%s': the path of its channel '%s' is longer than the %zu bytes of a socket's",
                       machine->name, machine->channel_path, sizeof ((struct sockaddr_un *) NULL)->sun_path - 1);
    else
        ok = domain_create(machine, config, error) && channel_open(machine, error);
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

/* Whoever dies before the first word closes the channel; what is worth saying then is that it never got so far. */
static bool not_ready(Machine *machine, unsigned timeout_ms, bool late, GError **error)
{
    if (console_has_panic(machine->console_path))
        return error_set(error, ERROR_HOST, "machine '%s' did not start: its kernel gave up", machine->name);
    if (late)
        return error_set(error, ERROR_HOST, "machine '%s' did not answer within %g s", machine->name, timeout_ms / 1000.0);
    return error_set(error, ERROR_HOST, "machine '%s' ended before it answered", machine->name);
}

/* In slices, because a kernel that gave up need not end the machine. */
static bool machine_wait_ready(Machine *machine, unsigned timeout_ms, GError **error)
{
    unsigned left_ms = timeout_ms;
    bool late = true;

    while (late && left_ms > 0) {
        unsigned slice_ms = MIN(left_ms, READY_SLICE_MS);

        if (agent_client_wait_ready(machine->agent, slice_ms, &late, NULL))
            return machine->settings == NULL || agent_client_configure(machine->agent, machine->settings, true, error);
        if (console_has_panic(machine->console_path))
            break;
        left_ms -= slice_ms;
    }
    return not_ready(machine, timeout_ms, late, error);
}

/* A definition with the paths of no attempt. */
static char *machine_identity(MachineHost *host, const MachineConfig *config)
{
    MachineConfig neutral = *config;
    DomainXmlHost any = { host->facts.accelerator, host->facts.emulator, "channel", host->relabels };

    neutral.console_path = "console";
    neutral.run_uuid = neutral.owner = neutral.uuid = neutral.emulator_cpus = NULL;
    neutral.pins = NULL; /* a memory is not bound to the processors that it was made on */
    return domain_xml(&neutral, &any);
}

static bool memory_save(Machine *machine, const char *path, GError **error)
{
    g_autofree char *unfinished = g_strconcat(path, ".new", NULL);

    agent_client_stop(machine->agent);
    if (virDomainSaveFlags(machine->domain, unfinished, NULL, VIR_DOMAIN_SAVE_PAUSED) != 0) {
        libvirt_error(error, "machine '%s': its memory could not be saved to '%s'", machine->name, unfinished);
        unlink(unfinished);
        return false;
    }
    return rename(unfinished, path) == 0 || error_set_errno(error, ERROR_HOST, "could not write '%s'", path);
}

static bool machine_save(MachineHost *host, const MachineConfig *config, unsigned timeout_ms, GError **error)
{
    MachineConfig fresh = *config;
    Machine *machine;
    bool ok;

    fresh.memory_image = fresh.settings = NULL;
    machine = machine_define(host, &fresh, error);
    if (machine == NULL)
        return false;
    ok = machine_boot(machine, error) && machine_wait_ready(machine, timeout_ms, error)
         && memory_save(machine, config->memory_image, error);
    if (!machine_stop(machine, ok ? error : NULL))
        ok = false;
    machine_free(machine);
    return ok;
}

static bool machine_exec(Machine *machine, const ExecRequest *request, ExecResult *ret_result, GError **error)
{
    return agent_client_exec(machine->agent, request, ret_result, error);
}

static bool machine_read_file(Machine *machine, const char *path, int to_fd, GError **error)
{
    return agent_client_read_file(machine->agent, path, to_fd, error);
}

static bool machine_write_file(Machine *machine, const char *path, unsigned mode, const void *data, size_t size, GError **error)
{
    return agent_client_write_file(machine->agent, path, mode, data, size, error);
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
    .host_close = libvirt_host_close,
    .host_facts = host_facts,
    .identity = machine_identity,
    .save = machine_save,
    .define = machine_define,
    .boot = machine_boot,
    .wait_ready = machine_wait_ready,
    .exec = machine_exec,
    .read_file = machine_read_file,
    .write_file = machine_write_file,
    .definition = machine_definition,
    .diagnose = machine_diagnose,
    .usage = machine_usage,
    .stop = machine_stop,
    .free = machine_free,
};
