// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "db/bundle/bundle.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/cmd/cmd.h"

extern const Command cmd_verify;

static bool verify_bundle(const Context *context, const char *path, GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *size = NULL;
    BundleReport report = { 0 };
    bool ok = bundle_verify(path, problems, &report, error);

    for (guint i = 0; i < problems->len; i++)
        fprintf(stderr, "%s: %s\n", path, (const char *) g_ptr_array_index(problems, i));
    if (!ok)
        return false;
    size = g_format_size_full((guint64) report.size_bytes, G_FORMAT_SIZE_IEC_UNITS);
    if (context->json)
        printf("{\"valid\": true, \"files\": %lld, \"bytes\": %lld}\n", (long long) report.file_count,
               (long long) report.size_bytes);
    else
        printf("%s: complete and valid, %lld files, %s\n", path, (long long) report.file_count, size);
    return true;
}

static bool verify_artifact(const Context *context, const Table *artifacts, size_t row)
{
    g_autofree char *path = g_build_filename(context->lab, table_text(artifacts, row, "path"), NULL);
    g_autofree char *sha256 = NULL;
    g_autoptr(GError) problem = NULL;
    int64_t size;

    if (file_sha256(path, &sha256, &size, &problem) && strcmp(sha256, table_text(artifacts, row, "sha256")) == 0)
        return true;
    fprintf(stderr, "%s: %s\n", path, problem != NULL ? problem->message : "is not what was stored: its SHA-256 differs");
    return false;
}

static bool verify_artifacts(const Context *context, int64_t experiment_id, size_t *files, size_t *bad, GError **error)
{
    g_autoptr(Table) artifacts = NULL;

    if (!store_read(context->store, "experiment-artifacts", &artifacts, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < artifacts->row_count; row++)
        *bad += !verify_artifact(context, artifacts, row);
    *files += artifacts->row_count;
    return true;
}

static bool verify_lab(const Context *context, GError **error)
{
    g_autoptr(Table) experiments = NULL;
    size_t files = 0, bad = 0;

    if (!store_check(context->store, error) || !store_read(context->store, "experiments", &experiments, error, PARAM_END))
        return false;
    for (size_t row = 0; row < experiments->row_count; row++)
        if (!verify_artifacts(context, table_integer(experiments, row, "number"), &files, &bad, error))
            return false;
    if (bad > 0)
        return error_set(error, ERROR_DATA, "lab '%s': %zu of %zu artifacts are missing or not what was stored", context->lab, bad, files);
    if (context->json)
        printf("{\"valid\": true, \"files\": %zu}\n", files);
    else
        printf("lab '%s': the database is sound, %zu artifacts are what was stored\n", context->lab, files);
    return true;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    return argc > 0 ? verify_bundle(context, argv[0], error) : verify_lab(context, error);
}

const Command cmd_verify = {
    .name = "verify", .usage = "[FILE]", .summary = "check every file of a bundle, or of the lab, against its SHA-256",
    .details = "Without FILE: the lab's database (integrity, references, stored statistics) and every artifact that it lists.",
    .needs = CMD_NEEDS_STORE_READONLY | CMD_STORE_ONLY_WITHOUT_WORDS, .max_args = 1, .run = run,
};
