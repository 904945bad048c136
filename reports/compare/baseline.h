// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_COMPARE_BASELINE_H
#define REPORTS_COMPARE_BASELINE_H

#include "reports/compare/side.h"

/* Which cell each cell is compared with. */

enum { BASELINE_NOT_FOUND = -1, BASELINE_ITSELF = -2 };

/* The levels, as indices, that make a cell of `base` a baseline; SIZE_MAX where the other cell's own level counts.
 * `wanted` are texts such as "delay=0ms" (NULL-terminated, or NULL). Within one experiment and without a wish the first
 * cell is the baseline of all. Caller frees; NULL and ERROR_USAGE when there is no such factor or level. */
size_t *baseline_levels(const Side *base, bool one_experiment, char **wanted, GError **error);

/* The index of the cell of `base` that cell `index` of `other` is compared with: the one with the wanted levels that
 * agrees in every other factor. BASELINE_NOT_FOUND when there is none, or BASELINE_ITSELF. */
int baseline_find(const Side *base, const size_t *levels, const Side *other, size_t index);

#endif
