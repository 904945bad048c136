// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/lost-files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

/* The kernel writes what is older than half a minute (vm.dirty_expire_centisecs); a laptop's may take ten. */
#define UNWRITTEN_NS (600 * INT64_C(1000000000))

enum { ZEROS_LIMIT = 1 << 20 }; /* bytes of a file that is looked at for zeros */

/* One row of `repeated-files`. */
typedef struct File {
    const Table *table;
    size_t row;
    const char *name; /* below the lab */
    char *path;
} File;

static int64_t number(const File *file, const char *column)
{
    return table_integer(file->table, file->row, column);
}

static const char *text(const File *file, const char *column)
{
    return table_text(file->table, file->row, column);
}

static bool is_zeros(const char *path)
{
    g_autofree char *data = NULL;
    size_t size;

    if (!file_read(path, ZEROS_LIMIT, &data, &size, NULL))
        return false;
    return size > 0 && data[0] == '\0' && memcmp(data, data + 1, size - 1) == 0;
}

static bool is_lost(const File *file)
{
    struct stat info;

    if (lstat(file->path, &info) != 0)
        return errno == ENOENT;
    return S_ISREG(info.st_mode) && (info.st_size < number(file, "size") || (info.st_size == number(file, "size") && is_zeros(file->path)));
}

/* What the file would be if it were of this step; NULL: no such file. Caller frees. */
static char *step_text(const File *file, const Table *steps, size_t row)
{
    if (table_integer(steps, row, "attempt") != number(file, "attempt") || g_strcmp0(table_text(steps, row, "step"), text(file, "step")) != 0
        || g_strcmp0(table_text(steps, row, "machine"), text(file, "machine")) != 0)
        return NULL;
    if (strcmp(text(file, "kind"), "command") == 0)
        return g_strdup(table_text(steps, row, "command"));
    if (strcmp(text(file, "kind"), "exit") == 0)
        return g_strdup_printf("%" G_GINT64_FORMAT "\n", table_integer(steps, row, "exit_status"));
    return NULL;
}

/* A step that is repeated has many of them: the digest tells which it was. *ret_text NULL: none of them. */
static bool find_text(Store *store, const File *file, char **ret_text, GError **error)
{
    g_autoptr(Table) steps = NULL;

    *ret_text = NULL;
    if (!store_read(store, "steps", &steps, error, PARAM_INTEGER(number(file, "run_id")), PARAM_END))
        return false;
    for (size_t row = 0; row < steps->row_count; row++) {
        g_autofree char *candidate = step_text(file, steps, row);
        g_autofree char *sha256 = candidate != NULL ? data_sha256(candidate, strlen(candidate)) : NULL;

        if (g_strcmp0(sha256, text(file, "sha256")) != 0)
            continue;
        *ret_text = g_steal_pointer(&candidate);
        return true;
    }
    return true;
}

static bool make_anew(const File *file, const char *content, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(file->path);

    return folder_make(folder, error) && file_write_atomic(file->path, content, strlen(content), error);
}

static bool note_loss(Store *store, const File *file, GError **error)
{
    g_autofree char *sha256 = NULL;
    g_autofree char *what = g_strdup_printf("file '%s' of %" G_GINT64_FORMAT " bytes with SHA-256 %s was not on the disk when the host went down",
                                            file->name, number(file, "size"), text(file, "sha256"));
    int64_t size = 0;

    if (g_file_test(file->path, G_FILE_TEST_EXISTS) && !file_sha256(file->path, &sha256, &size, error))
        return false;
    return store_artifact_lose(store, number(file, "run_id"), (unsigned) number(file, "attempt"), number(file, "sequence"), sha256, size, what,
                               error);
}

static bool settle(Store *store, const File *file, bool dry_run, GPtrArray *found, GError **error)
{
    g_autofree char *content = NULL;

    if (!is_lost(file))
        return true;
    if (!find_text(store, file, &content, error))
        return false;
    if (!dry_run && !(content != NULL ? make_anew(file, content, error) : note_loss(store, file, error)))
        return false;
    if (content != NULL)
        g_ptr_array_add(found, g_strdup_printf("%s %s", dry_run ? "would make anew" : "made anew", file->path));
    else
        g_ptr_array_add(found, g_strdup_printf("%s %s", dry_run ? "would note the loss of" : "noted the loss of", file->path));
    return true;
}

bool lost_files_settle(Store *store, const Lab *lab, int64_t experiment_id, bool dry_run, GPtrArray *found, GError **error)
{
    g_autoptr(Table) files = NULL;

    if (!store_read(store, "repeated-files", &files, error, PARAM_INTEGER(experiment_id), PARAM_INTEGER(UNWRITTEN_NS),
                    PARAM_INTEGER(clock_boot_realtime_ns()), PARAM_END))
        return false;
    for (size_t row = 0; row < files->row_count; row++) {
        g_autofree char *path = g_build_filename(lab->folder, table_text(files, row, "path"), NULL);
        File file = { files, row, table_text(files, row, "path"), path };

        if (!settle(store, &file, dry_run, found, error))
            return false;
    }
    return true;
}
