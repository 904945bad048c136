// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/cmd/support.h"

extern const Command cmd_log;

enum { JSON_LIMIT = 64 << 20 }; /* a log is one string there */

static bool is_log(const char *kind)
{
    return strcmp(kind, "log") == 0 || strcmp(kind, "stdout") == 0 || strcmp(kind, "stderr") == 0;
}

/* With its name above it, unless it is empty; of any size. */
static bool print_plain(const char *path, const char *full, GError **error)
{
    FILE *file = fopen(full, "re");
    char piece[65536], last = '\n';
    bool ok, begun = false;
    size_t size;

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

/* What is no UTF-8 becomes U+FFFD. */
static void print_as_json(const Table *artifacts, size_t row, const char *text, size_t size, bool first)
{
    g_autofree char *valid = g_utf8_make_valid(text, (gssize) size);
    g_autofree char *quoted = print_json(valid);

    printf("%s\n{\"artifact\": ", first ? "" : ",");
    print_json_row(artifacts, row, stdout);
    printf(", \"text\": %s}", quoted);
}

static bool print_file(const Context *context, const Table *artifacts, size_t row, bool first, GError **error)
{
    const char *path = table_text(artifacts, row, "path");
    g_autofree char *full = g_build_filename(context->lab, path, NULL);
    g_autofree char *text = NULL;
    size_t size;

    if (!context->json)
        return print_plain(path, full, error);
    if (!file_read(full, JSON_LIMIT, &text, &size, error))
        return false;
    print_as_json(artifacts, row, text, size, first);
    return true;
}

/* A machine's own log is its console; what its steps printed belongs to the steps. */
static bool is_wanted(const Table *artifacts, size_t row, const char *wanted)
{
    const char *machine = table_text(artifacts, row, "machine"), *step = table_text(artifacts, row, "step");

    if (!is_log(table_text(artifacts, row, "kind")))
        return false;
    return wanted == NULL || g_strcmp0(step, wanted) == 0 || (step == NULL && g_strcmp0(machine, wanted) == 0);
}

static bool print_logs(const Context *context, const Table *artifacts, const char *wanted, size_t *ret_count,
                       GError **error)
{
    *ret_count = 0;
    for (size_t row = 0; row < artifacts->row_count; row++) {
        if (!is_wanted(artifacts, row, wanted))
            continue;
        if (!print_file(context, artifacts, row, *ret_count == 0, error))
            return false;
        ++*ret_count;
    }
    return true;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    const char *wanted = argc > 1 ? argv[1] : NULL;
    g_autoptr(Table) artifacts = NULL;
    int64_t run_id;
    size_t count;

    if (!support_find_run(context, argv[0], &run_id, error)
        || !store_read(context->store, "run-artifacts", &artifacts, error, PARAM_INTEGER(run_id), PARAM_END))
        return false;
    fputs(context->json ? "[" : "", stdout);
    if (!print_logs(context, artifacts, wanted, &count, error))
        return false;
    fputs(context->json ? "]\n" : "", stdout);
    if (wanted != NULL && count == 0) {
        error_set(error, ERROR_USAGE, "run %s has no log of a machine or step '%s'", argv[0], wanted);
        error_hint(error, "'trialbed show %s' lists its artifacts.", argv[0]);
        return false;
    }
    return true;
}

const Command cmd_log = {
    .name = "log", .usage = "RUN [MACHINE|STEP]", .summary = "what a run's machines and steps printed",
    .details = "Without MACHINE or STEP: everything. A machine's log is its console; a step's is what it wrote to\n"
               "stdout and stderr.",
    .json = "[{\"artifact\": {as in the view artifacts}, \"text\": TEXT}]",
    .needs = CMD_NEEDS_STORE_READONLY, .min_args = 1, .max_args = 2, .run = run,
};
