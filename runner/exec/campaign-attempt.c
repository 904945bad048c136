// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/fault.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/exec/attempt.h"
#include "runner/exec/campaign-private.h"
#include "runner/exec/leftovers.h"
#include "runner/exec/outcome.h"
#include "runner/exec/preflight.h"
#include "runner/exec/retry.h"
#include "runner/exec/steadiness.h"
#include "runner/vm/accel.h"
#include "runner/vm/outside.h"
#include "runner/vm/wire/wire.h"

void active_free(void *data)
{
    Active *active = data;

    slot_free(active->slot);
    g_free(active->scratch);
    g_free(active->fingerprint);
    g_free(active->cell);
    g_free(active->label);
    g_free(active->folder);
    g_free(active->platform);
    g_free(active->worker_cpus);
    g_free(active->other_accel);
    g_free(active->loud);
    g_free(active->taint);
    if (active->samples != NULL)
        g_array_unref(active->samples);
    demand_clear(&active->demand);
    g_clear_error(&active->problem);
    g_free(active);
}

bool campaign_has_room(const Campaign *campaign, GError **error)
{
    return strcmp(campaign->settings.backend, "fake") == 0 || preflight_room(campaign->lab, error);
}

/* What the user cut short is still to be done, and so is what the host may have spoilt while its disk was full. */
static bool is_final(const Campaign *campaign, const Active *active, const AttemptRecord *attempt)
{
    if (attempt->status == ATTEMPT_COMPLETED)
        return true;
    if (active->stopped)
        return false;
    if (!retry_may_help(attempt->failure_class))
        return true;
    return pending_run(campaign->pending, active->row)->tries > campaign->retries && campaign_has_room(campaign, NULL);
}

static void try_again(Campaign *campaign, const Active *active)
{
    int64_t pause_ms = retry_pause_ms(campaign->scenario->retry_backoff_ms, pending_run(campaign->pending, active->row)->tries);
    Retry retry = { active->row, clock_monotonic_ns() + pause_ms * 1000000 };

    g_array_append_val(campaign->again, retry);
}

/* Whether to go on with this cell, and at all. */
static BreakerVerdict judge(Campaign *campaign, const Active *active, const AttemptRecord *attempt)
{
    bool failed = attempt->status == ATTEMPT_FAILED;
    BreakerVerdict verdict = breaker_note(&campaign->breaker, pending_run(campaign->pending, active->row)->cell_id, failed,
                                          retry_may_help(attempt->failure_class));
    unsigned limit = campaign->options->halt_failures;

    if (verdict == BREAKER_LEAVES_HOST && campaign->result.stop == CAMPAIGN_TO_THE_END)
        campaign->result.stop = CAMPAIGN_HOST_BROKEN;
    if (limit > 0 && campaign->result.failed >= limit && campaign->result.stop == CAMPAIGN_TO_THE_END)
        campaign->result.stop = CAMPAIGN_HALTED;
    return verdict;
}

static void account(Campaign *campaign, const Active *active, const AttemptRecord *attempt)
{
    bool failed = attempt->status == ATTEMPT_FAILED;

    admission_give(&campaign->admission, &active->demand);
    campaign->full = false;
    if (attempt->final) {
        campaign->result.completed += !failed;
        campaign->result.tainted += !failed && active->taint != NULL;
        campaign->result.failed += failed;
        if (!failed)
            agenda_note(campaign->agenda, pending_run(campaign->pending, active->row)->cell_id, attempt->duration_ns);
        progress_run_done(&campaign->progress, failed, clock_monotonic_ns());
    } else if (!active->stopped) {
        try_again(campaign, active);
    }
}

/* Content that the database refuses fails its attempt; only a database that cannot take even that stops the experiment.
 * On a full disk the attempt is left as it is: it will be done again, once there is room. */
static bool store_attempt(Campaign *campaign, const OutcomePlace *place, AttemptRecord *attempt, GError **error)
{
    g_autoptr(GError) problem = NULL;

    if (outcome_store(campaign->store, place, attempt, &problem))
        return true;
    if (campaign_has_room(campaign, NULL))
        return outcome_store_refused(campaign->store, place, attempt, problem, error);
    g_propagate_error(error, g_steal_pointer(&problem));
    return false;
}

/* A worker that was killed may have made disks for machines that it had no time to start. They are no evidence of anything. */
static void remove_disks(const Active *active, const AttemptRecord *attempt)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) problem = NULL;

    if (attempt->status != ATTEMPT_COMPLETED && !leftovers_disks(active->folder, false, found, &problem))
        log_warning("%s: %s", active->label, problem->message);
}

/* One finished attempt becomes one transaction; only then people hear of it. `problem`: why it failed, if `attempt` does
 * not say. Frees `active`. */
