// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/cmd/support.h"

extern const Command cmd_log;

static bool is_log(const char *kind)
{
    return strcmp(kind, "log") == 0 || strcmp(kind, "stdout") == 0 || strcmp(kind, "stderr") == 0;
}

/* With its name above it, unless it is empty. */
static bool print_file(const Context *context, const char *path, GError **error)
{
    g_autofree char *full = g_build_filename(context->lab, path, NULL);
    FILE *file = fopen(full, "re");
    char piece[65536], last = '\n';
    size_t size;
    bool ok, begun = false;

    if (file == NULL)
        return error_set_errno(error, ERROR_HOST, "could not read '%s'", full);
    while ((size = fread(piece, 1, sizeof piece, file)) > 0) {
        if (!begun)
            printf("==> %s <==\n", path);
        begun = true;
        fwrite(piece, 1, size, stdout);
        last = piece[size - 1];
    }
    if (last != '\n')
        putchar('\n');
    ok = ferror(file) == 0 || error_set_errno(error, ERROR_HOST, "could not read '%s'", full);
    fclose(file);
    return ok;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    const char *wanted = argc > 1 ? argv[1] : NULL;
    g_autoptr(Table) artifacts = NULL;
    int64_t run_id;
    size_t matches = 0;

    if (!support_find_run(context, argv[0], &run_id, error)
        || !store_read(context->store, "run-artifacts", &artifacts, error, PARAM_INTEGER(run_id), PARAM_END))
        return false;
    for (size_t row = 0; row < artifacts->row_count; row++) {
        const char *machine = table_text(artifacts, row, "machine"), *step = table_text(artifacts, row, "step");

        if (!is_log(table_text(artifacts, row, "kind")))
            continue;
        /* A machine's own log is its console; what its steps printed belongs to the steps. */
        if (wanted != NULL && g_strcmp0(step, wanted) != 0 && (step != NULL || g_strcmp0(machine, wanted) != 0))
            continue;
        matches++;
        if (!print_file(context, table_text(artifacts, row, "path"), error))
            return false;
    }
    if (wanted != NULL && matches == 0) {
        error_set(error, ERROR_USAGE, "run %s has no log of a machine or step '%s'", argv[0], wanted);
        error_hint(error, "'trialbed show %s' lists its artifacts.", argv[0]);
        return false;
    }
    return true;
}

const Command cmd_log = {
    .name = "log", .usage = "RUN [MACHINE|STEP]", .summary = "what a run's machines and steps printed",
    .needs = CMD_NEEDS_STORE_READONLY, .min_args = 1, .max_args = 2, .run = run,
};
