// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/figure-cells.h"
#include "reports/templates.h"

const Figure figure_errorbars = {
    .name = "errorbars",
    .description = "mean with error bars over a factor, a line for every combination of the others",
    .flags = FIGURE_WITH_BARS,
    .errors = "stddev",
    .published = PUBLISHED_AT_X,
    .query = FIGURE_QUERY_CELLS,
    .template = template_errorbars,
    .collect = cells_collect,
};
