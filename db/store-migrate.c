// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/store-private.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/version.h"

int store_schema_version(void)
{
    return (int) sql_migrations.count;
}

static bool damaged(Store *store, const char *why, GError **error)
{
    error_set(error, ERROR_DATA, "database '%s' is damaged: %s", store->path, why);
    error_hint(error, "nothing was changed; copy the file away, 'sqlite3 FILE .recover' saves what can be read.");
    return false;
}

/* One integer that a pragma or a query answers. */
static bool ask(Store *store, const char *sql, int *ret_value, GError **error)
{
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(store->sqlite, sql, -1, &statement, NULL) == SQLITE_OK
              && sqlite3_step(statement) == SQLITE_ROW;

    if (ok)
        *ret_value = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    if (ok)
        return true;
    switch (sqlite3_errcode(store->sqlite)) {
    case SQLITE_NOTADB:
        error_set(error, ERROR_DATA, "file '%s' is no SQLite database", store->path);
        error_hint(error, "nothing was changed; choose another lab with --lab DIR.");
        return false;
    case SQLITE_CORRUPT:
        return damaged(store, sqlite3_errmsg(store->sqlite), error);
    default:
        return error_set(error, ERROR_DATA, "could not read database '%s': %s", store->path,
                         sqlite3_errmsg(store->sqlite));
    }
}

bool store_is_at_rest(const char *path)
{
    g_autofree char *wal = g_strconcat(path, "-wal", NULL);
    GStatBuf status;

    return g_stat(wal, &status) != 0 || status.st_size == 0; /* readers leave an empty one behind */
}

/* SQLite notices missing pages by itself, but not that the last one is cut. While there is a write-ahead log it may be:
 * what a crash cut off while it was copied from there is still there. */
static bool check_size(Store *store, GError **error)
{
    int page_size = 0;
    GStatBuf status;

    if (g_stat(store->path, &status) != 0 || !store_is_at_rest(store->path)) /* ":memory:" is no file */
        return true;
    if (!ask(store, "PRAGMA page_size", &page_size, error))
        return false;
    return status.st_size % page_size == 0 || damaged(store, "its last page is cut off", error);
}

static bool is_newer(Store *store, int version, GError **error)
{
    error_set(error, ERROR_DATA, "database '%s' has schema %d, but this trialbed knows only up to %d", store->path,
              version, store_schema_version());
    error_hint(error, "use the trialbed that wrote it, or start another lab with --lab DIR.");
    return false;
}

bool store_identify(Store *store, int *ret_version, GError **error)
{
    int application_id = 0, version = 0, tables = 0;

    if (!ask(store, "SELECT count(*) FROM sqlite_schema", &tables, error) || !check_size(store, error)
        || !ask(store, "PRAGMA application_id", &application_id, error)
        || !ask(store, "PRAGMA user_version", &version, error))
        return false;
    if (application_id != STORE_APPLICATION_ID && (tables > 0 || application_id != 0 || version != 0)) {
        error_set(error, ERROR_DATA, "database '%s' was made by another program (application id %d)", store->path,
                  application_id);
        error_hint(error, "nothing was changed; choose another lab with --lab DIR.");
        return false;
    }
    if (version > store_schema_version())
        return is_newer(store, version, error);
    *ret_version = version;
    return true;
}

static bool apply(Store *store, int version, GError **error)
{
    const NamedSql *migration = &sql_migrations.items[version - 1];
    g_autofree char *stamp = g_strdup_printf("PRAGMA user_version = %d", version);

    return store_run_sql(store, migration->name, migration->text, error)
           && store_run_sql(store, migration->name, stamp, error)
           && store_write(store, "schema-change-insert", error, PARAM_INTEGER(version), PARAM_TEXT(migration->name),
                          PARAM_TEXT(program_version), PARAM_INTEGER(clock_realtime_ns()), PARAM_END);
}

static bool apply_all(Store *store, void *data, GError **error)
{
    for (int version = *(int *) data + 1; version <= store_schema_version(); version++)
        if (!apply(store, version, error))
            return false;
    return true;
}

