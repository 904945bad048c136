// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "db/bundle/bundle.h"
#include "runner/cmd/cmd.h"

extern const Command cmd_verify;

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *size = NULL;
    BundleReport report = { 0 };
    bool ok = bundle_verify(argv[0], problems, &report, error);

    (void) argc;
    for (guint i = 0; i < problems->len; i++)
        fprintf(stderr, "%s: %s\n", argv[0], (const char *) g_ptr_array_index(problems, i));
    if (!ok)
        return false;
    size = g_format_size_full((guint64) report.size_bytes, G_FORMAT_SIZE_IEC_UNITS);
    if (context->json)
        printf("{\"valid\": true, \"files\": %lld, \"bytes\": %lld}\n", (long long) report.file_count,
               (long long) report.size_bytes);
    else
        printf("%s: complete and valid, %lld files, %s\n", argv[0], (long long) report.file_count, size);
    return true;
}

const Command cmd_verify = {
    .name = "verify", .usage = "FILE", .summary = "check every file of a bundle against its SHA-256",
    .min_args = 1, .max_args = 1, .run = run,
};
