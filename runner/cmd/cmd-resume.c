// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/log.h"
#include "runner/cmd/support.h"

extern const Command cmd_resume;

static gboolean failed;

static const GOptionEntry options[] = {
    CAMPAIGN_OPTION_ENTRIES,
    { "failed", 0, 0, G_OPTION_ARG_NONE, &failed, "run failed runs again, too", NULL },
    G_OPTION_ENTRY_NULL,
};

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_auto(Lab) lab = { 0 };
    CampaignOptions campaign;
    int64_t experiment, count;

    if (!support_campaign_options(context, &campaign, error) || !lab_open(context->lab, &lab, error)
        || !support_find_experiment(context, argc, argv, &experiment, error))
        return false;
    if (failed) {
        if (!store_failed_reset(context->store, experiment, &count, error))
            return false;
        log_info("%lld failed run%s planned again", (long long) count, count == 1 ? " is" : "s are");
    }
    return support_campaign(context, &lab, experiment, &campaign, error);
}

const Command cmd_resume = {
    .name = "resume", .usage = "[EXPERIMENT] [-j N] [--failed] [--until HH:MM] [--halt N] [--keep-going]",
    .summary = "go on where an interrupted experiment stopped",
    .details = "Completed runs are never run again or lost. The order, the seed and the machines' kind stay what\n"
               "they were. Without EXPERIMENT: the newest.",
    .json = "{\"experiment\": NUMBER, \"completed\": N, \"failed\": N, \"left\": N, \"interrupted\": false}",
    .exits = "1 when runs failed, 4 when this host cannot go on, 130 when runs are left",
    .needs = CMD_NEEDS_STORE, .options = options, .max_args = 1, .run = run,
};
