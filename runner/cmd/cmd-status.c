// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "runner/cmd/support.h"

extern const Command cmd_status;

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    PrintFormat format = context->json ? PRINT_JSON : PRINT_TEXT;
    Param id;
    int64_t experiment;

    if (argc == 0)
        return support_print(context, format, NULL, "experiments", error, PARAM_END);
    if (!support_find_experiment(context, argc, argv, &experiment, error))
        return false;
    id = PARAM_INTEGER(experiment);
    if (context->json)
        return support_print(context, format, NULL, "runs", error, id);
    return support_print(context, format, NULL, "experiment-status", error, id)
           && support_print(context, format, "\nfailures", "failures", error, id);
}

const Command cmd_status = {
    .name = "status", .usage = "[EXPERIMENT]", .summary = "experiments, or one experiment's cells, runs and failures",
    .needs = CMD_NEEDS_STORE_READONLY, .max_args = 1, .run = run,
};
