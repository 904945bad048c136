// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_DESIGN_H
#define REPORTS_DESIGN_H

#include "db/store.h"

/* What an experiment varied: its factors, their levels in the scenario's order, and which level of each a cell has. */
typedef struct DesignFactor {
    char *name;
    GPtrArray *levels; /* texts, as typed */
} DesignFactor;

typedef struct DesignCell {
    int64_t id;
    size_t *levels; /* an index into the levels of each factor */
} DesignCell;

typedef struct Design {
    int64_t experiment_id;
    char *uuid;               /* the same in every lab */
    char *name, *description; /* description: "" when there is none */
    GPtrArray *factors;       /* DesignFactor; an experiment without factors has one called "cell" */
    GPtrArray *cells;         /* DesignCell, in the order of the matrix */
    GHashTable *cell_places;  /* from a cell's id to its index in `cells` */
} Design;

/* NULL and *error on failure. */
Design *design_read(Store *store, int64_t experiment_id, GError **error);

void design_free(Design *design);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Design, design_free)

const DesignFactor *design_factor(const Design *design, size_t index);
const DesignCell *design_cell(const Design *design, int64_t cell_id);
size_t design_cell_index(const Design *design, int64_t cell_id);

/* Which factor has this name; ERROR_USAGE with the names there are when none has. */
bool design_factor_find(const Design *design, const char *name, size_t *ret_index, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The factor that suits an x axis best: of those with a numeric axis the one with most levels, otherwise the first. */
size_t design_factor_for_x(const Design *design);

/* Where the levels of a factor stand on an axis. */
typedef struct Axis {
    bool numeric;      /* to scale; otherwise the levels are categories at 1, 2, 3 ... */
    const char *unit;  /* of a numeric axis, "" when there is none; static */
    double *positions; /* one a level */
} Axis;

/* Numeric when there are two levels or more and all are numbers of one kind, in the unit of the first that has one. */
void axis_init(Axis *axis, const DesignFactor *factor);

/* Make it an axis of categories, in the order of their numbers when they are some. */
void axis_make_categories(Axis *axis, const DesignFactor *factor);
void axis_clear(Axis *axis);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Axis, axis_clear)

#endif
