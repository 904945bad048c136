// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <string.h>

#include "collectors/measure-kinds.h"
#include "runner/base/error.h"

/* Tables with a line of names, as RFC 4180 has them, divided by commas, semicolons or tabs. What stands before the line of names
 * is passed over: many programs talk first. */
static const char separators[] = ",;\t";

bool measure_csv_check(const char *column, GError **error)
{
    return strpbrk(column, "\r\n\"") == NULL || error_set(error, ERROR_SCENARIO, "csv '%s' is no name of a column", column);
}

/* The field that begins at *at, without quotes; *at goes behind it, and stands on what ends it. Caller frees. */
static char *take_field(const char **at, char separator)
{
    GString *field = g_string_new(NULL);
    const char *from = *at;
    bool quoted = *from == '"';

    from += quoted;
    while (*from != '\0') {
        if (quoted && from[0] == '"' && from[1] == '"')
            from++;
        else if (quoted && from[0] == '"')
            break;
        else if (!quoted && (*from == separator || *from == '\n'))
            break;
        g_string_append_c(field, *from++);
    }
    from += quoted && *from == '"';
    while (*from != '\0' && *from != separator && *from != '\n')
        from++;
    *at = from;
    return g_strstrip(g_string_free(field, FALSE));
}

/* The fields of a line; *at goes to the next one. */
static GPtrArray *take_line(const char **at, char separator)
{
    GPtrArray *fields = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(fields, take_field(at, separator));
    while (**at == separator) {
        ++*at;
        g_ptr_array_add(fields, take_field(at, separator));
    }
    *at += **at == '\n';
    return fields;
}

static guint find_column(const GPtrArray *fields, const char *column)
{
    for (guint i = 0; i < fields->len; i++)
        if (strcmp(g_ptr_array_index((GPtrArray *) fields, i), column) == 0)
            return i;
    return fields->len;
}

/* Where the rows begin behind the line that has the column's name, and the column's place; NULL: there is no such line. */
static const char *find_rows(const char *text, const char *column, char separator, guint *ret_place)
{
    while (*text != '\0') {
        g_autoptr(GPtrArray) fields = take_line(&text, separator);
        guint place = find_column(fields, column);

        if (place < fields->len) {
            *ret_place = place;
            return text;
        }
    }
    return NULL;
}

static bool append_number(const char *column, const char *field, unsigned row, GArray *values, GError **error)
{
    char *end = NULL;
    double value = g_ascii_strtod(field, &end);

    if (end == field || *end != '\0' || strpbrk(field, "xX") != NULL || !isfinite(value))
        return error_set(error, ERROR_HOST, "csv '%s': row %u has '%.80s', which is no number", column, row, field);
    g_array_append_val(values, value);
    return true;
}

bool measure_csv_rows(const char *text, const char *column, MeasureCsvRow take, void *data, GError **error)
{
    const char *rows = NULL;
    char separator = '\0';
    guint place = 0;

    for (size_t i = 0; rows == NULL && separators[i] != '\0'; i++) {
        separator = separators[i];
        rows = find_rows(text, column, separator, &place);
    }
    for (unsigned row = 1; rows != NULL && *rows != '\0'; row++) {
        g_autoptr(GPtrArray) fields = take_line(&rows, separator);

        if (fields->len <= place) /* the table is over */
            break;
        if (!take(fields, place, row, data, error))
            return false;
    }
    return true;
}

typedef struct Numbers {
    const char *column;
    GArray *values;
} Numbers;

static bool take_number(const GPtrArray *fields, guint place, unsigned row, void *data, GError **error)
{
    Numbers *numbers = data;
    const char *field = g_ptr_array_index((GPtrArray *) fields, place);

    /* A line that is empty ends a table of one column. */
    return (fields->len == 1 && field[0] == '\0') || append_number(numbers->column, field, row, numbers->values, error);
}

bool measure_csv_find(const char *column, const char *text, size_t size, GArray *values, GError **error)
{
    Numbers numbers = { column, values };

    (void) size;
    return measure_csv_rows(text, column, take_number, &numbers, error);
}
