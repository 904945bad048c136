// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/cmd/cmd.h"
#include "runner/plan/keys.h"

extern const Command cmd_scenario;

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    (void) context;
    (void) argc;
    if (strcmp(argv[0], "schema") != 0) {
        error_set(error, ERROR_USAGE, "'%s' is nothing that 'trialbed scenario' prints", argv[0]);
        error_hint(error, "'trialbed scenario schema' is what there is.");
        return false;
    }
    keys_write_schema(stdout);
    return true;
}

const Command cmd_scenario = {
    .name = "scenario", .usage = "schema", .summary = "print the JSON Schema of scenarios, for editors",
    .details = "JSON Schema 2020-12. An editor with a YAML language server completes and checks keys by it when the\n"
               "scenario's first line is '# yaml-language-server: $schema=scenario.schema.json', that file being\n"
               "what this prints. It is wider than 'trialbed check', which also looks at references and sense.",
    .json = "{\"$schema\", \"title\", \"type\", \"properties\", ...}, with and without",
    .min_args = 1, .max_args = 1, .run = run,
};
