// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/bundle/bundle-export.h"

#include <string.h>
#include <sys/stat.h>

#include "db/bundle/bundle-copy.h"
#include "db/bundle/bundle-describe.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

static void entry_clear(void *data)
{
    BundleEntry *entry = data;

    g_free(entry->source);
    g_free(entry->target);
    g_free(entry->sha256);
}

static void add_entry(GArray *entries, const char *folder, const char *source, const char *path, const char *sha256)
{
    BundleEntry entry = { g_build_filename(folder, source, NULL), g_strdup(path), g_strdup(sha256) };

    g_array_append_val(entries, entry);
}

/* The files that the database knows, under the paths that it knows them by. */
static bool add_artifacts(const BundleExport *export, Store *copy, int64_t experiment_id, GArray *entries,
                          GError **error)
{
    g_autoptr(Table) artifacts = NULL;

    if (!store_read(copy, "experiment-artifacts", &artifacts, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < artifacts->row_count; row++) {
        const char *path = table_text(artifacts, row, "path");

        if (!export->without_pcaps || strcmp(table_text(artifacts, row, "kind"), "pcap") != 0)
            add_entry(entries, export->lab, g_hash_table_lookup(export->sources, path), path,
                      table_text(artifacts, row, "sha256"));
    }
    return true;
}

static bool add_folder(const char *folder, GArray *entries, GError **error)
{
    g_autoptr(GPtrArray) files = NULL;

    if (!folder_list(folder, &files, error))
        return false;
    for (guint i = 0; i < files->len; i++)
        add_entry(entries, folder, g_ptr_array_index(files, i), g_ptr_array_index(files, i), NULL);
    return true;
}

static int entry_compare(const void *a, const void *b)
{
    return strcmp(((const BundleEntry *) a)->target, ((const BundleEntry *) b)->target);
}

/* All files that there are by now; NULL on error. */
static GArray *entries_find(const BundleExport *export, Store *copy, int64_t experiment_id, int64_t *ret_size,
                            GError **error)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(BundleEntry));
    struct stat info;

    g_array_set_clear_func(entries, entry_clear);
    if (!add_folder(export->folder, entries, error) || !add_artifacts(export, copy, experiment_id, entries, error))
        return NULL;
    g_array_sort(entries, entry_compare);
    *ret_size = 0;
    for (guint i = 0; i < entries->len; i++)
        if (stat(g_array_index(entries, BundleEntry, i).source, &info) == 0)
            *ret_size += info.st_size;
    return g_steal_pointer(&entries);
}

static char *left_out_text(const BundleExport *export)
{
    if (export->only == NULL)
        return export->without_pcaps ? g_strdup("packet captures (their rows are here)") : NULL;
    return g_strdup_printf("all cells but those with %s%s", export->only,
                           export->without_pcaps ? "; packet captures (their rows are here)" : "");
}

static char *one_line(const char *text)
{
    return g_strdelimit(g_strdup(text), "\r\n", ' ');
}

/* Metadata that RFC 8493 has names for. "Bagging-Date" is the day of the last run: what was bagged was whole then, and
 * the same bag made later is the same. */
static char *info_text(const Description *what, const Table *about)
{
    const char *description = table_text(about, 0, "description");
    g_autofree char *text = one_line(description != NULL ? description : table_text(about, 0, "name"));
    g_autofree char *name = one_line(table_text(about, 0, "name"));
    g_autofree char *left_out = one_line(what->left_out != NULL ? what->left_out : "nothing");

    return g_strdup_printf("Bagging-Date: %s\nExternal-Description: %s\nExternal-Identifier: urn:uuid:%s\n"
                           "Internal-Sender-Identifier: %s\nLeft-Out: %s\n",
                           table_text(about, 0, "finished_on"), text, table_text(about, 0, "uuid"), name, left_out);
}

/* Cells that do not have all the words of `only` are left out. */
static bool is_kept(const char *label, const char *only)
{
    g_auto(GStrv) have = g_strsplit(label, " ", -1);
    g_auto(GStrv) want = g_strsplit(only, " ", -1);

    if (strcmp(label, only) == 0)
        return true;
    for (char **word = want; *word != NULL; word++)
        if (!g_strv_contains((const char *const *) have, *word))
            return false;
    return true;
}

