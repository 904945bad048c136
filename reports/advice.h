// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_ADVICE_H
#define REPORTS_ADVICE_H

#include "reports/compare/side.h"

/* What the data of an experiment can say about how it was made, item by item of SIGPLAN's checklist for empirical
 * evaluations (Berger, Blackburn, Hauswirth and Hicks, 2018). Most items are about the text of a paper: no program can
 * check those. */

/* What the rules look at. */
typedef struct Evidence {
    Store *store;
    Side *side;        /* the metrics that the scenario measures, or all when it measures none */
    Table *experiment; /* experiment.sql */
    Table *runs;       /* counted-runs.sql: one row a cell, in the design's order */
    Table *places;     /* advice-places.sql */
    GPtrArray *advice; /* Advice */
} Evidence;

typedef struct Advice {
    const struct AdviceRule *rule;
    char *where; /* "delay=1ms, rtt"; "" for the experiment as a whole */
    char *text;  /* what is the matter, and what to do */
} Advice;

/* To add a rule: a function and a row in advice-rules.c, and a case in tests/unit/reports/test-advice.c. */
typedef struct AdviceRule {
    const char *name; /* "few-runs" */
    const char *item; /* of the checklist */
    bool (*look)(Evidence *evidence, const struct AdviceRule *rule, GError **error);
} AdviceRule;

extern const AdviceRule advice_rules[]; /* the last has no name */

void advice_add(Evidence *evidence, const AdviceRule *rule, const char *where, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* Columns rule, item, where and advice; in the order of the rules. No row: nothing is the matter. */
bool advice_read(Store *store, int64_t experiment_id, Table **ret_table, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
