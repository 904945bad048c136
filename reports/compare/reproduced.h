// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_COMPARE_REPRODUCED_H
#define REPORTS_COMPARE_REPRODUCED_H

#include "db/store.h"

/* Whether an experiment that was run again came out the same. Cell by cell, a metric's mean is reproduced when it is
 * shown, by two one-sided tests, to be within the metric's margin of the original's; not reproduced when it is shown to
 * be outside of it (p corrected by Holm for the number of cells and metrics); and otherwise nothing is known yet. */

#define REPRODUCED_ALPHA 0.05
#define REPRODUCED_MARGIN_PERCENT 10 /* of metrics without a margin of their own */

typedef struct ReproducedMargin {
    const char *metric;
    double value; /* above 0: per cent of the original's mean, or in the metric's unit */
    bool is_share; /* per cent */
} ReproducedMargin;

typedef struct ReproducedOptions {
    Store *store;
    int64_t original, experiment; /* both of this store */
    const ReproducedMargin *margins; /* a metric's first one counts */
    size_t margin_count;
} ReproducedOptions;

typedef enum { REPRODUCED, REPRODUCED_NOT, REPRODUCED_INCONCLUSIVE } ReproducedVerdict;

/* "reproduced", "not reproduced" or "inconclusive". */
const char *reproduced_name(ReproducedVerdict verdict);

typedef struct Reproduced {
    ReproducedVerdict verdict; /* of all: reproduced when every cell of every metric is, not when one is not */
    char *words;      /* "inconclusive (n too small: need about 40)" */
    Table *cells;     /* a row a metric and cell: columns in docs/bundles.md */
    Table *metrics;   /* a row a metric: metric, unit, margin, cells, verdict */
    GPtrArray *notes; /* sentences about what was not compared */
} Reproduced;

/* What can be refused before anything is run again: margins of metrics that the original does not have, and an original
 * of which nothing would be compared (ERROR_USAGE). `experiment` is not looked at. */
bool reproduced_check(const ReproducedOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The metrics that the scenario measures, and automatic ones that have a margin. ERROR_USAGE when there is nothing to
 * compare. */
bool reproduced_compare(const ReproducedOptions *options, Reproduced *ret_reproduced, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void reproduced_clear(Reproduced *reproduced);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reproduced, reproduced_clear)

/* The cells with fewer columns, numbers rounded, for people. */
Table *reproduced_for_people(const Reproduced *reproduced);

/* What is known of two environments that differ: columns key, original, here (NULL: not recorded). What differs from run to
 * run anyway (the command line) is left out. */
bool reproduced_environments(Store *store, int64_t original, int64_t experiment, Table **ret_table, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Write into `folder` (made): reproduction.csv and .md (the cells), .tsv, .gp and .svg (the figure), and index.html. The same
 * database gives the same bytes. Without gnuplot all but the .svg is written, and that error returned (ERROR_HOST). */
bool reproduced_write(const ReproducedOptions *options, const Reproduced *reproduced, const char *folder, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif
