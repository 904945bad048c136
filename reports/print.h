// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_PRINT_H
#define REPORTS_PRINT_H

#include <stdio.h>

#include "db/table.h"

/* One rule for tables that people or programs read. Numbers are printed the same in every locale. */
typedef enum { PRINT_TEXT, PRINT_CSV, PRINT_JSON, PRINT_MARKDOWN, PRINT_HTML, PRINT_LATEX } PrintFormat;

/* TEXT: aligned columns, numbers with their points one above the other, NULL as "-", reals with 6 significant digits
 * (rounding.h rounds by uncertainty), control characters made visible.
 * CSV: quoted as RFC 4180 says, lines end with LF, reals read back the same, NULL empty and an empty text "". JSON: an
 * array of objects, one a line; reals read back the same, what is no number (or infinite) is null. MARKDOWN: a pipe
 * table as TEXT. HTML: a <table> as TEXT.
 * LATEX: a tabular with the rules of the package booktabs, as TEXT. In all of them a column of numbers stands on the
 * right, also when they are texts. */
void print_table(const Table *table, PrintFormat format, FILE *out);

/* The same as a text. Caller frees. */
char *print_table_text(const Table *table, PrintFormat format);

/* How people see a column that has more to say to programs. */
typedef struct PrintColumn {
    const char *name;  /* of the table's column */
    const char *title; /* its heading; NULL: the name */
    const char *dull;  /* leave the column out when every cell reads so; one that is all NULL always is */
    int decimals;      /* of reals; 0: as in print_table() */
    int width;         /* texts end after so many characters; 0: never */
} PrintColumn;

/* These columns of a table as TEXT. The list ends with a NULL name. */
void print_columns(const Table *table, const PrintColumn *columns, FILE *out);

/* A table's first row as TEXT: a line "NAME  VALUE" for each of these columns. */
void print_record(const Table *table, const PrintColumn *columns, FILE *out);

/* One row as a JSON object, without a newline. */
void print_json_row(const Table *table, size_t row, FILE *out);

/* One text as it may stand in HTML, in quotes too; in a Markdown line; in LaTeX; as a JSON string,
 * with its quotes. Callers free. */
char *print_html(const char *text);
char *print_markdown(const char *text);
char *print_latex(const char *text);
char *print_json(const char *text);

/* A real number for people: 6 significant digits, no trailing zeros. Caller frees. */
char *print_number(double value);

/* A real number for programs: as few of 17 significant digits as read back the same. Caller frees. */
char *print_number_exact(double value);

#endif