static bool end_attempt(Campaign *campaign, Active *active, AttemptRecord *attempt, const GError *problem, GError **error)
{
    g_autoptr(GStringChunk) strings = g_string_chunk_new(4096);
    OutcomePlace place = { campaign->lab->folder, active->folder, strings };
    g_autofree char *reason = problem != NULL ? error_first_line(problem) : NULL;
    g_autoptr(GArray) events = NULL;

    if (reason != NULL)
        attempt->failure_reason = reason;
    if (attempt->platform == NULL)
        attempt->platform = active->platform;
    if (attempt->backend == NULL)
        attempt->backend = campaign->settings.backend;
    attempt->concurrent = active->concurrent;
    campaign_noise_end(campaign, active, attempt);
    events = steadiness_events(campaign->scenario, attempt, strings);
    attempt->events = (const EventRecord *) (void *) events->data;
    attempt->event_count = events->len;
    attempt->fingerprint = active->fingerprint;
    attempt->final = is_final(campaign, active, attempt);
    remove_disks(active, attempt);
    fault_point("attempt-over");
    if (!store_attempt(campaign, &place, attempt, error)) {
        g_prefix_error(error, "%s: ", active->label);
        return false;
    }
    fault_point("attempt-stored");
    if (active->slot != NULL)
        keep_worker(campaign, active); /* takes it out, or not */
    if (active->slot != NULL)
        slot_end(active->slot);
    campaign_outside_end(campaign, active, attempt->status == ATTEMPT_COMPLETED);
    account(campaign, active, attempt);
    campaign_log_attempt_end(campaign, active, attempt);
    campaign_tell(campaign, active, attempt);
    if (attempt->final)
        campaign_tell_verdict(campaign, active, judge(campaign, active, attempt));
    g_ptr_array_remove(campaign->active, active);
    return true;
}

/* The same cell's same repetition has the same luck, in every attempt and wherever it is run again with that seed. */
static int64_t link_seed(const Campaign *campaign, const Active *active)
{
    const PendingRun *run = pending_run(campaign->pending, active->row);
    g_autofree char *text = g_strdup_printf("%s\n%s %u", active->cell, run->warmup ? "warm-up" : "repetition", run->repetition);

    return (int64_t) (wire_stream(text) ^ (uint64_t) campaign->seed);
}

/* The CPUs one by one, as the virtual processors get them; NULL: they run anywhere. */
static char *pins_text(const Demand *demand)
{
    GString *text = g_string_new(NULL);

    for (int cpu = 0; demand->pinned && cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &demand->pins))
            g_string_append_printf(text, "%s%d", text->len > 0 ? "," : "", cpu);
    return g_string_free(text, !demand->pinned);
}

/* What was chosen when the experiment began; NULL: nothing. */
static const char *first_accel(const Campaign *campaign, const char *wish)
{
    g_autofree char *key = g_strconcat("accelerator.", wish, NULL);

    return environment_stored(campaign->environment, key);
}

/* An experiment that is resumed where KVM is gone, or has come, must not mix the two without a word. */
static bool choose_accel(const Campaign *campaign, Active *active, const RunSpec *spec, const char **ret_accel, GError **error)
{
    const char *wish = preflight_accel(spec), *first = first_accel(campaign, wish);
    g_autofree char *reason = NULL;

    *ret_accel = wish;
    if (strcmp(wish, "none") == 0)
        return true;
    if (!accel_choose(wish, campaign->lab->cache, ret_accel, &reason, error))
        return false;
    if (first != NULL && strcmp(first, *ret_accel) != 0)
        active->other_accel = g_strdup_printf("accelerator %s, but the experiment began with %s", *ret_accel, first);
    return true;
}

/* What a worker may take for all but its last duties. */
static int64_t attempt_time_ms(const RunSpec *spec)
{
    return spec->timeout_ms + (spec->teardown_count > 0 ? ATTEMPT_TEARDOWN_MS : 0);
}

bool campaign_start_worker(Campaign *campaign, Active *active, const RunSpec *spec, const char **levels, const char *park, GError **error)
{
    g_autofree char *pins = pins_text(&active->demand);
    const char *accel = "fake";
    Job job = {
        .scenario = campaign->scenario_path, .levels = (char **) levels, .lab = campaign->lab->folder,
        .folder = active->folder, .images = campaign->lab->images, .cache = campaign->lab->cache,
        .backend = campaign->settings.backend, .uri = campaign->settings.uri, .owner = campaign->owner, .pins = pins, .worker_cpus = active->worker_cpus,
        .park = park,
        .uuid = campaign->uuid, .run_id = active->run_id, .seed = link_seed(campaign, active),
    };

    if (strcmp(job.backend, "fake") != 0 && !choose_accel(campaign, active, spec, &accel, error))
        return false;
    job.accel = accel;
    if (!lab_folder_begin(active->folder, error) || (park != NULL && !lab_folder_mark_ahead(active->folder, error))
        || !campaign_outside_begin(campaign, active, error))
        return false;
    fault_point("worker-begins");
    job.scratch = active->scratch;
    if (strcmp(spec->start, "keep") == 0 && (active->slot = keep_take(campaign, active, &job, attempt_time_ms(spec))) != NULL)
        return true;
    active->slot = slot_start(campaign->nursery, &job, active->run_id, active->attempt, attempt_time_ms(spec), error);
    return active->slot != NULL;
}

