// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_RETRY_H
#define RUNNER_EXEC_RETRY_H

#include <stdbool.h>

/* Whether a failure of this class may have been the host's doing, so that the next attempt may go well. */
bool retry_may_help(const char *failure_class);

#endif
