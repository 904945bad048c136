// SPDX-License-Identifier: GPL-3.0-or-later
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db/bundle/bundle-export.h"
#include "images/blobs.h"
#include "images/store.h"
#include "reports/report.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/base/units.h"
#include "runner/cmd/importing.h"
#include "runner/cmd/support.h"
#include "runner/exec/lab.h"

extern const Command cmd_export;

static char *output, *without, *only, *sign, *licence, *split;
static gboolean with_images;

static const GOptionEntry options[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "the bundle to write (default: NAME.trialbed.tar.zst)",
      "FILE" },
    { "without", 0, 0, G_OPTION_ARG_STRING, &without, "leave out all packet captures: 'pcaps'", "WHAT" },
    { "only", 0, 0, G_OPTION_ARG_STRING, &only, "only this cell, or the cells with these FACTOR=LEVEL", "CELL" },
    { "sign", 0, 0, G_OPTION_ARG_FILENAME, &sign, "sign with this private Ed25519 key (PEM)", "KEY" },
    { "license", 0, 0, G_OPTION_ARG_STRING, &licence, "under which licence others may use it, as CC-BY-4.0",
      "SPDX-ID" },
    { "images", 0, 0, G_OPTION_ARG_NONE, &with_images, "with the guest images that the machines ran on", NULL },
    { "split", 0, 0, G_OPTION_ARG_STRING, &split, "in parts FILE.001, FILE.002 ... of so many bytes at most, as 2GiB", "SIZE" },
    G_OPTION_ENTRY_NULL,
};

static bool parse_split(int64_t *ret_bytes, GError **error)
{
    Quantity size;

    if (units_parse_kind(split, UNIT_SIZE, &size, NULL) && size.base >= BUNDLE_PART_BYTES_MIN && size.base < 1e15) {
        *ret_bytes = (int64_t) size.base;
        return true;
    }
    error_set(error, ERROR_USAGE, "'--split %s' is no size of a part", split);
    error_hint(error, "write it with a unit (%s), and at least %d KiB.", units_names(UNIT_SIZE), BUNDLE_PART_BYTES_MIN / 1024);
    return false;
}

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
        printf("{\"path\": %s, \"parts\": %u, \"files\": %lld, \"bytes\": %lld}\n", quoted, report->parts,
               (long long) report->file_count, (long long) report->size_bytes);
    else if (report->parts > 0)
        printf("%s.001 to .%03u: %lld files, %s before compression\n", path, report->parts, (long long) report->file_count,
               size);
    else
        printf("%s: %lld files, %s before compression\n", path, (long long) report->file_count, size);
    if (!context->json && report->signer != NULL)
        printf("%s: signed with %s\n", path, report->signer);
}

/* The files that the scenario names, as they were when it was run. */
static bool put_scenario_files(const Context *context, int64_t experiment, const char *scratch, GError **error)
{
    g_auto(Lab) lab = { 0 };
    g_autofree char *to = g_build_filename(scratch, "scenario", NULL);
    g_autofree char *from = NULL;

    if (!lab_open(context->lab, &lab, error))
        return false;
    from = lab_experiment_folder(&lab, experiment);
    return lab_scenario_files_copy(from, to, error)
           && support_check_scenario_files(context->store, experiment, to, error);
}

static bool put_stored_image(ImageStore *from, ImageStore *to, const char *name, const char *digest, GError **error)
{
    g_autoptr(Image) image = image_store_get(from, name, error);
    ImageCopy what;

    if (image == NULL)
        return false;
    if (digest != NULL && strcmp(image->digest, digest) != 0) {
        error_set(error, ERROR_HOST, "image '%s' is %.12s here now, but the experiment ran on %.12s", name, image->digest,
                  digest);
        error_hint(error, "without '--images' the bundle has the recipe and the digest only.");
        return false;
    }
    return image_store_copy(from, to, name, &what, error);
}

static bool put_image(ImageStore *from, ImageStore *to, const char *name, const char *digest, GError **error)
{
    if (strchr(name, '/') != NULL) { /* own-files.h: a machine's disk, kernel or folder is no image of the store */
        log_warning("'%s' does not travel with the bundle: it is made of files of this host", name);
        return true;
    }
    return put_stored_image(from, to, name, digest, error);
}

