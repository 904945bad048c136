// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/bundle/cells-drop.h"

#include "db/store-private.h"

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

bool store_cells_drop(const char *path, const int64_t *cells, size_t count, GError **error)
{
    g_autoptr(Store) store = store_connect(path, SQLITE_OPEN_READWRITE, error);
    Drop drop = { cells, count };

    return store != NULL && store_transaction(store, drop_cells, &drop, error)
           && store_run_sql(store, "vacuum", "VACUUM", error);
}
