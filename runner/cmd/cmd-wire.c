// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/daemon.h"
#include "runner/cmd/cmd.h"
#include "runner/vm/wire/wire-serve.h"

extern const Command cmd_wire;

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    (void) context, (void) argc, (void) argv;
    return wire_serve(DAEMON_CHANNEL_FD, error);
}

/* Not for people: a worker starts it for the networks that it carries in user space. */
const Command cmd_wire = { .name = "wire", .usage = "", .run = run };
