// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/bundle/bundle-copy.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "db/store-merge.h"
#include "db/store-private.h"
#include "runner/base/error.h"

/* Where SQLite notes which of its versions wrote last; nothing depends on it. */
enum { LIBRARY_VERSION_AT = 96, LIBRARY_VERSION_BYTES = 4 };

static bool note_sources(const MergedExperiment *experiment, const Table *files, void *data, GError **error)
{
    GHashTable *sources = data;

    (void) experiment, (void) error;
    for (size_t row = 0; row < files->row_count; row++)
        g_hash_table_insert(sources, g_strdup(table_text(files, row, "path")),
                            g_strdup(table_text(files, row, "source")));
    return true;
}

static bool check_at_rest(Store *store, int64_t experiment_id, GError **error)
{
    g_autoptr(Table) about = NULL;

    if (!store_read(store, "bundle-about", &about, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    if (about->row_count == 0 || table_integer(about, 0, "running") == 0)
        return true;
    error_set(error, ERROR_DATA, "experiment '%s' has %" G_GINT64_FORMAT " runs under way",
              table_text(about, 0, "name"), table_integer(about, 0, "running"));
    error_hint(error, "let it finish, or 'trialbed resume' what was cut off.");
    return false;
}

static bool fill(Store *copy, Store *all, GHashTable *sources, GError **error)
{
    g_autoptr(GPtrArray) conflicts = g_ptr_array_new_with_free_func(g_free);
    MergeReport report;

    return store_migrate(copy, 0, error) && store_merge(copy, all, note_sources, sources, conflicts, &report, error)
           && store_run_sql(copy, "bundle-settle", sql_find(&sql_scripts, "bundle-settle"), error)
           && store_run_sql(copy, "vacuum", "VACUUM", error);
}

/* The library's version would make two machines' bundles differ. */
static bool header_settle(const char *path, GError **error)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0
              && pwrite(fd, (char[LIBRARY_VERSION_BYTES]) { 0 }, LIBRARY_VERSION_BYTES, LIBRARY_VERSION_AT)
                     == LIBRARY_VERSION_BYTES;

    if (!ok)
        error_set_errno(error, ERROR_HOST, "could not write '%s'", path);
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool copy_from(const char *path, const char *all_path, GHashTable *sources, GError **error)
{
    g_autoptr(Store) all = store_open_readonly(all_path, error);
    g_autoptr(Store) copy = NULL;

    if (all == NULL)
        return false;
    copy = store_connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, error);
    return copy != NULL && fill(copy, all, sources, error);
}

bool bundle_copy(Store *store, int64_t experiment_id, const char *path, GHashTable **ret_sources, GError **error)
{
    g_autoptr(GHashTable) sources = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autofree char *all = g_strconcat(path, ".all", NULL);
    bool ok = check_at_rest(store, experiment_id, error) && store_experiment_copy(store, experiment_id, all, error)
              && copy_from(path, all, sources, error) && header_settle(path, error);

    g_unlink(all);
    if (ok)
        *ret_sources = g_steal_pointer(&sources);
    return ok;
}

typedef struct Drop {
    const int64_t *cells;
    size_t count;
} Drop;

/* Do a script's statements one after another, each with the cell's number as ?1. */
static bool drop_cell(Store *store, int64_t cell, GError **error)
{
    const char *sql = sql_find(&sql_scripts, "cells-drop");

    while (*sql != '\0') {
        sqlite3_stmt *statement = NULL;
        bool ok = sqlite3_prepare_v2(store->sqlite, sql, -1, &statement, &sql) == SQLITE_OK;

        if (ok && statement != NULL)
            ok = sqlite3_bind_int64(statement, 1, cell) == SQLITE_OK && sqlite3_step(statement) == SQLITE_DONE;
        sqlite3_finalize(statement);
        if (!ok)
            return store_error(store, "cells-drop", error);
    }
    return true;
}

static bool drop_cells(Store *store, void *data, GError **error)
{
    const Drop *drop = data;

    for (size_t i = 0; i < drop->count; i++)
        if (!drop_cell(store, drop->cells[i], error))
            return false;
    return true;
}

static bool drop_and_pack(const char *path, Drop *drop, GError **error)
{
    g_autoptr(Store) store = store_connect(path, SQLITE_OPEN_READWRITE, error);

    return store != NULL && store_transaction(store, drop_cells, drop, error)
           && store_run_sql(store, "vacuum", "VACUUM", error);
}

bool bundle_copy_drop_cells(const char *path, const int64_t *cells, size_t count, GError **error)
{
    Drop drop = { cells, count };

    return drop_and_pack(path, &drop, error) && header_settle(path, error);
}