/* Migrations may replace the text of a CHECK in the schema; nothing else ever may. */
static bool replay(Store *store, StoreBody *body, int version, GError **error)
{
    bool ok;

    sqlite3_db_config(store->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    ok = store_transaction(store, body, &version, error);
    sqlite3_db_config(store->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return ok;
}

static bool apply_from(Store *store, int version, GError **error)
{
    return replay(store, apply_all, version, error);
}

static bool build(Store *store, void *data, GError **error)
{
    for (int i = 0; i < *(int *) data; i++)
        if (!store_run_sql(store, sql_migrations.items[i].name, sql_migrations.items[i].text, error))
            return false;
    return true;
}

bool store_schema_build(Store *store, int version, GError **error)
{
    return replay(store, build, version, error);
}

static bool vacuum_into(Store *store, const char *path, GError **error)
{
    char *sql = sqlite3_mprintf("VACUUM INTO %Q", path);
    /* SQLite takes writing into another file for writing into this one. */
    bool ok = (!store->is_copy || store_run_sql(store, "backup", "PRAGMA query_only = OFF", error))
              && store_run_sql(store, "backup", sql, error)
              && (!store->is_copy || store_run_sql(store, "backup", "PRAGMA query_only = ON", error));

    sqlite3_free(sql);
    return ok;
}

/* The new name is there only when the content is on the disk. */
static bool publish(const char *part, const char *path, GError **error)
{
    int fd = open(part, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0 && rename(part, path) == 0;

    if (!ok)
        error_set_errno(error, ERROR_HOST, "could not write '%s'", path);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* A copy of the database as it is, beside it. An older copy of the same schema is replaced, once the new one is there. */
static bool back_up(Store *store, int version, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s.schema-%d", store->path, version);
    g_autofree char *part = g_strdup_printf("%s.part", path);

    g_unlink(part);
    if (vacuum_into(store, part, error) && publish(part, path, error))
        return true;
    g_unlink(part);
    return false;
}

char *store_temporary_copy(Store *store, GError **error)
{
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "trialbed-XXXXXX.db", NULL);
    int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600); /* SQLite fills an empty file, and no other */
    bool ok;

    if (fd < 0) {
        error_set_errno(error, ERROR_HOST, "could not make a temporary file '%s'", path);
        return NULL;
    }
    close(fd);
    /* VACUUM INTO changes nothing here, but an updated copy refuses all that could. */
    ok = store_run_sql(store, "open", "PRAGMA query_only = OFF", error) && vacuum_into(store, path, error)
         && (!store->is_copy || store_run_sql(store, "open", "PRAGMA query_only = ON", error));
    if (ok)
        return g_steal_pointer(&path);
    g_unlink(path);
    return NULL;
}

Store *store_updated_copy(Store *store, int version, GError **error)
{
    g_autofree char *path = store_temporary_copy(store, error);
    g_autoptr(Store) copy = path != NULL ? store_connect(path, SQLITE_OPEN_READWRITE, error) : NULL;

    if (copy == NULL) {
        if (path != NULL)
            g_unlink(path);
        return NULL;
    }
    g_free(copy->path);
    copy->path = g_strdup(store->path);
    copy->is_copy = true;
    if (!store_run_sql(copy, "open", "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF", error)
        || !apply_from(copy, version, error)
        || !store_run_sql(copy, "open", "PRAGMA query_only = ON", error))
        g_clear_pointer(&copy, store_close);
    g_unlink(path); /* whatever ends this process, nothing is left over */
    return g_steal_pointer(&copy);
}

bool store_migrate(Store *store, int version, GError **error)
{
    int application_id = 0;

    if (version == store_schema_version())
        return true;
    if (!ask(store, "PRAGMA application_id", &application_id, error))
        return false;
    if (application_id == STORE_APPLICATION_ID && !back_up(store, version, error))
        return false;
    return apply_from(store, version, error);
}
