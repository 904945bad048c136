// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/retry.h"

#include <glib.h>

enum { PAUSE_MAX_MS = 300000 };

/* A step that fails will fail again, and hiding that would be a lie. */
bool retry_may_help(const char *failure_class)
{
    static const char *const classes[] = { "provision", "boot", "timeout", "host", "tainted" };

    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++)
        if (g_strcmp0(failure_class, classes[i]) == 0)
            return true;
    return false;
}

int64_t retry_pause_ms(int64_t backoff_ms, unsigned attempts)
{
    int64_t pause_ms = backoff_ms;

    for (unsigned i = 1; i < attempts && pause_ms < PAUSE_MAX_MS; i++)
        pause_ms *= 2;
    return MIN(pause_ms, MAX(backoff_ms, PAUSE_MAX_MS));
}
