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

/* values[i] of both belong together: the two-sided p of Wilcoxon's signed ranks (1945), exact without ties and equal
 * pairs and under 50 pairs, as R's wilcox.test(paired = TRUE). NAN as above. */
double ranks_signed_p(Sample base, Sample other);

#endif
