// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_REPORT_H
#define REPORTS_REPORT_H

#include "db/store.h"

/* Figures and tables of one experiment, from views of the database only.
 * TOUR 8/8: the end of the data's way. Nothing here knows how the rows came about. */

typedef struct FigureRequest {
    const char *figure;      /* a name of the figure table; NULL: "errorbars" */
    const char *metric;      /* NULL: a figure for every metric that the scenario measures; several, one a line: side by
                              * side on the x axis */
    const char *x, *by;       /* factors; NULL: chosen from the design (x: the numeric factor with most levels) */
    const char *facet;        /* a factor; NULL: panels only where there would be too many lines in one */
    const char *errors;       /* error bars: "stddev", "sem", "ci95"; NULL: as the kind of figure has them */
    const char *normalize_to; /* "FACTOR=LEVEL", one a line: the baseline of a figure of ratios; NULL: values */
    const char *expected;     /* "LEVEL = TERM - TERM; ...": reports/expected.h; NULL: nothing */
    int64_t run_id;          /* show this run alone; 0: all, or the first completed one where only one can be shown */
} FigureRequest;

/* Formats of figures. */
enum { REPORT_SVG = 1, REPORT_PDF = 2, REPORT_PNG = 4, REPORT_LATEX = 8, REPORT_AGAIN = 128 /* also figures that have not changed */ };

/* "svg,pdf". ERROR_USAGE for what is no format. */
bool report_formats_parse(const char *text, unsigned *ret_formats, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Write into `folder` (made): for every figure NAME.tsv, NAME.gp (runs alone with plain gnuplot there), NAME.svg and
 * what other `formats` are wanted; summary.md, .csv, .txt and .tex, numbers.tex and index.html. Without requests: what
 * the scenario wishes for, and if that is nothing a set that suits the design. The same database gives the same
 * bytes whatever the time, place or locale.
 * Figures are drawn in parallel; those that have not changed since the last report in `folder` are not drawn again.
 * *ret_files: the names written (char*). What cannot be drawn (no such metric: ERROR_USAGE; no gnuplot: ERROR_HOST)
 * does not stop the rest: it is written, and the first such error returned. */
bool report_write_formats(Store *store, int64_t experiment_id, const char *folder, unsigned formats,
                          const FigureRequest *requests, size_t request_count, GPtrArray **ret_files, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same with SVG only. */
bool report_write(Store *store, int64_t experiment_id, const char *folder, const FigureRequest *requests,
                  size_t request_count, GPtrArray **ret_files, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
