// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/cmd/support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/exec/preflight.h"

Scenario *support_load_scenario(const Context *context, const char *path, char **set, GError **error)
{
    g_autoptr(Problems) problems = problems_new(path);
    Scenario *scenario = scenario_load_set(path, (const char *const *) set, &preflight_scenario_checks, problems);

    if (scenario != NULL)
        return scenario;
    problems_print(problems, stderr);
    error_set(error, ERROR_SCENARIO, "scenario '%s' has %u problem%s%s", path, problems->items->len,
              support_plural(problems->items->len),
              context->command->needs & CMD_NEEDS_STORE ? "; nothing was started" : "");
    return NULL;
}

bool support_find_experiment(const Context *context, int argc, char **argv, int64_t *ret_id, GError **error)
{
    return store_experiment_find(context->store, argc > 0 ? argv[0] : NULL, ret_id, error);
}

bool support_find_run(const Context *context, const char *text, int64_t *ret_id, GError **error)
{
    g_autoptr(Table) run = NULL;
    gint64 id;

    if (!g_ascii_string_to_signed(text, 10, 1, G_MAXINT64, &id, NULL)) {
        error_set(error, ERROR_USAGE, "'%s' is no run number", text);
        error_hint(error, "'trialbed status EXPERIMENT --runs' lists the runs.");
        return false;
    }
    if (!store_read(context->store, "run", &run, error, PARAM_INTEGER(id), PARAM_END))
        return false;
    if (run->row_count == 0) {
        error_set(error, ERROR_USAGE, "there is no run %lld in lab '%s'", (long long) id, context->lab);
        error_hint(error, "'trialbed status EXPERIMENT --runs' lists the runs.");
        return false;
    }
    *ret_id = id;
    return true;
}

bool support_print(const Context *context, PrintFormat format, const char *title, const char *query, GError **error,
                   Param parameter)
{
    g_autoptr(Table) table = NULL;

    if (!store_read(context->store, query, &table, error, parameter, PARAM_END))
        return false;
    if (format == PRINT_TEXT && table->row_count == 0)
        return true;
    if (title != NULL && format == PRINT_TEXT)
        printf("%s\n", title);
    print_table(table, format, stdout);
    return true;
}

static bool check_scenario_file(const char *folder, const char *name, const char *sha256, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *found = NULL;
    int64_t size;

    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return error_set(error, ERROR_DATA, "file '%s' of the scenario is missing", name);
    if (!file_sha256(path, &found, &size, error))
        return false;
    return strcmp(found, sha256) == 0
           || error_set(error, ERROR_DATA, "file '%s' of the scenario is not what the experiment was run with: its SHA-256 is another",
                        name);
}

bool support_check_scenario_files(Store *store, int64_t experiment_id, const char *folder, GError **error)
{
    static const char prefix[] = "file.";
    g_autoptr(Table) environment = NULL;

    if (!store_read(store, "environment", &environment, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < environment->row_count; row++) {
        const char *key = table_text(environment, row, "key");

        if (g_str_has_prefix(key, prefix)
            && !check_scenario_file(folder, key + strlen(prefix), table_text(environment, row, "value"), error))
            return false;
    }
    return true;
}

static const char scratch_name[] = ".export-XXXXXX";

char *support_scratch_make(const Context *context, int *ret_lock, GError **error)
{
    g_autofree char *path = g_build_filename(context->lab, scratch_name, NULL);
    int lock;

    if (g_mkdtemp(path) == NULL) { /* such as a lab on a read-only file system: then where programs have theirs */
        *ret_lock = -1;
        return g_dir_make_tmp("trialbed-export-XXXXXX", error);
    }
    lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0 || flock(lock, LOCK_EX) != 0)
        log_debug("could not lock '%s': %s", path, g_strerror(errno)); /* some file systems cannot */
    *ret_lock = lock;
    return g_steal_pointer(&path);
}

bool support_scratch_is_abandoned(const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    size_t fixed = strcspn(scratch_name, "X");
    bool abandoned;
    int fd;

    if (strlen(name) != strlen(scratch_name) || strncmp(name, scratch_name, fixed) != 0
        || strspn(name + fixed, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS) != strlen(name + fixed))
        return false;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    abandoned = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (fd >= 0)
        close(fd);
    return abandoned;
}
