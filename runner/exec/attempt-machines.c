// SPDX-License-Identifier: GPL-3.0-or-later
/* The phases that make and end machines; attempt-network.c makes what connects them. */
#include <string.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/exec/attempt.h"
#include "runner/vm/outside.h"

static const MachineBackend *const backends[] = { &machine_backend_libvirt, &machine_backend_fake };

static const MachineBackend *find_backend(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(backends); i++)
        if (strcmp(backends[i]->name, name) == 0)
            return backends[i];
    return NULL;
}

bool attempt_is_fake(const Attempt *attempt)
{
    return attempt->backend == &machine_backend_fake;
}

char *attempt_link_name(const Attempt *attempt, const char *bridge)
{
    size_t index = 0;

    if (attempt->job->uri == NULL)
        return g_strdup(bridge);
    while (strcmp(attempt->spec->bridges[index].name, bridge) != 0)
        index++;
    return outside_link_name(attempt->job->owner, attempt->job->run_id, index);
}

/* NULL: the machine's own name will do. */
static char *domain_name(Attempt *attempt, const char *machine)
{
    if (attempt->job->uri == NULL)
        return NULL;
    return g_strdup_printf("trialbed-%.8s-%" G_GINT64_FORMAT "-%s", attempt->job->uuid, attempt->job->run_id, machine);
}

static bool read_scenario(Attempt *attempt, GError **error)
{
    g_autoptr(Problems) problems = problems_new(attempt->job->scenario);

    attempt->failure_class = "scenario";
    attempt->scenario = scenario_load(attempt->job->scenario, NULL, problems);
    if (attempt->scenario == NULL)
        return error_set(error, ERROR_DATA, "the experiment's copy of its scenario, '%s', cannot be read any more",
                         attempt->job->scenario);
    attempt->spec = scenario_resolve(attempt->scenario, (const char *const *) attempt->job->levels, error);
    if (attempt->spec == NULL)
        return false;
    attempt->failure_class = NULL;
    return true;
}

static bool find_images(Attempt *attempt, GError **error)
{
    g_autoptr(ImageStore) store = NULL;

    attempt->images = g_new0(Image *, attempt->spec->machine_count);
    if (attempt_is_fake(attempt))
        return true;
    store = image_store_open(attempt->job->images, error);
    if (store == NULL)
        return false;
    for (size_t i = 0; i < attempt->spec->machine_count; i++) {
        attempt->images[i] = image_store_get(store, attempt->spec->machines[i].image, error);
        if (attempt->images[i] == NULL)
            return false;
    }
    return true;
}

static void send_machines(Attempt *attempt)
{
    const MachineHostFacts *facts = attempt->backend->host_facts(attempt->host);
    bool versioned = facts->emulator_version != NULL;
    g_autofree char *emulator = g_strconcat(facts->emulator, versioned ? " " : NULL, facts->emulator_version, NULL);
    Facts used = { attempt->spec->platform, facts->accelerator, emulator, facts->backend };

    attempt_send(attempt, MESSAGE_FACTS, &used);
    for (size_t i = 0; i < attempt->spec->machine_count; i++) {
        const MachineSpec *spec = &attempt->spec->machines[i];
        MachineRecord record = {
            .name = spec->name,
            .image = spec->image,
            .image_digest = attempt->images[i] != NULL ? attempt->images[i]->digest : NULL,
            .platform = attempt->spec->platform,
            .accelerator = facts->accelerator,
            .emulator = emulator,
            .memory_mb = spec->memory_mb,
            .cpus = spec->cpus,
        };

        attempt_send(attempt, MESSAGE_MACHINE, &record);
    }
}

