// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/print.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

char *print_number(double value)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    return g_strdup(g_ascii_formatd(digits, sizeof(digits), "%.6g", value == 0 ? 0 : value)); /* no "-0" */
}

char *print_number_exact(double value)
{
    static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_ascii_formatd(digits, sizeof(digits), formats[i], value);
        if (g_ascii_strtod(digits, NULL) == value)
            break;
    }
    return g_strdup(digits);
}

/* What a format does to each character of a text. All of them take valid UTF-8 to valid UTF-8. */
typedef void (*Escape)(GString *out, gunichar character);

static bool is_control(gunichar character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

/* Tables are shown on terminals: what a guest printed must not move the cursor. */
static void escape_text(GString *out, gunichar character)
{
    static const char named[] = "\tt\nn\rr";
    const char *name = character < 0x20 && character != 0 ? strchr(named, (int) character) : NULL;

    if (name != NULL)
        g_string_append_printf(out, "\\%c", name[1]);
    else if (is_control(character))
        g_string_append_printf(out, "\\x%02x", character);
    else
        g_string_append_unichar(out, character);
}

static void escape_csv(GString *out, gunichar character)
{
    if (character == '"')
        g_string_append_c(out, '"');
    g_string_append_unichar(out, character);
}

static void escape_json(GString *out, gunichar character)
{
    if (character == '"' || character == '\\')
        g_string_append_printf(out, "\\%c", (char) character);
    else if (is_control(character))
        g_string_append_printf(out, "\\u%04x", character);
    else
        g_string_append_unichar(out, character);
}

static void escape_html(GString *out, gunichar character)
{
    switch (character) {
    case '&': g_string_append(out, "&amp;"); break;
    case '<': g_string_append(out, "&lt;"); break;
    case '>': g_string_append(out, "&gt;"); break;
    case '"': g_string_append(out, "&quot;"); break;
    default: escape_text(out, character);
    }
}

static void escape_markdown(GString *out, gunichar character)
{
    if (character == '\n')
        g_string_append(out, "<br>");
    else if (character < 0x80 && strchr("\\|`*_[]", (int) character) != NULL && character != 0)
        g_string_append_printf(out, "\\%c", (char) character);
    else
        escape_html(out, character);
}

static void escape_latex(GString *out, gunichar character)
{
    static const char *const named[] = { ['\\'] = "\\textbackslash{}", ['~'] = "\\textasciitilde{}",
                                         ['^'] = "\\textasciicircum{}", ['<'] = "\\textless{}",
                                         ['>'] = "\\textgreater{}", ['|'] = "\\textbar{}", ['"'] = "\\textquotedbl{}" };

    if (character < G_N_ELEMENTS(named) && named[character] != NULL)
        g_string_append(out, named[character]);
    else if (character < 0x80 && character != 0 && strchr("#$%&_{}", (int) character) != NULL)
        g_string_append_printf(out, "\\%c", (char) character);
    else if (is_control(character))
        g_string_append_c(out, ' ');
    else
        g_string_append_unichar(out, character);
}

static char *escaped(const char *text, Escape escape)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *out = g_string_new(NULL);

    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at))
        escape(out, g_utf8_get_char(at));
    return g_string_free(out, FALSE);
}

static bool is_number(const Value *value)
{
    return value->type == VALUE_INTEGER || value->type == VALUE_REAL;
}

/* Rounded numbers are texts. */
static bool reads_as_number(const char *text)
{
    char *end = NULL;

    if (text[0] == '\0' || text[strspn(text, "+-.0123456789eE")] != '\0')
        return false;
    g_ascii_strtod(text, &end);
    return *end == '\0';
}

static char *real_for_people(double value, int decimals)
{
    char format[16], digits[64];

    if (decimals == 0 || !(fabs(value) < 1e15))
        return print_number(value);
    g_snprintf(format, sizeof format, "%%.%df", decimals);
    g_ascii_formatd(digits, sizeof digits, format, value);
    return g_strdup(digits[0] == '-' && strpbrk(digits, "123456789") == NULL ? digits + 1 : digits); /* no "-0.00" */
}

static char *cell_for_people(const Value *value, int decimals, Escape escape)
{
    switch (value->type) {
    case VALUE_INTEGER: return g_strdup_printf("%" PRId64, value->integer);
    case VALUE_REAL: return real_for_people(value->real, decimals);
    case VALUE_TEXT: return escaped(value->text, escape);
    case VALUE_NULL: break;
    }
    return g_strdup("-");
}

