// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/rows.h"

#include <math.h>
#include <string.h>

Table *rows_table(const char *const *columns, size_t column_count, size_t row_count)
{
    Table *table = g_new0(Table, 1);

    table->columns = g_new0(char *, column_count + 1);
    for (size_t i = 0; i < column_count; i++)
        table->columns[i] = g_strdup(columns[i]);
    table->column_count = column_count;
    table->row_count = row_count;
    table->values = g_new0(Value, row_count * column_count);
    return table;
}

void rows_set(Table *table, size_t row, const Value *values)
{
    memcpy(&table->values[row * table->column_count], values, table->column_count * sizeof *values);
}

Value rows_integer(int64_t number)
{
    return (Value) { .type = VALUE_INTEGER, .integer = number };
}

Value rows_real(double number)
{
    return isfinite(number) ? (Value) { .type = VALUE_REAL, .real = number } : (Value) { .type = VALUE_NULL };
}

Value rows_text(const char *text)
{
    return rows_text_take(g_strdup(text));
}

Value rows_text_take(char *text)
{
    return text != NULL ? (Value) { .type = VALUE_TEXT, .text = text } : (Value) { .type = VALUE_NULL };
}
