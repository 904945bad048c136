// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_OUTLIERS_H
#define REPORTS_OUTLIERS_H

#include "db/store.h"

/* The counted runs whose value is far from its cell's median (stats/outliers.h): run_id, cell, metric, unit, value,
 * median and score, in the order of metrics and cells. `metric` and `all` as for a summary. */
bool report_outliers(Store *store, int64_t experiment_id, const char *metric, bool all, Table **ret_table,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
