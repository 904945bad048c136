// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_CMD_ESTIMATE_H
#define RUNNER_CMD_ESTIMATE_H

#include "db/store.h"
#include "runner/exec/experiment.h"

/* Print how long these runs will take, how much disk, and how many can go side by side; judged by what runs of the same
 * cells took in this lab. `store` may be NULL: there is no lab yet. */
bool estimate_print(Store *store, const Matrix *matrix, const PlannedRun *runs, size_t count, const Settings *settings,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
