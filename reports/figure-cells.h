// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_FIGURE_CELLS_H
#define REPORTS_FIGURE_CELLS_H

#include "reports/marks.h"
#include "reports/series.h"

/* For figures of a mean a cell: its n, mean, spread and interval, or its ratio to the baseline. */
bool cells_collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error);

/* For figures of all runs: a row a run with a value, tainted ones marked. Their values are in the column `value`. */
bool runs_read(Store *store, const FigurePlan *plan, Series *ret_series, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The usual texts with `note`, and how many runs are marked; labels and x axis. */
bool runs_set_texts(Store *store, const Series *runs, const Marks *marks, const char *note, FigureData *data,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "; 2 tainted runs are marked", or "". Caller frees. */
char *runs_tainted_note(const Table *runs, const char *how);

#endif
