// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STATS_RANKS_H
#define STATS_RANKS_H

#include "stats/sample.h"

typedef struct RankTest {
    double u;           /* pairs in which other is above base; ties count half */
    double cliffs_delta; /* Cliff 1993: P(other > base) - P(other < base), -1 to 1 */
    double p;           /* two-sided; NAN under FLOOR_RANK_TEST a side, and when all values are the same */
    bool exact;         /* p is exact; otherwise normal with corrections for ties and continuity */
} RankTest;

/* Mann and Whitney 1947 (Wilcoxon's rank sum), exact without ties and under 50 a side, as R's wilcox.test. */
RankTest ranks_mann_whitney(Sample base, Sample other);

#endif
