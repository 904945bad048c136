// SPDX-License-Identifier: GPL-3.0-or-later
/* Machines that are none: the guest agent as process 1 of namespaces of its own on the host's kernel. What a virtual machine is compared
 * with. Names, addresses and programs come the same way as to a virtual one. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "images/blobs.h"
#include "runner/base/container.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/vm/agent-client.h"
#include "runner/vm/console.h"
#include "runner/vm/machine.h"
#include "runner/vm/net/veth.h"

struct MachineHost {
    MachineHostFacts facts;
    char *scratch;
    int program; /* the agent */
    gint count;  /* machines made: their links' names; atomic */
};

struct Machine {
    MachineHost *host;
    char *name, *settings, *definition, *console_path;
    pid_t pid;
    int gate; /* -1: gone through */
    AgentClient *agent;
};

/* A program in memory: the host's file systems may forbid to run one. */
static int agent_program(GError **error)
{
    g_autoptr(GBytes) bytes = agent_blob();
    size_t size;
    const void *data = g_bytes_get_data(bytes, &size);
    int fd = memfd_create("trialbed-agent", MFD_CLOEXEC);

    if (fd >= 0 && fd_write_all(fd, data, size))
        return fd;
    error_set_errno(error, ERROR_HOST, "could not put the agent into memory");
    if (fd >= 0)
        close(fd);
    return -1;
}

static void bare_close(MachineHost *host)
{
    if (host->program >= 0)
        close(host->program);
    g_free(host->facts.backend);
    g_free(host->facts.accelerator);
    g_free(host->facts.emulator);
    g_free(host->facts.emulator_version);
    g_free(host->facts.libvirt_version);
    g_free(host->scratch);
    g_free(host);
}

static MachineHost *bare_open(const MachineHostConfig *config, GError **error)
{
    MachineHost *host = g_new0(MachineHost, 1);
    struct utsname kernel = { 0 };

    uname(&kernel);
    host->scratch = g_strdup(config->scratch);
    host->facts = (MachineHostFacts) { g_strdup("bare"), g_strdup("none"), g_strdup("none"), g_strdup(kernel.release), g_strdup("none") };
    host->program = agent_program(error);
    if (host->program >= 0)
        return host;
    bare_close(host);
    return NULL;
}

static const MachineHostFacts *bare_facts(MachineHost *host)
{
    return &host->facts;
}

