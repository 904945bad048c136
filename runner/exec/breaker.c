// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/breaker.h"

static unsigned failures_of(const Breaker *breaker, int64_t cell_id)
{
    return breaker->cells != NULL ? GPOINTER_TO_UINT(g_hash_table_lookup(breaker->cells, &cell_id)) : 0;
}

static void set_failures(Breaker *breaker, int64_t cell_id, unsigned failures)
{
    if (breaker->cells == NULL)
        breaker->cells = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_hash_table_replace(breaker->cells, g_memdup2(&cell_id, sizeof cell_id), GUINT_TO_POINTER(failures));
}

bool breaker_has_left(const Breaker *breaker, int64_t cell_id)
{
    return breaker->cell_limit > 0 && failures_of(breaker, cell_id) >= breaker->cell_limit;
}

BreakerVerdict breaker_note(Breaker *breaker, int64_t cell_id, bool failed, bool host_like)
{
    bool left = breaker_has_left(breaker, cell_id);

    /* A failure of its own doing says nothing of the host, good or bad. */
    if (!failed)
        breaker->host_failures = 0;
    else if (host_like)
        breaker->host_failures++;
    if (!left) /* what was under way when its cell was given up does not bring it back */
        set_failures(breaker, cell_id, failed ? failures_of(breaker, cell_id) + 1 : 0);
    if (breaker->host_limit > 0 && failed && host_like && breaker->host_failures == breaker->host_limit)
        return BREAKER_LEAVES_HOST;
    if (left || !breaker_has_left(breaker, cell_id))
        return BREAKER_HOLDS;
    breaker->cells_left++;
    return BREAKER_LEAVES_CELL;
}

void breaker_clear(Breaker *breaker)
{
    g_clear_pointer(&breaker->cells, g_hash_table_unref);
}
