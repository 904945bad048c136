// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_VARIANCE_H
#define REPORTS_VARIANCE_H

#include "db/store.h"

/* Where each cell's spread comes from, and what the next experiment should do about it (stats/components.h). One row a
 * metric and cell; docs/statistics.md describes the columns. next_runs is for a mean that is known to -/+ `precision`
 * (0.05: 5 %). `metric` and `all` as for a summary. */
bool report_variance(Store *store, int64_t experiment_id, const char *metric, bool all, double precision,
                     Table **ret_table, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
