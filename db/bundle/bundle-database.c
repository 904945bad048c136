// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/bundle/bundle-database.h"

#include <string.h>

#include "db/bundle/bag.h"
#include "db/store-private.h"
#include "runner/base/error.h"

/* Nothing that trialbed stores is near these. */
enum { VALUE_BYTES_LIMIT = 16 << 20, SQL_BYTES_LIMIT = 1 << 20, COLUMN_LIMIT = 200, HEADER_BYTES = 100 };

static bool bad(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static bool bad(GError **error, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return error_set(error, ERROR_DATA, "the bundle's database is refused: %s", text);
}

/* What no part of SQLite need be asked for. A file in WAL mode could not be read without writing beside it. */
static bool check_header(const char *path, GError **error)
{
    FILE *file = fopen(path, "re");
    unsigned char header[HEADER_BYTES];
    bool whole;

    if (file == NULL)
        return bad(error, "there is no 'trialbed.db'");
    whole = fread(header, 1, sizeof header, file) == sizeof header;
    fclose(file);
    if (!whole || memcmp(header, "SQLite format 3", 16) != 0)
        return bad(error, "it is no SQLite file");
    return (header[18] == 1 && header[19] == 1) || bad(error, "it needs a write-ahead log");
}

static void limit(sqlite3 *sqlite)
{
    sqlite3_limit(sqlite, SQLITE_LIMIT_LENGTH, VALUE_BYTES_LIMIT);
    sqlite3_limit(sqlite, SQLITE_LIMIT_SQL_LENGTH, SQL_BYTES_LIMIT);
    sqlite3_limit(sqlite, SQLITE_LIMIT_COLUMN, COLUMN_LIMIT);
    sqlite3_limit(sqlite, SQLITE_LIMIT_ATTACHED, 1);
}

/* A new database as schema `version` of ours has it. NULL on error. */
static Store *expected_open(int version, GError **error)
{
    g_autoptr(Store) store = store_connect(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);

    if (store == NULL || !store_schema_build(store, version, error))
        return NULL;
    return g_steal_pointer(&store);
}

/* Each experiment has a view of its own, which differs with its factors. Nothing of ours reads it. */
static bool is_own_view(const char *type, const char *name)
{
    static const char first[] = "experiment_", last[] = "_runs";
    size_t digits;

    if (strcmp(type, "view") != 0 || !g_str_has_prefix(name, first))
        return false;
    digits = strspn(name + strlen(first), "0123456789");
    return digits > 0 && strcmp(name + strlen(first) + digits, last) == 0;
}

/* Every object of a schema, as one text each. NULL on error. */
static GHashTable *objects_read(Store *store, GError **error)
{
    g_autoptr(GHashTable) objects = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(Table) table = NULL;

    if (!store_read(store, "schema-objects", &table, error, PARAM_END))
        return NULL;
    for (size_t row = 0; row < table->row_count; row++) {
        const char *type = table_text(table, row, "type"), *name = table_text(table, row, "name");
        const char *of = table_text(table, row, "tbl_name"), *sql = table_text(table, row, "sql");

        if (type == NULL || name == NULL || of == NULL) {
            bad(error, "its schema is damaged");
            return NULL;
        }
        if (!is_own_view(type, name))
            g_hash_table_add(objects, g_strdup_printf("%s '%s' of '%s': %s", type, name, of, sql != NULL ? sql : ""));
    }
    return g_steal_pointer(&objects);
}

/* One object that `objects` has and `others` has not; NULL: none. */
static const char *difference(GHashTable *objects, GHashTable *others)
{
    GHashTableIter iter;
    gpointer object;
    const char *first = NULL;

    g_hash_table_iter_init(&iter, objects);
    while (g_hash_table_iter_next(&iter, &object, NULL))
        if (!g_hash_table_contains(others, object) && (first == NULL || strcmp(object, first) < 0))
            first = object;
    return first;
}

static bool check_schema(Store *store, int version, GError **error)
{
    g_autoptr(Store) expected = expected_open(version, error);
    g_autoptr(GHashTable) ours = expected != NULL ? objects_read(expected, error) : NULL;
    g_autoptr(GHashTable) theirs = ours != NULL ? objects_read(store, error) : NULL;
    const char *strange;

    if (theirs == NULL)
        return false;
    strange = difference(theirs, ours);
    if (strange != NULL)
        return bad(error, "schema %d of trialbed has no such %.*s", version, (int) strcspn(strange, ":"), strange);
    strange = difference(ours, theirs);
    return strange == NULL || bad(error, "it has no %.*s", (int) strcspn(strange, ":"), strange);
}

static bool check_row(const char *table, sqlite3_stmt *statement, GError **error)
{
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        int type = sqlite3_column_type(statement, i);

        if (type == SQLITE_BLOB)
            return bad(error, "table '%s', column '%s' has a value that is no text and no number", table,
                       sqlite3_column_name(statement, i));
        if (type == SQLITE_TEXT
            && !g_utf8_validate_len((const char *) sqlite3_column_text(statement, i),
                                    (gsize) sqlite3_column_bytes(statement, i), NULL))
            return bad(error, "table '%s', column '%s' has a text that is no UTF-8", table,
                       sqlite3_column_name(statement, i));
    }
    return true;
}

