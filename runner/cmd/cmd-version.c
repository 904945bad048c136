// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "runner/base/version.h"
#include "runner/cmd/cmd.h"

extern const Command cmd_version;

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autofree char *quoted = print_json(program_version);

    (void) argc, (void) argv, (void) error;
    if (context->json)
        printf("{\"version\": %s}\n", quoted);
    else
        printf("trialbed %s\n", program_version);
    return true;
}

const Command cmd_version = { .name = "version", .usage = "", .summary = "print the program's version",
    .json = "{\"version\": TEXT}",
    .run = run
};
