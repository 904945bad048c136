// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_CONSOLE_H
#define RUNNER_VM_CONSOLE_H

#include <stdbool.h>

/* What a machine's serial console, kept in a file, says of its end: the line of a kernel panic or else the last line, as a
 * sentence for a hint. Caller frees; NULL when there is nothing to tell. */
char *console_diagnose(const char *path);

/* Whether the kernel has given up. */
bool console_has_panic(const char *path);

#endif
