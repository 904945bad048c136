// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/bundle/bundle-describe.h"
#include "db/bundle/json.h"
#include "db/store-private.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

/* What stands for SQL's NULL, so that an empty text stays one. */
#define CSV_NULL "NULL"

static void csv_put_text(FILE *file, const char *text)
{
    bool plain = text[strcspn(text, "\",\r\n")] == '\0' && text[0] != ' ' && text[0] != '\0';

    if (plain) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', file);
        fputc(*text, file);
    }
    fputc('"', file);
}

/* The shortest digits that are this number again. */
static void csv_put_real(FILE *file, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    if (isinf(value)) {
        fputs(value < 0 ? "-INF" : "INF", file);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        g_autofree char *format = g_strdup_printf("%%.%dg", digits);

        g_ascii_formatd(text, sizeof text, format, value);
        if (g_ascii_strtod(text, NULL) == value)
            break;
    }
    fputs(text, file);
}

static void csv_put_value(FILE *file, sqlite3_stmt *statement, int column)
{
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
        fputs(CSV_NULL, file);
        break;
    case SQLITE_INTEGER:
        fprintf(file, "%lld", sqlite3_column_int64(statement, column));
        break;
    case SQLITE_FLOAT:
        csv_put_real(file, sqlite3_column_double(statement, column));
        break;
    default:
        csv_put_text(file, (const char *) sqlite3_column_text(statement, column));
    }
}

static int csv_put_rows(FILE *file, sqlite3_stmt *statement)
{
    int columns = sqlite3_column_count(statement), step;

    for (int i = 0; i < columns; i++)
        fprintf(file, "%s%s", i > 0 ? "," : "", sqlite3_column_name(statement, i));
    fputs("\r\n", file);
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < columns; i++) {
            fputs(i > 0 ? "," : "", file);
            csv_put_value(file, statement, i);
        }
        fputs("\r\n", file);
    }
    return step;
}

/* A table in the order of its key, a view in that of its columns: SQLite may choose any other order tomorrow. */
static char *select_text(const char *name, const Table *columns, bool is_view)
{
    g_autoptr(GString) order = g_string_new(NULL);
    char *quoted = sqlite3_mprintf("\"%w\"", name), *sql;

    for (int64_t key = 1; !is_view && key <= (int64_t) columns->column_count + 16; key++)
        for (size_t row = 0; row < columns->row_count; row++)
            if (table_integer(columns, row, "key") == key)
                g_string_append_printf(order, "%s%zu", order->len > 0 ? ", " : " ORDER BY ", row + 1);
    for (size_t row = 0; is_view && row < columns->row_count; row++)
        g_string_append_printf(order, "%s%zu", row > 0 ? ", " : " ORDER BY ", row + 1);
    sql = g_strdup_printf("SELECT * FROM %s%s", quoted, order->str);
    sqlite3_free(quoted);
    return sql;
}

static bool csv_write(Store *store, const char *name, const char *sql, const char *path, GError **error)
{
    sqlite3_stmt *statement = NULL;
    FILE *file = fopen(path, "we");
    bool read, written;

    if (file == NULL)
        return error_set_errno(error, ERROR_HOST, "could not write '%s'", path);
    read = sqlite3_prepare_v2(store->sqlite, sql, -1, &statement, NULL) == SQLITE_OK
           && csv_put_rows(file, statement) == SQLITE_DONE;
    if (!read)
        store_error(store, name, error);
    sqlite3_finalize(statement);
    written = ferror(file) == 0;
    written = fclose(file) == 0 && written;
    if (read && !written)
        error_set_errno(error, ERROR_HOST, "could not write '%s'", path);
    return read && written;
}

/* The schema's comments: the first of a statement is the table's, one behind a column is that column's, and one that
 * stands alone goes on with what was before it. */
