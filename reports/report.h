// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_REPORT_H
#define REPORTS_REPORT_H

#include "db/store.h"

/* Figures and tables of one experiment, from views of the database only. */

typedef struct FigureRequest {
    const char *figure; /* a name of the figure table: "errorbars" */
    const char *metric, *x, *by; /* factors; NULL: chosen from the design (x: numeric factor with most levels) */
} FigureRequest;

/* Write into `folder` (made): for every figure NAME.tsv, NAME.gp (runs alone with plain gnuplot there), NAME.svg; and
 * summary.md, summary.csv. `requests` empty: the scenario's wishes, and without any one errorbars figure a metric. The same database gives
 * the same bytes whatever the time, place or locale. Progress in *ret_files (names written, GPtrArray of char*). */
bool report_write(Store *store, int64_t experiment_id, const char *folder, const FigureRequest *requests,
                  size_t request_count, GPtrArray **ret_files, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
