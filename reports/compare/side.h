// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_COMPARE_SIDE_H
#define REPORTS_COMPARE_SIDE_H

#include "db/store.h"
#include "reports/design.h"

/* One experiment as a side of a comparison: its cells and the counted runs' values of its metrics. */
typedef struct SideValue {
    int64_t run_id, block;
    double value;
} SideValue;

typedef enum { DIRECTION_NONE, DIRECTION_LOWER, DIRECTION_HIGHER } Direction;

typedef struct SideMetric {
    int64_t id;
    char *name, *unit, *aggregate;
    Direction direction;
    bool automatic; /* measured without asking */
    GPtrArray *cells; /* a GArray of SideValue for each cell, in the design's order; values in the order of blocks */
} SideMetric;

typedef struct Side {
    int64_t experiment_id;
    char *uuid;
    bool blocked; /* every block (interleaved or blocks) has each cell once */
    Design *design;
    GPtrArray *labels;  /* of the cells */
    GPtrArray *metrics; /* SideMetric */
} Side;

/* One metric; or, when it is NULL, those the scenario measures, with `all` also the automatic ones. NULL and *error on
 * failure; ERROR_USAGE when there is no such metric. */
Side *side_read(Store *store, int64_t experiment_id, const char *metric, bool all, GError **error);

void side_free(Side *side);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Side, side_free)

/* NULL when the side does not have it. */
const SideMetric *side_metric(const Side *side, const char *name);

/* Which cell of the design has this id. */
size_t side_cell_index(const Side *side, int64_t cell_id);

#endif
