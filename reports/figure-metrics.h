// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_FIGURE_METRICS_H
#define REPORTS_FIGURE_METRICS_H

#include "reports/figure.h"

/* Several metrics side by side on the x axis (plan->metrics), cells as series: as benchmarks of several systems are shown.
 * Relative to a baseline, the baseline itself is the line at 1 and not drawn; where higher is better for some metrics and lower
 * for others, the ratios of the former are turned round, so that above 1 is worse for all. ERROR_USAGE for metrics of
 * several units without a baseline: they have no axis in common. */
bool metrics_collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error);

#endif