static GHashTable *comments_parse(const char *sql)
{
    GHashTable *comments = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_auto(GStrv) lines = g_strsplit(sql, "\n", -1);
    g_autofree char *subject = g_strdup("");

    for (char **line = lines; *line != NULL; line++) {
        char *comment = strstr(*line, "-- "), *as, *word;

        if (comment == NULL)
            continue;
        *comment = '\0';
        word = g_strstrip(*line);
        as = g_strrstr(word, " AS ");
        if (*word != '\0') {
            word = as != NULL ? as + 4 : word;
            g_free(subject);
            subject = g_strndup(word, strcspn(word, " ,"));
        }
        if (*word == '\0' && g_hash_table_contains(comments, subject))
            g_hash_table_insert(comments, g_strdup(subject),
                                g_strjoin(" ", g_hash_table_lookup(comments, subject), g_strchomp(comment + 3), NULL));
        else
            g_hash_table_insert(comments, g_strdup(subject), g_strdup(g_strchomp(comment + 3)));
    }
    return comments;
}

static const char *field_type(const char *declared)
{
    if (g_ascii_strcasecmp(declared, "INTEGER") == 0)
        return "integer";
    if (g_ascii_strcasecmp(declared, "REAL") == 0)
        return "number";
    return g_ascii_strcasecmp(declared, "TEXT") == 0 ? "string" : "any";
}

static void put_field(JsonBuilder *builder, const Table *columns, size_t row, GHashTable *comments, bool is_view)
{
    const char *name = table_text(columns, row, "column_name");

    json_builder_begin_object(builder);
    json_put_text(builder, "name", name);
    json_put_text(builder, "type", field_type(table_text(columns, row, "declared")));
    json_put_text(builder, "description", g_hash_table_lookup(comments, name));
    if (!is_view && table_integer(columns, row, "required")) {
        json_open_object(builder, "constraints");
        json_builder_set_member_name(builder, "required");
        json_builder_add_boolean_value(builder, TRUE);
        json_builder_end_object(builder);
    }
    json_builder_end_object(builder);
}

static void put_primary_key(JsonBuilder *builder, const Table *columns)
{
    bool any = false;

    for (int64_t key = 1; key <= (int64_t) columns->row_count; key++)
        for (size_t row = 0; row < columns->row_count; row++) {
            if (table_integer(columns, row, "key") != key)
                continue;
            if (!any)
                json_open_array(builder, "primaryKey");
            any = true;
            json_builder_add_string_value(builder, table_text(columns, row, "column_name"));
        }
    if (any)
        json_builder_end_array(builder);
}

static void put_reference_columns(JsonBuilder *builder, const Table *references, int64_t reference, const char *column)
{
    json_open_array(builder, "fields");
    for (size_t row = 0; row < references->row_count; row++)
        if (table_integer(references, row, "reference") == reference)
            json_builder_add_string_value(builder, table_text(references, row, column));
    json_builder_end_array(builder);
}

