// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/exec/campaign-private.h"
#include "runner/exec/leftovers.h"
#include "runner/exec/lost-files.h"
#include "runner/exec/preflight.h"
#include "runner/vm/outside.h"

static bool load_experiment(Campaign *campaign, GError **error)
{
    g_autoptr(Table) experiment = NULL;
    g_autoptr(Problems) problems = NULL;
    g_autofree char *folder = lab_experiment_folder(campaign->lab, campaign->experiment_id);

    if (!store_read(campaign->store, "experiment", &experiment, error, PARAM_INTEGER(campaign->experiment_id), PARAM_END))
        return false;
    campaign->uuid = g_strdup(table_text(experiment, 0, "uuid"));
    campaign->seed = table_integer(experiment, 0, "seed");
    campaign->retries = (unsigned) table_integer(experiment, 0, "retries");
    campaign->scenario_path = g_build_filename(folder, "scenario.yaml", NULL);
    if (!settings_read(table_text(experiment, 0, "settings"), &campaign->settings, error))
        return false;
    if (campaign->settings.uri != NULL)
        campaign->owner = outside_owner(campaign->uuid, campaign->lab->folder);
    /* The database's text is what counts; a copy that a crash or an editor spoilt is written again. */
    if (!folder_make(folder, error)
        || !file_write_atomic(campaign->scenario_path, table_text(experiment, 0, "scenario_text"),
                              strlen(table_text(experiment, 0, "scenario_text")), error))
        return false;
    problems = problems_new(campaign->scenario_path);
    campaign->scenario = scenario_load(campaign->scenario_path, &preflight_scenario_checks, problems);
    if (campaign->scenario != NULL)
        return true;
    problems_print(problems, stderr);
    error_set(error, ERROR_SCENARIO, "the stored scenario of experiment %" G_GINT64_FORMAT " is not valid for this trialbed",
              campaign->experiment_id);
    error_hint(error, "resume it with the version that started it: 'trialbed query \"select value from environment where "
                      "key = 'version.trialbed'\"'.");
    return false;
}

static bool load_counts(Campaign *campaign, GError **error)
{
    g_autoptr(Table) cells = NULL;
    int64_t total = 0, left = 0, failed = 0;

    if (!store_read(campaign->store, "experiment-status", &cells, error, PARAM_INTEGER(campaign->experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < cells->row_count; row++) {
        total += table_integer(cells, row, "runs");
        left += table_integer(cells, row, "planned") + table_integer(cells, row, "running");
        failed += table_integer(cells, row, "failed");
    }
    if (campaign->options->wanted != NULL) /* what else is planned is none of this call's business */
        total -= left - (int64_t) campaign->pending->len, left = (int64_t) campaign->pending->len;
    progress_start(&campaign->progress, (size_t) total, (size_t) (total - left), (size_t) failed);
    return true;
}

bool campaign_load_pending(Campaign *campaign, GError **error)
{
    GArray *runs;

    if (!pending_read(campaign->store, campaign->experiment_id, campaign->options->wanted, &runs, error))
        return false;
    g_clear_pointer(&campaign->pending, g_array_unref);
    campaign->pending = runs;
    campaign->next = 0;
    return true;
}

/* Attempts that an earlier coordinator left. Nobody works on them: we have the lab's lock. */
static bool take_up(Campaign *campaign, GError **error)
{
    g_autoptr(GPtrArray) disks = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    int64_t abandoned;

    if (!campaign_outside_sweep(campaign, error)
        || !leftovers_cut(campaign->store, campaign->lab, campaign->experiment_id, false, disks, error)
        || !lost_files_settle(campaign->store, campaign->lab, campaign->experiment_id, false, files, error))
        return false;
    for (guint i = 0; i < files->len; i++)
        log_info("%s", (const char *) g_ptr_array_index(files, i));
    return store_attempts_abandon(campaign->store, campaign->experiment_id, &abandoned, error);
}

static bool load_inputs(Campaign *campaign, GError **error)
{
    g_autoptr(Table) environment = NULL;

    if (!store_read(campaign->store, "environment", &environment, error, PARAM_INTEGER(campaign->experiment_id), PARAM_END))
        return false;
    campaign->inputs = inputs_of_record(environment, campaign->scenario->folder);
    return true;
}

static bool load_agenda(Campaign *campaign, GError **error)
{
    unsigned width = campaign->options->jobs > 0 ? campaign->options->jobs : campaign->admission.cpus;

    campaign->agenda = agenda_new(campaign->store, campaign->experiment_id, campaign->scenario, &campaign->settings,
                                  campaign->options->until_realtime_ns, width, error);
    if (campaign->agenda == NULL)
        return false;
    agenda_heed(campaign->agenda, &campaign->breaker);
    return true;
}

bool campaign_load(Campaign *campaign, GError **error)
{
    g_autofree char *folder = lab_experiment_folder(campaign->lab, campaign->experiment_id);

    if (!load_experiment(campaign, error)
        || !experiment_check_files(campaign->store, campaign->lab, campaign->experiment_id, error)
        || !take_up(campaign, error)
        || !campaign_load_pending(campaign, error) || !load_inputs(campaign, error) || !load_agenda(campaign, error))
        return false;
    if (!store_read(campaign->store, "environment", &campaign->environment, error, PARAM_INTEGER(campaign->experiment_id),
                    PARAM_END))
        return false;
    campaign_noise_init(campaign);
    if (!campaign->options->keep_going) {
        campaign->breaker.cell_limit = campaign->scenario->breaker_cell;
        campaign->breaker.host_limit = campaign->scenario->breaker_host;
    }
    if (!load_counts(campaign, error) || !store_shrink(campaign->store, error))
        return false;
    campaign->events = event_log_open(folder);
    campaign_log_begin(campaign);
    return true;
}

bool campaign_load_more(Campaign *campaign, bool *ret_more, GError **error)
{
    size_t added = 0;

    *ret_more = false;
    if (campaign->options->wanted != NULL) /* these and no others */
        return true;
    if (!agenda_grow(campaign->agenda, &added, error))
        return false;
    if (added == 0)
        return true;
    campaign->progress.total += added;
    *ret_more = true;
    return campaign_load_pending(campaign, error);
}