/* Numbers stand on the right when all of a column are numbers. */
static bool column_is_numeric(const Table *table, size_t column)
{
    bool found = false;

    for (size_t row = 0; row < table->row_count; row++) {
        const Value *value = table_value(table, row, column);

        if (value->type == VALUE_TEXT && !reads_as_number(value->text))
            return false;
        found |= value->type == VALUE_TEXT || is_number(value);
    }
    return found;
}

static size_t display_width(const char *text)
{
    size_t width = 0;

    if (g_str_is_ascii(text))
        return strlen(text);
    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        gunichar character = g_utf8_get_char(text);

        if (!g_unichar_iszerowidth(character))
            width += g_unichar_iswide(character) ? 2 : 1;
    }
    return width;
}

/* A column of a table as it shall be shown; without a wish, as it is. */
typedef struct Shown {
    size_t index;
    PrintColumn wish;
} Shown;

/* A table whose cells are already texts: row 0 is the heading. */
typedef struct Grid {
    size_t column_count, row_count;
    char **cells;
    size_t *widths;
    bool *numeric;
} Grid;

static void grid_clear(Grid *grid)
{
    for (size_t i = 0; i < grid->row_count * grid->column_count; i++)
        g_free(grid->cells[i]);
    g_free(grid->cells);
    g_free(grid->widths);
    g_free(grid->numeric);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Grid, grid_clear)

static char *shown_cell(const Table *table, size_t row, const Shown *shown, Escape escape)
{
    g_autofree char *cell = cell_for_people(table_value(table, row, shown->index), shown->wish.decimals, escape);

    if (shown->wish.width > 0 && g_utf8_strlen(cell, -1) > (long) shown->wish.width)
        return g_utf8_substring(cell, 0, (long) shown->wish.width);
    return g_steal_pointer(&cell);
}

static void grid_fill(Grid *grid, const Table *table, const Shown *shown, size_t columns, Escape escape)
{
    *grid = (Grid) { columns, table->row_count + 1, g_new0(char *, (table->row_count + 1) * columns),
                    g_new0(size_t, columns), g_new0(bool, columns) };
    for (size_t column = 0; column < columns; column++) {
        const char *title = shown[column].wish.title;

        if (title == NULL)
            title = table->columns[shown[column].index];
        grid->numeric[column] = column_is_numeric(table, shown[column].index);
        for (size_t row = 0; row < grid->row_count; row++) {
            char *cell = row == 0 ? escaped(title, escape) : shown_cell(table, row - 1, &shown[column], escape);

            grid->cells[row * columns + column] = cell;
            grid->widths[column] = MAX(grid->widths[column], display_width(cell));
        }
    }
}

static void grid_fill_all(Grid *grid, const Table *table, Escape escape)
{
    g_autofree Shown *shown = g_new0(Shown, table->column_count);

    for (size_t column = 0; column < table->column_count; column++)
        shown[column].index = column;
    grid_fill(grid, table, shown, table->column_count, escape);
}

static const char *grid_cell(const Grid *grid, size_t row, size_t column)
{
    return grid->cells[row * grid->column_count + column];
}

/* `last`: on its line, where no spaces need follow. */
static void grid_print_cell(const Grid *grid, size_t row, size_t column, bool last, FILE *out)
{
    g_autofree char *cell = g_strdup(grid_cell(grid, row, column));
    int padding = (int) (grid->widths[column] - display_width(cell));

    if (last)
        g_strchomp(cell);
    if (grid->numeric[column])
        fprintf(out, "%*s%s", padding, "", cell);
    else
        fprintf(out, "%s%*s", cell, last ? 0 : padding, "");
}

static size_t length_behind_point(const char *cell)
{
    return strlen(cell) - strcspn(cell, ".");
}

/* Spaces take the place of the digits that a number has fewer behind its point than another one of the column. */
static void grid_align_points(Grid *grid)
{
    for (size_t column = 0; column < grid->column_count; column++) {
        size_t behind_most = 0;

        for (size_t row = 1; grid->numeric[column] && row < grid->row_count; row++)
            behind_most = MAX(behind_most, length_behind_point(grid_cell(grid, row, column)));
        for (size_t row = 1; behind_most > 0 && row < grid->row_count; row++) {
            char **cell = &grid->cells[row * grid->column_count + column];
            char *padded = g_strdup_printf("%s%*s", *cell, (int) (behind_most - length_behind_point(*cell)), "");

            g_free(*cell);
            *cell = padded;
            grid->widths[column] = MAX(grid->widths[column], strlen(padded));
        }
    }
}

