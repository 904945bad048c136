// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_MARKS_H
#define REPORTS_MARKS_H

#include "reports/figure.h"

/* Which runs figures mark: outlying ones, which count, and tainted ones, which do not. A run is outlying among the counted
 * runs of its cell, by the rule of the rest of the report (stats/outliers.h). */
typedef struct Marks {
    GHashTable *outliers, *tainted; /* sets of run_id */
} Marks;

/* Of the rows of figure-runs.sql. */
void marks_init(Marks *marks, const Table *runs);
void marks_clear(Marks *marks);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Marks, marks_clear)

/* The same, of the metric of the figure. */
bool marks_read(Store *store, const FigurePlan *plan, Marks *ret_marks, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* 1 or 0, as it stands in a .tsv. */
int marks_is_outlier(const Marks *marks, int64_t run_id);
int marks_is_tainted(const Marks *marks, int64_t run_id);

/* For a caption: "; 2 outlying runs are circled; 1 tainted run is crossed, not counted" (`tainted_how`: behind "is" or
 * "are"), or what there is of it. Caller frees. */
char *marks_note(const Marks *marks, const char *tainted_how);

#endif
