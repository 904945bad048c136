// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/store-private.h"
#include "runner/base/error.h"

/* Each check adds one line a problem. */

static void add(GPtrArray *problems, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void add(GPtrArray *problems, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_ptr_array_add(problems, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

static void add_damage(const Table *table, size_t row, GPtrArray *problems)
{
    const char *what = table_value(table, row, 0)->text;

    if (g_strcmp0(what, "ok") != 0)
        add(problems, "%s", what);
}

static void add_foreign_key(const Table *table, size_t row, GPtrArray *problems)
{
    add(problems, "%" G_GINT64_FORMAT " rows of table '%s' belong to no row of '%s'", table_integer(table, row, "rows"),
        table_text(table, row, "child"), table_text(table, row, "parent"));
}

static void add_sample(const Table *table, size_t row, GPtrArray *problems)
{
    add(problems,
        "%" G_GINT64_FORMAT " samples of run %" G_GINT64_FORMAT ", attempt %" G_GINT64_FORMAT
        ", metric number %" G_GINT64_FORMAT " belong to no such attempt or metric",
        table_integer(table, row, "samples"), table_integer(table, row, "run_id"), table_integer(table, row, "attempt"),
        table_integer(table, row, "metric_id"));
}

static void add_value(const Table *table, size_t row, GPtrArray *problems)
{
    add(problems, "the stored value of run %" G_GINT64_FORMAT ", metric '%s', is not that of its samples",
        table_integer(table, row, "run_id"), table_text(table, row, "metric"));
}

static void add_statistics(const Table *table, size_t row, GPtrArray *problems)
{
    add(problems, "stored statistics of cell '%s', metric '%s', are not those of its runs",
        table_text(table, row, "cell"), table_text(table, row, "metric"));
}

/* The file itself first: in a damaged one the other questions have no answer. */
static const struct {
    const char *query;
    void (*add)(const Table *table, size_t row, GPtrArray *problems);
} checks[] = {
    { "integrity", add_damage },     { "foreign-keys", add_foreign_key },      { "sample-orphans", add_sample },
    { "stale-values", add_value },   { "stale-statistics", add_statistics },
};

bool store_problems(Store *store, GPtrArray *problems, GError **error)
{
    guint before = problems->len;

    for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
        g_autoptr(Table) table = NULL;

        if (!store_read(store, checks[i].query, &table, error, PARAM_END))
            return false;
        for (size_t row = 0; row < table->row_count; row++)
            checks[i].add(table, row, problems);
        if (i == 0 && problems->len > before)
            break;
    }
    return true;
}

bool store_check(Store *store, GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);

    if (!store_problems(store, problems, error))
        return false;
    return problems->len == 0
           || error_set(error, ERROR_DATA, "database '%s' is damaged: %s", store->path,
                        (const char *) g_ptr_array_index(problems, 0));
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
