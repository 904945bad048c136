// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_COMPARE_COMPARE_H
#define REPORTS_COMPARE_COMPARE_H

#include "db/store.h"

typedef struct CompareOptions {
    Store *base_store; /* where the baseline's experiment is; may be the other's store */
    int64_t base_experiment;
    Store *store;
    int64_t experiment; /* may be the baseline's: then cells are compared within it */
    const char *metric; /* NULL: all that the scenario measures */
    bool all;           /* also the automatic metrics */
    bool medians;
    char **baseline; /* "FACTOR=LEVEL" texts, NULL-terminated; or NULL */
} CompareOptions;

/* One row a metric and pair of cells; docs/statistics.md describes the columns. *ret_left_out are sentences about what
 * was not compared. ERROR_USAGE when nothing can be. */
bool compare_experiments(const CompareOptions *options, Table **ret_table, GPtrArray **ret_left_out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same with fewer columns, for a terminal. */
Table *compare_for_people(const Table *comparison);

/* The notes of all rows, each once, with how many rows have it. */
GPtrArray *compare_notes(const Table *comparison);

#endif
