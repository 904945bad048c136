// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <stdlib.h>

#include "runner/base/error.h"
#include "runner/base/log.h"
#include "runner/base/nursery.h"
#include "runner/cmd/cmd.h"
#include "runner/exec/worker.h"
#include "runner/vm/libvirt-load.h"

extern const Command cmd_worker;

static int work(int channel)
{
    g_autoptr(GError) error = NULL;

    return worker_main(channel, &error) ? EXIT_SUCCESS : error_report(error, stderr);
}

/* Virtual machines need libvirt. What is wrong with it will be told by the worker that does. */
static void equip(void)
{
    g_autoptr(GError) problem = NULL;

    if (!libvirt_load(&problem))
        log_debug("%s", problem->message);
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    (void) context, (void) argc, (void) argv;
    return nursery_serve(&(NurseryDuty) { work, worker_rehearse, equip, worker_furnish }, error);
}

/* Not for people: the nursery of the coordinator's workers. */
const Command cmd_worker = { .name = "worker", .usage = "", .run = run };
