// SPDX-License-Identifier: GPL-3.0-or-later
/* The phases that prepare and end machines; attempt-network.c makes what connects them, attempt-define.c the machines. */
#include <string.h>

#include "images/own-files.h"
#include "runner/base/cpus.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/exec/attempt.h"
#include "runner/vm/outside.h"

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

static const MachineBackend *const backends[] = { &machine_backend_libvirt, &machine_backend_bare, &machine_backend_fake };

bool attempt_is_bare(const Attempt *attempt)
{
    return attempt->backend == &machine_backend_bare;
}

/* The platform decides between virtual machines and none; fakes stand for both. */
static const MachineBackend *find_backend(const char *name, const char *platform)
{
    if (strcmp(name, machine_backend_libvirt.name) == 0 && strcmp(platform, "bare") == 0)
        name = machine_backend_bare.name;
    for (size_t i = 0; i < G_N_ELEMENTS(backends); i++)
        if (strcmp(backends[i]->name, name) == 0)
            return backends[i];
    return NULL;
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

static bool find_image(Attempt *attempt, ImageStore *store, size_t index, GError **error)
{
    const MachineSpec *spec = &attempt->spec->machines[index];
    OwnFiles files = { spec->kernel, spec->initrd, spec->disk, spec->root };

    if (attempt_is_bare(attempt)) /* its files are shown as they are, and its kernel is the host's */
        files = (OwnFiles) { 0 };
    if (attempt_is_bare(attempt) && (strcmp(spec->image, "host") == 0 || strcmp(spec->image, "none") == 0))
        return true;
    attempt->images[index] = image_find(store, spec->image, &files, spec->arch, attempt->job->cache, error);
    return attempt->images[index] != NULL;
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
    for (size_t i = 0; i < attempt->spec->machine_count; i++)
        if (!find_image(attempt, store, i, error)) {
            g_prefix_error(error, "machine '%s': ", attempt->spec->machines[i].name);
            return false;
        }
    return true;
}

/* First of all: what the worker starts inherits it. */
static bool bind_cpus(Attempt *attempt, GError **error)
{
    cpu_set_t cpus;

    return attempt->job->worker_cpus == NULL
           || (cpus_parse(attempt->job->worker_cpus, &cpus, error) && cpus_bind(&cpus, error));
}

bool attempt_prepare(Attempt *attempt, GError **error)
{
    g_autofree char *job_path = attempt_path(attempt, "job.json");
    g_autofree char *job_text = message_write(MESSAGE_JOB, attempt->job);

    if (!bind_cpus(attempt, error) || !read_scenario(attempt, error))
        return false;
    attempt->deadline_ns = attempt->started_ns + attempt->spec->timeout_ms * 1000000;
    attempt->backend = find_backend(attempt->job->backend, attempt->spec->platform);
    if (attempt->backend == NULL)
        return error_set(error, ERROR_BUG, "there is no machine back end '%s'", attempt->job->backend);
    attempt->machines = g_new0(Machine *, attempt->spec->machine_count);
    attempt->captures = g_new0(Capture *, attempt->spec->capture_count);
    attempt->wire_captures = g_new0(unsigned, attempt->spec->capture_count);
    attempt_add_artifact(attempt, NULL, NULL, "definition", job_path);
    return file_write(job_path, job_text, strlen(job_text), error) && folder_make(attempt->scratch, error)
           && find_images(attempt, error);
}

void attempt_diagnose(Attempt *attempt, Machine *machine, GError **error)
{
    g_autofree char *known = attempt->backend->diagnose(machine);

    if (known != NULL)
        error_hint(error, "%s", known);
}

const char *attempt_channel_used(const Attempt *attempt, size_t index)
{
    return attempt->backend->channel != NULL ? attempt->backend->channel(attempt->machines[index]) : "agent";
}

/* Our own agent is what everybody expects. */
static void note_channel(Attempt *attempt, size_t index)
{
    const char *name = attempt_channel_used(attempt, index);

    if (strcmp(name, "agent") != 0 || strcmp(attempt->spec->machines[index].channel, "auto") != 0)
        attempt_event(attempt, "channel", "machine '%s' is reached by %s", attempt->spec->machines[index].name, name);
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
        note_channel(attempt, i);
    }
    attempt->ready = true;
    for (size_t i = 0; i < attempt->spec->machine_count; i++)
        attempt_send_machine(attempt, i); /* with its channel */
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
        if (attempt->machines[i] != NULL && i > 0)
            threads[i] = g_thread_new("stop", stop_machine, &tasks[i]);
    }
    for (size_t i = 0; i < count; i++) {
        bool failed = i > 0 ? threads[i] != NULL && g_thread_join(threads[i]) != NULL
                            : attempt->machines[i] != NULL && stop_machine(&tasks[i]) != NULL; /* one needs no thread */

        if (failed) {
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
    bool host_ok = attempt_host_close(attempt, error);
    bool ok;

    if (attempt->kept && host_ok)
        return true;
    ok = stop_machines(attempt, host_ok ? error : NULL) && host_ok;

    attempt_network_clear(attempt);
    if (attempt->host != NULL)
        attempt->backend->host_close(attempt->host);
    for (guint i = 0; attempt->job->uri != NULL && i < attempt->bridges->len; i++)
        if (!network_link_remove(attempt->network, g_ptr_array_index(attempt->bridges, i), ok ? error : NULL))
            ok = false;
    return ok;
}
