// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_RETRY_H
#define RUNNER_EXEC_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/* Whether a failure of this class may have been the host's doing, so that the next attempt may go well. */
bool retry_may_help(const char *failure_class);

/* The pause after so many failed attempts (at least 1): `backoff_ms` after the first, doubled after each further one, at most 5
 * minutes or `backoff_ms`. */
int64_t retry_pause_ms(int64_t backoff_ms, unsigned attempts);

#endif