static void grid_as_text(Grid *grid, FILE *out)
{
    grid_align_points(grid);
    for (size_t row = 0; row < grid->row_count; row++) {
        for (size_t column = 0; column < grid->column_count; column++) {
            bool last = column + 1 == grid->column_count;

            grid_print_cell(grid, row, column, last, out);
            fputs(last ? "\n" : "  ", out);
        }
    }
}

static void table_as_text(const Table *table, FILE *out)
{
    g_auto(Grid) grid = { 0 };

    grid_fill_all(&grid, table, escape_text);
    grid_as_text(&grid, out);
}

static size_t find_column(const Table *table, const char *name)
{
    for (size_t column = 0; column < table->column_count; column++)
        if (strcmp(table->columns[column], name) == 0)
            return column;
    g_error("a query has no column '%s'", name);
}

static bool column_is_dull(const Table *table, const Shown *shown)
{
    for (size_t row = 0; row < table->row_count; row++) {
        g_autofree char *cell = shown_cell(table, row, shown, escape_text);

        if (table_value(table, row, shown->index)->type != VALUE_NULL && g_strcmp0(cell, shown->wish.dull) != 0)
            return false;
    }
    return table->row_count > 0;
}

/* Array of Shown. */
static GArray *choose_columns(const Table *table, const PrintColumn *columns)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(Shown));

    for (; columns->name != NULL; columns++) {
        Shown shown = { find_column(table, columns->name), *columns };

        if (!column_is_dull(table, &shown))
            g_array_append_val(all, shown);
    }
    return all;
}

void print_columns(const Table *table, const PrintColumn *columns, FILE *out)
{
    g_autoptr(GArray) shown = choose_columns(table, columns);
    g_auto(Grid) grid = { 0 };

    grid_fill(&grid, table, (const Shown *) shown->data, shown->len, escape_text);
    grid_as_text(&grid, out);
}

void print_record(const Table *table, const PrintColumn *columns, FILE *out)
{
    g_autoptr(GArray) shown = choose_columns(table, columns);
    g_auto(Grid) grid = { 0 };
    size_t widest = 0;

    grid_fill(&grid, table, (const Shown *) shown->data, shown->len, escape_text);
    for (size_t column = 0; column < grid.column_count; column++)
        widest = MAX(widest, display_width(grid_cell(&grid, 0, column)));
    for (size_t column = 0; column < grid.column_count; column++) {
        const char *title = grid_cell(&grid, 0, column);

        fprintf(out, "%s%*s  %s\n", title, (int) (widest - display_width(title)), "", grid_cell(&grid, 1, column));
    }
}

static void print_markdown_rule(const Grid *grid, FILE *out)
{
    for (size_t column = 0; column < grid->column_count; column++) {
        fputs(column == 0 ? "| " : " | ", out);
        for (size_t i = 1; i < grid->widths[column]; i++)
            fputc('-', out);
        fputc(grid->numeric[column] ? ':' : '-', out);
    }
    fputs(" |\n", out);
}

static void table_as_markdown(const Table *table, FILE *out)
{
    g_auto(Grid) grid = { 0 };

    grid_fill_all(&grid, table, escape_markdown);
    for (size_t column = 0; column < grid.column_count; column++)
        grid.widths[column] = MAX(grid.widths[column], 3); /* "--:" */
    for (size_t row = 0; row < grid.row_count; row++) {
        for (size_t column = 0; column < grid.column_count; column++) {
            fputs(column == 0 ? "| " : " | ", out);
            grid_print_cell(&grid, row, column, false, out);
        }
        fputs(" |\n", out);
        if (row == 0)
            print_markdown_rule(&grid, out);
    }
}

static void table_as_html(const Table *table, FILE *out)
{
    g_auto(Grid) grid = { 0 };

    grid_fill_all(&grid, table, escape_html);
    fputs("<table>\n", out);
    for (size_t row = 0; row < grid.row_count; row++) {
        fputs(row == 0 ? "<thead>\n<tr>" : "<tr>", out);
        for (size_t column = 0; column < grid.column_count; column++)
            fprintf(out, "<%s%s>%s</%s>", row == 0 ? "th scope=\"col\"" : "td",
                    grid.numeric[column] ? " class=\"number\"" : "", grid_cell(&grid, row, column),
                    row == 0 ? "th" : "td");
        fputs(row == 0 ? "</tr>\n</thead>\n<tbody>\n" : "</tr>\n", out);
    }
    fputs("</tbody>\n</table>\n", out);
}

