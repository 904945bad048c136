// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/base/error.h"
#include "runner/base/log.h"
#include "runner/cmd/selection.h"
#include "runner/cmd/support.h"
#include "runner/exec/experiment.h"
#include "runner/exec/preflight.h"

extern const Command cmd_run;

static int repetitions;
static char *connect_uri, *machines;
static char **only, **set;

static const GOptionEntry options[] = {
    CAMPAIGN_OPTION_ENTRIES,
    { "only", 0, 0, G_OPTION_ARG_STRING_ARRAY, &only,
      "FACTOR=LEVEL[,LEVEL]: these cells; failed, missing, tainted: such runs; may be repeated",
      "WHAT" },
    SUPPORT_SET_OPTION(set),
    { "repetitions", 0, 0, G_OPTION_ARG_INT, &repetitions, "instead of the scenario's", "N" },
    { "connect", 0, 0, G_OPTION_ARG_STRING, &connect_uri, "a libvirt other than the embedded one", "URI" },
    { "machines", 0, 0, G_OPTION_ARG_STRING, &machines,
      "'libvirt' (default), or 'fake' to try a scenario without machines", "KIND" },
    G_OPTION_ENTRY_NULL,
};

static bool check_options(GError **error)
{
    if (repetitions < 0)
        return error_set(error, ERROR_USAGE, "'--repetitions %d' is no number of repetitions", repetitions);
    if (machines != NULL && strcmp(machines, "libvirt") != 0 && strcmp(machines, "fake") != 0)
        return error_set(error, ERROR_USAGE, "'--machines %s' is neither 'libvirt' nor 'fake'", machines);
    return true;
}

/* Runs of an experiment that is there already, or what a new one is made of: *ret_experiment is 0 then. */
static bool select_runs(const Context *context, const Selection *selection, const Lab *lab, Matrix *matrix,
                        const Settings *settings, const Environment *environment, CampaignOptions *campaign,
                        int64_t *ret_experiment, GError **error)
{
    *ret_experiment = 0;
    return !selection_has_words(selection)
           || selection_apply(selection, context, lab, matrix, settings, environment, ret_experiment, &campaign->wanted,
                              error);
}

static bool has_nothing_to_do(const Matrix *matrix, const CampaignOptions *campaign)
{
    return matrix->cell_count == 0 || (campaign->wanted != NULL && g_hash_table_size(campaign->wanted) == 0);
}

/* Everything is checked, the plan is stored, and the coordinator is called. */
static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_auto(Lab) lab = { 0 };
    g_auto(Settings) settings = { 0 };
    g_auto(Selection) selection = { 0 };
    g_autoptr(Scenario) scenario = NULL;
    g_autoptr(Matrix) matrix = NULL;
    g_autoptr(Environment) environment = NULL;
    g_autoptr(GHashTable) wanted = NULL;
    g_autoptr(Nursery) nursery = NULL;
    CampaignOptions campaign;
    int64_t experiment;

    (void) argc;
    if (!check_options(error) || !support_campaign_options(context, &campaign, error))
        return false;
    scenario = support_load_scenario(context, argv[0], set, error);
    if (scenario == NULL || !lab_open(context->lab, &lab, error))
        return false;
    selection_parse(only, &selection);
    settings = (Settings) { .backend = g_strdup(machines != NULL ? machines : "libvirt"), .uri = g_strdup(connect_uri),
                            .only = g_strdupv(selection.cells), .repetitions = (unsigned) repetitions, .set = g_strdupv(set) };
    matrix = experiment_matrix(scenario, &settings, error);
    if (matrix == NULL)
        return false;
    nursery = campaign_nursery(context->program, &lab, matrix, &settings); /* it works while we look at the host */
    environment = environment_gather();
    if (!preflight_check(&lab, matrix, settings.backend, settings.uri, environment, error)
        || !select_runs(context, &selection, &lab, matrix, &settings, environment, &campaign, &experiment, error))
        return false;
    wanted = campaign.wanted;
    if (has_nothing_to_do(matrix, &campaign)) {
        log_info("there is nothing of that kind to do");
        return true;
    }
    if (experiment == 0 && !experiment_create(context->store, &lab, matrix, &settings, environment, &experiment, error))
        return false;
    campaign.nursery = g_steal_pointer(&nursery);
    return support_campaign(context, &lab, experiment, &campaign, error);
}

const Command cmd_run = {
    .name = "run",
    .usage = "SCENARIO [-j N] [--only WHAT]... [--set KEY=VALUE]... [--until HH:MM] [--halt N]",
    .summary = "make an experiment of a scenario and run it",
    .details = "Everything is checked before anything starts. A run that fails is stored with its reason, and the\n"
               "others go on. Ctrl-C lets runs that are under way finish, a second one ends them; 'trialbed\n"
               "resume' goes on. '--only failed', 'missing' and 'tainted' go on with the newest experiment of the\n"
               "scenario; when the scenario has changed since, 'missing' makes a new one of the cells that have runs\n"
               "to do, as 'trialbed plan --explain' says.",
    .json = "{\"experiment\": NUMBER, \"completed\": N, \"failed\": N, \"left\": N, \"interrupted\": false}",
    .exits = "1 when runs failed, 3 when the scenario has problems, 4 when this host cannot run it, 130 when\n"
             "runs are left",
    .needs = CMD_NEEDS_STORE | CMD_MAKES_STORE, .options = options, .min_args = 1, .max_args = 1, .run = run,
};
