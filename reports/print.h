// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_PRINT_H
#define REPORTS_PRINT_H

#include <stdio.h>

#include "db/table.h"

/* One rule for tables that people or programs read. Numbers are printed the same in every locale. */
typedef enum { PRINT_TEXT, PRINT_CSV, PRINT_JSON, PRINT_MARKDOWN } PrintFormat;

/* TEXT: aligned columns, numbers right, NULL as "-", reals with 6 significant digits. CSV: RFC 4180, reals with 17 digits so that
 * they read back the same, NULL empty. JSON: an array of objects. MARKDOWN: a pipe table as TEXT. */
void print_table(const Table *table, PrintFormat format, FILE *out);

/* A real number for people: 6 significant digits, no trailing zeros. Caller frees. */
char *print_number(double value);

#endif
