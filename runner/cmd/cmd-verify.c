// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "db/bundle/bundle.h"
#include "runner/cmd/cmd.h"

extern const Command cmd_verify;

static void print_as_json(bool valid, const BundleReport *report, const GPtrArray *problems)
{
    printf("{\"valid\": %s, \"files\": %lld, \"bytes\": %lld, \"problems\": [", valid ? "true" : "false",
           (long long) report->file_count, (long long) report->size_bytes);
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *quoted = print_json(g_ptr_array_index(problems, i));

        printf("%s%s", i > 0 ? ", " : "", quoted);
    }
    puts("]}");
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *size = NULL;
    BundleReport report = { 0 };
    bool ok = bundle_verify(argv[0], problems, &report, error);

    (void) argc;
    for (guint i = 0; i < problems->len; i++)
        fprintf(stderr, "%s: %s\n", argv[0], (const char *) g_ptr_array_index(problems, i));
    size = g_format_size_full((guint64) report.size_bytes, G_FORMAT_SIZE_IEC_UNITS);
    if (context->json)
        print_as_json(ok, &report, problems);
    else if (ok)
        printf("%s: complete and valid, %lld files, %s\n", argv[0], (long long) report.file_count, size);
    return ok;
}

const Command cmd_verify = {
    .name = "verify", .usage = "FILE", .summary = "check every file of a bundle against its SHA-256",
    .details = "Says of every file that is missing, extra or changed that it is. Nothing is unpacked, and no lab\n"
               "is needed.",
    .json = "{\"valid\": true, \"files\": N, \"bytes\": N, \"problems\": [TEXT, ...]}",
    .exits = "5 when a file is missing, extra or changed, or the bundle cannot be read",
    .min_args = 1, .max_args = 1, .run = run,
};
