// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/store-private.h"
#include "runner/base/error.h"

static bool check_integrity(Store *store, GError **error)
{
    g_autoptr(Table) table = NULL;

    if (!store_read(store, "integrity", &table, error, PARAM_END))
        return false;
    if (g_strcmp0(table_value(table, 0, 0)->text, "ok") == 0)
        return true;
    return error_set(error, ERROR_DATA, "database '%s' is damaged: %s", store->path, table_value(table, 0, 0)->text);
}

static bool check_foreign_keys(Store *store, GError **error)
{
    g_autoptr(Table) table = NULL;

    if (!store_read(store, "foreign-keys", &table, error, PARAM_END))
        return false;
    if (table->row_count == 0)
        return true;
    return error_set(error, ERROR_DATA,
                     "database '%s' is damaged: %" G_GINT64_FORMAT " rows of table '%s' belong to no row of '%s'",
                     store->path, table_integer(table, 0, "rows"), table_text(table, 0, "child"),
                     table_text(table, 0, "parent"));
}

static bool check_samples(Store *store, GError **error)
{
    g_autoptr(Table) table = NULL;

    if (!store_read(store, "sample-orphans", &table, error, PARAM_END))
        return false;
    if (table->row_count == 0)
        return true;
    return error_set(error, ERROR_DATA,
                     "database '%s' is damaged: %" G_GINT64_FORMAT " samples of run %" G_GINT64_FORMAT
                     ", attempt %" G_GINT64_FORMAT ", metric number %" G_GINT64_FORMAT
                     " belong to no such attempt or metric",
                     store->path, table_integer(table, 0, "samples"), table_integer(table, 0, "run_id"),
                     table_integer(table, 0, "attempt"), table_integer(table, 0, "metric_id"));
}

static bool check_statistics(Store *store, GError **error)
{
    g_autoptr(Table) table = NULL;

    if (!store_read(store, "stale-statistics", &table, error, PARAM_END))
        return false;
    if (table->row_count == 0)
        return true;
    return error_set(error, ERROR_DATA,
                     "database '%s' is damaged: stored statistics of cell '%s', metric '%s', are not those of its runs",
                     store->path, table_text(table, 0, "cell"), table_text(table, 0, "metric"));
}

bool store_check(Store *store, GError **error)
{
    return check_integrity(store, error) && check_foreign_keys(store, error)
           && check_samples(store, error) && check_statistics(store, error);
}

static bool prepare_all(Store *store, const SqlList *list, GError **error)
{
    for (size_t i = 0; i < list->count; i++)
        if (store_statement(store, list, list->items[i].name, error) == NULL)
            return false;
    return true;
}

bool store_selftest(Store *store, GError **error)
{
    return prepare_all(store, &sql_queries, error) && prepare_all(store, &sql_reads, error);
}