bool attempt_prepare(Attempt *attempt, GError **error)
{
    g_autofree char *job_path = attempt_path(attempt, "job.json");
    g_autofree char *job_text = message_write(MESSAGE_JOB, attempt->job);

    if (!read_scenario(attempt, error))
        return false;
    attempt->deadline_ns = attempt->started_ns + attempt->spec->timeout_ms * 1000000;
    attempt->backend = find_backend(attempt->job->backend);
    if (attempt->backend == NULL)
        return error_set(error, ERROR_BUG, "there is no machine back end '%s'", attempt->job->backend);
    attempt->machines = g_new0(Machine *, attempt->spec->machine_count);
    attempt->captures = g_new0(Capture *, attempt->spec->capture_count);
    attempt->wire_captures = g_new0(unsigned, attempt->spec->capture_count);
    attempt_add_artifact(attempt, NULL, NULL, "definition", job_path);
    return file_write_atomic(job_path, job_text, strlen(job_text), error) && folder_make(attempt->scratch, error)
           && find_images(attempt, error);
}

/* What the guest is told at its start; one that asks a DHCP server has none. */
static const char *fixed_address(const InterfaceSpec *interface)
{
    return g_strcmp0(interface->address, "dhcp") != 0 ? interface->address : NULL;
}

/* Every machine knows every other by name. The texts belong to the spec. */
static MachinePeer *list_peers(Attempt *attempt, size_t *ret_count)
{
    GArray *peers = g_array_new(FALSE, FALSE, sizeof(MachinePeer));

    for (size_t i = 0; i < attempt->spec->machine_count; i++) {
        const MachineSpec *machine = &attempt->spec->machines[i];

        for (size_t k = 0; k < machine->interface_count; k++) {
            MachinePeer peer = { machine->name, fixed_address(&machine->interfaces[k]) };

            if (peer.address != NULL)
                g_array_append_val(peers, peer);
        }
    }
    *ret_count = peers->len;
    return (MachinePeer *) g_array_free(peers, FALSE);
}

/* Texts that only live as long as the definition goes into `names`. */
static NicConfig *list_nics(Attempt *attempt, size_t index, GPtrArray *names)
{
    const MachineSpec *spec = &attempt->spec->machines[index];
    NicConfig *nics = g_new0(NicConfig, spec->interface_count);

    for (size_t i = 0; i < spec->interface_count; i++) {
        char *link = attempt_link_name(attempt, spec->interfaces[i].bridge);

        g_ptr_array_add(names, link);
        nics[i] = (NicConfig) { .bridge = link, .mac = spec->interfaces[i].mac, .address = fixed_address(&spec->interfaces[i]) };
        attempt_nic(attempt, index, i, &nics[i]);
    }
    return nics;
}

static bool define_machine(Attempt *attempt, size_t index, GError **error)
{
    const MachineSpec *spec = &attempt->spec->machines[index];
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *domain = domain_name(attempt, spec->name);
    g_autofree char *console = attempt_path(attempt, "%s.console.log", spec->name);
    g_autofree char *definition_path = attempt_path(attempt, "%s.xml", spec->name);
    g_autofree NicConfig *nics = list_nics(attempt, index, names);
    g_autofree MachinePeer *peers = NULL;
    g_autofree char *cmdline = NULL;
    MachineConfig config = {
        .name = spec->name, .domain = domain, .memory_mb = spec->memory_mb, .cpus = spec->cpus, .nics = nics,
        .nic_count = spec->interface_count, .console_path = console, .run_uuid = attempt->job->uuid,
        .owner = attempt->job->owner, .run_id = attempt->job->run_id,
    };
    const char *definition;
    size_t peer_count;

    peers = list_peers(attempt, &peer_count);
    cmdline = machine_cmdline(spec->boot_preset, attempt->job->accel, &config, peers, peer_count);
    config.cmdline = cmdline;
    if (attempt->images[index] != NULL) {
        config.kernel = attempt->images[index]->kernel_path;
        config.initrd = attempt->images[index]->initrd_path;
    }
    attempt->machines[index] = attempt->backend->define(attempt->host, &config, error);
    if (attempt->machines[index] == NULL)
        return false;
    attempt_add_artifact(attempt, spec->name, NULL, "log", console);
    attempt_add_artifact(attempt, spec->name, NULL, "definition", definition_path);
    definition = attempt->backend->definition(attempt->machines[index]);
    return file_write_atomic(definition_path, definition, strlen(definition), error);
}

