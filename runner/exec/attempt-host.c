// SPDX-License-Identifier: GPL-3.0-or-later
/* Steps on the host: inside the run's namespaces, in the folder `host` of the attempt, whose files are kept. */
#include <string.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/exec/attempt.h"
#include "runner/vm/host-programs.h"

#define HOST "host"

static bool is_host(const StepSpec *step)
{
    return g_strcmp0(step->on, HOST) == 0;
}

static bool needs_host(const RunSpec *spec)
{
    bool needed = false;

    for (size_t i = 0; i < spec->setup_count; i++)
        needed = needed || is_host(&spec->setups[i]);
    for (size_t i = 0; i < spec->step_count; i++)
        needed = needed || is_host(&spec->steps[i]);
    for (size_t i = 0; i < spec->teardown_count; i++)
        needed = needed || is_host(&spec->teardowns[i]);
    return needed;
}

/* What a program on the host sees: the levels, as in a machine, where it is, and what it needs to find others. */
static char **host_environment(const Attempt *attempt, const char *folder)
{
    static const char *const passed_on[] = { "PATH", "HOME", "TMPDIR" };
    char **environment = g_strdupv(attempt->spec->environment);

    for (size_t i = 0; i < G_N_ELEMENTS(passed_on); i++)
        if (g_getenv(passed_on[i]) != NULL)
            environment = g_environ_setenv(environment, passed_on[i], g_getenv(passed_on[i]), TRUE);
    return g_environ_setenv(environment, "TRIALBED_FOLDER", folder, TRUE);
}

/* A fake host for fake machines: nothing is ever started. */
static bool open_fake(Attempt *attempt, GError **error)
{
    MachineConfig config = { .name = HOST, .cmdline = "" };

    attempt->host_machine = attempt->backend->define(attempt->host, &config, error);
    return attempt->host_machine != NULL;
}

bool attempt_host_open(Attempt *attempt, GError **error)
{
    g_autofree char *folder = attempt_path(attempt, HOST);

    if (!needs_host(attempt->spec))
        return true;
    if (attempt->backend == &machine_backend_fake)
        return open_fake(attempt, error);
    attempt->host_environment = host_environment(attempt, folder);
    attempt->host_programs = folder_make(folder, error) ? host_programs_open(attempt->scratch, error) : NULL;
    return attempt->host_programs != NULL;
}

static bool host_exec(Attempt *attempt, const ExecRequest *request, ExecResult *ret_result, GError **error)
{
    static const char *const prefix[] = { "/bin/sh", "-c", "cd \"$TRIALBED_FOLDER\" && exec \"$@\"", "sh" };
    g_autoptr(GPtrArray) argv = g_ptr_array_new(), environment = g_ptr_array_new();
    ExecRequest inside = *request;

    for (size_t i = 0; i < G_N_ELEMENTS(prefix); i++)
        g_ptr_array_add(argv, (void *) prefix[i]);
    for (const char *const *word = request->argv; *word != NULL; word++)
        g_ptr_array_add(argv, (void *) *word);
    g_ptr_array_add(argv, NULL);
    inside.argv = (const char *const *) argv->pdata;
    for (char **entry = attempt->host_environment; *entry != NULL; entry++)
        g_ptr_array_add(environment, *entry);
    for (const char *const *entry = request->environment; entry != NULL && *entry != NULL; entry++)
        g_ptr_array_add(environment, (void *) *entry); /* the last one of a name counts */
    g_ptr_array_add(environment, NULL);
    inside.environment = (const char *const *) environment->pdata;
    return host_programs_exec(attempt->host_programs, &inside, ret_result, error);
}

bool attempt_signal(Attempt *attempt, const char *name, const void *data, int number, GError **error)
{
    if (strcmp(name, HOST) != 0)
        return attempt->backend->signal(attempt_machine(attempt, name), data, number, error);
    return attempt->host_machine != NULL ? attempt->backend->signal(attempt->host_machine, data, number, error)
                                         : host_programs_signal(attempt->host_programs, data, number, error);
}

bool attempt_exec(Attempt *attempt, const char *name, const ExecRequest *request, ExecResult *ret_result, GError **error)
{
    Machine *machine;

    if (strcmp(name, HOST) == 0 && attempt->host_machine == NULL)
        return host_exec(attempt, request, ret_result, error);
    machine = strcmp(name, HOST) == 0 ? attempt->host_machine : attempt_machine(attempt, name);
    if (attempt->backend->exec(machine, request, ret_result, error))
        return true;
    attempt_diagnose(attempt, machine, error);
    return false;
}

/* What the programs left in their folder. */
static bool keep_files(Attempt *attempt, GError **error)
{
    g_autofree char *folder = attempt_path(attempt, HOST);
    g_autoptr(GPtrArray) files = NULL;

    if (rmdir(folder) == 0) /* there was nothing in it */
        return true;
    if (!folder_list(folder, &files, error))
        return false;
    for (guint i = 0; i < files->len; i++) {
        g_autofree char *path = g_build_filename(folder, g_ptr_array_index(files, i), NULL);

        attempt_add_artifact(attempt, HOST, NULL, "file", path);
    }
    return true;
}

bool attempt_host_close(Attempt *attempt, GError **error)
{
    bool ok = true;

    if (attempt->host_machine != NULL) {
        ok = attempt->backend->stop(attempt->host_machine, error);
        attempt->backend->free(g_steal_pointer(&attempt->host_machine));
    }
    if (attempt->host_programs != NULL) {
        host_programs_close(g_steal_pointer(&attempt->host_programs));
        ok = keep_files(attempt, error);
    }
    g_clear_pointer(&attempt->host_environment, g_strfreev);
    return ok;
}
