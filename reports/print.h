// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_PRINT_H
#define REPORTS_PRINT_H

#include <stdio.h>

#include "db/table.h"

/* One rule for tables that people or programs read. Numbers are printed the same in every locale. */
typedef enum { PRINT_TEXT, PRINT_CSV, PRINT_JSON, PRINT_MARKDOWN, PRINT_HTML, PRINT_LATEX } PrintFormat;

/* TEXT: aligned columns, numbers right, NULL as "-", reals with 6 significant digits, control characters made visible.
 * CSV: quoted as RFC 4180 says, lines end with LF, reals read back the same, NULL empty and an empty text "". JSON: an
 * array of objects, one a line; reals read back the same, what is no number (or infinite) is null. MARKDOWN: a pipe
 * table as TEXT. HTML: a <table> as TEXT.
 * LATEX: a tabular with the rules of the package booktabs, as TEXT. In all of them a column of numbers stands on the
 * right, also when they are texts. */
void print_table(const Table *table, PrintFormat format, FILE *out);

/* The same as a text. Caller frees. */
char *print_table_text(const Table *table, PrintFormat format);

/* One text as it may stand in HTML, in quotes too; in a Markdown line; in LaTeX. Callers free. */
char *print_html(const char *text);
char *print_markdown(const char *text);
char *print_latex(const char *text);

/* A real number for people: 6 significant digits, no trailing zeros. Caller frees. */
char *print_number(double value);

/* A real number for programs: as few of 17 significant digits as read back the same. Caller frees. */
char *print_number_exact(double value);

#endif