/* `--images`: a small image store, with what the experiment's machines ran on. */
static bool put_images(const Context *context, Store *copy, int64_t experiment, const char *scratch, GError **error)
{
    g_auto(Lab) lab = { 0 };
    g_autofree char *folder = g_build_filename(scratch, IMPORT_IMAGES, NULL);
    g_autoptr(ImageStore) from = NULL, to = NULL;
    g_autoptr(Table) used = NULL;

    if (!lab_open(context->lab, &lab, error)
        || !store_read(copy, "bundle-images", &used, error, PARAM_INTEGER(experiment), PARAM_END))
        return false;
    from = image_store_open(lab.images, error);
    to = from != NULL ? image_store_open(folder, error) : NULL;
    for (size_t row = 0; to != NULL && row < used->row_count; row++)
        if (!put_image(from, to, table_text(used, row, "image"), table_text(used, row, "image_digest"), error))
            return false;
    return to != NULL;
}

static bool export_into(const Context *context, int64_t experiment, const char *scratch, const char *path,
                        int64_t part_bytes, GError **error)
{
    g_auto(BundleExport) export = { .lab = context->lab, .folder = scratch, .only = only, .licence = licence, .key = sign,
                            .without_pcaps = without != NULL, .part_bytes = part_bytes };
    int64_t in_lab = experiment;
    g_autofree char *folder = g_build_filename(scratch, "report", NULL);
    g_auto(BundleReport) report = { 0 };
    g_autoptr(Store) copy = NULL;

    if (!bundle_export_begin(&export, context->store, experiment, &copy, &experiment, error)
        || !make_report(copy, experiment, folder, error)
        || !put_recipes(copy, experiment, scratch, error)
        || !put_scenario_files(context, in_lab, scratch, error)
        || (with_images && !put_images(context, copy, experiment, scratch, error))
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
    int64_t experiment, part_bytes = 0;
    bool ok;
    int lock;

    if (without != NULL && strcmp(without, "pcaps") != 0)
        return error_set(error, ERROR_USAGE, "'--without %s' is not known; only 'pcaps' can be left out", without);
    if ((split != NULL && !parse_split(&part_bytes, error))
        || !support_find_experiment(context, argc, argv, &experiment, error)
        || !store_read(context->store, "experiment", &about, error, PARAM_INTEGER(experiment), PARAM_END))
        return false;
    if (path == NULL)
        path = g_strconcat(table_text(about, 0, "name"), ".trialbed.tar.zst", NULL);
    if (g_file_test(path, G_FILE_TEST_IS_DIR)) { /* said now, not when all has been packed */
        error_set(error, ERROR_USAGE, "bundle '%s': there is a folder of this name", path);
        error_hint(error, "-o FILE names the bundle, as in '-o %s/%s.trialbed.tar.zst'.", path, table_text(about, 0, "name"));
        return false;
    }
    scratch = support_scratch_make(context, &lock, error);
    if (scratch == NULL)
        return false;
    ok = export_into(context, experiment, scratch, path, part_bytes, error);
    ok = folder_remove(scratch, ok ? error : NULL) && ok;
    if (lock >= 0)
        close(lock);
    return ok;
}

const Command cmd_export = {
    .name = "export",
    .usage = "[EXPERIMENT] [-o FILE] [--images] [--without pcaps] [--only CELL] [--sign KEY]",
    .summary = "one experiment as a bundle: rows, scenario, artifacts, report",
    .details = "The bundle is a BagIt bag with RO-Crate metadata in a .tar.zst; 'trialbed verify' checks it, and so\n"
               "does sha256sum -c after unpacking. The same experiment gives the same bytes. docs/bundles.md says\n"
               "what is in it. Parts are verified and imported together, by the name of the first. Without\n"
               "EXPERIMENT: the newest.",
    .json = "{\"path\": PATH, \"parts\": N, \"files\": N, \"bytes\": N}, the last two of what is inside;\n"
            "0 parts: one file",
    .needs = CMD_NEEDS_STORE_READONLY, .options = options, .max_args = 1, .run = run,
};
