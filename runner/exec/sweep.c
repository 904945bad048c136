// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/sweep.h"

#include <string.h>

#include "runner/base/error.h"
#include "runner/base/log.h"
#include "runner/base/proc.h"

enum { TIMEOUT_MS = 60000 };

static bool ended_well(const ProcResult *result, const char *uri, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(g_strchomp(result->errors), "\n", 2);
    const char *why = lines[0] != NULL ? lines[0] : "";

    if (result->timed_out)
        error_set(error, ERROR_HOST, "the libvirt at '%s' did not answer within %d s", uri, TIMEOUT_MS / 1000);
    else if (result->exit_status != 0)
        error_set(error, ERROR_HOST, "%s", g_str_has_prefix(why, "trialbed: ") ? why + strlen("trialbed: ") : why);
    else
        return true;
    error_hint(error, "what earlier runs left there must be removed first: 'trialbed clean --connect %s' does only that.", uri);
    return false;
}

bool sweep_outside(const char *program, const char *uri, const char *owner, int64_t run_id, GError **error)
{
    g_autofree char *run = g_strdup_printf("%" G_GINT64_FORMAT, run_id);
    const char *argv[] = { program, "sweep", uri, owner, run, NULL };
    ProcSpec spec = { .argv = argv, .timeout_ms = TIMEOUT_MS };
    g_auto(ProcResult) result = { 0 };
    g_auto(GStrv) lines = NULL;

    if (!proc_run(&spec, &result, error))
        return false;
    lines = g_strsplit(result.output, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        if (**line != '\0')
            log_info("removed what a killed run left: %s", *line);
    return ended_well(&result, uri, error);
}
