// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/base/error.h"
#include "runner/cmd/support.h"
#include "runner/exec/experiment.h"
#include "runner/exec/preflight.h"

extern const Command cmd_run;

static int repetitions;
static char *connect_uri, *machines;
static char **only;

static const GOptionEntry options[] = {
    CAMPAIGN_OPTION_ENTRIES,
    { "only", 0, 0, G_OPTION_ARG_STRING_ARRAY, &only, "only cells with this level; may be repeated", "FACTOR=LEVEL" },
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

/* Everything is checked, the plan is stored, and the coordinator is called. */
static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_auto(Lab) lab = { 0 };
    g_auto(Settings) settings = { 0 };
    g_autoptr(Scenario) scenario = NULL;
    g_autoptr(Matrix) matrix = NULL;
    g_autoptr(Environment) environment = NULL;
    CampaignOptions campaign;
    int64_t experiment;

    (void) argc;
    if (!check_options(error) || !support_campaign_options(context, &campaign, error))
        return false;
    scenario = support_load_scenario(context, argv[0], error);
    if (scenario == NULL || !lab_open(context->lab, &lab, error))
        return false;
    settings = (Settings) { .backend = g_strdup(machines != NULL ? machines : "libvirt"), .uri = g_strdup(connect_uri),
                            .only = g_strdupv(only), .repetitions = (unsigned) repetitions };
    matrix = experiment_matrix(scenario, &settings, error);
    if (matrix == NULL)
        return false;
    environment = environment_gather();
    if (!preflight_check(&lab, matrix, settings.backend, settings.uri, environment, error)
        || !experiment_create(context->store, &lab, matrix, &settings, environment, &experiment, error))
        return false;
    return support_campaign(context, &lab, experiment, &campaign, error);
}

const Command cmd_run = {
    .name = "run",
    .usage = "SCENARIO [-j N] [--only FACTOR=LEVEL]... [--until HH:MM] [--halt N] [--keep-going]",
    .summary = "make an experiment of a scenario and run it",
    .details = "Everything is checked before anything starts. A run that fails is stored with its reason, and the\n"
               "others go on. Ctrl-C lets runs that are under way finish, a second one ends them; 'trialbed\n"
               "resume' goes on.",
    .json = "{\"experiment\": NUMBER, \"completed\": N, \"failed\": N, \"left\": N, \"interrupted\": false}",
    .exits = "1 when runs failed, 3 when the scenario has problems, 4 when this host cannot run it, 130 when\n"
             "runs are left",
    .needs = CMD_NEEDS_STORE | CMD_MAKES_STORE, .options = options, .min_args = 1, .max_args = 1, .run = run,
};
