// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/table.h"

#include <math.h>

const Value *table_value(const Table *table, size_t row, size_t column)
{
    g_assert(row < table->row_count && column < table->column_count);
    return &table->values[row * table->column_count + column];
}

const Value *table_named(const Table *table, size_t row, const char *column)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (g_str_equal(table->columns[i], column))
            return table_value(table, row, i);
    g_error("a query has no column '%s'", column);
}

const char *table_text(const Table *table, size_t row, const char *column)
{
    const Value *value = table_named(table, row, column);

    return value->type == VALUE_TEXT ? value->text : NULL;
}

int64_t table_integer(const Table *table, size_t row, const char *column)
{
    const Value *value = table_named(table, row, column);

    return value->type == VALUE_INTEGER ? value->integer : 0;
}

double table_real(const Table *table, size_t row, const char *column)
{
    const Value *value = table_named(table, row, column);

    switch (value->type) {
    case VALUE_REAL:
        return value->real;
    case VALUE_INTEGER:
        return (double) value->integer;
    default:
        return NAN;
    }
}

void table_free(Table *table)
{
    if (table == NULL)
        return;
    for (size_t i = 0; i < table->row_count * table->column_count; i++)
        if (table->values[i].type == VALUE_TEXT)
            g_free(table->values[i].text);
    g_strfreev(table->columns);
    g_free(table->values);
    g_free(table);
}
