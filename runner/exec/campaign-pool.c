// SPDX-License-Identifier: GPL-3.0-or-later
/* Workers that are started ahead of their runs (`start: network` and `start: pool`). The order of runs is stored before the first begins, so a
 * worker of the next planned runs is as fresh as any: it serves one run and ends with it. They are made ready in batches, and no run of theirs
 * begins before its batch is ready: what is made ready would disturb what is measured. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/exec/campaign-private.h"

enum { ROWS_LOOKED_AT = 256 };

const char *pool_phase(const RunSpec *spec)
{
    if (strcmp(spec->start, "pool") == 0)
        return "ready";
    return strcmp(spec->start, "network") == 0 ? "network" : NULL;
}

static Active *find_ahead(const Campaign *campaign, size_t row, guint *ret_index)
{
    for (guint i = 0; i < campaign->ahead->len; i++) {
        Active *active = g_ptr_array_index(campaign->ahead, i);

        if (active->row != row)
            continue;
        *ret_index = i;
        return active;
    }
    return NULL;
}

static bool is_preparing(const Active *active)
{
    return !active->dead && !slot_is_parked(active->slot);
}

static bool is_any_preparing(const Campaign *campaign)
{
    for (guint i = 0; i < campaign->ahead->len; i++)
        if (is_preparing(g_ptr_array_index(campaign->ahead, i)))
            return true;
    return false;
}

/* One that waits needs its memory and next to no processor. Pinned machines keep the processors that they were made for. */
static void park_demand(Campaign *campaign, Active *active)
{
    if (active->demand.pinned)
        return;
    admission_give(&campaign->admission, &active->demand);
    campaign->admission.memory_used_mb += active->demand.memory_mb;
}

static void unpark_demand(Campaign *campaign, Active *active)
{
    if (active->demand.pinned)
        admission_give(&campaign->admission, &active->demand);
    else
        campaign->admission.memory_used_mb -= active->demand.memory_mb;
}

/* The number that the run's next attempt will have: its folder is called so. */
static bool next_attempt(Campaign *campaign, Active *active, GError **error)
{
    g_autoptr(Table) attempts = NULL;

    if (!store_read(campaign->store, "attempts", &attempts, error, PARAM_INTEGER(active->run_id), PARAM_END))
        return false;
    active->attempt = attempts->row_count > 0 ? (unsigned) table_integer(attempts, attempts->row_count - 1, "attempt") + 1 : 1;
    active->folder = lab_attempt_folder(campaign->lab, campaign->experiment_id, active->run_id, active->attempt);
    return true;
}

/* A worker that cannot even be started is dead from the beginning: its run fails when its turn comes. */
static bool prepare_row(Campaign *campaign, size_t row, const RowPlan *plan, GError **error)
{
    Active *active = active_new(campaign, row, plan);
    g_autoptr(GError) problem = NULL;

    g_ptr_array_add(campaign->ahead, active);
    if (!next_attempt(campaign, active, error))
        return false;
    admission_take(&campaign->admission, &active->demand);
    if (campaign_start_worker(campaign, active, plan->spec, plan->levels, pool_phase(plan->spec), &problem))
        return true;
    active->dead = true;
    active->problem = g_steal_pointer(&problem);
    park_demand(campaign, active);
    return true;
}

static bool in_batch(const Campaign *campaign, size_t row)
{
    for (guint i = 0; i < campaign->batch->len; i++)
        if (g_array_index(campaign->batch, size_t, i) == row)
            return true;
    return false;
}

/* This row, and as many of those behind it as the pool has room for. */
static bool begin_batch(Campaign *campaign, size_t row, unsigned size, GError **error)
{
    size_t end = MIN(campaign->next + ROWS_LOOKED_AT, campaign->pending->len);

    g_array_append_val(campaign->batch, row);
    for (size_t next = campaign->next; next < end && campaign->ahead->len + campaign->batch->len < size; next++) {
        g_auto(RowPlan) plan = { 0 };
        guint index;

        if (campaign_gave_up(campaign, next) || in_batch(campaign, next) || find_ahead(campaign, next, &index) != NULL)
            continue;
        if (!campaign_plan_row(campaign, next, &plan, error))
            return false;
        if (pool_phase(plan.spec) != NULL)
            g_array_append_val(campaign->batch, next);
    }
    return true;
}

