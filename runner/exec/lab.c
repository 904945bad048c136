// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"

#define AHEAD_MARK "ahead"

bool lab_make(const char *folder, GError **error)
{
    bool is_file = g_file_test(folder, G_FILE_TEST_EXISTS) && !g_file_test(folder, G_FILE_TEST_IS_DIR);

    if (is_file ? error_set(error, ERROR_USAGE, "lab '%s' is no folder", folder) : folder_make(folder, error))
        return true;
    error_hint(error, "--lab DIR or TRIALBED_LAB=DIR chooses another folder for the lab.");
    return false;
}

bool lab_open(const char *folder, Lab *ret_lab, GError **error)
{
    const char *images = g_getenv("TRIALBED_IMAGES");
    char *real;

    if (!lab_make(folder, error))
        return false;
    real = realpath(folder, NULL);
    if (real == NULL)
        return error_set_errno(error, ERROR_HOST, "could not find lab '%s'", folder);
    if (!g_utf8_validate(real, -1, NULL)) { /* it travels to workers as JSON */
        g_autofree char *shown = g_utf8_make_valid(real, -1);

        free(real);
        return error_set(error, ERROR_HOST, "a lab cannot lie in a folder whose name is no UTF-8, as '%s' does", shown);
    }
    if (g_str_has_prefix(real, "/run/")) {
        error_set(error, ERROR_HOST, "a lab cannot lie below /run, as '%s' does", real);
        error_hint(error, "workers have a private /run; choose another folder with --lab.");
        free(real);
        return false;
    }
    ret_lab->folder = g_strdup(real);
    ret_lab->database = g_build_filename(real, "trialbed.db", NULL);
    ret_lab->images = images != NULL && images[0] != '\0' ? g_canonicalize_filename(images, NULL) : g_build_filename(real, "images", NULL);
    ret_lab->cache = g_build_filename(real, "cache", NULL);
    ret_lab->runs = g_build_filename(real, "runs", NULL);
    free(real);
    return true;
}

void lab_clear(Lab *lab)
{
    g_free(lab->folder);
    g_free(lab->database);
    g_free(lab->images);
    g_free(lab->cache);
    g_free(lab->runs);
    *lab = (Lab) { 0 };
}

char *lab_experiment_folder(const Lab *lab, int64_t experiment_id)
{
    return g_strdup_printf("%s/%" G_GINT64_FORMAT, lab->runs, experiment_id);
}

bool lab_merge_leftover_remove(const Lab *lab, int64_t experiment_id, GError **error)
{
    g_autofree char *folder = lab_experiment_folder(lab, experiment_id);
    g_autofree char *mark = g_build_filename(folder, LAB_MERGE_MARK, NULL);

    return !g_file_test(mark, G_FILE_TEST_EXISTS) || folder_remove(folder, error);
}

char *lab_attempt_folder(const Lab *lab, int64_t experiment_id, int64_t run_id, unsigned attempt)
{
    return g_strdup_printf("%s/%" G_GINT64_FORMAT "/%05" G_GINT64_FORMAT "/%u", lab->runs, experiment_id, run_id, attempt);
}

bool lab_folder_is_ahead(const char *path)
{
    g_autofree char *mark = g_build_filename(path, AHEAD_MARK, NULL);

    return g_file_test(mark, G_FILE_TEST_EXISTS);
}

bool lab_folder_begin(const char *path, GError **error)
{
    g_autofree char *above = g_path_get_dirname(path);
    g_autofree char *aside = NULL;

    if (!folder_make(above, error))
        return false;
    if (mkdir(path, 0755) == 0)
        return true;
    if (errno != EEXIST)
        return error_set_errno(error, ERROR_HOST, "could not make folder '%s'", path);
    if (rmdir(path) == 0 || lab_folder_is_ahead(path)) /* of a run that never began: its coordinator crashed before */
        return folder_remove(path, error) && folder_make(path, error);
    aside = g_strdup_printf("%s.old-%" G_GINT64_FORMAT, path, clock_realtime_ns());
    if (rename(path, aside) != 0 || mkdir(path, 0755) != 0)
        return error_set_errno(error, ERROR_HOST, "could not move folder '%s' out of the way", path);
    log_warning("folder '%s' was there already, of a database that is gone; it is '%s' now", path, aside);
    return true;
}

bool lab_folder_mark_ahead(const char *path, GError **error)
{
    g_autofree char *mark = g_build_filename(path, AHEAD_MARK, NULL);

    return file_write_atomic(mark, "", 0, error);
}

bool lab_folder_unmark_ahead(const char *path, GError **error)
{
    g_autofree char *mark = g_build_filename(path, AHEAD_MARK, NULL);

    return unlink(mark) == 0 || errno == ENOENT || error_set_errno(error, ERROR_HOST, "could not remove '%s'", mark);
}

/* What `name` in an experiment's folder holds of the scenario's files. */
static bool add_scenario_files(const char *folder, const char *name, GPtrArray *files, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GPtrArray) below = NULL;
    struct stat info;

    if (lstat(path, &info) != 0)
        return error_set_errno(error, ERROR_HOST, "could not look at '%s'", path);
    if (S_ISREG(info.st_mode) && strcmp(name, "scenario.yaml") != 0)
        g_ptr_array_add(files, g_strdup(name));
    if (!S_ISDIR(info.st_mode) || strspn(name, "0123456789") == strlen(name))
        return true;
    if (!folder_list(path, &below, error))
        return false;
    for (guint i = 0; i < below->len; i++)
        g_ptr_array_add(files, g_build_filename(name, below->pdata[i], NULL));
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

bool lab_scenario_files(const char *folder, GPtrArray **ret_files, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) names = g_dir_open(folder, 0, NULL);
    const char *name;

    while (names != NULL && (name = g_dir_read_name(names)) != NULL)
        if (name[0] != '.' && !add_scenario_files(folder, name, files, error))
            return false;
    g_ptr_array_sort(files, compare_names);
    *ret_files = g_steal_pointer(&files);
    return true;
}

static bool copy_below(const char *from, const char *to, const char *name, GError **error)
{
    g_autofree char *source = g_build_filename(from, name, NULL), *target = g_build_filename(to, name, NULL);
    g_autofree char *folder = g_path_get_dirname(target), *sha256 = NULL;
    struct stat info;
    int64_t size;

    if (!folder_make(folder, error) || !file_copy(source, target, &sha256, &size, error))
        return false;
    if (stat(source, &info) == 0 && (info.st_mode & S_IXUSR) != 0 && chmod(target, 0755) != 0)
        return error_set_errno(error, ERROR_HOST, "could not make '%s' executable", target);
    return true;
}

bool lab_scenario_files_copy(const char *from, const char *to, GError **error)
{
    g_autoptr(GPtrArray) files = NULL;

    if (!lab_scenario_files(from, &files, error))
        return false;
    for (guint i = 0; i < files->len; i++)
        if (!copy_below(from, to, files->pdata[i], error))
            return false;
    return true;
}
