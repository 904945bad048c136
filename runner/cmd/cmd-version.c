// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "runner/base/version.h"
#include "runner/cmd/cmd.h"

extern const Command cmd_version;

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    (void) argc, (void) argv, (void) error;
    printf(context->json ? "{\"version\": \"%s\"}\n" : "trialbed %s\n", program_version);
    return true;
}

const Command cmd_version = { .name = "version", .usage = "", .summary = "print the program's version", .run = run };
