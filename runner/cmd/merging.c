// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/cmd/merging.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/cmd/support.h"
#include "runner/exec/lab.h"

/* Files are gathered in LAB/.merge, synced, moved to LAB/runs, and then the rows are committed. Whatever ends us
 * between leaves the mark, and the next merge removes what has it and is not in the database. */
typedef struct Merging {
    const Lab *lab;
    Store *other_store;
    const char *other; /* folder */
    const char *stage;
    MergeMissing missing;
    Merged *merged;
} Merging;

static bool copy_file(Merging *merging, const Table *files, size_t row, const char *folder, GError **error)
{
    const char *path = table_text(files, row, "path"), *below = strchr(path + strlen("runs/"), '/') + 1;
    g_autofree char *source = g_build_filename(merging->other, table_text(files, row, "source"), NULL);
    g_autofree char *target = g_build_filename(folder, below, NULL);
    g_autofree char *target_folder = g_path_get_dirname(target);
    g_autofree char *sha256 = NULL;
    int64_t size;

    if (!g_file_test(source, G_FILE_TEST_EXISTS) && merging->missing == MERGE_LEFT_OUT) {
        merging->merged->missing++;
        return true;
    }
    if (!g_file_test(source, G_FILE_TEST_EXISTS)) {
        error_set(error, ERROR_DATA, "artifact '%s' is missing; nothing was merged", source);
        error_hint(error, "'trialbed doctor --lab %s' lists what is wrong there.", merging->other);
        return false;
    }
    if (!folder_make(target_folder, error) || !file_copy(source, target, &sha256, &size, error))
        return false;
    if (strcmp(sha256, table_text(files, row, "sha256")) != 0) {
        error_set(error, ERROR_DATA,
                  "artifact '%s' is not the file that was stored: its SHA-256 is another; nothing was merged",
                  table_text(files, row, "source"));
        if (merging->missing == MERGE_REFUSED)
            error_hint(error, "'trialbed doctor --lab %s' lists what is wrong there.", merging->other);
        return false;
    }
    merging->merged->files++;
    merging->merged->bytes += size;
    return true;
}

static bool write_text(const char *folder, const char *name, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    return file_write_atomic(path, text, strlen(text), error);
}

/* Where the scenario's own files lie in the other lab, or in what a bundle was unpacked to. */
static char *scenario_folder(const Merging *merging, int64_t experiment_id)
{
    if (merging->missing == MERGE_LEFT_OUT)
        return g_build_filename(merging->other, "scenario", NULL);
    return g_strdup_printf("%s/runs/%" G_GINT64_FORMAT, merging->other, experiment_id);
}

static bool bring_files(const MergedExperiment *experiment, const Table *files, void *data, GError **error)
{
    Merging *merging = data;
    g_autofree char *name = g_strdup_printf("%" G_GINT64_FORMAT, experiment->to);
    g_autofree char *folder = g_build_filename(merging->stage, name, NULL);
    g_autofree char *place = lab_experiment_folder(merging->lab, experiment->to);
    g_autofree char *scenario = scenario_folder(merging, experiment->from);

    if (g_file_test(place, G_FILE_TEST_EXISTS)) {
        error_set(error, ERROR_DATA, "folder '%s' is in the way: this lab has no experiment %s", place, name);
        error_hint(error, "'trialbed doctor --lab' lists such files; move the folder away.");
        return false;
    }
    if (!folder_make(folder, error) || !folder_make(merging->lab->runs, error)
        || !lab_scenario_files_copy(scenario, folder, error)
        || !support_check_scenario_files(merging->other_store, experiment->from, folder, error)
        || !write_text(folder, "scenario.yaml", experiment->scenario_text, error)
        || !write_text(folder, LAB_MERGE_MARK, experiment->uuid, error))
        return false;
    for (size_t row = 0; row < files->row_count; row++)
        if (!copy_file(merging, files, row, folder, error))
            return false;
    if (!folder_sync_disk(folder, error))
        return false;
    if (g_rename(folder, place) != 0)
        return error_set_errno(error, ERROR_HOST, "could not move '%s' to '%s'", folder, place);
    return folder_sync_disk(merging->lab->runs, error);
}

/* Settle one folder of runs: with its rows it has arrived and loses its mark; without them it goes. */
static bool settle(Store *store, const Lab *lab, int64_t experiment_id, GError **error)
{
    g_autofree char *folder = lab_experiment_folder(lab, experiment_id);
    g_autofree char *mark = g_build_filename(folder, LAB_MERGE_MARK, NULL);
    g_autoptr(Table) known = NULL;

    if (!store_read(store, "experiment", &known, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    if (known->row_count == 0)
        return lab_merge_leftover_remove(lab, experiment_id, error);
    return g_unlink(mark) == 0 || errno == ENOENT || error_set_errno(error, ERROR_HOST, "could not remove '%s'", mark);
}

/* Before and after: what an earlier merge, or this one, left half. */
static bool tidy(Store *store, const Merging *merging, GError **error)
{
    g_autoptr(GDir) runs = NULL;
    const char *name;

    if (!folder_remove(merging->stage, error))
        return false;
    runs = g_dir_open(merging->lab->runs, 0, NULL);
    while (runs != NULL && (name = g_dir_read_name(runs)) != NULL) {
        gint64 id;

        if (g_ascii_string_to_signed(name, 10, 1, G_MAXINT64, &id, NULL) && !settle(store, merging->lab, id, error))
            return false;
    }
    return true;
}

static bool merge(Store *store, Merging *merging, Store *other, GError **error)
{
    g_autoptr(GPtrArray) conflicts = g_ptr_array_new_with_free_func(g_free);
    bool ok = tidy(store, merging, error)
              && store_merge(store, other, bring_files, merging, conflicts, &merging->merged->report, error);

    for (guint i = 0; i < conflicts->len; i++)
        fprintf(stderr, "%s\n", (const char *) g_ptr_array_index(conflicts, i));
    return tidy(store, merging, ok ? error : NULL) && ok;
}

bool merge_lab(const Context *context, Store *other, const char *folder, MergeMissing missing, Merged *ret_merged,
               GError **error)
{
    g_auto(Lab) lab = { 0 };
    g_autofree char *stage = NULL;
    Merged merged = { .files = 0 };
    Merging merging = { &lab, other, folder, NULL, missing, &merged };

    if (!lab_open(context->lab, &lab, error))
        return false;
    merging.stage = stage = g_build_filename(lab.folder, ".merge", NULL);
    if (!merge(context->store, &merging, other, error))
        return false;
    *ret_merged = merged;
    return true;
}
