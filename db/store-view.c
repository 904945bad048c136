// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/store-private.h"
#include "runner/base/error.h"

/* The view experiment_N_runs: a row a run, a factor a column. Its own columns are a fixed list, so that a factor's
 * column has the same name in every version of trialbed; what else run_facts has is a join away. */

static const char *const own_columns[] = { "run_id",   "experiment_id", "cell_id", "cell",   "repetition", "block",
                                           "position", "warmup",        "status",  "counted" };

/* A column's name: a name that is taken (SQL does not tell upper from lower case) gets "factor_" in front until it is
 * free. The set owns it. */
static const char *claim(GHashTable *taken, const char *name, const char *suffix)
{
    char *column = g_strconcat(name, suffix, NULL);
    char *key = g_ascii_strdown(column, -1);

    while (g_hash_table_contains(taken, key)) {
        char *longer = g_strconcat("factor_", column, NULL);

        g_free(column);
        g_free(key);
        column = longer;
        key = g_ascii_strdown(column, -1);
    }
    g_hash_table_insert(taken, key, column);
    return column;
}

static void add_column(GString *sql, const char *member, int64_t factor_id, const char *column)
{
    char *quoted = sqlite3_mprintf("\"%w\"", column);

    g_string_append_printf(sql,
                           ",\n    (SELECT l.%s FROM cell_level h JOIN level l ON l.level_id = h.level_id "
                           "WHERE h.cell_id = r.cell_id AND h.factor_id = %" G_GINT64_FORMAT ") AS %s",
                           member, factor_id, quoted);
    sqlite3_free(quoted);
}

static char *view_text(int64_t experiment_id, const Table *factors)
{
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GString *sql = g_string_new(NULL);

    g_string_append_printf(sql, "CREATE VIEW experiment_%" G_GINT64_FORMAT "_runs AS SELECT", experiment_id);
    for (size_t i = 0; i < G_N_ELEMENTS(own_columns); i++)
        g_string_append_printf(sql, "%s r.%s AS %s", i > 0 ? "," : "", own_columns[i],
                               claim(taken, own_columns[i], ""));
    for (size_t i = 0; i < factors->row_count; i++)
        add_column(sql, table_integer(factors, i, "numbers") ? "number" : "text",
                   table_integer(factors, i, "factor_id"), claim(taken, table_text(factors, i, "factor"), ""));
    for (size_t i = 0; i < factors->row_count; i++) /* behind all factors, whose names go first */
        if (table_integer(factors, i, "quantities") && !table_integer(factors, i, "numbers"))
            add_column(sql, "base", table_integer(factors, i, "factor_id"),
                       claim(taken, table_text(factors, i, "factor"), "_base"));
    g_string_append_printf(sql, "\nFROM run_facts r WHERE r.experiment_id = %" G_GINT64_FORMAT, experiment_id);
    return g_string_free(sql, FALSE);
}

bool store_view_create(Store *store, int64_t experiment_id, GError **error)
{
    g_autoptr(Table) factors = NULL;
    g_autofree char *sql = NULL;

    if (!store_read(store, "factor-columns", &factors, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    sql = view_text(experiment_id, factors);
    return store_run_sql(store, "experiment-view", sql, error);
}
