// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_CMD_STATUS_WATCH_H
#define RUNNER_CMD_STATUS_WATCH_H

#include "runner/cmd/cmd.h"

/* `status --watch`: what an experiment is doing, again and again, from the database alone, so it works beside the
 * coordinator, on any host that sees the lab, and disturbs nobody. On a terminal the picture is drawn anew in place; elsewhere
 * it is a line whenever something has changed (with --json: an object). Ends when no run is left: true when all completed, ERROR_RUNS
 * when some failed; ERROR_INTERRUPTED when runs are left and nobody writes to the lab any more. */
bool status_watch(const Context *context, int64_t experiment_id, unsigned interval_ms, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif
