// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_CMD_NOTIFY_H
#define RUNNER_CMD_NOTIFY_H

#include <glib.h>
#include <stdint.h>

#include "runner/exec/campaign.h"

/* What `--notify CMD` tells: how a call of `run` or `resume` ended. */
typedef struct Notice {
    int64_t experiment_id;
    const char *name, *uuid, *lab; /* the lab's folder, absolute */
    CampaignResult result;         /* all 0 when it could not even begin */
    const GError *end;             /* NULL: all runs completed */
    const char *resume;            /* the command that goes on */
} Notice;

/* The summary that the command gets, one JSON object:
 * {"experiment", "name", "uuid", "lab", "status", "completed", "failed", "tainted", "left", "duration_s", "message", "resume"}; `status` is
 * completed, failed (some runs), interrupted (runs are left) or error; `message` is null when completed. Caller frees. */
char *notify_summary(const Notice *notice);

/* Run `command` by /bin/sh with the summary on its standard input. What it prints goes to stderr; that it fails, or takes longer
 * than a minute, is a warning and changes nothing. */
void notify_send(const char *command, const Notice *notice);

#endif
