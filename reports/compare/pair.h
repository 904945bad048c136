// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_COMPARE_PAIR_H
#define REPORTS_COMPARE_PAIR_H

#include "reports/compare/side.h"
#include "stats/means.h"
#include "stats/ranks.h"

#define COMPARE_ALPHA 0.05
#define COMPARE_CONFIDENCE 0.95
#define COMPARE_POWER 0.8 /* with which a difference of the size "could have seen" would have been shown */

/* One metric of one cell against its baseline. */
typedef struct Pair {
    const SideMetric *metric; /* of the other side */
    size_t base_cell, cell;   /* indices in the designs */
    bool paired;              /* by block; never with medians */
    bool medians;             /* medians, bootstrap and ranks instead of means and Student's t */
    size_t base_n, n;         /* runs that were compared */
    size_t without_partner;   /* counted runs that were not, for want of a run of the same block */
    double base_centre, centre;
    double difference, ratio;
    Interval difference_interval, ratio_interval;
    MeanTest test;            /* of the means, also when medians are shown */
    RankTest ranks;           /* its p is that of signed ranks when paired */
    double p, p_holm;         /* of the test that the verdict follows */
    double rank_p_holm;
    double detectable;        /* difference of means that could have been seen; NAN with medians */
} Pair;

/* All but what depends on the other comparisons (p_holm, rank_p_holm, detectable). */
Pair pair_compute(const SideMetric *base, size_t base_cell, const SideMetric *other, size_t cell, bool paired,
                  bool medians);

/* What depends on them: corrections for their number. */
void pairs_correct(Pair *pairs, size_t count);

/* In plain words: "faster", "no difference shown (n = 20, could have seen 3 %)". Caller frees. */
char *pair_verdict(const Pair *pair);

/* What the numbers do not say by themselves, or NULL. Caller frees. */
char *pair_note(const Pair *pair);

#endif
