// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "db/bundle/bundle.h"
#include "runner/cmd/cmd.h"

extern const Command cmd_verify;

static char *key;

static const GOptionEntry options[] = {
    { "key", 0, 0, G_OPTION_ARG_FILENAME, &key, "it must be signed with this public Ed25519 key (PEM)", "FILE" },
    G_OPTION_ENTRY_NULL,
};

static void print_as_json(bool valid, const BundleReport *report, const GPtrArray *problems)
{
    g_autofree char *signer = report->signer != NULL ? print_json(report->signer) : g_strdup("null");

    printf("{\"valid\": %s, \"files\": %lld, \"bytes\": %lld, \"signer\": %s, \"problems\": [", valid ? "true" : "false",
           (long long) report->file_count, (long long) report->size_bytes, signer);
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *quoted = print_json(g_ptr_array_index(problems, i));

        printf("%s%s", i > 0 ? ", " : "", quoted);
    }
    puts("]}");
}

static void print_report(const char *path, const BundleReport *report)
{
    g_autofree char *size = g_format_size_full((guint64) report->size_bytes, G_FORMAT_SIZE_IEC_UNITS);

    printf("%s: complete and valid, %lld files, %s\n", path, (long long) report->file_count, size);
    if (report->signer != NULL)
        printf("%s: signed with %s%s\n", path, report->signer,
               key == NULL ? "; whose key that is, only '--key FILE' can tell" : "");
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_auto(BundleReport) report = { 0 };
    bool ok = bundle_verify(argv[0], key, problems, &report, error);

    (void) argc;
    for (guint i = 0; i < problems->len; i++)
        fprintf(stderr, "%s: %s\n", argv[0], (const char *) g_ptr_array_index(problems, i));
    if (context->json)
        print_as_json(ok, &report, problems);
    else if (ok)
        print_report(argv[0], &report);
    return ok;
}

const Command cmd_verify = {
    .name = "verify", .usage = "FILE [--key PUBLIC]", .summary = "check every file of a bundle, and its signature",
    .details = "Says of every file that is missing, extra or changed that it is. Nothing is unpacked, and no lab\n"
               "is needed.",
    .json = "{\"valid\": true, \"files\": N, \"bytes\": N, \"signer\": TEXT or null, \"problems\": [TEXT, ...]}",
    .exits = "5 when a file is missing, extra or changed, or the bundle cannot be read",
    .options = options, .min_args = 1, .max_args = 1, .run = run,
};
