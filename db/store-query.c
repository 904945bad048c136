// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "db/store-private.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"

/* What a query may take; nothing that is stored is near it. */
enum { MEMORY_MIB = 512, ANSWER_MIB = 1024 };
static const struct {
    int what, most;
} limits[] = {
    { SQLITE_LIMIT_LENGTH, 64 << 20 }, /* of one value, which is made without a look at the clock */
    { SQLITE_LIMIT_SQL_LENGTH, 1 << 20 },
    { SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000 },
    { SQLITE_LIMIT_ATTACHED, 0 },
};

/* The user's own SQL may do four things: select, read columns, call functions, recurse; and ask pragmas that only
 * describe. A table-valued function (json_each) declares its columns as if it changed the schema; what really would is
 * refused because it writes. */
static bool pragma_describes(const char *name, const char *argument)
{
    static const char *const names[] = { "table_info", "table_xinfo", "table_list",       "index_list",
                                         "index_info", "index_xinfo", "foreign_key_list" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_ascii_strcasecmp(name, names[i]) == 0)
            return true;
    return g_ascii_strcasecmp(name, "user_version") == 0 && argument == NULL; /* with one it would set it */
}

/* Functions that reach out of the database: the second takes the address of code. */
static bool is_dangerous(const char *function)
{
    return g_ascii_strcasecmp(function, "load_extension") == 0 || g_ascii_strcasecmp(function, "fts3_tokenizer") == 0;
}

static int authorize(void *data, int action, const char *first, const char *second, const char *database,
                     const char *trigger)
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
        return is_dangerous(second) ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
        return pragma_describes(first, second) ? SQLITE_OK : SQLITE_DENY;
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
        error_set(error, ERROR_USAGE, "query: only one SELECT (or WITH ... SELECT) is allowed: %s",
                  sqlite3_errmsg(store->sqlite));
        return false;
    case SQLITE_ROW:
        error_set(error, ERROR_USAGE, "query: stopped because its answer is larger than %d MiB", ANSWER_MIB);
        error_hint(error, "ask for fewer rows (LIMIT) or columns.");
        return false;
    case SQLITE_NOMEM:
        error_set(error, ERROR_USAGE, "query: stopped because it needs more than %d MiB of memory", MEMORY_MIB);
        return false;
    case SQLITE_CORRUPT:
    case SQLITE_IOERR:
    case SQLITE_BUSY:
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
         && (store_fill_table(statement, (size_t) ANSWER_MIB << 20, ret_table) || query_error(store, timeout_ms, error));
    sqlite3_finalize(statement);
    return ok;
}

/* Set what a query may take, and keep what was set before; a second call puts it back. */
static void swap_limits(sqlite3 *sqlite, int *values)
{
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++)
        values[i] = sqlite3_limit(sqlite, limits[i].what, values[i]);
}

bool store_query(Store *store, const char *sql, unsigned timeout_ms, Table **ret_table, GError **error)
{
    enum { STEPS_BETWEEN_LOOKS = 10000 };
    int64_t deadline_ns = clock_monotonic_ns() + (int64_t) timeout_ms * 1000000;
    int values[G_N_ELEMENTS(limits)];
    bool ok;

    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++)
        values[i] = limits[i].most;
    swap_limits(store->sqlite, values);
    sqlite3_hard_heap_limit64((sqlite3_int64) MEMORY_MIB << 20);
    sqlite3_set_authorizer(store->sqlite, authorize, NULL);
    if (timeout_ms > 0)
        sqlite3_progress_handler(store->sqlite, STEPS_BETWEEN_LOOKS, time_is_over, &deadline_ns);
    ok = query(store, sql, timeout_ms, ret_table, error);
    sqlite3_progress_handler(store->sqlite, 0, NULL, NULL);
    sqlite3_set_authorizer(store->sqlite, NULL, NULL);
    sqlite3_hard_heap_limit64(0);
    swap_limits(store->sqlite, values);
    return ok;
}
