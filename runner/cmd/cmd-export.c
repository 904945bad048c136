// SPDX-License-Identifier: GPL-3.0-or-later
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db/bundle/bundle-export.h"
#include "images/blobs.h"
#include "reports/report.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/cmd/support.h"

extern const Command cmd_export;

static char *output, *without, *only, *sign, *licence;

static const GOptionEntry options[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "the bundle to write (default: NAME.trialbed.tar.zst)",
      "FILE" },
    { "without", 0, 0, G_OPTION_ARG_STRING, &without, "leave out all packet captures: 'pcaps'", "WHAT" },
    { "only", 0, 0, G_OPTION_ARG_STRING, &only, "only this cell, or the cells with these FACTOR=LEVEL", "CELL" },
    { "sign", 0, 0, G_OPTION_ARG_FILENAME, &sign, "sign with this private Ed25519 key (PEM)", "KEY" },
    { "license", 0, 0, G_OPTION_ARG_STRING, &licence, "under which licence others may use it, as CC-BY-4.0",
      "SPDX-ID" },
    G_OPTION_ENTRY_NULL,
};

/* Recipes of the images that were used, as far as this program has them. */
static bool put_recipes(Store *copy, int64_t experiment, const char *scratch, GError **error)
{
    g_autofree char *folder = g_build_filename(scratch, "images", NULL);
    g_autoptr(Table) images = NULL;

    if (!folder_make(folder, error)
        || !store_read(copy, "bundle-images", &images, error, PARAM_INTEGER(experiment), PARAM_END))
        return false;
    for (const RecipeBlob *recipe = recipe_blobs; recipe->name != NULL; recipe++) {
        g_autofree char *name = g_strconcat(recipe->name, ".recipe", NULL);
        g_autofree char *path = g_build_filename(folder, name, NULL);
        bool used = false;

        for (size_t row = 0; row < images->row_count; row++)
            used = used || strcmp(table_text(images, row, "image"), recipe->name) == 0;
        if (used && !file_write_atomic(path, recipe->text, strlen(recipe->text), error))
            return false;
    }
    return true;
}

/* An experiment without a completed run, or a host without gnuplot, is no reason not to have a bundle. */
static bool make_report(Store *copy, int64_t experiment, const char *folder, GError **error)
{
    g_autofree char *page = g_build_filename(folder, "index.html", NULL);
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(GError) problem = NULL;
    g_autofree char *what = NULL;

    if (report_write(copy, experiment, folder, NULL, 0, &files, &problem))
        return true;
    if (!g_file_test(page, G_FILE_TEST_EXISTS)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    what = error_first_line(problem);
    log_warning("the bundle's report is not complete: %s", what);
    return true;
}

static void print_result(const Context *context, const char *path, const BundleReport *report)
{
    g_autofree char *size = g_format_size_full((guint64) report->size_bytes, G_FORMAT_SIZE_IEC_UNITS);
    g_autofree char *quoted = print_json(path);

    if (context->json)
        printf("{\"path\": %s, \"files\": %lld, \"bytes\": %lld}\n", quoted, (long long) report->file_count,
               (long long) report->size_bytes);
    else
        printf("%s: %lld files, %s before compression\n", path, (long long) report->file_count, size);
    if (!context->json && report->signer != NULL)
        printf("%s: signed with %s\n", path, report->signer);
}

static bool export_into(const Context *context, int64_t experiment, const char *scratch, const char *path,
                        GError **error)
{
    g_auto(BundleExport) export = { .lab = context->lab, .folder = scratch, .only = only, .licence = licence, .key = sign,
                            .without_pcaps = without != NULL };
    g_autofree char *folder = g_build_filename(scratch, "report", NULL);
    g_auto(BundleReport) report = { 0 };
    g_autoptr(Store) copy = NULL;

    if (!bundle_export_begin(&export, context->store, experiment, &copy, &experiment, error)
        || !make_report(copy, experiment, folder, error)
        || !put_recipes(copy, experiment, scratch, error)
        || !bundle_export_end(&export, copy, experiment, path, &report, error))
        return false;
    print_result(context, path, &report);
    return true;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autoptr(Table) about = NULL;
    g_autofree char *path = g_strdup(output);
    g_autofree char *scratch = NULL;
    int64_t experiment;
    bool ok;
    int lock;

    if (without != NULL && strcmp(without, "pcaps") != 0)
        return error_set(error, ERROR_USAGE, "'--without %s' is not known; only 'pcaps' can be left out", without);
    if (!support_find_experiment(context, argc, argv, &experiment, error)
        || !store_read(context->store, "experiment", &about, error, PARAM_INTEGER(experiment), PARAM_END))
        return false;
    if (path == NULL)
        path = g_strconcat(table_text(about, 0, "name"), ".trialbed.tar.zst", NULL);
    scratch = support_scratch_make(context, &lock, error);
    if (scratch == NULL)
        return false;
    ok = export_into(context, experiment, scratch, path, error);
    ok = folder_remove(scratch, ok ? error : NULL) && ok;
    if (lock >= 0)
        close(lock);
    return ok;
}

const Command cmd_export = {
    .name = "export", .usage = "[EXPERIMENT] [-o FILE] [--without pcaps] [--only CELL] [--sign KEY] [--license ID]",
    .summary = "one experiment as a bundle: rows, scenario, artifacts, report",
    .details = "The bundle is a BagIt bag with RO-Crate metadata in a .tar.zst; 'trialbed verify' checks it, and so\n"
               "does sha256sum -c after unpacking. The same experiment gives the same bytes. docs/bundles.md says\n"
               "what is in it. Without EXPERIMENT: the newest.",
    .json = "{\"path\": PATH, \"files\": N, \"bytes\": N}, both of what is inside",
    .needs = CMD_NEEDS_STORE_READONLY, .options = options, .max_args = 1, .run = run,
};
