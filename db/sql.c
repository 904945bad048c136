// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/sql.h"

#include <glib.h>

#include "gen/db-sql.h"

const SqlList sql_migrations = { sql_migration_table, G_N_ELEMENTS(sql_migration_table) };
const SqlList sql_queries = { sql_query_table, G_N_ELEMENTS(sql_query_table) };
const SqlList sql_reads = { sql_read_table, G_N_ELEMENTS(sql_read_table) };
const SqlList sql_scripts = { sql_script_table, G_N_ELEMENTS(sql_script_table) };

const char *sql_find(const SqlList *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (g_str_equal(list->items[i].name, name))
            return list->items[i].text;
    g_error("there is no query '%s'", name);
}
