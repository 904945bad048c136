// SPDX-License-Identifier: GPL-3.0-or-later
#include <glib/gstdio.h>

#include "db/stats.h"
#include "db/store-private.h"
#include "runner/base/error.h"
#include "runner/base/log.h"

enum { BUSY_TIMEOUT_MS = 10000 };

/* A database may come from someone else, in a bundle or a borrowed lab: its views may call only harmless functions, and
 * nothing may write round the schema. */
static bool configure(sqlite3 *sqlite)
{
    return sqlite3_db_config(sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) == SQLITE_OK
           && sqlite3_db_config(sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) == SQLITE_OK
           && sqlite3_db_config(sqlite, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0, NULL) == SQLITE_OK
           && sqlite3_db_config(sqlite, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL) == SQLITE_OK
           && sqlite3_busy_timeout(sqlite, BUSY_TIMEOUT_MS) == SQLITE_OK && stats_register(sqlite) == SQLITE_OK;
}

/* For every temporary table SQLite makes ahead a block of 20 to 50 pages, which malloc takes from the kernel and gives back each time; ours hold a row
 * or two (RETURNING). That cost each run 50 page faults. */
static gpointer single_pages(gpointer data)
{
    (void) data;
    if (sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0) != SQLITE_OK)
        log_debug("SQLite is in use already: it makes blocks of pages ahead");
    return NULL;
}

static void finalize(void *statement)
{
    sqlite3_finalize(statement);
}

Store *store_connect(const char *path, int flags, GError **error)
{
    static GOnce once = G_ONCE_INIT;
    g_autoptr(Store) store = g_new0(Store, 1);
    int reason;

    g_once(&once, single_pages, NULL);
    store->path = g_strdup(path);
    store->lock_fd = -1;
    store->statements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, finalize);
    if (sqlite3_open_v2(path, &store->sqlite, flags | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK
        && configure(store->sqlite))
        return g_steal_pointer(&store);
    reason = sqlite3_system_errno(store->sqlite);
    error_set(error, ERROR_DATA, "could not open database '%s': %s", path,
              reason != 0 ? g_strerror(reason) : sqlite3_errmsg(store->sqlite));
    return NULL;
}

void store_close(Store *store)
{
    if (store == NULL)
        return;
    g_hash_table_destroy(store->statements);
    sqlite3_close(store->sqlite);
    if (store->lock_fd >= 0)
        g_close(store->lock_fd, NULL); /* after the database: the next writer finds it at rest */
    g_free(store->path);
    g_free(store);
}

/* SQLite could not even read without writing: a journal to roll back, or shared memory to make. */
static bool wants_to_write(Store *store)
{
    int code = sqlite3_errcode(store->sqlite);

    return code == SQLITE_READONLY || code == SQLITE_CANTOPEN;
}

/* Look at a file that is there through a connection that cannot write, so that a stranger's file stays as it is. */
static bool check_existing(const char *path, GError **error)
{
    g_autoptr(Store) store = NULL;
    g_autoptr(GError) problem = NULL;
    int version;

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return true;
    store = store_connect(path, SQLITE_OPEN_READONLY, error);
    if (store == NULL)
        return false;
    if (store_identify(store, &version, &problem))
        return true;
    if (wants_to_write(store))
        return true; /* left behind by a crash: only a writer can mend it, and then it is looked at again */
    g_propagate_error(error, g_steal_pointer(&problem));
    return false;
}

static bool check_writable(Store *store, GError **error)
{
    if (sqlite3_db_readonly(store->sqlite, "main") == 0)
        return true;
    error_set(error, ERROR_DATA, "database '%s' is read-only", store->path);
    error_hint(error, "make the file and its folder writable, or use another lab: --lab DIR.");
    return false;
}

Store *store_open(const char *path, GError **error)
{
    bool in_memory = g_str_equal(path, ":memory:");
    g_autoptr(Store) store = NULL;
    int version;

    if (!in_memory && !check_existing(path, error))
        return NULL;
    store = store_connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, error);
    if (store == NULL || !check_writable(store, error) || (!in_memory && !store_lock(store, error))
        || !store_identify(store, &version, error) || !store_migrate(store, version, error))
        return NULL;
    /* WAL only now: so a file that holds anything has its marks in itself. FULL makes a commit durable. The cache is
     * what a plan of a million runs in shuffled order fills: with SQLite's 2 MB its indexes are read and written over
     * and over, and each run takes twice the time. It is taken only when it is needed. */
    if (!store_run_sql(store, "open",
                       "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -98304", error))
        return NULL;
    return g_steal_pointer(&store);
}

/* A run touches a few hundred pages; those that it needs again soon fit easily. */
bool store_shrink(Store *store, GError **error)
{
    return store_run_sql(store, "shrink", "PRAGMA cache_size = -4096; PRAGMA shrink_memory", error);
}

/* Queries that go through an index into a large table come back to its pages; SQLite's 2 MB would read them again and again. */
static bool cache_more(Store *store, GError **error)
{
    return store_run_sql(store, "open", "PRAGMA cache_size = -32768", error);
}

/* In a folder that cannot be written there is no shared memory for the WAL; without a WAL there is nothing to share. */
static Store *connect_immutable(const char *path, GError **error)
{
    g_autofree char *escaped = g_uri_escape_string(path, "/", FALSE);
    g_autofree char *uri = g_strdup_printf("file:%s?immutable=1", escaped);
    Store *store = store_connect(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error);

    if (store != NULL) {
        g_free(store->path);
        store->path = g_strdup(path);
        store->immutable = true;
    }
    return store;
}

/* Refuse what is no schema of ours, and take a copy that is up to date for what has an older one. */
static bool make_readable(Store **store, GError **error)
{
    Store *updated;
    int version;

    if (!store_identify(*store, &version, error))
        return false;
    if (version == store_schema_version())
        return true;
    if (version == 0)
        return error_set(error, ERROR_DATA, "database '%s' is empty", (*store)->path);
    updated = store_updated_copy(*store, version, error);
    if (updated == NULL)
        return false;
    store_close(*store);
    *store = updated;
    return true;
}

Store *store_open_readonly(const char *path, GError **error)
{
    g_autoptr(Store) store = NULL;
    g_autoptr(GError) problem = NULL;

    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        error_set(error, ERROR_DATA, "there is no database '%s'", path);
        error_hint(error, "'trialbed run SCENARIO' makes one; --lab DIR names another lab.");
        return NULL;
    }
    store = store_connect(path, SQLITE_OPEN_READONLY, error);
    if (store == NULL)
        return NULL;
    if (make_readable(&store, &problem) && cache_more(store, &problem))
        return g_steal_pointer(&store);
    if (!wants_to_write(store) || !store_is_at_rest(path)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    store_close(store);
    store = connect_immutable(path, error);
    return store != NULL && make_readable(&store, error) && cache_more(store, error) ? g_steal_pointer(&store) : NULL;
}
