// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_CMD_DOCTOR_HOST_H
#define RUNNER_CMD_DOCTOR_HOST_H

#include "runner/cmd/cmd.h"
#include "runner/exec/lab.h"
#include "runner/exec/preflight.h"

/* What `doctor` looks at on this host. `needs` are a scenario's, and checked as `run` would; NULL: what any scenario may want, with
 * the image `tiny`. The table has a row a check: check, state (ok or missing), note, hint (lines; NULL: none). *ret_lacks counts
 * what is missing. */
Table *doctor_host(const Lab *lab, const PreflightNeeds *needs, size_t *ret_lacks);

#endif
