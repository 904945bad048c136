// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/cmd/cmd.h"

extern const Command cmd_check, cmd_plan, cmd_run, cmd_resume, cmd_status, cmd_show, cmd_log, cmd_query, cmd_summary,
    cmd_compare, cmd_report, cmd_export, cmd_verify, cmd_import, cmd_bundle, cmd_reproduce, cmd_merge, cmd_image,
    cmd_doctor, cmd_clean, cmd_version, cmd_worker, cmd_sweep, cmd_wire, cmd_scenario;

/* TOUR 2/8: every command, in the order of `trialbed help`; hidden ones have no summary. Next: runner/exec/campaign.c. */
const Command *const commands[] = {
    &cmd_check, &cmd_scenario, &cmd_plan, &cmd_run, &cmd_resume, &cmd_status, &cmd_show, &cmd_log, &cmd_query,
    &cmd_summary, &cmd_compare, &cmd_report, &cmd_export, &cmd_verify, &cmd_import, &cmd_bundle, &cmd_reproduce, &cmd_merge, &cmd_image,
    &cmd_doctor, &cmd_clean, &cmd_version, &cmd_worker, &cmd_sweep, &cmd_wire,
};
const size_t command_count = G_N_ELEMENTS(commands);
