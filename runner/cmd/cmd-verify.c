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
    if (!ok)
        return false;
    if (context->json)
        printf("{\"valid\": true, \"files\": %lld, \"bytes\": %lld, \"signer\": %s%s%s}\n", (long long) report.file_count,
               (long long) report.size_bytes, report.signer != NULL ? "\"" : "",
               report.signer != NULL ? report.signer : "null", report.signer != NULL ? "\"" : "");
    else
        print_report(argv[0], &report);
    return true;
}

const Command cmd_verify = {
    .name = "verify", .usage = "FILE [--key PUBLIC]", .summary = "check every file of a bundle, and its signature",
    .details = "Reads the bundle through without unpacking it: says each file that is missing, extra or changed.",
    .options = options, .min_args = 1, .max_args = 1, .run = run,
};
