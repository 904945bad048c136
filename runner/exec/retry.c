// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/retry.h"

#include <glib.h>

/* A step that fails will fail again, and hiding that would be a lie: only what the host may have caused is tried again. */
bool retry_may_help(const char *failure_class)
{
    static const char *const classes[] = { "provision", "boot", "timeout", "host" };

    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++)
        if (g_strcmp0(failure_class, classes[i]) == 0)
            return true;
    return false;
}
