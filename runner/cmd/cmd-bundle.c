// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "db/bundle/bundle.h"
#include "runner/base/error.h"
#include "runner/cmd/cmd.h"

extern const Command cmd_bundle;

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    if (strcmp(argv[0], "ls") == 0 && argc == 2)
        return bundle_list(argv[1], stdout, error);
    if (strcmp(argv[0], "cat") == 0 && argc > 1)
        return bundle_cat(argv[1], argc == 3 ? argv[2] : "README.md", stdout, error);
    error_set(error, ERROR_USAGE, "command 'bundle' does not know '%s' with %d argument%s", argv[0], argc - 1,
              argc == 2 ? "" : "s");
    error_hint(error, "usage: trialbed bundle %s", context->command->usage);
    return false;
}

const Command cmd_bundle = {
    .name = "bundle", .usage = "ls FILE | cat FILE [PATH]", .summary = "look into a bundle without importing it",
    .details = "'ls' prints size and path of every file; 'cat' prints one, README.md when none is named. Neither checks digests:\n"
               "'trialbed verify' does.",
    .min_args = 2, .max_args = 3, .run = run,
};