static bool keep_cells(const char *path, int64_t experiment_id, const char *only, Store *copy, GError **error)
{
    g_autoptr(GArray) dropped = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(Table) cells = NULL;

    if (!store_read(copy, "cells", &cells, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < cells->row_count; row++) {
        int64_t cell = table_integer(cells, row, "cell_id");

        if (!is_kept(table_text(cells, row, "cell"), only))
            g_array_append_val(dropped, cell);
    }
    if (dropped->len == cells->row_count) {
        error_set(error, ERROR_USAGE, "no cell is '%s'", only);
        error_hint(error, "a cell is named as 'trialbed summary' shows it, or by some of its FACTOR=LEVEL.");
        return false;
    }
    return bundle_copy_drop_cells(path, (const int64_t *) dropped->data, dropped->len, error);
}

static bool copy_make(BundleExport *export, Store *store, int64_t experiment_id, const char *path, GError **error)
{
    g_autoptr(Store) copy = NULL;

    if (!bundle_copy(store, experiment_id, path, &export->sources, error))
        return false;
    if (export->only == NULL)
        return true;
    copy = store_open_readonly(path, error);
    return copy != NULL && store_experiment_find(copy, NULL, &experiment_id, error)
           && keep_cells(path, experiment_id, export->only, copy, error);
}

static bool scenario_write(const BundleExport *export, Store *copy, int64_t experiment_id, GError **error)
{
    g_autofree char *folder = g_build_filename(export->folder, "scenario", NULL);
    g_autofree char *path = g_build_filename(folder, "scenario.yaml", NULL);
    g_autoptr(Table) about = NULL;
    const char *text;

    if (!folder_make(folder, error)
        || !store_read(copy, "bundle-about", &about, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    text = table_text(about, 0, "scenario_text");
    return file_write_atomic(path, text, strlen(text), error);
}

void bundle_export_clear(BundleExport *export)
{
    g_clear_pointer(&export->sources, g_hash_table_unref);
}

bool bundle_export_begin(BundleExport *export, Store *store, int64_t experiment_id, Store **ret_copy,
                         int64_t *ret_experiment_id, GError **error)
{
    g_autofree char *path = g_build_filename(export->folder, "trialbed.db", NULL);
    g_autoptr(Store) copy = NULL;

    if (!copy_make(export, store, experiment_id, path, error))
        return false;
    copy = store_open_readonly(path, error);
    if (copy == NULL || !store_experiment_find(copy, NULL, &experiment_id, error)
        || !scenario_write(export, copy, experiment_id, error))
        return false;
    *ret_copy = g_steal_pointer(&copy);
    *ret_experiment_id = experiment_id;
    return true;
}

static bool describe(Description *what, const BundleExport *export, GArray **ret_entries, GError **error)
{
    GArray *entries;

    if (!describe_environment(what, error) || !describe_tables(what, error))
        return false;
    entries = entries_find(export, what->store, what->experiment_id, &what->size_bytes, error);
    if (entries == NULL)
        return false;
    g_array_unref(entries); /* only its size was wanted: the next file says it */
    if (!describe_for_people(what, error))
        return false;
    entries = entries_find(export, what->store, what->experiment_id, &what->size_bytes, error);
    if (entries == NULL)
        return false;
    what->entries = (const BundleEntry *) entries->data;
    what->entry_count = entries->len;
    *ret_entries = entries;
    return describe_crate(what, error);
}

bool bundle_export_end(const BundleExport *export, Store *copy, int64_t experiment_id, const char *path,
                       BundleReport *ret_report, GError **error)
{
    g_autofree char *left_out = left_out_text(export);
    Description what = { copy, experiment_id, export->folder, export->licence, left_out, NULL, 0, 0 };
    g_autoptr(GArray) entries = NULL;
    g_autoptr(Table) about = NULL;
    g_autofree char *info = NULL;
    BundleSpec spec;

    if (!store_read(copy, "bundle-about", &about, error, PARAM_INTEGER(experiment_id), PARAM_END)
        || !describe(&what, export, &entries, error))
        return false;
    add_entry(entries, export->folder, "ro-crate-metadata.json", "ro-crate-metadata.json", NULL);
    info = info_text(&what, about);
    spec = (BundleSpec) { table_text(about, 0, "name"), (const BundleEntry *) entries->data, entries->len, info,
                          export->key, export->part_bytes };
    return bundle_write(path, &spec, ret_report, error);
}
