// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/fault.h"

#include <glib.h>
#include <signal.h>

void fault_point(const char *name)
{
    if (g_strcmp0(g_getenv("TRIALBED_STOP_AT"), name) == 0)
        raise(SIGSTOP);
}