bool attempt_define(Attempt *attempt, GError **error)
{
    MachineHostConfig config = { .uri = attempt->job->uri, .scratch = attempt->scratch, .cache = attempt->job->cache,
                                 .accel = attempt->job->accel };

    attempt->host = attempt->backend->host_open(&config, error);
    if (attempt->host == NULL)
        return false;
    send_machines(attempt);
    for (size_t i = 0; i < attempt->spec->machine_count; i++) {
        if (!define_machine(attempt, i, error)) {
            g_prefix_error(error, "machine '%s': ", attempt->spec->machines[i].name);
            return false;
        }
    }
    return true;
}

bool attempt_boot(Attempt *attempt, GError **error)
{
    for (size_t i = 0; i < attempt->spec->machine_count; i++)
        if (!attempt->backend->boot(attempt->machines[i], error))
            return false;
    return true;
}

void attempt_diagnose(Attempt *attempt, Machine *machine, GError **error)
{
    g_autofree char *known = attempt->backend->diagnose(machine);

    if (known != NULL)
        error_hint(error, "%s", known);
}

bool attempt_ready(Attempt *attempt, GError **error)
{
    for (size_t i = 0; i < attempt->spec->machine_count; i++) {
        if (!attempt->backend->wait_ready(attempt->machines[i],
                                          attempt_time_left_ms(attempt, attempt->spec->boot_timeout_ms), error)) {
            attempt_diagnose(attempt, attempt->machines[i], error);
            error_hint(error, "raise 'boot_timeout' in the scenario if the machine only needs longer (now %lld s).",
                       (long long) (attempt->spec->boot_timeout_ms / 1000));
            return false;
        }
    }
    attempt->ready = true;
    if (attempt_network_ready(attempt, error))
        return true;
    attempt->failure_class = "provision";
    return false;
}

Machine *attempt_machine(Attempt *attempt, const char *name)
{
    for (size_t i = 0; i < attempt->spec->machine_count; i++)
        if (strcmp(attempt->spec->machines[i].name, name) == 0)
            return attempt->machines[i];
    return NULL;
}

typedef struct StopTask {
    Attempt *attempt;
    Machine *machine;
    GError *error;
} StopTask;

static void *stop_machine(void *data)
{
    StopTask *task = data;

    if (!task->attempt->backend->stop(task->machine, &task->error))
        return task;
    return NULL;
}

/* libvirt polls while a machine ends, so all end at the same time. */
static bool stop_machines(Attempt *attempt, GError **error)
{
    size_t count = attempt->machines != NULL ? attempt->spec->machine_count : 0;
    g_autofree StopTask *tasks = g_new0(StopTask, count);
    g_autofree GThread **threads = g_new0(GThread *, count);
    bool ok = true;

    for (size_t i = 0; i < count; i++) {
        tasks[i] = (StopTask) { attempt, attempt->machines[i], NULL };
        if (attempt->machines[i] != NULL)
            threads[i] = g_thread_new("stop", stop_machine, &tasks[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (threads[i] != NULL && g_thread_join(threads[i]) != NULL) {
            if (ok)
                g_propagate_error(error, tasks[i].error);
            else
                g_clear_error(&tasks[i].error);
            ok = false;
        }
        if (attempt->machines[i] != NULL)
            attempt->backend->free(attempt->machines[i]);
    }
    return ok;
}

bool attempt_teardown(Attempt *attempt, GError **error)
{
    bool ok = stop_machines(attempt, error);

    attempt_network_clear(attempt);
    if (attempt->host != NULL)
        attempt->backend->host_close(attempt->host);
    for (guint i = 0; attempt->job->uri != NULL && i < attempt->bridges->len; i++)
        if (!network_link_remove(attempt->network, g_ptr_array_index(attempt->bridges, i), ok ? error : NULL))
            ok = false;
    return ok;
}
