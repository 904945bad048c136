// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_BREAKER_H
#define RUNNER_EXEC_BREAKER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* When it is no use to go on: a night of failures tells no more than the first of them. Counts runs as they end, retries included in
 * their run; a run that completes begins the count anew. Knows numbers only. */
typedef struct Breaker {
    unsigned cell_limit, host_limit; /* failed runs in a row; 0: never */
    unsigned host_failures;          /* in a row, of whichever cells, for what may be the host's fault */
    GHashTable *cells;               /* cell's number -> failed runs in a row; NULL: none has ended yet */
    unsigned cells_left;             /* that were given up */
} Breaker;

typedef enum { BREAKER_HOLDS, BREAKER_LEAVES_CELL, BREAKER_LEAVES_HOST } BreakerVerdict;

/* A run of a cell has ended for good; `host_like`: its failure may be the host's fault (retry.h). Says what is given up by this
 * very run. */
BreakerVerdict breaker_note(Breaker *breaker, int64_t cell_id, bool failed, bool host_like);

/* Whether a cell was given up; it stays so. */
bool breaker_has_left(const Breaker *breaker, int64_t cell_id);

void breaker_clear(Breaker *breaker);

#endif
