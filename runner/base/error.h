// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_ERROR_H
#define RUNNER_BASE_ERROR_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/* What kind of thing went wrong. The number is also the program's exit status (docs: product contract). */
typedef enum {
    ERROR_RUNS = 1,          /* everything was tried, but some runs failed or figures disagree */
    ERROR_USAGE = 2,         /* the command line is wrong */
    ERROR_SCENARIO = 3,      /* a scenario file is wrong */
    ERROR_HOST = 4,          /* libvirt, QEMU, disk, network or a tool let us down */
    ERROR_DATA = 5,          /* a database, artifact or bundle fails its check */
    ERROR_BUG = 70,          /* our own mistake */
    ERROR_INTERRUPTED = 130, /* stopped by the user; can be resumed */
} ErrorKind;

/* Set *error (which may be NULL) and return false, so that a caller can "return error_set(...)".
 * The message is one line, lower case, no full stop: "[where: ]what: why". */
bool error_set(GError **error, ErrorKind kind, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The same with ": <strerror(errno)>" at the end. */
bool error_set_errno(GError **error, ErrorKind kind, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Add one "hint: " line to an error that is already set: a sentence that says what the reader can do. */
void error_hint(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Which kind an error is; errors of other libraries (GLib) count as ERROR_HOST. */
ErrorKind error_kind(const GError *error);

/* The first line of the message, without hints: what goes into the database. Caller frees. */
char *error_first_line(const GError *error);

/* Print "trialbed: <what>" and the hint lines, and return the exit status. */
int error_report(const GError *error, FILE *out);

#endif
