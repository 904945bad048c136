// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_ROWS_H
#define REPORTS_ROWS_H

#include "db/table.h"

/* Making tables of what was computed rather than read. */

/* All values are NULL at first. */
Table *rows_table(const char *const *columns, size_t column_count, size_t row_count);

/* Copies `values`, one a column. Texts belong to the table from then on. */
void rows_set(Table *table, size_t row, const Value *values);

Value rows_integer(int64_t number);
Value rows_real(double number); /* SQL NULL when it is not finite */
Value rows_text(const char *text); /* a copy; NULL gives SQL NULL */
Value rows_text_take(char *text);

#endif
