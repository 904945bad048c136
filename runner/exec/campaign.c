// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/campaign.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/exec/campaign-private.h"

enum { POLL_MS = 200, NO_RETRY = G_MAXUINT };

static const char **cell_levels(Campaign *campaign, int64_t cell_id, Table **ret_table, GError **error)
{
    const char **levels;

    if (!store_read(campaign->store, "cell-levels", ret_table, error, PARAM_INTEGER(cell_id), PARAM_END))
        return NULL;
    levels = g_new0(const char *, (*ret_table)->row_count + 1);
    for (size_t i = 0; i < (*ret_table)->row_count; i++)
        levels[i] = table_text(*ret_table, i, "level");
    return levels;
}

static bool cell_label(Campaign *campaign, int64_t cell_id, char **ret_label, GError **error)
{
    g_autoptr(Table) cell = NULL;

    if (!store_read(campaign->store, "cell-label", &cell, error, PARAM_INTEGER(cell_id), PARAM_END))
        return false;
    *ret_label = g_strdup(table_text(cell, 0, "cell"));
    return true;
}

void row_plan_clear(RowPlan *plan)
{
    g_free(plan->cell);
    run_spec_free(plan->spec);
    g_free(plan->levels);
    table_free(plan->level_table);
}

bool campaign_plan_row(Campaign *campaign, size_t row, RowPlan *ret_plan, GError **error)
{
    int64_t cell_id = pending_run(campaign->pending, row)->cell_id;
    g_auto(RowPlan) plan = { 0 };

    if (!cell_label(campaign, cell_id, &plan.cell, error))
        return false;
    plan.levels = cell_levels(campaign, cell_id, &plan.level_table, error);
    plan.spec = plan.levels != NULL ? scenario_resolve(campaign->scenario, plan.levels, error) : NULL;
    if (plan.spec == NULL)
        return false;
    *ret_plan = plan;
    plan = (RowPlan) { 0 };
    return true;
}

/* The memory of machines that are kept for this row's cell is there for it; others' are given up before the run has to wait for nobody. */
static bool may_begin(Campaign *campaign, size_t row, const Demand *demand)
{
    unsigned kept_mb = keep_memory_mb(campaign, row);
    bool allowed;

    campaign->admission.memory_used_mb -= kept_mb;
    do {
        allowed = admission_allows(&campaign->admission, demand);
    } while (!allowed && keep_make_room(campaign, row));
    campaign->admission.memory_used_mb += kept_mb;
    return allowed;
}

/* Start the run of one row of `pending`, if it is admitted. *ret_started says whether it was. `loud`: what of the host is too loud for
 * it; may be NULL. */
static bool start_row(Campaign *campaign, size_t row, const char *loud, bool *ret_started, GError **error)
{
    g_auto(RowPlan) plan = { 0 };
    Active *active;

    *ret_started = false;
    if (!campaign_plan_row(campaign, row, &plan, error))
        return false;
    if (pool_phase(plan.spec) != NULL)
        return pool_start_row(campaign, row, plan.spec, loud, ret_started, error);
    active = active_new(campaign, row, &plan);
    active->loud = g_strdup(loud);
    *ret_started = may_begin(campaign, row, &active->demand);
    if (*ret_started)
        return campaign_start_attempt(campaign, active, plan.spec, plan.levels, error);
    active_free(active);
    return true;
}

static bool may_start(Campaign *campaign)
{
    return campaign->result.stop == CAMPAIGN_TO_THE_END && !agenda_is_over(campaign->agenda)
           && (campaign->again->len > 0 || campaign->next < campaign->pending->len);
}

bool campaign_gave_up(const Campaign *campaign, size_t row)
{
    return breaker_has_left(&campaign->breaker, pending_run(campaign->pending, row)->cell_id);
}

/* Whatever of a cell is left when it is given up stays planned. */
static void pass_over(Campaign *campaign)
{
    for (guint i = campaign->again->len; i-- > 0;)
        if (campaign_gave_up(campaign, g_array_index(campaign->again, Retry, i).row))
            g_array_remove_index(campaign->again, i);
    while (campaign->next < campaign->pending->len && campaign_gave_up(campaign, campaign->next))
        campaign->next++;
    pool_drop_given_up(campaign);
}

/* The next row: of those that wait for another attempt the first that has waited long enough, else one that has not begun. False:
 * none yet. */
static bool next_row(Campaign *campaign, size_t *ret_row, guint *ret_retry)
{
    int64_t now_ns = clock_monotonic_ns();

    for (*ret_retry = 0; *ret_retry < campaign->again->len; ++*ret_retry) {
        const Retry *retry = &g_array_index(campaign->again, Retry, *ret_retry);

        *ret_row = retry->row;
        if (retry->due_ns <= now_ns)
            return true;
    }
    *ret_retry = NO_RETRY;
    *ret_row = campaign->next;
    return campaign->next < campaign->pending->len;
}

/* One row at a time. A worker that could not be started ends the round, so that a host in trouble gets a pause, and we look for
 * signals. */
