// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_PROC_H
#define RUNNER_BASE_PROC_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Programs of the host are started here and in sandbox.h, and nowhere else. */
typedef struct ProcSpec {
    const char *const *argv;        /* NULL-terminated; argv[0] is looked up in PATH; no shell is involved */
    const char *const *environment; /* NULL, or NULL-terminated "NAME=VALUE" entries added to ours */
    const char *folder;             /* working folder; NULL: ours */
    const char *stdin_text;         /* NULL: an empty standard input */
    unsigned timeout_ms;            /* 0: no limit. When it is over, the whole process group gets SIGKILL. */
    size_t output_limit;            /* bytes kept of each output; what is more is read and dropped. 0: 16 MiB */
} ProcSpec;

typedef struct ProcResult {
    int exit_status;  /* 0 to 255; 128 + signal number when a signal ended it; 127 when it could not be started */
    bool timed_out;
    int64_t duration_ns;
    char *output;     /* standard output, NUL-terminated */
    char *errors;     /* standard error, NUL-terminated */
} ProcResult;

/* Run a program to its end in a process group of its own. True whenever it was started, whatever its exit status;
 * *ret_result then belongs to the caller. False when it could not be started (the error names it). */
bool proc_run(const ProcSpec *spec, ProcResult *ret_result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same, and anything but exit status 0 is an error that quotes the last line of its standard error. */
bool proc_run_checked(const ProcSpec *spec, ProcResult *ret_result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void proc_result_clear(ProcResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ProcResult, proc_result_clear)

#endif