static bool bare_stop(Machine *machine, GError **error)
{
    (void) error;
    if (machine->gate >= 0)
        close(machine->gate);
    machine->gate = -1;
    if (machine->pid > 0) {
        kill(machine->pid, SIGKILL); /* process 1: the kernel ends all others of its namespace with it */
        while (waitpid(machine->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    machine->pid = 0;
    if (machine->agent != NULL)
        agent_client_stop(machine->agent);
    return true;
}

static void bare_free(Machine *machine)
{
    if (machine->agent != NULL)
        agent_client_free(machine->agent);
    g_free(machine->name);
    g_free(machine->settings);
    g_free(machine->definition);
    g_free(machine->console_path);
    g_free(machine);
}

static bool start_container(Machine *machine, const MachineConfig *config, int number, int channel, GError **error)
{
    g_autofree char *folder = g_strdup_printf("%s/bare%d", machine->host->scratch, number);
    int output = open(config->console_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    ContainerSpec spec = { .lower = config->root, .folder = folder, .program = machine->host->program, .channel = channel,
                           .output = output, .argv = (const char *const[]) { "trialbed-agent", "--serve-fd", "3", NULL } };
    bool ok;

    if (output < 0)
        return error_set_errno(error, ERROR_HOST, "could not write '%s'", config->console_path);
    ok = container_prepare(&spec, &machine->pid, &machine->gate, error);
    close(output);
    return ok;
}

/* Its cards are made already (attempt-network.c); its agent gives them their names and addresses. */
static bool plug_in(const Machine *machine, const MachineConfig *config, GError **error)
{
    g_autoptr(Network) network = network_open(error);
    g_autofree char *path = g_strdup_printf("/proc/%d/ns/net", (int) machine->pid);
    int namespace = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = network != NULL && (namespace >= 0 || error_set_errno(error, ERROR_HOST, "could not open '%s'", path));

    for (size_t i = 0; ok && i < config->nic_count; i++)
        ok = network_link_move(network, config->nics[i].veth, namespace, config->nics[i].veth, error);
    if (namespace >= 0)
        close(namespace);
    return ok;
}

static char *describe(const MachineConfig *config)
{
    GString *text = g_string_new(NULL);
    g_autofree char *start = g_markup_printf_escaped("<bare name='%s' root='%s'>\n", config->name, config->root);

    g_string_append(text, start);
    for (size_t i = 0; i < config->nic_count; i++) {
        g_autofree char *line = g_markup_printf_escaped("  <interface link='%s' bridge='%s' mac='%s' address='%s'/>\n",
                                                        config->nics[i].veth, config->nics[i].bridge, config->nics[i].mac,
                                                        config->nics[i].address != NULL ? config->nics[i].address : "");

        g_string_append(text, line);
    }
    g_string_append(text, "</bare>\n");
    return g_string_free(text, FALSE);
}

static Machine *bare_define(MachineHost *host, const MachineConfig *config, GError **error)
{
    Machine *machine = g_new0(Machine, 1);
    int number = g_atomic_int_add(&host->count, 1);
    int ends[2];
    bool ok;

    *machine = (Machine) { .host = host, .name = g_strdup(config->name), .settings = g_strdup(config->settings), .gate = -1,
                           .console_path = g_strdup(config->console_path), .definition = describe(config) };
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        error_set_errno(error, ERROR_HOST, "could not make a socket pair");
        bare_free(machine);
        return NULL;
    }
    ok = start_container(machine, config, number, ends[1], error) && plug_in(machine, config, error);
    close(ends[1]);
    if (ok) {
        machine->agent = agent_client_new(ends[0], config->name, AGENT_PATIENCE_MS);
        return machine;
    }
    close(ends[0]);
    if (!bare_stop(machine, NULL))
        error_hint(error, "machine '%s' may still run.", machine->name);
    bare_free(machine);
    return NULL;
}

static bool bare_boot(Machine *machine, GError **error)
{
    bool ok = send(machine->gate, "g", 1, MSG_NOSIGNAL) == 1;

    if (!ok)
        error_set_errno(error, ERROR_HOST, "machine '%s': its first process is gone", machine->name);
    close(machine->gate);
    machine->gate = -1;
    return ok;
}

/* The clock and the random pool are the host's. */
static bool bare_wait_ready(Machine *machine, unsigned timeout_ms, GError **error)
{
    return agent_client_wait_ready(machine->agent, timeout_ms, NULL, error)
           && (machine->settings == NULL || agent_client_configure(machine->agent, machine->settings, false, error));
}

static bool bare_exec(Machine *machine, const ExecRequest *request, ExecResult *ret_result, GError **error)
{
    return agent_client_exec(machine->agent, request, ret_result, error);
}

static bool bare_signal(Machine *machine, const void *data, int number, GError **error)
{
    return agent_client_signal(machine->agent, data, number, error);
}

static bool bare_read_file(Machine *machine, const char *path, int to_fd, GError **error)
{
    return agent_client_read_file(machine->agent, path, to_fd, error);
}

static bool bare_write_file(Machine *machine, const char *path, unsigned mode, int from_fd, GError **error)
{
    return agent_client_write_file(machine->agent, path, mode, from_fd, error);
}

static const char *bare_definition(Machine *machine)
{
    return machine->definition;
}

static char *bare_diagnose(Machine *machine)
{
    return console_diagnose(machine->console_path);
}

const MachineBackend machine_backend_bare = {
    .name = "bare",
    .host_open = bare_open,
    .host_close = bare_close,
    .host_facts = bare_facts,
    .define = bare_define,
    .boot = bare_boot,
    .wait_ready = bare_wait_ready,
    .exec = bare_exec,
    .signal = bare_signal,
    .read_file = bare_read_file,
    .write_file = bare_write_file,
    .definition = bare_definition,
    .diagnose = bare_diagnose,
    .stop = bare_stop,
    .free = bare_free,
};
