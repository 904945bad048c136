// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STATS_CORRECTION_H
#define STATS_CORRECTION_H

#include <stddef.h>

/* Holm 1979, as R's p.adjust: ret_adjusted[i] belongs to p[i]. NAN stays NAN and counts for no comparison. */
void correction_holm(const double *p, size_t count, double *ret_adjusted);

/* How many of them are comparisons. */
size_t correction_count(const double *p, size_t count);

#endif
