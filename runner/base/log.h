// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_LOG_H
#define RUNNER_BASE_LOG_H

#include <glib.h>

/* Messages for people, all to stderr. Results go to stdout and never through here. */
typedef enum {
    LOG_QUIET = -1, /* -q: warnings only */
    LOG_NORMAL = 0,
    LOG_VERBOSE = 1, /* -v: what is being done, and how long it took */
} LogLevel;

void log_set_level(LogLevel level);
LogLevel log_level(void);

/* "trialbed: warning: ..." (always), a plain line (unless -q), a plain line (only with -v). */
void log_warning(const char *format, ...) G_GNUC_PRINTF(1, 2);
void log_info(const char *format, ...) G_GNUC_PRINTF(1, 2);
void log_debug(const char *format, ...) G_GNUC_PRINTF(1, 2);

#endif
