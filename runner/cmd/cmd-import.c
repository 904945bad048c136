// SPDX-License-Identifier: GPL-3.0-or-later
#include <signal.h>
#include <stdio.h>

#include "db/bundle/bundle-database.h"
#include "db/bundle/bundle.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/cmd/merging.h"
#include "runner/cmd/support.h"

extern const Command cmd_import;

static char *key;

static const GOptionEntry options[] = {
    { "key", 0, 0, G_OPTION_ARG_FILENAME, &key, "only what is signed with this public Ed25519 key (PEM)", "FILE" },
    G_OPTION_ENTRY_NULL,
};

/* So that an interrupted import takes its staging folder along. */
static volatile sig_atomic_t interrupted;

static void note_interrupt(int number)
{
    (void) number;
    interrupted = 1;
}

static void watch_signals(void)
{
    struct sigaction action = { .sa_handler = note_interrupt, .sa_flags = SA_RESTART };

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static bool verify(const char *path, GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    bool ok = bundle_verify(path, key, problems, NULL, error);

    for (guint i = 0; i < problems->len; i++)
        fprintf(stderr, "%s: %s\n", path, (const char *) g_ptr_array_index(problems, i));
    return ok;
}

static void print_result(const Context *context, const char *path, const Merged *merged)
{
    g_autofree char *size = g_format_size_full((guint64) merged->bytes, G_FORMAT_SIZE_IEC_UNITS);

    if (context->json)
        printf("{\"added\": %s, \"runs\": %lld, \"files\": %lld, \"bytes\": %lld, \"left_out\": %lld}\n",
               merged->report.added > 0 ? "true" : "false", (long long) merged->report.runs, (long long) merged->files,
               (long long) merged->bytes, (long long) merged->missing);
    else if (merged->report.added == 0)
        printf("%s: its experiment is here already, and the same\n", path);
    else
        printf("%s: %lld run%s, %lld file%s, %s\n", path, (long long) merged->report.runs,
               support_plural(merged->report.runs), (long long) merged->files, support_plural(merged->files), size);
    if (!context->json && merged->missing > 0)
        printf("%s: %lld files were left out when it was made\n", path, (long long) merged->missing);
}

/* What lies in `stage` then is what a lab looks like. */
static bool import_by(const Context *context, const char *path, const char *stage, GError **error)
{
    g_autofree char *database = g_build_filename(stage, "trialbed.db", NULL);
    g_autoptr(Store) other = NULL;
    Merged merged;

    if (!folder_make(stage, error)
        || !bundle_unpack(path, stage, folder_free_bytes(context->lab), &interrupted, error))
        return false;
    other = bundle_database_open(database, error);
    if (other == NULL) {
        g_prefix_error(error, "bundle '%s': ", path);
        return false;
    }
    if (interrupted)
        return error_set(error, ERROR_INTERRUPTED, "interrupted; nothing was imported");
    if (!merge_lab(context, other, stage, MERGE_LEFT_OUT, &merged, error))
        return false;
    print_result(context, path, &merged);
    return true;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autofree char *stage = g_build_filename(context->lab, ".import", NULL);
    bool ok;

    (void) argc;
    watch_signals();
    if (!folder_remove(stage, error) || !verify(argv[0], error)) /* we are the only writer: what is there was cut off */
        return false;
    ok = import_by(context, argv[0], stage, error);
    return folder_remove(stage, ok ? error : NULL) && ok;
}

const Command cmd_import = {
    .name = "import", .usage = "FILE [--key PUBLIC]", .summary = "bring a bundle's experiment into this lab",
    .details = "The bundle is verified first. An experiment is known by its UUID: one that is here already must be the\n"
               "same, and is not brought again; nothing is ever overwritten. Experiments and runs get new numbers.",
    .json = "{\"added\": true, \"runs\": N, \"files\": N, \"bytes\": N, \"left_out\": N}",
    .exits = "5 when the bundle is not what it says, or this lab has the experiment with other content",
    .needs = CMD_NEEDS_STORE | CMD_MAKES_STORE, .options = options, .min_args = 1, .max_args = 1, .run = run,
};
