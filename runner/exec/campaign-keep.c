// SPDX-License-Identifier: GPL-3.0-or-later
/* Workers that keep their machines for the next run of their cell (`start: keep`). At most one waits for a cell: with more than one run of a cell
 * under way, each has machines of its own, and the last to end gives its own away. */
#include <string.h>

#include "runner/exec/campaign-private.h"

/* Rows that are searched for another run of a cell; of larger sweeps the machines may end early. */
enum { ROWS_LOOKED_AT = 100000 };

static void forget(Campaign *campaign, guint index)
{
    Kept *kept = g_ptr_array_index(campaign->kept, index);

    campaign->admission.memory_used_mb -= kept->memory_mb;
    campaign->full = false;
    g_ptr_array_steal_index(campaign->kept, index);
    slot_free(kept->slot);
    g_free(kept);
}

static bool find_kept(const Campaign *campaign, int64_t cell_id, guint *ret_index)
{
    for (guint i = 0; i < campaign->kept->len; i++) {
        if (((const Kept *) g_ptr_array_index(campaign->kept, i))->cell_id != cell_id)
            continue;
        *ret_index = i;
        return true;
    }
    return false;
}

static int64_t cell_of(const Campaign *campaign, size_t row)
{
    return pending_run(campaign->pending, row)->cell_id;
}

static bool has_another_run(const Campaign *campaign, int64_t cell_id)
{
    size_t end = MIN(campaign->next + ROWS_LOOKED_AT, campaign->pending->len);

    if (breaker_has_left(&campaign->breaker, cell_id))
        return false;
    for (guint i = 0; i < campaign->again->len; i++)
        if (cell_of(campaign, g_array_index(campaign->again, Retry, i).row) == cell_id)
            return true;
    for (size_t row = campaign->next; row < end; row++)
        if (cell_of(campaign, row) == cell_id)
            return true;
    return false;
}

void keep_worker(Campaign *campaign, Active *active)
{
    int64_t cell_id = cell_of(campaign, active->row);
    Kept *kept;
    guint index;

    if (!slot_is_kept(active->slot) || find_kept(campaign, cell_id, &index) || !has_another_run(campaign, cell_id))
        return;
    kept = g_new0(Kept, 1);
    *kept = (Kept) { g_steal_pointer(&active->slot), cell_id, active->demand.memory_mb };
    campaign->admission.memory_used_mb += kept->memory_mb;
    g_ptr_array_add(campaign->kept, kept);
}

/* A worker that has ended meanwhile is no reason for a run to fail: it gets machines of its own. */
Slot *keep_take(Campaign *campaign, const Active *active, const Job *job, int64_t timeout_ms)
{
    g_autoptr(Slot) slot = NULL;
    guint index;

    if (!find_kept(campaign, cell_of(campaign, active->row), &index))
        return NULL;
    slot = g_steal_pointer(&((Kept *) g_ptr_array_index(campaign->kept, index))->slot);
    forget(campaign, index);
    return slot_renew(slot, job, active->run_id, active->attempt, timeout_ms, NULL) ? g_steal_pointer(&slot) : NULL;
}

unsigned keep_memory_mb(const Campaign *campaign, size_t row)
{
    guint index;

    return find_kept(campaign, cell_of(campaign, row), &index) ? ((const Kept *) g_ptr_array_index(campaign->kept, index))->memory_mb : 0;
}

bool keep_make_room(Campaign *campaign, size_t row)
{
    for (guint i = 0; i < campaign->kept->len; i++) {
        if (((const Kept *) g_ptr_array_index(campaign->kept, i))->cell_id == cell_of(campaign, row))
            continue;
        forget(campaign, i);
        return true;
    }
    return false;
}

void keep_drop(Campaign *campaign)
{
    while (campaign->kept->len > 0)
        forget(campaign, campaign->kept->len - 1);
}
