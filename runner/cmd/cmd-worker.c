// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/sandbox.h"
#include "runner/cmd/cmd.h"
#include "runner/exec/worker.h"

extern const Command cmd_worker;

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    (void) context, (void) argc, (void) argv;
    return worker_main(SANDBOX_CHANNEL_FD, error);
}

/* Not for people: the coordinator starts it inside a sandbox. */
const Command cmd_worker = { .name = "worker", .usage = "", .run = run };
