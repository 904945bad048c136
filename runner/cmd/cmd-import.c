// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "runner/cmd/importing.h"
#include "runner/cmd/support.h"

extern const Command cmd_import;

static char *key;
static gboolean images;

static const GOptionEntry options[] = {
    { "key", 0, 0, G_OPTION_ARG_FILENAME, &key, "only what is signed with this public Ed25519 key (PEM)", "FILE" },
    { "images", 0, 0, G_OPTION_ARG_NONE, &images, "also its guest images, where the image store has none of the name", NULL },
    G_OPTION_ENTRY_NULL,
};

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

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    ImportOptions wanted = { key, images };
    Merged merged;
    int64_t experiment;

    (void) argc;
    if (!import_bundle(context, argv[0], &wanted, &merged, &experiment, error))
        return false;
    print_result(context, argv[0], &merged);
    return true;
}

const Command cmd_import = {
    .name = "import", .usage = "FILE [--key PUBLIC] [--images]", .summary = "bring a bundle's experiment into this lab",
    .details = "The bundle is verified first. An experiment is known by its UUID: one that is here already must be the\n"
               "same, and is not brought again; nothing is ever overwritten. Experiments and runs get new numbers. FILE.001\n"
               "stands for all parts of a bundle in parts.",
    .json = "{\"added\": true, \"runs\": N, \"files\": N, \"bytes\": N, \"left_out\": N}",
    .exits = "5 when the bundle is not what it says, or this lab has the experiment with other content",
    .needs = CMD_NEEDS_STORE | CMD_MAKES_STORE, .options = options, .min_args = 1, .max_args = 1, .run = run,
};
