// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/leftovers.h"

#include <errno.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/files.h"

bool leftovers_disks(const char *folder, bool dry_run, GPtrArray *found, GError **error)
{
    g_autoptr(GDir) entries = g_dir_open(folder, 0, NULL);
    const char *name;

    while (entries != NULL && (name = g_dir_read_name(entries)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        if (!g_str_has_suffix(name, LAB_OVERLAY_SUFFIX))
            continue;
        if (!dry_run && unlink(path) != 0 && errno != ENOENT)
            return error_set_errno(error, ERROR_HOST, "could not remove '%s'", path);
        g_ptr_array_add(found, g_strdup_printf("disk %s", path));
    }
    return true;
}

bool leftovers_cut(Store *store, const Lab *lab, int64_t experiment_id, bool dry_run, GPtrArray *found, GError **error)
{
    g_autoptr(Table) attempts = NULL;

    if (!store_read(store, "open-attempts", &attempts, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < attempts->row_count; row++) {
        g_autofree char *folder = lab_attempt_folder(lab, experiment_id, table_integer(attempts, row, "run"),
                                                     (unsigned) table_integer(attempts, row, "attempt"));

        if (!leftovers_disks(folder, dry_run, found, error))
            return false;
    }
    return true;
}

/* `above`: the folder of a run, with one of each of its attempts. */
static bool remove_ahead(const char *above, bool dry_run, GPtrArray *found, GError **error)
{
    g_autoptr(GDir) entries = g_dir_open(above, 0, NULL);
    const char *name;

    while (entries != NULL && (name = g_dir_read_name(entries)) != NULL) {
        g_autofree char *path = g_build_filename(above, name, NULL);

        if (!lab_folder_is_ahead(path))
            continue;
        if (!dry_run && !folder_remove(path, error))
            return false;
        g_ptr_array_add(found, g_strdup_printf("folder %s", path));
    }
    return true;
}

bool leftovers_ahead(Store *store, const Lab *lab, int64_t experiment_id, bool dry_run, GPtrArray *found, GError **error)
{
    g_autoptr(Table) planned = NULL;

    if (!store_read(store, "runs-pending", &planned, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < planned->row_count; row++) {
        g_autofree char *folder = lab_attempt_folder(lab, experiment_id, table_integer(planned, row, "run_id"), 1);
        g_autofree char *above = g_path_get_dirname(folder);

        if (!remove_ahead(above, dry_run, found, error))
            return false;
    }
    return true;
}
