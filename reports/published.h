// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_PUBLISHED_H
#define REPORTS_PUBLISHED_H

#include "reports/figure.h"

/* What was published elsewhere, drawn beside what was measured here: never mixed with it, and always with its source. */

/* The rows of figure-published.sql that this figure shows; NULL without error when there are none. False and *error on
 * failure. */
bool published_read(Store *store, const FigurePlan *plan, Table **ret_rows, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "; open symbol: published mean ± standard deviation" for the caption; "" without rows. Caller frees. */
char *published_note(const FigurePlan *plan, const Table *rows);

/* What the template reads: the block $published, whose rows are a value each, and its key, with the sources. numbers[row]:
 * the series of its cell, 0 for those that are not shown; positions[level]: on the x axis, NULL without. */
void published_append(const FigurePlan *plan, const Table *rows, const guint *numbers, const double *positions,
                      GString *variables);

/* The part of a `plot` command that draws them, from ", \" on; "" for a figure that shows none. Static. */
const char *published_plot(const FigurePlan *plan, const Table *rows);

#endif
