// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/cmd/support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/log.h"
#include "runner/exec/preflight.h"

Scenario *support_load_scenario(const char *path, GError **error)
{
    g_autoptr(Problems) problems = problems_new(path);
    Scenario *scenario = scenario_load(path, &preflight_scenario_checks, problems);
    guint count = problems->items->len;

    if (scenario != NULL)
        return scenario;
    problems_print(problems, stderr);
    error_set(error, ERROR_SCENARIO, "scenario '%s' has %u problem%s; nothing was started", path, count, count == 1 ? "" : "s");
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
        error_hint(error, "'trialbed status EXPERIMENT' lists the runs.");
        return false;
    }
    if (!store_read(context->store, "run", &run, error, PARAM_INTEGER(id), PARAM_END))
        return false;
    if (run->row_count == 0)
        return error_set(error, ERROR_USAGE, "there is no run %" G_GINT64_FORMAT " in lab '%s'", id, context->lab);
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

bool support_campaign_options(const Context *context, int jobs, const char *until, CampaignOptions *ret_options, GError **error)
{
    CampaignOptions options = { .program = context->program, .jobs = (unsigned) jobs };

    if (jobs < 0)
        return error_set(error, ERROR_USAGE, "'--jobs %d' is no number of runs; 0 means what CPUs and memory allow", jobs);
    if (until != NULL && !clock_next_time_of_day(until, clock_realtime_ns(), &options.until_realtime_ns))
        return error_set(error, ERROR_USAGE, "'--until %s' is no time of day such as 07:00", until);
    *ret_options = options;
    return true;
}

/* The line that goes on where this one stopped, for pasting. */
static char *resume_line(const Context *context, int64_t experiment_id)
{
    g_autofree char *quoted = g_shell_quote(context->lab);
    bool plain = strcspn(context->lab, " \t\n'\"\\$`&;|<>()*?[]#~!{}") == strlen(context->lab);

    if (strcmp(context->lab, "lab") == 0)
        return g_strdup_printf("trialbed resume %" G_GINT64_FORMAT, experiment_id);
    return g_strdup_printf("trialbed --lab %s resume %" G_GINT64_FORMAT, plain ? context->lab : quoted, experiment_id);
}

static bool report_end(const Context *context, int64_t experiment_id, const CampaignResult *result, GError **error)
{
    g_autofree char *resume = resume_line(context, experiment_id);

    log_info("experiment %" G_GINT64_FORMAT ": %zu runs completed, %zu failed, %zu left", experiment_id, result->completed,
             result->failed, result->left);
    if (context->json)
        printf("{\"experiment\": %" G_GINT64_FORMAT ", \"completed\": %zu, \"failed\": %zu, \"left\": %zu}\n", experiment_id,
               result->completed, result->failed, result->left);
    if (result->left > 0) {
        error_set(error, ERROR_INTERRUPTED, "%s with %zu runs left; nothing is lost",
                  result->interrupted ? "interrupted" : "the time is over,", result->left);
        error_hint(error, "'%s' goes on.", resume);
        return false;
    }
    if (result->failed > 0) {
        error_set(error, ERROR_RUNS, "%zu of %zu runs failed", result->failed, result->completed + result->failed);
        error_hint(error, "'trialbed status %" G_GINT64_FORMAT "' lists them, 'trialbed show RUN' tells more.", experiment_id);
        return false;
    }
    return true;
}

bool support_campaign(const Context *context, const Lab *lab, int64_t experiment_id, const CampaignOptions *options,
                      GError **error)
{
    g_autofree char *resume = resume_line(context, experiment_id);
    CampaignResult result;

    if (!campaign_run(context->store, lab, experiment_id, options, &result, error)) {
        error_hint(error, "'%s' goes on once that is mended; completed runs are kept.", resume);
        return false;
    }
    return report_end(context, experiment_id, &result, error);
}

static const char scratch_name[] = ".export-XXXXXX";

char *support_scratch_make(const Context *context, int *ret_lock, GError **error)
{
    g_autofree char *path = g_build_filename(context->lab, scratch_name, NULL);
    int lock;

    if (g_mkdtemp(path) == NULL) {
        error_set_errno(error, ERROR_HOST, "could not make a folder in lab '%s'", context->lab);
        return NULL;
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
