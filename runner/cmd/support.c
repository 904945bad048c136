// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/cmd/support.h"

#include <stdio.h>
#include <string.h>

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

/* The next time that the clock on the wall shows HH:MM. */
static bool parse_until(const char *text, int64_t *ret_realtime_ns, GError **error)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autoptr(GDateTime) then = NULL;
    unsigned hour, minute;
    char rest;

    if (sscanf(text, "%2u:%2u%c", &hour, &minute, &rest) != 2 || hour > 23 || minute > 59)
        return error_set(error, ERROR_USAGE, "'--until %s' is no time of day such as 07:00", text);
    then = g_date_time_new_local(g_date_time_get_year(now), g_date_time_get_month(now), g_date_time_get_day_of_month(now),
                                 (int) hour, (int) minute, 0);
    if (g_date_time_compare(then, now) <= 0) {
        g_autoptr(GDateTime) tomorrow = g_date_time_add_days(then, 1);

        *ret_realtime_ns = g_date_time_to_unix(tomorrow) * 1000000000;
    } else {
        *ret_realtime_ns = g_date_time_to_unix(then) * 1000000000;
    }
    return true;
}

static bool report_end(const Context *context, int64_t experiment_id, const CampaignResult *result, GError **error)
{
    g_autofree char *resume = g_strdup_printf("trialbed%s%s resume %" G_GINT64_FORMAT,
                                              strcmp(context->lab, "lab") == 0 ? "" : " --lab ",
                                              strcmp(context->lab, "lab") == 0 ? "" : context->lab, experiment_id);

    log_info("experiment %" G_GINT64_FORMAT ": %zu runs completed, %zu failed, %zu left", experiment_id, result->completed,
             result->failed, result->left);
    if (result->interrupted) {
        error_set(error, ERROR_INTERRUPTED, "interrupted with %zu runs left; nothing is lost", result->left);
        error_hint(error, "'%s' goes on.", resume);
        return false;
    }
    if (result->left > 0)
        log_info("'%s' goes on", resume);
    if (result->failed > 0) {
        error_set(error, ERROR_RUNS, "%zu of %zu runs failed", result->failed, result->completed + result->failed);
        error_hint(error, "'trialbed status %" G_GINT64_FORMAT "' lists them, 'trialbed show RUN' tells more.", experiment_id);
        return false;
    }
    return true;
}

bool support_campaign(const Context *context, const Lab *lab, int64_t experiment_id, int jobs, const char *until,
                      GError **error)
{
    CampaignOptions options = { .program = context->program, .jobs = (unsigned) MAX(jobs, 0) };
    CampaignResult result;

    if (until != NULL && !parse_until(until, &options.until_realtime_ns, error))
        return false;
    if (!campaign_run(context->store, lab, experiment_id, &options, &result, error)) {
        error_hint(error, "'trialbed resume %" G_GINT64_FORMAT "' goes on once that is mended; completed runs are kept.",
                   experiment_id);
        return false;
    }
    return report_end(context, experiment_id, &result, error);
}
