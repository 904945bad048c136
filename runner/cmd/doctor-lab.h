// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_CMD_DOCTOR_LAB_H
#define RUNNER_CMD_DOCTOR_LAB_H

#include "runner/cmd/cmd.h"

/* `doctor --lab`: check the database of a lab and every file below its runs/. One line a problem to standard output,
 * and ERROR_DATA when there is any. Changes nothing. */
bool doctor_lab(const Context *context, const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