/* Start what is admitted of the batch. What memory has no room for beside the others must wait for the next batch. */
static bool fill(Campaign *campaign, GError **error)
{
    while (campaign->batch->len > 0) {
        size_t row = g_array_index(campaign->batch, size_t, 0);
        g_auto(RowPlan) plan = { 0 };
        g_auto(Demand) demand = { 0 };
        bool first = campaign->admission.running == 0;

        if (!campaign_plan_row(campaign, row, &plan, error))
            return false;
        demand = preflight_demand(plan.spec, campaign->settings.backend);
        if (first && campaign->ahead->len > 0
            && campaign->admission.memory_used_mb + demand.memory_mb > campaign->admission.memory_mb) {
            g_array_set_size(campaign->batch, 0);
            return true;
        }
        if (!admission_allows(&campaign->admission, &demand))
            return true;
        g_array_remove_index(campaign->batch, 0);
        if (!prepare_row(campaign, row, &plan, error))
            return false;
    }
    return true;
}

static bool hand_over(Campaign *campaign, guint index, const RunSpec *spec, const char *loud, bool *ret_started, GError **error)
{
    Active *active = g_ptr_array_index(campaign->ahead, index);

    unpark_demand(campaign, active);
    *ret_started = active->dead || admission_allows(&campaign->admission, &active->demand);
    if (*ret_started) {
        g_ptr_array_steal_index(campaign->ahead, index);
        active->loud = g_strdup(loud);
        return campaign_start_ahead(campaign, active, spec, error);
    }
    if (active->demand.pinned)
        admission_take(&campaign->admission, &active->demand);
    else
        campaign->admission.memory_used_mb += active->demand.memory_mb;
    return true;
}

bool pool_start_row(Campaign *campaign, size_t row, const RunSpec *spec, const char *loud, bool *ret_started, GError **error)
{
    guint index = 0;

    *ret_started = false;
    if (find_ahead(campaign, row, &index) == NULL && !in_batch(campaign, row) && !begin_batch(campaign, row, spec->pool, error))
        return false;
    if (!fill(campaign, error))
        return false;
    if (find_ahead(campaign, row, &index) == NULL || campaign->batch->len > 0 || is_any_preparing(campaign))
        return true;
    return hand_over(campaign, index, spec, loud, ret_started, error);
}

bool pool_take_event(Campaign *campaign, Active *active)
{
    bool was_preparing = is_preparing(active);

    if (!active->dead && !slot_read(active->slot))
        active->dead = true;
    if (was_preparing && !is_preparing(active)) {
        park_demand(campaign, active);
        campaign->full = false;
    }
    return active->dead;
}

static void drop(Campaign *campaign, guint index)
{
    Active *active = g_ptr_array_index(campaign->ahead, index);
    AttemptRecord ignored;

    if (is_preparing(active))
        admission_give(&campaign->admission, &active->demand);
    else
        unpark_demand(campaign, active);
    if (active->slot != NULL) {
        slot_kill(active->slot, "host", "its run does not begin");
        slot_finish(active->slot, &ignored);
        slot_end(active->slot);
    }
    campaign_outside_end(campaign, active, false);
    if (active->folder != NULL && !folder_remove(active->folder, NULL))
        log_warning("could not remove '%s', of a run that has not begun", active->folder);
    g_ptr_array_remove_index(campaign->ahead, index); /* frees it */
}

void pool_drop(Campaign *campaign)
{
    g_array_set_size(campaign->batch, 0);
    while (campaign->ahead->len > 0)
        drop(campaign, campaign->ahead->len - 1);
}

void pool_drop_given_up(Campaign *campaign)
{
    for (guint i = campaign->batch->len; i-- > 0;)
        if (campaign_gave_up(campaign, g_array_index(campaign->batch, size_t, i)))
            g_array_remove_index(campaign->batch, i);
    for (guint i = campaign->ahead->len; i-- > 0;)
        if (campaign_gave_up(campaign, ((Active *) g_ptr_array_index(campaign->ahead, i))->row))
            drop(campaign, i);
}