static bool check_values_of(Store *store, const char *table, GError **error)
{
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", table);
    sqlite3_stmt *statement = NULL;
    int step = SQLITE_ERROR;
    bool ok = true;

    if (sqlite3_prepare_v2(store->sqlite, sql, -1, &statement, NULL) == SQLITE_OK)
        while (ok && (step = sqlite3_step(statement)) == SQLITE_ROW)
            ok = check_row(table, statement, error);
    if (ok && step != SQLITE_DONE)
        ok = bad(error, "table '%s': %s", table, sqlite3_errmsg(store->sqlite));
    sqlite3_finalize(statement);
    sqlite3_free(sql);
    return ok;
}

static bool check_values(Store *store, GError **error)
{
    g_autoptr(Table) tables = NULL;

    if (!store_read(store, "bundle-tables", &tables, error, PARAM_END))
        return false;
    for (size_t row = 0; row < tables->row_count; row++)
        if (strcmp(table_text(tables, row, "type"), "table") == 0
            && !check_values_of(store, table_text(tables, row, "name"), error))
            return false;
    return true;
}

/* Reports and bundles are named after the experiment. */
static bool check_name(const char *name, GError **error)
{
    g_autofree char *shown = bag_path_show(name);

    return (bag_path_fault(name) == NULL && strchr(name, '/') == NULL && strcmp(shown, name) == 0)
           || bad(error, "'%s' is no name of an experiment", shown);
}

static bool check_paths(Store *store, int64_t experiment_id, GError **error)
{
    g_autoptr(Table) artifacts = NULL;

    if (!store_read(store, "experiment-artifacts", &artifacts, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < artifacts->row_count; row++) {
        const char *path = table_text(artifacts, row, "path"), *fault = bag_path_fault(path);
        g_autofree char *shown = bag_path_show(path);

        if (fault != NULL)
            return bad(error, "path '%s' of an artifact %s", shown, fault);
    }
    return true;
}

static bool check_experiment(Store *store, GError **error)
{
    g_autoptr(Table) experiments = NULL;

    if (!store_read(store, "experiments", &experiments, error, PARAM_END))
        return false;
    if (experiments->row_count != 1)
        return bad(error, "it has %zu experiments", experiments->row_count);
    return check_name(table_text(experiments, 0, "name"), error)
           && check_paths(store, table_integer(experiments, 0, "number"), error);
}

/* Before anything but the schema is read, and before an older one is changed. */
static bool check_untrusted(const char *path, int *ret_version, GError **error)
{
    g_autoptr(Store) store = NULL;

    if (!check_header(path, error))
        return false;
    store = store_connect(path, SQLITE_OPEN_READONLY, error);
    if (store == NULL)
        return false;
    limit(store->sqlite);
    if (!store_identify(store, ret_version, error))
        return false;
    if (*ret_version < 1)
        return bad(error, "it has no schema");
    return check_schema(store, *ret_version, error) && check_values(store, error);
}

static bool update(const char *path, int version, GError **error)
{
    g_autoptr(Store) store = NULL;

    if (version == store_schema_version())
        return true;
    store = store_connect(path, SQLITE_OPEN_READWRITE, error);
    return store != NULL && store_migrate(store, version, error);
}

Store *bundle_database_open(const char *path, GError **error)
{
    g_autoptr(Store) store = NULL;
    int version = 0;

    if (!check_untrusted(path, &version, error) || !update(path, version, error))
        return NULL;
    store = store_open_readonly(path, error);
    if (store == NULL)
        return NULL;
    limit(store->sqlite);
    if (!store_check(store, error) || !check_experiment(store, error))
        return NULL;
    return g_steal_pointer(&store);
}
