// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/figure-cells.h"
#include "reports/templates.h"

const Figure figure_lines = {
    .name = "lines",
    .description = "mean as a line over a factor, with a band around it",
    .flags = FIGURE_WITH_BARS,
    .errors = "ci95",
    .published = PUBLISHED_AT_X,
    .query = FIGURE_QUERY_CELLS,
    .template = template_lines,
    .collect = cells_collect,
};