static void put_references(JsonBuilder *builder, const Table *references)
{
    json_open_array(builder, "foreignKeys");
    for (size_t row = 0; row < references->row_count; row++) {
        int64_t reference = table_integer(references, row, "reference");

        if (row > 0 && table_integer(references, row - 1, "reference") == reference)
            continue;
        json_builder_begin_object(builder);
        put_reference_columns(builder, references, reference, "column_name");
        json_open_object(builder, "reference");
        json_put_text(builder, "resource", table_text(references, row, "target"));
        put_reference_columns(builder, references, reference, "target_column");
        json_builder_end_object(builder);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

static bool put_schema(JsonBuilder *builder, const Description *what, const char *name, const Table *columns,
                       GHashTable *comments, bool is_view, GError **error)
{
    g_autoptr(Table) references = NULL;

    if (!store_read(what->store, "bundle-references", &references, error, PARAM_TEXT(name), PARAM_END))
        return false;
    json_open_object(builder, "schema");
    json_open_array(builder, "fields");
    for (size_t row = 0; row < columns->row_count; row++)
        put_field(builder, columns, row, comments, is_view);
    json_builder_end_array(builder);
    json_open_array(builder, "missingValues");
    json_builder_add_string_value(builder, CSV_NULL);
    json_builder_end_array(builder);
    if (!is_view)
        put_primary_key(builder, columns);
    if (references->row_count > 0)
        put_references(builder, references);
    json_builder_end_object(builder);
    return true;
}

static bool put_file(JsonBuilder *builder, const char *path, GError **error)
{
    g_autofree char *sha256 = NULL, *hash = NULL;
    int64_t size;

    if (!file_sha256(path, &sha256, &size, error))
        return false;
    hash = g_strconcat("sha256:", sha256, NULL);
    json_put_text(builder, "format", "csv");
    json_put_text(builder, "mediatype", "text/csv");
    json_put_text(builder, "encoding", "utf-8");
    json_put_integer(builder, "bytes", size);
    json_put_text(builder, "hash", hash);
    return true;
}

static bool put_resource(JsonBuilder *builder, const Description *what, const Table *tables, size_t row, GError **error)
{
    const char *name = table_text(tables, row, "name");
    bool is_view = strcmp(table_text(tables, row, "type"), "view") == 0;
    g_autoptr(GHashTable) comments = comments_parse(table_text(tables, row, "sql"));
    g_autofree char *target = g_strconcat("tables/", name, ".csv", NULL);
    g_autofree char *path = g_build_filename(what->folder, target, NULL);
    g_autoptr(Table) columns = NULL;
    g_autofree char *sql = NULL;
    bool ok;

    if (!store_read(what->store, "bundle-columns", &columns, error, PARAM_TEXT(name), PARAM_END))
        return false;
    sql = select_text(name, columns, is_view);
    if (!csv_write(what->store, name, sql, path, error))
        return false;
    json_builder_begin_object(builder);
    json_put_text(builder, "name", name);
    json_put_text(builder, "path", target);
    json_put_text(builder, "profile", "tabular-data-resource");
    json_put_text(builder, "description", g_hash_table_lookup(comments, ""));
    ok = put_file(builder, path, error)
         && put_schema(builder, what, name, columns, comments, is_view, error);
    json_builder_end_object(builder);
    return ok;
}

/* A data package's name has small letters, digits and . _ - only. */
static char *package_name(const char *name)
{
    g_autofree char *small = g_ascii_strdown(name, -1);

    return g_strdup(g_strcanon(small, "abcdefghijklmnopqrstuvwxyz0123456789._-", '-'));
}

static void put_package(JsonBuilder *builder, const Table *about)
{
    g_autofree char *name = package_name(table_text(about, 0, "name"));
    g_autofree char *id = g_strconcat("urn:uuid:", table_text(about, 0, "uuid"), NULL);

    json_put_text(builder, "profile", "tabular-data-package");
    json_put_text(builder, "name", name);
    json_put_text(builder, "id", id);
    json_put_text(builder, "title", table_text(about, 0, "name"));
    json_put_text(builder, "description", table_text(about, 0, "description"));
    json_put_text(builder, "created", table_text(about, 0, "created_at"));
}

bool describe_tables(const Description *what, GError **error)
{
    g_autoptr(JsonBuilder) builder = json_builder_new_immutable();
    g_autofree char *folder = g_build_filename(what->folder, "tables", NULL);
    g_autofree char *path = g_build_filename(what->folder, "datapackage.json", NULL);
    g_autoptr(Table) tables = NULL;
    g_autoptr(Table) about = NULL;

    if (!folder_make(folder, error) || !store_read(what->store, "bundle-tables", &tables, error, PARAM_END)
        || !store_read(what->store, "bundle-about", &about, error, PARAM_INTEGER(what->experiment_id), PARAM_END))
        return false;
    json_builder_begin_object(builder);
    put_package(builder, about);
    json_open_array(builder, "resources");
    for (size_t row = 0; row < tables->row_count; row++)
        if (!put_resource(builder, what, tables, row, error))
            return false;
    json_builder_end_array(builder);
    json_builder_end_object(builder);
    return json_save(builder, path, error);
}
