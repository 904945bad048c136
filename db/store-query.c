// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "db/store-private.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"

/* The user's own SQL may do four things: select, read columns, call functions, recurse; and ask pragmas that only describe. A table-
 * valued function (json_each) declares its columns as if it changed the schema; what really would is refused because it writes. */
static bool pragma_describes(const char *name)
{
    static const char *const names[] = { "table_info", "table_xinfo", "table_list",       "index_list",
                                         "index_info", "index_xinfo", "foreign_key_list", "user_version" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_ascii_strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

static int authorize(void *data, int action, const char *first, const char *second, const char *database, const char *trigger)
{
    (void) data;
    (void) database;
    (void) trigger;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_UPDATE:
        return g_str_equal(first, "sqlite_master") ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_FUNCTION:
        return g_ascii_strcasecmp(second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA: /* user_version = 3 has a second argument; table_info(run) has one as well */
        return pragma_describes(first) && (second == NULL || g_ascii_strcasecmp(first, "user_version") != 0) ? SQLITE_OK
                                                                                                           : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

static int time_is_over(void *deadline_ns)
{
    return clock_monotonic_ns() > *(const int64_t *) deadline_ns;
}

static bool query_error(Store *store, unsigned timeout_ms, GError **error)
{
    switch (sqlite3_errcode(store->sqlite)) {
    case SQLITE_INTERRUPT:
        error_set(error, ERROR_USAGE, "query: stopped because it took longer than %u ms", timeout_ms);
        return false;
    case SQLITE_AUTH:
        error_set(error, ERROR_USAGE, "query: only one SELECT (or WITH ... SELECT) is allowed: %s", sqlite3_errmsg(store->sqlite));
        return false;
    case SQLITE_CORRUPT:
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_NOMEM:
        return store_error(store, "query", error);
    default:
        error_set(error, ERROR_USAGE, "query: %s", sqlite3_errmsg(store->sqlite));
        error_hint(error, "docs/database.md lists views and columns.");
        return false;
    }
}

/* Nothing but white space, semicolons and comments is left: preparing it gives no statement. */
static bool is_empty(Store *store, const char *rest)
{
    sqlite3_stmt *statement = NULL;
    bool empty = sqlite3_prepare_v2(store->sqlite, rest, -1, &statement, NULL) == SQLITE_OK && statement == NULL;

    sqlite3_finalize(statement);
    return empty;
}

static bool check_single(Store *store, sqlite3_stmt *statement, const char *rest, GError **error)
{
    if (statement == NULL)
        return error_set(error, ERROR_USAGE, "query: there is no SQL statement");
    if (!sqlite3_stmt_readonly(statement))
        return error_set(error, ERROR_USAGE, "query: only one SELECT (or WITH ... SELECT) is allowed");
    while (*rest != '\0' && strchr("; \t\r\n", *rest) != NULL)
        rest++;
    return is_empty(store, rest) || error_set(error, ERROR_USAGE, "query: there is more than one SQL statement");
}

static bool query(Store *store, const char *sql, unsigned timeout_ms, Table **ret_table, GError **error)
{
    sqlite3_stmt *statement = NULL;
    const char *rest = NULL;
    bool ok = sqlite3_prepare_v2(store->sqlite, sql, -1, &statement, &rest) == SQLITE_OK
              || query_error(store, timeout_ms, error);

    ok = ok && check_single(store, statement, rest, error)
         && (store_fill_table(statement, ret_table) || query_error(store, timeout_ms, error));
    sqlite3_finalize(statement);
    return ok;
}

bool store_query(Store *store, const char *sql, unsigned timeout_ms, Table **ret_table, GError **error)
{
    enum { STEPS_BETWEEN_LOOKS = 10000 };
    int64_t deadline_ns = clock_monotonic_ns() + (int64_t) timeout_ms * 1000000;
    bool ok;

    sqlite3_set_authorizer(store->sqlite, authorize, NULL);
    if (timeout_ms > 0)
        sqlite3_progress_handler(store->sqlite, STEPS_BETWEEN_LOOKS, time_is_over, &deadline_ns);
    ok = query(store, sql, timeout_ms, ret_table, error);
    sqlite3_progress_handler(store->sqlite, 0, NULL, NULL);
    sqlite3_set_authorizer(store->sqlite, NULL, NULL);
    return ok;
}