static bool start_runs(Campaign *campaign, GError **error)
{
    bool alive = true;
    size_t row;
    guint retry;

    /* On a full disk nothing begins, but what is under way may still end well. */
    if (may_start(campaign) && !campaign_has_room(campaign, campaign->active->len == 0 ? error : NULL))
        return campaign->active->len > 0;
    while (alive && !campaign->full && may_start(campaign)) {
        guint before = campaign->active->len;
        g_autofree char *loud = NULL;
        bool started;

        pass_over(campaign);
        if (!next_row(campaign, &row, &retry) || !agenda_allows(campaign->agenda, campaign->pending, row)
            || !campaign_noise_allows(campaign, &loud))
            break;
        if (!start_row(campaign, row, loud, &started, error))
            return false;
        campaign->full = !started;
        if (started && retry != NO_RETRY)
            g_array_remove_index(campaign->again, retry); /* a worker that could not start has put it behind the others */
        else
            campaign->next += started;
        alive = campaign->active->len > before;
    }
    campaign->progress.running = campaign->active->len;
    campaign_tell_current(campaign);
    return true;
}

static void tell_resume(Campaign *campaign)
{
    g_autofree char *line = g_strdup_printf("'%s' goes on later", campaign->options->resume);

    if (campaign->options->resume != NULL)
        progress_line(&campaign->progress, line);
}

static void take_signal(Campaign *campaign)
{
    struct signalfd_siginfo info;

    if (read(campaign->signals, &info, sizeof info) != sizeof info)
        return;
    campaign->stops++;
    campaign_log_stop(campaign);
    campaign->result.stop = CAMPAIGN_INTERRUPTED;
    if (campaign->stops == 1) {
        progress_line(&campaign->progress,
                      "stopping: runs that are under way are finished first; Ctrl-C once more ends them at once");
        tell_resume(campaign);
        return;
    }
    for (guint i = 0; i < campaign->active->len; i++) {
        Active *active = g_ptr_array_index(campaign->active, i);

        active->stopped = true;
        slot_kill(active->slot, "host", "stopped by the user");
    }
}

/* Wait for something to happen, and take it. */
static bool wait_events(Campaign *campaign, GError **error)
{
    struct pollfd fds[2 * ADMISSION_RUNS_MAX + 1] = { { .fd = campaign->signals, .events = POLLIN } };
    guint count = campaign->active->len, ahead = MIN(campaign->ahead->len, ADMISSION_RUNS_MAX);
    int64_t now_ns;

    for (guint i = 0; i < count; i++)
        fds[i + 1] = (struct pollfd) { .fd = slot_fd(((Active *) g_ptr_array_index(campaign->active, i))->slot), .events = POLLIN };
    for (guint i = 0; i < ahead; i++) {
        const Active *active = g_ptr_array_index(campaign->ahead, i);

        fds[count + 1 + i] = (struct pollfd) { .fd = active->dead ? -1 : slot_fd(active->slot), .events = POLLIN };
    }
    poll(fds, count + ahead + 1, POLL_MS);
    if (fds[0].revents != 0)
        take_signal(campaign);
    now_ns = clock_monotonic_ns();
    for (guint i = count; i-- > 0;) { /* from behind: finished ones are removed */
        Active *active = g_ptr_array_index(campaign->active, i);

        slot_check_deadline(active->slot, now_ns);
        if (fds[i + 1].revents != 0 && !slot_read(active->slot) && !campaign_finish_attempt(campaign, active, error))
            return false;
    }
    for (guint i = 0; i < ahead; i++) {
        Active *active = g_ptr_array_index(campaign->ahead, i);

        if (!active->dead)
            slot_check_deadline(active->slot, now_ns);
        if (fds[count + 1 + i].revents != 0)
            pool_take_event(campaign, active);
    }
    progress_tick(&campaign->progress);
    return true;
}

/* A terminal that is closed (HUP) stops us as Ctrl-C does, but not under nohup. Whoever read our messages and went away (PIPE) does
 * not end a sweep. */
static bool signals_take(Campaign *campaign, sigset_t *before, GError **error)
{
    struct sigaction hangup;
    sigset_t taken;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&taken);
    sigaddset(&taken, SIGINT);
    sigaddset(&taken, SIGTERM);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaddset(&taken, SIGHUP);
    sigprocmask(SIG_BLOCK, &taken, before);
    campaign->signals = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
    if (campaign->signals < 0)
        return error_set_errno(error, ERROR_HOST, "could not watch for signals");
    return true;
}

/* TOUR 3/8: the coordinator. It starts workers, gathers what they say, and writes every finished attempt in one
 * transaction. It never touches a machine itself. Next: runner/exec/worker.c. */
