// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_REPORT_H
#define REPORTS_REPORT_H

#include "db/store.h"

/* TOUR 8/8: figures and tables of one experiment, from views of the database only: whoever has the file gets the same report, to the
 * byte. Here the way from scenario to figure ends; HACKING.md says how to add a piece to it. */

typedef struct FigureRequest {
    const char *figure; /* a name of the figure table; NULL: "errorbars" */
    const char *metric; /* NULL: a figure for every metric that the scenario measures */
    const char *x, *by; /* factors; NULL: chosen from the design (x: the numeric factor with most levels) */
} FigureRequest;

/* Write into `folder` (made): for every figure NAME.tsv, NAME.gp (runs alone with plain gnuplot there) and NAME.svg;
 * summary.md, summary.csv and index.html. Without requests: what the scenario wishes for, and if that is nothing an
 * errorbars figure of every metric. The same database gives the same bytes whatever the time, place or locale.
 * *ret_files: the names written (char*). What cannot be drawn (no such metric: ERROR_USAGE; no gnuplot: ERROR_HOST)
 * does not stop the rest: it is written, and the first such error returned. */
bool report_write(Store *store, int64_t experiment_id, const char *folder, const FigureRequest *requests,
                  size_t request_count, GPtrArray **ret_files, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
