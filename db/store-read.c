// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "db/store-private.h"
#include "runner/base/error.h"

/* Bytes are shown as SQL writes them: x'4142'. */
static char *blob_text(sqlite3_stmt *statement, int column)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = sqlite3_column_blob(statement, column);
    int size = sqlite3_column_bytes(statement, column);
    char *text = g_malloc((gsize) size * 2 + 4), *end = text;

    end = g_stpcpy(end, "x'");
    for (int i = 0; i < size; i++) {
        *end++ = digits[bytes[i] >> 4];
        *end++ = digits[bytes[i] & 15];
    }
    g_stpcpy(end, "'");
    return text;
}

static Value column_value(sqlite3_stmt *statement, int column)
{
    const char *text;

    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        return (Value) { .type = VALUE_INTEGER, .integer = sqlite3_column_int64(statement, column) };
    case SQLITE_FLOAT:
        return (Value) { .type = VALUE_REAL, .real = sqlite3_column_double(statement, column) };
    case SQLITE_TEXT:
        text = (const char *) sqlite3_column_text(statement, column);
        return text != NULL ? (Value) { .type = VALUE_TEXT, .text = g_strdup(text) } /* NULL: no memory; step() says so */
                            : (Value) { .type = VALUE_NULL };
    case SQLITE_BLOB:
        return (Value) { .type = VALUE_TEXT, .text = blob_text(statement, column) };
    default:
        return (Value) { .type = VALUE_NULL };
    }
}

static char **column_names(sqlite3_stmt *statement, int count)
{
    char **names = g_new0(char *, (size_t) count + 1);

    for (int i = 0; i < count; i++)
        names[i] = g_strdup(sqlite3_column_name(statement, i));
    return names;
}

bool store_fill_table(sqlite3_stmt *statement, size_t limit_bytes, Table **ret_table)
{
    g_autoptr(Table) table = g_new0(Table, 1);
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(Value));
    int count = sqlite3_column_count(statement), step;
    size_t bytes = 0;

    table->columns = column_names(statement, count);
    table->column_count = (size_t) count;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < count; i++) {
            Value value = column_value(statement, i);

            bytes += sizeof value + (value.type == VALUE_TEXT ? strlen(value.text) : 0);
            g_array_append_val(values, value);
        }
        table->row_count++;
        if (limit_bytes > 0 && bytes > limit_bytes)
            break;
    }
    table->values = (Value *) (void *) g_array_free(g_steal_pointer(&values), FALSE);
    if (step == SQLITE_DONE)
        *ret_table = g_steal_pointer(&table);
    return step == SQLITE_DONE;
}

bool store_read(Store *store, const char *query, Table **ret_table, GError **error, ...)
{
    sqlite3_stmt *statement = store_statement(store, &sql_reads, query, error);
    va_list params;
    bool ok;

    if (statement == NULL)
        return false;
    va_start(params, error);
    ok = store_bind(store, statement, query, params, error);
    va_end(params);
    if (ok && !store_fill_table(statement, 0, ret_table))
        ok = store_error(store, query, error);
    sqlite3_reset(statement); /* ends the read transaction, too */
    return ok;
}
