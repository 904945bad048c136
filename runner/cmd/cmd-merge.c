// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db/store-merge.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/cmd/cmd.h"
#include "runner/exec/lab.h"

extern const Command cmd_merge;

/* Files are gathered in LAB/.merge, synced, moved to LAB/runs, and then the rows are committed. Whatever ends us
 * between leaves the mark, and the next merge removes what has it and is not in the database. */
typedef struct Merging {
    const Lab *lab;
    const char *other; /* folder */
    char *stage;
    int64_t files, bytes;
} Merging;

static bool copy_file(Merging *merging, const Table *files, size_t row, const char *folder, GError **error)
{
    const char *path = table_text(files, row, "path"), *below = strchr(path + strlen("runs/"), '/') + 1;
    g_autofree char *source = g_build_filename(merging->other, table_text(files, row, "source"), NULL);
    g_autofree char *target = g_build_filename(folder, below, NULL);
    g_autofree char *target_folder = g_path_get_dirname(target);
    g_autofree char *sha256 = NULL;
    int64_t size;

    if (!g_file_test(source, G_FILE_TEST_EXISTS)) {
        error_set(error, ERROR_DATA, "artifact '%s' is missing; nothing was merged", source);
        error_hint(error, "'trialbed doctor --lab %s' lists what is wrong there.", merging->other);
        return false;
    }
    if (!folder_make(target_folder, error) || !file_copy(source, target, &sha256, &size, error))
        return false;
    if (strcmp(sha256, table_text(files, row, "sha256")) != 0) {
        error_set(error, ERROR_DATA,
                  "artifact '%s' is not the file that was stored: its SHA-256 is another; nothing was merged", source);
        error_hint(error, "'trialbed doctor --lab %s' lists what is wrong there.", merging->other);
        return false;
    }
    merging->files++;
    merging->bytes += size;
    return true;
}

static bool write_text(const char *folder, const char *name, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    return file_write_atomic(path, text, strlen(text), error);
}

static bool sync_disk(const char *folder, GError **error)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && syncfs(fd) == 0;

    if (!ok)
        error_set_errno(error, ERROR_HOST, "could not write '%s' to the disk", folder);
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool bring_files(const MergedExperiment *experiment, const Table *files, void *data, GError **error)
{
    Merging *merging = data;
    g_autofree char *name = g_strdup_printf("%" G_GINT64_FORMAT, experiment->to);
    g_autofree char *folder = g_build_filename(merging->stage, name, NULL);
    g_autofree char *place = lab_experiment_folder(merging->lab, experiment->to);

    if (g_file_test(place, G_FILE_TEST_EXISTS)) {
        error_set(error, ERROR_DATA, "folder '%s' is in the way: this lab has no experiment %s", place, name);
        error_hint(error, "'trialbed doctor --lab' lists such files; move the folder away.");
        return false;
    }
    if (!folder_make(folder, error) || !folder_make(merging->lab->runs, error)
        || !write_text(folder, "scenario.yaml", experiment->scenario_text, error)
        || !write_text(folder, LAB_MERGE_MARK, experiment->uuid, error))
        return false;
    for (size_t row = 0; row < files->row_count; row++)
        if (!copy_file(merging, files, row, folder, error))
            return false;
    if (!sync_disk(folder, error))
        return false;
    if (g_rename(folder, place) != 0)
        return error_set_errno(error, ERROR_HOST, "could not move '%s' to '%s'", folder, place);
    return sync_disk(merging->lab->runs, error);
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

static bool is_same_file(const char *a, const char *b)
{
    GStatBuf first, second;

    return g_stat(a, &first) == 0 && g_stat(b, &second) == 0 && first.st_dev == second.st_dev
           && first.st_ino == second.st_ino;
}

static void print_report(const Context *context, const MergeReport *report, const Merging *merging)
{
    g_autofree char *size = g_format_size_full((guint64) merging->bytes, G_FORMAT_SIZE_IEC_UNITS);

    if (context->json)
        printf("{\"experiments\": %lld, \"known\": %lld, \"runs\": %lld, \"files\": %lld, \"bytes\": %lld}\n",
               (long long) report->added, (long long) report->known, (long long) report->runs,
               (long long) merging->files, (long long) merging->bytes);
    else
        printf("%lld experiments merged (%lld runs, %lld files, %s), %lld were here already\n",
               (long long) report->added, (long long) report->runs, (long long) merging->files, size, (long long) report->known);
}

static bool merge(const Context *context, Merging *merging, Store *other, GError **error)
{
    g_autoptr(GPtrArray) conflicts = g_ptr_array_new_with_free_func(g_free);
    MergeReport report;
    bool ok = tidy(context->store, merging, error)
              && store_merge(context->store, other, bring_files, merging, conflicts, &report, error);

    for (guint i = 0; i < conflicts->len; i++)
        fprintf(stderr, "%s\n", (const char *) g_ptr_array_index(conflicts, i));
    if (!tidy(context->store, merging, ok ? error : NULL) || !ok)
        return false;
    print_report(context, &report, merging);
    return true;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_auto(Lab) lab = { 0 };
    g_autoptr(Store) other = NULL;
    g_autofree char *path = g_build_filename(argv[0], "trialbed.db", NULL);
    Merging merging = { .lab = &lab, .other = argv[0] };
    bool ok;

    (void) argc;
    if (!lab_open(context->lab, &lab, error))
        return false;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return error_set(error, ERROR_USAGE, "there is no lab at '%s'", argv[0]);
    if (is_same_file(path, lab.database))
        return error_set(error, ERROR_USAGE, "'%s' is this lab itself", argv[0]);
    other = store_open_readonly(path, error);
    if (other == NULL)
        return false;
    merging.stage = g_build_filename(lab.folder, ".merge", NULL);
    ok = merge(context, &merging, other, error);
    g_free(merging.stage);
    return ok;
}

const Command cmd_merge = {
    .name = "merge", .usage = "OTHER-LAB", .summary = "bring all experiments of another lab into this one",
    .details = "Experiments are known by their UUID: one that is here already must be the same, and stays.\n"
               "Numbers of experiments and runs are given anew. All or nothing: after an error or a crash this lab\n"
               "is as it was, and the next merge clears away what a crash left.",
    .needs = CMD_NEEDS_STORE, .min_args = 1, .max_args = 1, .run = run,
};
