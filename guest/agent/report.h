// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUEST_AGENT_REPORT_H
#define GUEST_AGENT_REPORT_H

#include <stdint.h>

int64_t monotonic_ns(void);

/* From now on reports also go into this file. */
void report_open(const char *path);

/* One line with the time since the machine started, to standard error (the console) and the file. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
