// SPDX-License-Identifier: GPL-3.0-or-later
#include <glib/gstdio.h>
#include <stdio.h>

#include "runner/base/error.h"
#include "runner/cmd/merging.h"
#include "runner/cmd/support.h"

extern const Command cmd_merge;

static bool is_same_file(const char *a, const char *b)
{
    GStatBuf first, second;

    return g_stat(a, &first) == 0 && g_stat(b, &second) == 0 && first.st_dev == second.st_dev
           && first.st_ino == second.st_ino;
}

static void print_report(const Context *context, const Merged *merged)
{
    g_autofree char *size = g_format_size_full((guint64) merged->bytes, G_FORMAT_SIZE_IEC_UNITS);

    if (context->json)
        printf("{\"experiments\": %lld, \"known\": %lld, \"runs\": %lld, \"files\": %lld, \"bytes\": %lld}\n",
               (long long) merged->report.added, (long long) merged->report.known, (long long) merged->report.runs,
               (long long) merged->files, (long long) merged->bytes);
    else
        printf("%lld experiment%s merged (%lld run%s, %lld file%s, %s), %lld here already\n",
               (long long) merged->report.added, support_plural(merged->report.added),
               (long long) merged->report.runs, support_plural(merged->report.runs), (long long) merged->files,
               support_plural(merged->files), size, (long long) merged->report.known);
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autofree char *path = g_build_filename(argv[0], "trialbed.db", NULL);
    g_autofree char *own = g_build_filename(context->lab, "trialbed.db", NULL);
    g_autoptr(Store) other = NULL;
    Merged merged;

    (void) argc;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return error_set(error, ERROR_USAGE, "there is no lab at '%s'", argv[0]);
    if (is_same_file(path, own))
        return error_set(error, ERROR_USAGE, "'%s' is this lab itself", argv[0]);
    other = store_open_readonly(path, error);
    if (other == NULL || !merge_lab(context, other, argv[0], MERGE_REFUSED, &merged, error))
        return false;
    print_report(context, &merged);
    return true;
}

const Command cmd_merge = {
    .name = "merge", .usage = "OTHER-LAB", .summary = "bring all experiments of another lab into this one",
    .details = "Experiments are known by their UUID: one that is here already must be the same, and stays.\n"
               "Numbers of experiments and runs are given anew. All or nothing: after an error or a crash this lab\n"
               "is as it was, and the next merge clears away what a crash left.",
    .json = "{\"experiments\": N, \"known\": N, \"runs\": N, \"files\": N, \"bytes\": N}",
    .exits = "5 when this lab has an experiment of the other with other content",
    .needs = CMD_NEEDS_STORE | CMD_MAKES_STORE, .min_args = 1, .max_args = 1, .run = run,
};
