// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_MATRIX_H
#define RUNNER_PLAN_MATRIX_H

#include "runner/plan/limits.h"
#include "runner/plan/scenario.h"

/* The cells of a scenario: all crossed levels in the factors' order (the last factor varies fastest; zipped ones go
 * together, in the place of their first) less `exclude` and those for which a condition of `when` does not hold, then
 * the `include` cells in their order. No factors means one cell. A cell stands for factor_count level indices. */
typedef struct Matrix {
    const Scenario *scenario; /* not owned */
    size_t cell_count;
    uint32_t *level_indices;  /* cell_count * factor_count */
} Matrix;

/* Counted runs that a cell can have at most: `repetitions`, or what `precision` allows. */
unsigned scenario_repetitions(const Scenario *scenario);

/* NULL and ERROR_SCENARIO (without a place) when there are more runs than MATRIX_RUN_LIMIT, or no cell is left. */
Matrix *matrix_expand(const Scenario *scenario, GError **error);
void matrix_free(Matrix *matrix);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Matrix, matrix_free)

const Level *matrix_level(const Matrix *matrix, size_t cell, size_t factor);

/* "delay=10ms size=64"; "all" when there are no factors. Caller frees. */
char *matrix_cell_label(const Matrix *matrix, size_t cell);

/* Texts of a cell's levels, NULL-terminated, for scenario_resolve(). The array is the caller's, the texts are not. */
const char **matrix_cell_levels(const Matrix *matrix, size_t cell);

/* Whether crossing and zipping the listed levels makes this cell and `exclude` leaves it; `when` is not asked.
 * `cell` has a level index a factor. */
bool scenario_crosses(const Scenario *scenario, const uint32_t *cell);

/* One planned run. */
typedef struct PlannedRun {
    uint32_t cell;
    uint32_t repetition; /* from 1 within its cell; warm-ups count from 1 too */
    uint32_t block;      /* from 1; warm-ups have block 0 */
    bool warmup;
} PlannedRun;

/* All runs in the order in which they shall be done: first every cell's warm-ups, in cell order, then the repetitions:
 *   sequential   a cell's repetitions together, cells in matrix order; block is the repetition
 *   interleaved  repetition 1 of every cell, then 2, ...
 *   blocks       as interleaved, each block shuffled by itself
 *   shuffled     all shuffled together; block is 1
 * The shuffle is Fisher and Yates' (Durstenfeld 1964) from the last element down, fed by PCG-XSH-RR 64/32 (O'Neill
 * 2014, stream 54) with Lemire's unbiased bounds (2019): the same seed gives the same order for ever. Returns
 * *ret_count runs; caller frees. */
PlannedRun *order_runs(Order order, size_t cell_count, unsigned repetitions, unsigned warmup, uint64_t seed,
                       size_t *ret_count);

/* The order of the cells in one round (from 1) of order_runs(): the round that a plan of at least so many repetitions
 * has there, so rounds can be planned one by one. `sequential` is in cell order here, and `shuffled` as `blocks`. Returns
 * cell_count indices; caller frees. */
uint32_t *order_round(Order order, size_t cell_count, unsigned round, uint64_t seed);

#endif
