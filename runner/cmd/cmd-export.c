// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db/bundle/bundle.h"
#include "reports/report.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/cmd/support.h"

extern const Command cmd_export;

static char *output;

static const GOptionEntry options[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "the bundle to write (default: NAME.trialbed.tar.zst)", "FILE" },
    G_OPTION_ENTRY_NULL,
};

static void entry_clear(void *data)
{
    BundleEntry *entry = data;

    g_free(entry->source);
    g_free(entry->target);
}

static void add_entry(GArray *entries, const char *source, const char *target)
{
    BundleEntry entry = { g_strdup(source), g_strdup(target) };

    g_array_append_val(entries, entry);
}

/* Everything below `folder` becomes target/... in the bundle. */
static bool add_folder(GArray *entries, const char *folder, const char *target, GError **error)
{
    g_autoptr(GPtrArray) files = NULL;

    if (!folder_list(folder, &files, error))
        return false;
    for (guint i = 0; i < files->len; i++) {
        g_autofree char *source = g_build_filename(folder, g_ptr_array_index(files, i), NULL);
        g_autofree char *inside = g_build_filename(target, g_ptr_array_index(files, i), NULL);

        add_entry(entries, source, inside);
    }
    return true;
}

/* The files that the database knows, under the paths that it knows them by. */
static bool add_artifacts(const Context *context, GArray *entries, int64_t experiment, GError **error)
{
    g_autoptr(Table) artifacts = NULL;

    if (!store_read(context->store, "experiment-artifacts", &artifacts, error, PARAM_INTEGER(experiment), PARAM_END))
        return false;
    for (size_t row = 0; row < artifacts->row_count; row++) {
        const char *path = table_text(artifacts, row, "path");
        g_autofree char *source = g_build_filename(context->lab, path, NULL);

        add_entry(entries, source, path);
    }
    return true;
}

/* Rows, scenario and report are made in a scratch folder first. */
static bool make_parts(const Context *context, int64_t experiment, const char *scratch, const char *scenario_text,
                       GError **error)
{
    g_autofree char *database = g_build_filename(scratch, "trialbed.db", NULL);
    g_autofree char *scenario = g_build_filename(scratch, "scenario.yaml", NULL);
    g_autofree char *report = g_build_filename(scratch, "report", NULL);
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(GError) problem = NULL;

    if (!store_experiment_copy(context->store, experiment, database, error)
        || !file_write_atomic(scenario, scenario_text, strlen(scenario_text), error))
        return false;
    /* A host without gnuplot, or an experiment without a finished run: the rest is worth as much. */
    if (!report_write(context->store, experiment, report, NULL, 0, &files, &problem)) {
        g_autofree char *first = error_first_line(problem);

        log_warning("the bundle's report is not complete: %s", first);
    }
    return true;
}

static bool export_into(const Context *context, int64_t experiment, const Table *about, const char *scratch,
                        const char *path, GError **error)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(BundleEntry));
    g_autofree char *size = NULL;
    g_autofree char *quoted = print_json(path);
    BundleReport report;

    g_array_set_clear_func(entries, entry_clear);
    if (!make_parts(context, experiment, scratch, table_text(about, 0, "scenario_text"), error)
        || !add_folder(entries, scratch, "", error) || !add_artifacts(context, entries, experiment, error)
        || !bundle_write(path, table_text(about, 0, "name"), (const BundleEntry *) entries->data, entries->len, &report, error))
        return false;
    size = g_format_size_full((guint64) report.size_bytes, G_FORMAT_SIZE_IEC_UNITS);
    if (context->json)
        printf("{\"path\": %s, \"files\": %lld, \"bytes\": %lld}\n", quoted, (long long) report.file_count,
               (long long) report.size_bytes);
    else
        printf("%s: %lld files, %s\n", path, (long long) report.file_count, size);
    return true;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autoptr(Table) about = NULL;
    g_autofree char *path = g_strdup(output);
    g_autofree char *scratch = NULL;
    int64_t experiment;
    int lock;
    bool ok;

    if (!support_find_experiment(context, argc, argv, &experiment, error)
        || !store_read(context->store, "experiment", &about, error, PARAM_INTEGER(experiment), PARAM_END))
        return false;
    if (path == NULL)
        path = g_strconcat(table_text(about, 0, "name"), ".trialbed.tar.zst", NULL);
    scratch = support_scratch_make(context, &lock, error);
    if (scratch == NULL)
        return false;
    ok = export_into(context, experiment, about, scratch, path, error);
    ok = folder_remove(scratch, ok ? error : NULL) && ok;
    if (lock >= 0)
        close(lock);
    return ok;
}

const Command cmd_export = {
    .name = "export", .usage = "[EXPERIMENT] [-o FILE]", .summary = "one experiment as a bundle: rows, scenario, artifacts, report",
    .details = "The bundle is a BagIt bag in a .tar.zst; 'trialbed verify' checks it, and so does sha256sum -c after unpacking.",
    .needs = CMD_NEEDS_STORE_READONLY, .options = options, .max_args = 1, .run = run,
};
