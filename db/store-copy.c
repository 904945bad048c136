// SPDX-License-Identifier: GPL-3.0-or-later
#include <glib/gstdio.h>

#include "db/store-private.h"
#include "runner/base/error.h"

/* The copy is a connection of its own that reads the original, so that a store opened for reading can be copied too. */
typedef struct Copy {
    int64_t experiment_id;
    const char *sql;
} Copy;

/* Do a script's statements one after another, each with the experiment's number as ?1 where it has one. */
static bool run_script(Store *copy, void *data, GError **error)
{
    const Copy *what = data;
    const char *sql = what->sql;

    while (*sql != '\0') {
        sqlite3_stmt *statement = NULL;
        bool ok = sqlite3_prepare_v2(copy->sqlite, sql, -1, &statement, &sql) == SQLITE_OK;

        if (ok && statement != NULL) {
            if (sqlite3_bind_parameter_count(statement) > 0)
                sqlite3_bind_int64(statement, 1, what->experiment_id);
            ok = sqlite3_step(statement) == SQLITE_DONE;
        }
        sqlite3_finalize(statement);
        if (!ok)
            return store_error(copy, "experiment-copy", error);
    }
    return true;
}

static bool copy_rows(Store *copy, void *data, GError **error)
{
    return run_script(copy, data, error) && store_view_create(copy, ((Copy *) data)->experiment_id, error);
}

static bool attach_file(Store *copy, const char *path, const char *options, GError **error)
{
    g_autofree char *escaped = g_uri_escape_string(path, "/", FALSE);
    g_autofree char *uri = g_strdup_printf("file:%s?%s", escaped, options);
    char *sql = sqlite3_mprintf("ATTACH %Q AS source", uri);
    bool ok = store_run_sql(copy, "attach", sql, error);

    sqlite3_free(sql);
    return ok;
}

bool store_attach(Store *copy, Store *source, GError **error)
{
    static const char fixed[] = "mode=ro&immutable=1";
    g_autofree char *path = NULL;
    bool ok;

    if (!source->is_copy)
        return attach_file(copy, source->path, source->immutable ? fixed : "mode=ro", error);
    path = store_temporary_copy(source, error);
    if (path == NULL)
        return false;
    ok = attach_file(copy, path, fixed, error);
    g_unlink(path); /* it is open */
    return ok;
}

static bool fill(Store *copy, Store *source, int64_t experiment_id, GError **error)
{
    Copy what = { .experiment_id = experiment_id, .sql = sql_find(&sql_scripts, "experiment-copy") };

    return store_migrate(copy, 0, error) && store_attach(copy, source, error)
           && store_transaction(copy, copy_rows, &what, error)
           && store_run_sql(copy, "detach", "DETACH source; VACUUM", error);
}

static bool check_wanted(Store *store, int64_t experiment_id, GError **error)
{
    g_autoptr(Table) table = NULL;

    if (!store_read(store, "experiment", &table, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    return table->row_count == 1
           || error_set(error, ERROR_USAGE, "there is no experiment %" G_GINT64_FORMAT, experiment_id);
}

bool store_experiment_copy(Store *store, int64_t experiment_id, const char *path, GError **error)
{
    Store *copy;
    bool ok;

    if (!check_wanted(store, experiment_id, error))
        return false;
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return error_set(error, ERROR_DATA, "file '%s' exists already", path);
    copy = store_connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, error);
    if (copy == NULL)
        return false;
    ok = fill(copy, store, experiment_id, error);
    store_close(copy);
    if (!ok)
        g_unlink(path);
    return ok;
}