static void table_as_latex(const Table *table, FILE *out)
{
    g_auto(Grid) grid = { 0 };

    grid_fill_all(&grid, table, escape_latex);
    fputs("\\begin{tabular}{", out);
    for (size_t column = 0; column < grid.column_count; column++)
        fputc(grid.numeric[column] ? 'r' : 'l', out);
    fputs("}\n\\toprule\n", out);
    for (size_t row = 0; row < grid.row_count; row++) {
        for (size_t column = 0; column < grid.column_count; column++) {
            fputs(column == 0 ? "" : " & ", out);
            grid_print_cell(&grid, row, column, false, out);
        }
        fputs(row == 0 ? " \\\\\n\\midrule\n" : " \\\\\n", out);
    }
    fputs("\\bottomrule\n\\end{tabular}\n", out);
}

static void print_csv_text(const char *text, FILE *out)
{
    g_autofree char *quoted = escaped(text, escape_csv);
    bool plain = text[0] != '\0' && strpbrk(text, ",\"\r\n") == NULL;

    fprintf(out, plain ? "%s" : "\"%s\"", quoted);
}

static void print_csv_value(const Value *value, FILE *out)
{
    g_autofree char *number = NULL;

    switch (value->type) {
    case VALUE_NULL: break;
    case VALUE_INTEGER: fprintf(out, "%" PRId64, value->integer); break;
    case VALUE_TEXT: print_csv_text(value->text, out); break;
    case VALUE_REAL: fputs(number = print_number_exact(value->real), out); break;
    }
}

static void table_as_csv(const Table *table, FILE *out)
{
    for (size_t column = 0; column < table->column_count; column++) {
        fputs(column == 0 ? "" : ",", out);
        print_csv_text(table->columns[column], out);
    }
    fputc('\n', out);
    for (size_t row = 0; row < table->row_count; row++) {
        for (size_t column = 0; column < table->column_count; column++) {
            fputs(column == 0 ? "" : ",", out);
            print_csv_value(table_value(table, row, column), out);
        }
        fputc('\n', out);
    }
}

char *print_json(const char *text)
{
    g_autofree char *inside = escaped(text, escape_json);

    return g_strdup_printf("\"%s\"", inside);
}

static void print_json_text(const char *text, FILE *out)
{
    g_autofree char *quoted = print_json(text);

    fputs(quoted, out);
}

static void print_json_value(const Value *value, FILE *out)
{
    g_autofree char *number = NULL;

    if (value->type == VALUE_TEXT)
        print_json_text(value->text, out);
    else if (value->type == VALUE_NULL || (value->type == VALUE_REAL && !isfinite(value->real)))
        fputs("null", out);
    else if (value->type == VALUE_INTEGER)
        fprintf(out, "%" PRId64, value->integer);
    else
        fputs(number = print_number_exact(value->real), out);
}

void print_json_row(const Table *table, size_t row, FILE *out)
{
    fputc('{', out);
    for (size_t column = 0; column < table->column_count; column++) {
        fputs(column == 0 ? "" : ", ", out);
        print_json_text(table->columns[column], out);
        fputs(": ", out);
        print_json_value(table_value(table, row, column), out);
    }
    fputc('}', out);
}

static void table_as_json(const Table *table, FILE *out)
{
    fputc('[', out);
    for (size_t row = 0; row < table->row_count; row++) {
        fputs(row == 0 ? "\n  " : ",\n  ", out);
        print_json_row(table, row, out);
    }
    fputs(table->row_count == 0 ? "]\n" : "\n]\n", out);
}

void print_table(const Table *table, PrintFormat format, FILE *out)
{
    static void (*const printers[])(const Table *, FILE *) = {
        [PRINT_TEXT] = table_as_text,         [PRINT_CSV] = table_as_csv,   [PRINT_JSON] = table_as_json,
        [PRINT_MARKDOWN] = table_as_markdown, [PRINT_HTML] = table_as_html,
        [PRINT_LATEX] = table_as_latex,
    };

    printers[format](table, out);
}

char *print_table_text(const Table *table, PrintFormat format)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    g_assert(out != NULL); /* fails only without memory, as g_malloc() does */
    print_table(table, format, out);
    fclose(out);
    return text;
}

char *print_html(const char *text)
{
    return escaped(text, escape_html);
}

char *print_markdown(const char *text)
{
    return escaped(text, escape_markdown);
}

char *print_latex(const char *text)
{
    return escaped(text, escape_latex);
}
