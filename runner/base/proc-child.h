// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_PROC_CHILD_H
#define RUNNER_BASE_PROC_CHILD_H

/* What proc.c and daemon.c share about a child between fork and exec. Private to runner/base. */

/* A program must not start with signals blocked or ignored only because we block or ignore them. Async-signal-safe. */
void child_signals_reset(void);

/* In the child, after a failed exec: say errno, and end. Async-signal-safe. */
_Noreturn void child_report(int report);

/* In the parent: the errno that the child said, or 0 once the program runs. */
int child_exec_errno(int report);

/* Our environment with "NAME=VALUE" entries (or NULL) added. Free with g_strfreev(). */
char **child_environment(const char *const *extra);

#endif
