// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/store-private.h"
#include "runner/base/error.h"

static const struct {
    int code;
    const char *hint;
} hints[] = {
    { SQLITE_FULL, "make room on its disk; what was stored before is safe." },
    { SQLITE_BUSY, "another program has it locked, an SQLite shell with an open transaction perhaps: end that, and try "
                   "again." },
    { SQLITE_CORRUPT, "copy the file away before anything else; 'sqlite3 FILE .recover' saves what can be read." },
};

bool store_error(Store *store, const char *query, GError **error)
{
    int code = sqlite3_errcode(store->sqlite);

    error_set(error, ERROR_DATA, "database '%s': query '%s': %s", store->path, query, sqlite3_errmsg(store->sqlite));
    for (size_t i = 0; i < G_N_ELEMENTS(hints); i++)
        if (hints[i].code == code)
            error_hint(error, "%s", hints[i].hint);
    return false;
}

sqlite3_stmt *store_statement(Store *store, const SqlList *list, const char *name, GError **error)
{
    sqlite3_stmt *statement = g_hash_table_lookup(store->statements, name);

    if (statement != NULL) {
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
        return statement;
    }
    if (sqlite3_prepare_v3(store->sqlite, sql_find(list, name), -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL)
        != SQLITE_OK) {
        store_error(store, name, error);
        return NULL;
    }
    g_hash_table_insert(store->statements, g_strdup(name), statement);
    return statement;
}

static int bind(sqlite3_stmt *statement, int index, Param param)
{
    switch (param.type) {
    case PARAM_TYPE_INTEGER:
        return sqlite3_bind_int64(statement, index, param.integer);
    case PARAM_TYPE_REAL:
        return sqlite3_bind_double(statement, index, param.real);
    case PARAM_TYPE_TEXT:
        return sqlite3_bind_text(statement, index, param.text, -1, SQLITE_STATIC); /* NULL binds NULL */
    case PARAM_TYPE_END:
        break;
    }
    return SQLITE_MISUSE;
}

bool store_bind(Store *store, sqlite3_stmt *statement, const char *name, va_list params, GError **error)
{
    int count = sqlite3_bind_parameter_count(statement);
    Param param;

    for (int i = 1; (param = va_arg(params, Param)).type != PARAM_TYPE_END; i++) {
        if (i > count)
            g_error("query '%s' takes only %d parameters", name, count);
        if (bind(statement, i, param) != SQLITE_OK)
            return store_error(store, name, error);
    }
    return true;
}

bool store_write(Store *store, const char *query, GError **error, ...)
{
    sqlite3_stmt *statement = store_statement(store, &sql_queries, query, error);
    va_list params;
    bool ok;

    if (statement == NULL)
        return false;
    va_start(params, error);
    ok = store_bind(store, statement, query, params, error);
    va_end(params);
    if (ok && sqlite3_step(statement) != SQLITE_DONE)
        ok = store_error(store, query, error);
    sqlite3_reset(statement);
    return ok;
}

bool store_write_returning(Store *store, const char *query, int64_t *ret_value, GError **error, ...)
{
    sqlite3_stmt *statement = store_statement(store, &sql_queries, query, error);
    int64_t value = 0;
    va_list params;
    bool ok;

    if (statement == NULL)
        return false;
    va_start(params, error);
    ok = store_bind(store, statement, query, params, error);
    va_end(params);
    if (ok && sqlite3_step(statement) != SQLITE_ROW)
        ok = store_error(store, query, error);
    if (ok)
        value = sqlite3_column_int64(statement, 0);
    if (ok && sqlite3_step(statement) != SQLITE_DONE) /* only then has a RETURNING clause done its work */
        ok = store_error(store, query, error);
    sqlite3_reset(statement);
    if (ok)
        *ret_value = value;
    return ok;
}

bool store_run_sql(Store *store, const char *query, const char *sql, GError **error)
{
    return sqlite3_exec(store->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK || store_error(store, query, error);
}

bool store_transaction_lazy(Store *store, StoreBody *body, void *data, GError **error)
{
    bool ok = store_run_sql(store, "lazy", "PRAGMA synchronous = NORMAL", error) && store_transaction(store, body, data, error);

    return store_run_sql(store, "lazy", "PRAGMA synchronous = FULL", ok ? error : NULL) && ok;
}

bool store_transaction(Store *store, StoreBody *body, void *data, GError **error)
{
    if (!store_write(store, "transaction-begin", error, PARAM_END))
        return false;
    if (body(store, data, error) && store_write(store, "transaction-commit", error, PARAM_END))
        return true;
    if (sqlite3_get_autocommit(store->sqlite) == 0) /* SQLite itself may have rolled back already, as on a full disk */
        sqlite3_exec(store->sqlite, sql_find(&sql_queries, "transaction-rollback"), NULL, NULL, NULL);
    return false;
}