Active *active_new(Campaign *campaign, size_t row, const RowPlan *plan)
{
    const PendingRun *run = pending_run(campaign->pending, row);
    Active *active = g_new0(Active, 1);

    active->row = row;
    active->run_id = run->run_id;
    active->platform = g_strdup(plan->spec->platform);
    active->fingerprint = inputs_fingerprint(campaign->inputs, plan->spec);
    active->demand = preflight_demand(plan->spec, campaign->settings.backend);
    active->worker_cpus = g_strdup(plan->spec->pin_worker);
    active->cell = g_strdup(plan->cell);
    active->label = g_strdup_printf("run %" G_GINT64_FORMAT " (%s, %s %u)", run->run_id, plan->cell, run->warmup ? "warm-up" : "repetition",
                                    run->repetition);
    return active;
}

/* The most that a run had beside it at any time is what may have disturbed it. */
static void note_company(Campaign *campaign)
{
    for (guint i = 0; i < campaign->active->len; i++) {
        Active *active = g_ptr_array_index(campaign->active, i);

        active->concurrent = MAX(active->concurrent, campaign->active->len);
    }
}

bool campaign_start_attempt(Campaign *campaign, Active *active, const RunSpec *spec, const char **levels, GError **error)
{
    g_autoptr(GError) problem = NULL;
    AttemptRecord attempt;

    if (!store_attempt_start(campaign->store, active->run_id, clock_realtime_ns(), &active->attempt, error)) {
        active_free(active);
        return false;
    }
    active->folder = lab_attempt_folder(campaign->lab, campaign->experiment_id, active->run_id, active->attempt);
    g_ptr_array_add(campaign->active, active);
    note_company(campaign);
    admission_take(&campaign->admission, &active->demand);
    pending_run(campaign->pending, active->row)->tries++;
    campaign_noise_begin(campaign, active);
    campaign_log_attempt_begin(campaign, active);
    fault_point("attempt-begins");
    if (campaign_start_worker(campaign, active, spec, levels, NULL, &problem))
        return true;
    attempt = (AttemptRecord) { .run_id = active->run_id, .attempt = active->attempt, .status = ATTEMPT_FAILED,
                                .failure_class = "host", .failure_phase = "prepare" };
    return end_attempt(campaign, active, &attempt, problem, error);
}

/* Its time begins before the database knows: the worker is told at once. */
bool campaign_start_ahead(Campaign *campaign, Active *active, const RunSpec *spec, GError **error)
{
    g_autoptr(GError) problem = g_steal_pointer(&active->problem);
    AttemptRecord attempt = { .run_id = active->run_id, .attempt = active->attempt, .status = ATTEMPT_FAILED,
                              .failure_class = "host", .failure_phase = "prepare" };
    unsigned number;

    g_ptr_array_add(campaign->active, active);
    note_company(campaign);
    admission_take(&campaign->admission, &active->demand);
    pending_run(campaign->pending, active->row)->tries++;
    if (!lab_folder_unmark_ahead(active->folder, problem == NULL ? &problem : NULL))
        active->dead = true;
    if (!store_attempt_start(campaign->store, active->run_id, clock_realtime_ns(), &number, error))
        return false;
    if (number != active->attempt)
        return error_set(error, ERROR_BUG, "%s: attempt %u was made ready, and attempt %u begins", active->label, active->attempt, number);
    campaign_noise_begin(campaign, active);
    campaign_log_attempt_begin(campaign, active);
    if (!active->dead && !slot_go(active->slot, attempt_time_ms(spec), &problem))
        active->dead = true;
    if (!active->dead)
        return true;
    if (active->slot == NULL)
        return end_attempt(campaign, active, &attempt, problem, error);
    if (problem != NULL) /* it still lives, but cannot be used */
        slot_kill(active->slot, "host", problem->message);
    return campaign_finish_attempt(campaign, active, error);
}

bool campaign_finish_attempt(Campaign *campaign, Active *active, GError **error)
{
    AttemptRecord attempt;

    slot_finish(active->slot, &attempt);
    return end_attempt(campaign, active, &attempt, NULL, error);
}

void campaign_drop_attempts(Campaign *campaign)
{
    pool_drop(campaign);
    keep_drop(campaign);
    g_ptr_array_unref(campaign->kept);
    g_ptr_array_unref(campaign->ahead);
    g_array_unref(campaign->batch);
    for (guint i = 0; i < campaign->active->len; i++) {
        Active *active = g_ptr_array_index(campaign->active, i);
        AttemptRecord ignored;

        if (active->slot == NULL)
            continue;
        slot_kill(active->slot, "host", "the coordinator ended");
        slot_finish(active->slot, &ignored);
        campaign_outside_end(campaign, active, false);
    }
    g_ptr_array_unref(campaign->active);
}
