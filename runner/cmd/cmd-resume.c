// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/log.h"
#include "runner/cmd/support.h"

extern const Command cmd_resume;

static int jobs;
static char *until, *notify;
static gboolean failed;

static const GOptionEntry options[] = {
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &jobs, "runs side by side (default: what CPUs and memory allow)", "N" },
    { "until", 0, 0, G_OPTION_ARG_STRING, &until, "start no run after that time of day", "HH:MM" },
    { "notify", 0, 0, G_OPTION_ARG_STRING, &notify,
      "at the end run this shell command, with a JSON summary on its standard input", "CMD" },
    { "failed", 0, 0, G_OPTION_ARG_NONE, &failed, "run failed runs again, too", NULL },
    G_OPTION_ENTRY_NULL,
};

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_auto(Lab) lab = { 0 };
    CampaignOptions campaign;
    int64_t experiment, count;

    if (!support_campaign_options(context, jobs, until, &campaign, error) || !lab_open(context->lab, &lab, error)
        || !support_find_experiment(context, argc, argv, &experiment, error))
        return false;
    campaign.notify = notify;
    if (failed) {
        if (!store_failed_reset(context->store, experiment, &count, error))
            return false;
        log_info("%lld failed run%s planned again", (long long) count, count == 1 ? " is" : "s are");
    }
    return support_campaign(context, &lab, experiment, &campaign, error);
}

const Command cmd_resume = {
    .name = "resume", .usage = "[EXPERIMENT] [-j N] [--failed] [--until HH:MM] [--notify CMD]",
    .summary = "go on where an interrupted experiment stopped",
    .details = "Completed runs are never run again or lost. The order, the seed and the machines' kind stay what\n"
               "they were. Without EXPERIMENT: the newest.",
    .json = "{\"experiment\": NUMBER, \"completed\": N, \"failed\": N, \"left\": N, \"interrupted\": false}",
    .exits = "1 when runs failed, 4 when this host cannot go on, 130 when runs are left",
    .needs = CMD_NEEDS_STORE, .options = options, .max_args = 1, .run = run,
};
