// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_RATIOS_H
#define REPORTS_RATIOS_H

#include "reports/compare/side.h"
#include "reports/figure.h"
#include "stats/ratio.h"

/* The cell that has these levels (one a factor) where they are not FIGURE_NO_FACTOR, and otherwise those of `cell`: its
 * index, or SIZE_MAX when the matrix does not have it. */
size_t ratios_base_cell(const Design *design, const DesignCell *cell, const size_t *levels);

/* For every row of `cells` (with a column cell_id) the mean of its runs over that of the figure's baseline, with its 95 %
 * confidence interval (stats/ratio.h). NAN where there is no such baseline or a mean is not above 0; without interval for
 * the baseline itself, which is 1 by definition. Caller frees. */
bool ratios_of_cells(Store *store, const FigurePlan *plan, const Table *cells, RatioTest **ret_ratios, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The mean of one cell over that of another, by their indices; as above. */
RatioTest ratios_of_pair(const SideMetric *metric, size_t cell, size_t base);

/* Their values; the sample does not own them, caller frees *ret_values. */
Sample ratios_sample(const SideMetric *metric, size_t cell, double **ret_values);

#endif
