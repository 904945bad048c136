// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_STORE_PRIVATE_H
#define DB_STORE_PRIVATE_H

#include <sqlite3.h>

#include "db/sql.h"
#include "db/store.h"

/* What the files store-*.c share. Nothing outside db/ includes this. */

struct Store {
    sqlite3 *sqlite;
    char *path;
    GHashTable *statements; /* name -> sqlite3_stmt, prepared once */
    int lock_fd;            /* of the writer's lock; -1: none */
    bool immutable;         /* opened as a file that nobody can change */
    bool is_copy;           /* what is open is an updated copy of `path`, whose file has no name any more */
};

/* Marks a file as ours (PRAGMA application_id; db/migrations/0001-create.sql sets it): "TBed". */
enum { STORE_APPLICATION_ID = 0x54426564 };

/* store-open.c: a connection with our functions and settings. `flags` are sqlite3_open_v2()'s. */
Store *store_connect(const char *path, int flags, GError **error);

/* store-lock.c: take the lock of the one writer, without which nobody may write; it lies beside the database. */
bool store_lock(Store *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* store-migrate.c: whether all of the database is in its own file, and nothing in a write-ahead log. */
bool store_is_at_rest(const char *path);

/* store-migrate.c: what kind of file this is. *ret_version is 0 for an empty one; another program's, a damaged or a
 * newer one is an error. */
bool store_identify(Store *store, int *ret_version, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* store-migrate.c: a copy in a temporary file, whose path the caller frees, and removes. NULL on error. */
char *store_temporary_copy(Store *store, GError **error);

/* store-migrate.c: what of the database is open, brought up to date in a temporary file; the original stays as it is. */
Store *store_updated_copy(Store *store, int version, GError **error);

/* store-migrate.c: bring schema `version` up to date in one transaction, or leave the file as it was. */
bool store_migrate(Store *store, int version, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* store-migrate.c: make the objects of schema `version` in an empty database, and no rows. */
bool store_schema_build(Store *store, int version, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* store-sample.c: an attempt's samples, and those that its phases and captures are. */
bool store_samples_insert(Store *store, const AttemptRecord *record, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* store-copy.c: make `source` readable as the database `source` of another connection, which was opened for URIs. */
bool store_attach(Store *copy, Store *source, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* store-view.c: make the view experiment_N_runs of an experiment whose rows are there. */
bool store_view_create(Store *store, int64_t experiment_id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* store-read.c: step through a bound statement into a table. False leaves the error to the caller; SQLite's error code is
 * SQLITE_ROW when the table would have become larger than `limit_bytes` (0: no limit). */
bool store_fill_table(sqlite3_stmt *statement, size_t limit_bytes, Table **ret_table);

/* store-statement.c: the rest. */

/* Set *error to what SQLite complains about, and return false. */
bool store_error(Store *store, const char *query, GError **error);

/* A query by name, ready to be bound. The store owns it. NULL and *error when it cannot be prepared. */
sqlite3_stmt *store_statement(Store *store, const SqlList *list, const char *name, GError **error);

/* Bind parameters up to PARAM_END; more than the query has are our own bug. */
bool store_bind(Store *store, sqlite3_stmt *statement, const char *name, va_list params, GError **error);

/* Do a query of db/queries/ that answers no row. */
bool store_write(Store *store, const char *query, GError **error, ...) G_GNUC_WARN_UNUSED_RESULT;

/* Do a query of db/queries/ and return the first column of its one row as an integer. */
bool store_write_returning(Store *store, const char *query, int64_t *ret_value, GError **error, ...)
    G_GNUC_WARN_UNUSED_RESULT;

/* Do statements that need no parameters, named in the error as `query`. */
bool store_run_sql(Store *store, const char *query, const char *sql, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Do `body` in one transaction that reserves the right to write at once; its failure undoes everything. */
typedef bool StoreBody(Store *store, void *data, GError **error);
bool store_transaction(Store *store, StoreBody *body, void *data, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same, but the disk has it only with the next transaction of the other kind. */
bool store_transaction_lazy(Store *store, StoreBody *body, void *data, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