static bool campaign_loop(Campaign *campaign, GError **error)
{
    bool more = true;

    while (more) {
        while (campaign->active->len > 0 || may_start(campaign)) {
            if (!may_start(campaign)) {
                pool_drop(campaign);
                keep_drop(campaign);
            }
            if (!start_runs(campaign, error) || !wait_events(campaign, error))
                return false;
        }
        keep_drop(campaign);
        pool_drop(campaign); /* of rows that were stopped: the next round has other rows */
        more = false;
        if (campaign->result.stop == CAMPAIGN_TO_THE_END && !campaign_load_more(campaign, &more, error))
            return false;
    }
    return true;
}

static bool end_agenda(Campaign *campaign, GError **error)
{
    size_t withdrawn = 0;

    if (campaign->result.stop == CAMPAIGN_TO_THE_END && !agenda_close(campaign->agenda, &withdrawn, error))
        return false;
    campaign->progress.total -= withdrawn;
    return agenda_tell(campaign->agenda, error);
}

/* Whatever nothing is measured in may still be on its way to the disk (lost-files.h). Once nobody goes on, no attempt without an end would tell of
 * a power cut. */
static void sync_lab(const Campaign *campaign)
{
    g_autoptr(GError) problem = NULL;

    if (strcmp(campaign->settings.backend, "fake") != 0 && !folder_sync_disk(campaign->lab->folder, &problem))
        log_warning("%s", problem->message);
}

/* What nobody does because the breaker gave it up. */
static bool count_given_up(Campaign *campaign, GError **error)
{
    CampaignResult *result = &campaign->result;

    result->left_cells = campaign->breaker.cells_left;
    if (result->left_cells == 0)
        return true;
    if (!campaign_load_pending(campaign, error))
        return false;
    result->left_in_cells = agenda_given_up_cells(campaign->agenda);
    for (size_t row = 0; row < campaign->pending->len; row++)
        result->left_in_cells += campaign_gave_up(campaign, row);
    return true;
}

/* Also after an error: then the workers that are left must not outlive us. */
static void campaign_clear(Campaign *campaign)
{
    campaign_drop_attempts(campaign);
    nursery_free(campaign->nursery);
    g_array_unref(campaign->again);
    breaker_clear(&campaign->breaker);
    admission_clear(&campaign->admission);
    g_clear_pointer(&campaign->pending, g_array_unref);
    table_free(campaign->environment);
    event_log_close(campaign->events);
    agenda_free(campaign->agenda);
    inputs_free(campaign->inputs);
    scenario_free(campaign->scenario);
    settings_clear(&campaign->settings);
    g_free(campaign->uuid);
    g_free(campaign->owner);
    g_free(campaign->scenario_path);
    if (campaign->signals >= 0)
        close(campaign->signals);
}

Nursery *campaign_nursery(const char *program, const Lab *lab, const Matrix *matrix, const Settings *settings)
{
    bool may_be_virtual = matrix->cell_count > 0 && strcmp(settings->backend, "fake") != 0;
    g_autofree const char **levels = may_be_virtual ? matrix_cell_levels(matrix, 0) : NULL;
    g_autoptr(RunSpec) spec = may_be_virtual ? scenario_resolve(matrix->scenario, levels, NULL) : NULL;

    if (settings->uri != NULL) /* a worker for a daemon of its own has nothing to open, and another network */
        return nursery_new(program);
    return slot_nursery(program, spec != NULL && strcmp(spec->platform, "vm") == 0 ? lab->cache : NULL);
}

bool campaign_run(Store *store, const Lab *lab, int64_t experiment_id, const CampaignOptions *options,
                  CampaignResult *ret_result, GError **error)
{
    Campaign campaign = { .store = store, .lab = lab, .options = options, .experiment_id = experiment_id, .signals = -1,
                          .nursery = options->nursery != NULL ? options->nursery : nursery_new(options->program),
                          .admission = { .jobs = options->jobs, .cpus = (unsigned) sysconf(_SC_NPROCESSORS_ONLN),
                                         .memory_mb = environment_free_memory_mb() },
                          .again = g_array_new(FALSE, FALSE, sizeof(Retry)),
                          .active = g_ptr_array_new_with_free_func(active_free),
                          .ahead = g_ptr_array_new_with_free_func(active_free),
                          .kept = g_ptr_array_new(),
                          .batch = g_array_new(FALSE, FALSE, sizeof(size_t)) };
    sigset_t before;
    bool ok;

    sigprocmask(SIG_BLOCK, NULL, &before);
    ok = campaign_load(&campaign, error) && signals_take(&campaign, &before, error) && campaign_loop(&campaign, error);
    progress_end(&campaign.progress);
    ok = ok && end_agenda(&campaign, error) && count_given_up(&campaign, error);
    if (ok) {
        sync_lab(&campaign);
        campaign.result.left = campaign.progress.total - campaign.progress.done + agenda_open_cells(campaign.agenda)
                               + agenda_given_up_cells(campaign.agenda);
        campaign.result.duration_ns = clock_monotonic_ns() - campaign.progress.started_ns;
        campaign_log_end(&campaign);
        *ret_result = campaign.result;
    }
    campaign_clear(&campaign);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return ok;
}
