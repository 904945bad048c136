// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <libvirt/virterror.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/vm/agent-client.h"
#include "runner/vm/console.h"
#include "runner/vm/domain-xml.h"
#include "runner/vm/libvirt-host.h"

enum { READY_SLICE_MS = 500 };

struct Machine {
    MachineHost *host;
    char *name, *console_path, *channel_path;
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

static bool domain_create(Machine *machine, const MachineConfig *config, GError **error)
{
    const MachineHostFacts *facts = &machine->host->facts;
    /* An external daemon ends what is ours when we are killed and our connection breaks. */
    unsigned flags = VIR_DOMAIN_START_PAUSED | (machine->host->embedded ? 0 : VIR_DOMAIN_START_AUTODESTROY);
    DomainXmlHost host = { facts->accelerator, facts->emulator, machine->channel_path, machine->host->relabels };
    g_autofree char *xml = domain_xml(config, &host);

    machine->domain = virDomainCreateXML(machine->host->connection, xml, flags);
    if (machine->domain == NULL)
        return libvirt_error(error, "machine '%s': could not be made", machine->name);
    machine->definition = virDomainGetXMLDesc(machine->domain, 0); /* ours, and all that libvirt chose */
    return machine->definition != NULL || libvirt_error(error, "machine '%s': has no definition", machine->name);
}

static bool machine_stop(Machine *machine, GError **error)
{
    bool ok = machine->domain == NULL || virDomainDestroy(machine->domain) == 0;

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
    machine->channel_path = g_strdup_printf("%s/%u.agent", host->scratch, host->channels++);
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
            return true;
        if (console_has_panic(machine->console_path))
            break;
        left_ms -= slice_ms;
    }
    return not_ready(machine, timeout_ms, late, error);
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

const MachineBackend machine_backend_libvirt = {
    .name = "libvirt",
    .host_open = libvirt_host_open,
    .host_close = libvirt_host_close,
    .host_facts = host_facts,
    .define = machine_define,
    .boot = machine_boot,
    .wait_ready = machine_wait_ready,
    .exec = machine_exec,
    .read_file = machine_read_file,
    .write_file = machine_write_file,
    .definition = machine_definition,
    .diagnose = machine_diagnose,
    .stop = machine_stop,
    .free = machine_free,
};
