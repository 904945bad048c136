// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_CMD_STATUS_PRECISION_H
#define RUNNER_CMD_STATUS_PRECISION_H

#include "runner/cmd/cmd.h"

/* What `precision` and `budget` have come to, by the same rules that plan the next round (runner/exec/agenda.h). */

/* Lines of `status` that say in how many cells the metric is known well enough, and what the budget has left. Nothing for an
 * experiment with neither, or whose scenario this trialbed cannot read. */
bool status_print_agenda(const Context *context, int64_t experiment_id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* `status --precision`: a row a cell. ERROR_USAGE when the experiment has no `precision`. */
bool status_print_precision(const Context *context, int64_t experiment_id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
