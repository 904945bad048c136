// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_TABLE_H
#define DB_TABLE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a read-only query answered: named columns, typed values. The one shape in which data leaves the database. */
typedef enum { VALUE_NULL, VALUE_INTEGER, VALUE_REAL, VALUE_TEXT } ValueType;

typedef struct Value {
    ValueType type;
    union {
        int64_t integer;
        double real;
        char *text;
    };
} Value;

typedef struct Table {
    char **columns; /* NULL-terminated */
    size_t column_count, row_count;
    Value *values;  /* row after row */
} Table;

const Value *table_value(const Table *table, size_t row, size_t column);

/* By column name; a name that is not there is our own bug and aborts. */
const Value *table_named(const Table *table, size_t row, const char *column);

/* Convenience: NULL for SQL NULL; text values only. / 0 for NULL. / NAN for NULL; integers are converted. */
const char *table_text(const Table *table, size_t row, const char *column);
int64_t table_integer(const Table *table, size_t row, const char *column);
double table_real(const Table *table, size_t row, const char *column);

void table_free(Table *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)

#endif
