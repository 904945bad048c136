// SPDX-License-Identifier: GPL-3.0-or-later
/* What attempts make on an external libvirt, which no namespace takes away: noted before, swept after a death, forgotten once it is gone. */
#include "runner/base/fault.h"
#include "runner/base/log.h"
#include "runner/exec/campaign-private.h"
#include "runner/exec/sweep.h"
#include "runner/vm/outside.h"

bool campaign_outside_begin(Campaign *campaign, Active *active, GError **error)
{
    if (campaign->owner == NULL)
        return true;
    active->scratch = outside_scratch_name(campaign->owner);
    if (!store_outside_note(campaign->store, active->run_id, active->attempt, campaign->settings.uri, active->scratch, error))
        return false;
    fault_point("outside-noted");
    return outside_scratch_make(active->scratch, error);
}

/* Elsewhere than on our own libvirt a killed worker's machines may go on, and would disturb the next runs. What cannot be removed now stays
 * noted. */
void campaign_outside_end(Campaign *campaign, Active *active, bool ended_well)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) problem = NULL;

    if (campaign->owner == NULL || active->scratch == NULL)
        return;
    fault_point("outside-over");
    if ((!ended_well && !sweep_outside(campaign->options->program, campaign->settings.uri, campaign->owner, active->run_id, &problem))
        || !outside_folder_remove(active->scratch, false, folders, &problem)
        || !store_outside_forget(campaign->store, active->run_id, active->attempt, &problem))
        log_warning("%s; 'trialbed clean' tries again", problem->message);
    g_clear_pointer(&active->scratch, g_free);
}

bool campaign_outside_sweep(Campaign *campaign, GError **error)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Table) left = NULL;

    if (campaign->owner == NULL)
        return true;
    if (!sweep_outside(campaign->options->program, campaign->settings.uri, campaign->owner, 0, error)
        || !outside_scratch_remove(campaign->owner, false, folders, error)
        || !store_read(campaign->store, "outside", &left, error, PARAM_INTEGER(campaign->experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < left->row_count; row++)
        if (!store_outside_forget(campaign->store, table_integer(left, row, "run_id"), (unsigned) table_integer(left, row, "attempt"),
                                  error))
            return false;
    return true;
}
