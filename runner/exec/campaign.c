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
#include "runner/exec/experiment.h"
#include "runner/exec/outcome.h"
#include "runner/exec/preflight.h"
#include "runner/exec/progress.h"
#include "runner/exec/slot.h"
#include "runner/exec/sweep.h"
#include "runner/vm/accel.h"
#include "runner/vm/outside.h"

enum { POLL_MS = 200, SLOT_LIMIT = 256 };

/* A run that is under way. */
typedef struct Active {
    Slot *slot;  /* NULL: no worker could be started */
    size_t row;  /* of `pending` */
    int64_t run_id;
    char *label; /* "run 17 (delay=10ms size=64, repetition 3)" */
    char *folder, *platform;
    char *scratch; /* on an external libvirt: its folder for sockets */
    unsigned attempt, cpus, memory_mb, concurrent;
    bool stopped; /* by the user: the attempt does not count */
} Active;

typedef struct Campaign {
    Store *store;
    const Lab *lab;
    const CampaignOptions *options;
    int64_t experiment_id;
    char *uuid, *scenario_path;
    char *owner; /* of what is on an external libvirt; NULL: ours is embedded */
    unsigned retries;
    Settings settings;
    Scenario *scenario;
    Table *pending;   /* planned runs, in order */
    size_t next;      /* row of `pending` */
    unsigned *tries;  /* attempts that this call began, of every row: earlier ones were another user's patience */
    GArray *again;    /* rows of runs that failed and shall be tried again */
    GPtrArray *active; /* of Active */
    bool full;        /* the next run must wait until another ends */
    unsigned cpus_total, memory_total_mb, cpus_used, memory_used_mb;
    int signals;      /* signalfd */
    unsigned stops;   /* how often the user asked to stop */
    Progress progress;
    CampaignResult result;
} Campaign;

static void active_free(void *data)
{
    Active *active = data;

    slot_free(active->slot);
    if (active->scratch != NULL && !folder_remove(active->scratch, NULL))
        log_warning("could not remove '%s'; 'trialbed clean' will", active->scratch);
    g_free(active->scratch);
    g_free(active->label);
    g_free(active->folder);
    g_free(active->platform);
    g_free(active);
}

static bool load_experiment(Campaign *campaign, GError **error)
{
    g_autoptr(Table) experiment = NULL;
    g_autoptr(Problems) problems = NULL;
    g_autofree char *folder = lab_experiment_folder(campaign->lab, campaign->experiment_id);

    if (!store_read(campaign->store, "experiment", &experiment, error, PARAM_INTEGER(campaign->experiment_id), PARAM_END))
        return false;
    campaign->uuid = g_strdup(table_text(experiment, 0, "uuid"));
    campaign->retries = (unsigned) table_integer(experiment, 0, "retries");
    campaign->scenario_path = g_build_filename(folder, "scenario.yaml", NULL);
    if (!settings_read(table_text(experiment, 0, "settings"), &campaign->settings, error))
        return false;
    if (campaign->settings.uri != NULL)
        campaign->owner = outside_owner(campaign->uuid, campaign->lab->folder);
    /* The database's text is what counts; a copy that a crash or an editor spoilt is written again. */
    if (!folder_make(folder, error)
        || !file_write_atomic(campaign->scenario_path, table_text(experiment, 0, "scenario_text"),
                              strlen(table_text(experiment, 0, "scenario_text")), error))
        return false;
    problems = problems_new(campaign->scenario_path);
    campaign->scenario = scenario_load(campaign->scenario_path, &preflight_scenario_checks, problems);
    if (campaign->scenario != NULL)
        return true;
    problems_print(problems, stderr);
    error_set(error, ERROR_SCENARIO, "the stored scenario of experiment %" G_GINT64_FORMAT " is not valid for this trialbed",
              campaign->experiment_id);
    error_hint(error, "resume it with the version that started it: 'trialbed query \"select value from environment where "
                      "key = 'version.trialbed'\"'.");
    return false;
}

static bool load_counts(Campaign *campaign, GError **error)
{
    g_autoptr(Table) cells = NULL;
    int64_t total = 0, left = 0, failed = 0;

    if (!store_read(campaign->store, "experiment-status", &cells, error, PARAM_INTEGER(campaign->experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < cells->row_count; row++) {
        total += table_integer(cells, row, "runs");
        left += table_integer(cells, row, "planned") + table_integer(cells, row, "running");
        failed += table_integer(cells, row, "failed");
    }
    progress_start(&campaign->progress, (size_t) total, (size_t) (total - left), (size_t) failed);
    return true;
}

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

/* Whether a run of this size may start beside those that run. The first one always may. */
static bool admitted(Campaign *campaign, unsigned cpus, unsigned memory_mb)
{
    if (campaign->active->len == 0)
        return true;
    if (campaign->active->len >= SLOT_LIMIT)
        return false;
    if (campaign->options->jobs > 0)
        return campaign->active->len < campaign->options->jobs;
    return campaign->cpus_used + cpus <= campaign->cpus_total
           && campaign->memory_used_mb + memory_mb <= campaign->memory_total_mb;
}

/* A step that fails will fail again, and hiding that would be a lie: only what the host may have caused is tried again. */
static bool worth_retrying(const char *failure_class)
{
    static const char *const classes[] = { "provision", "boot", "timeout", "host" };

    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++)
        if (g_strcmp0(failure_class, classes[i]) == 0)
            return true;
    return false;
}

/* Fake machines write next to nothing. */
static bool has_room(const Campaign *campaign, GError **error)
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
    if (!worth_retrying(attempt->failure_class))
        return true;
    return campaign->tries[active->row] > campaign->retries && has_room(campaign, NULL);
}

/* With -v: where the time went. */
static void tell_phases(Campaign *campaign, const AttemptRecord *attempt)
{
    g_autoptr(GString) line = g_string_new("   ");

    if (log_level() < LOG_VERBOSE || attempt->phase_count == 0)
        return;
    for (size_t i = 0; i < attempt->phase_count; i++)
        if (attempt->phases[i].machine == NULL)
            g_string_append_printf(line, "%s %s %.3f s", i > 0 ? "," : "", attempt->phases[i].name,
                                   (double) attempt->phases[i].duration_ns / 1e9);
    progress_line(&campaign->progress, line->str);
}

static void tell(Campaign *campaign, const Active *active, const AttemptRecord *attempt)
{
    g_autofree char *line = NULL;

    if (attempt->status == ATTEMPT_COMPLETED)
        line = g_strdup_printf("[%zu/%zu] %s: completed in %.1f s", campaign->progress.done, campaign->progress.total,
                               active->label, (double) attempt->duration_ns / 1e9);
    else if (active->stopped)
        line = g_strdup_printf("[%zu/%zu] %s: stopped", campaign->progress.done, campaign->progress.total,
                               active->label);
    else
        line = g_strdup_printf("[%zu/%zu] %s: failed in %s (%s): %s%s", campaign->progress.done, campaign->progress.total,
                               active->label, attempt->failure_phase, attempt->failure_class, attempt->failure_reason,
                               attempt->final ? "" : "; it will be tried again");
    progress_line(&campaign->progress, line);
    tell_phases(campaign, attempt);
}

static void account(Campaign *campaign, const Active *active, const AttemptRecord *attempt)
{
    bool failed = attempt->status == ATTEMPT_FAILED;

    campaign->cpus_used -= active->cpus;
    campaign->memory_used_mb -= active->memory_mb;
    campaign->full = false;
    if (attempt->final) {
        campaign->result.completed += !failed;
        campaign->result.failed += failed;
        progress_run_done(&campaign->progress, failed, clock_monotonic_ns());
    } else if (!active->stopped) {
        g_array_append_val(campaign->again, active->row);
    }
}

/* Elsewhere than on our own libvirt a killed worker's machines may go on, and would disturb the next runs. */
static void sweep_run(Campaign *campaign, int64_t run_id)
{
    g_autoptr(GError) problem = NULL;

    if (campaign->owner != NULL
        && !sweep_outside(campaign->options->program, campaign->settings.uri, campaign->owner, run_id, &problem))
        log_warning("%s", problem->message);
}

/* What a crashed coordinator's workers left. None of ours lives: we have the lab's lock. */
static bool sweep_all(Campaign *campaign, GError **error)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);

    return campaign->owner == NULL
           || (sweep_outside(campaign->options->program, campaign->settings.uri, campaign->owner, 0, error)
               && outside_scratch_remove(campaign->owner, false, folders, error));
}

/* Content that the database refuses fails its attempt; only a database that cannot take even that stops the experiment.
 * On a full disk the attempt is left as it is: it will be done again, once there is room. */
static bool store_attempt(Campaign *campaign, const OutcomePlace *place, AttemptRecord *attempt, GError **error)
{
    g_autoptr(GError) problem = NULL;

    if (outcome_store(campaign->store, place, attempt, &problem))
        return true;
    if (has_room(campaign, NULL))
        return outcome_store_refused(campaign->store, place, attempt, problem, error);
    g_propagate_error(error, g_steal_pointer(&problem));
    return false;
}

/* One finished attempt becomes one transaction; only then people hear of it. `problem`: why it failed, if `attempt` does
 * not say. Frees `active`. */
static bool end_attempt(Campaign *campaign, Active *active, AttemptRecord *attempt, const GError *problem, GError **error)
{
    g_autoptr(GStringChunk) strings = g_string_chunk_new(4096);
    OutcomePlace place = { campaign->lab->folder, active->folder, strings };
    g_autofree char *reason = problem != NULL ? error_first_line(problem) : NULL;

    if (reason != NULL)
        attempt->failure_reason = reason;
    if (attempt->platform == NULL)
        attempt->platform = active->platform;
    attempt->backend = campaign->settings.backend;
    attempt->concurrent = active->concurrent;
    attempt->final = is_final(campaign, active, attempt);
    if (!store_attempt(campaign, &place, attempt, error)) {
        g_prefix_error(error, "%s: ", active->label);
        return false;
    }
    if (attempt->status == ATTEMPT_FAILED)
        sweep_run(campaign, active->run_id);
    account(campaign, active, attempt);
    tell(campaign, active, attempt);
    g_ptr_array_remove(campaign->active, active);
    return true;
}

static bool start_worker(Campaign *campaign, Active *active, const RunSpec *spec, const char **levels, GError **error)
{
    g_autofree char *reason = NULL;
    const char *accel = "fake";
    Job job = {
        .scenario = campaign->scenario_path, .levels = (char **) levels, .lab = campaign->lab->folder,
        .folder = active->folder, .images = campaign->lab->images, .cache = campaign->lab->cache,
        .backend = campaign->settings.backend, .uri = campaign->settings.uri, .owner = campaign->owner,
        .uuid = campaign->uuid, .run_id = active->run_id,
    };

    if (strcmp(job.backend, "fake") != 0 && !accel_choose(spec->accel, campaign->lab->cache, &accel, &reason, error))
        return false;
    job.accel = accel;
    if (!lab_folder_begin(active->folder, error))
        return false;
    if (campaign->owner != NULL && (active->scratch = outside_scratch_make(campaign->owner, error)) == NULL)
        return false;
    job.scratch = active->scratch;
    active->slot = slot_start(campaign->options->program, &job, active->run_id, active->attempt, spec->timeout_ms, error);
    return active->slot != NULL;
}

static Active *active_new(Campaign *campaign, size_t row, const RunSpec *spec)
{
    Active *active = g_new0(Active, 1);

    active->row = row;
    active->run_id = table_integer(campaign->pending, row, "run_id");
    active->platform = g_strdup(spec->platform);
    preflight_demand(spec, &active->cpus, &active->memory_mb);
    active->label = g_strdup_printf("run %" G_GINT64_FORMAT " (%s, %s %" G_GINT64_FORMAT ")", active->run_id,
                                    table_text(campaign->pending, row, "cell"),
                                    table_integer(campaign->pending, row, "warmup") ? "warm-up" : "repetition",
                                    table_integer(campaign->pending, row, "repetition"));
    return active;
}

/* From here on the attempt is known to the database. A worker that cannot be started has failed as one that dies has. */
static bool start_attempt(Campaign *campaign, Active *active, const RunSpec *spec, const char **levels, GError **error)
{
    g_autoptr(GError) problem = NULL;
    AttemptRecord attempt;

    if (!store_attempt_start(campaign->store, active->run_id, clock_realtime_ns(), &active->attempt, error)) {
        active_free(active);
        return false;
    }
    active->folder = lab_attempt_folder(campaign->lab, campaign->experiment_id, active->run_id, active->attempt);
    g_ptr_array_add(campaign->active, active);
    active->concurrent = campaign->active->len;
    campaign->cpus_used += active->cpus;
    campaign->memory_used_mb += active->memory_mb;
    campaign->tries[active->row]++;
    if (start_worker(campaign, active, spec, levels, &problem))
        return true;
    attempt = (AttemptRecord) { .run_id = active->run_id, .attempt = active->attempt, .status = ATTEMPT_FAILED,
                                .failure_class = "host", .failure_phase = "prepare" };
    return end_attempt(campaign, active, &attempt, problem, error);
}

/* Start the run of one row of `pending`, if it is admitted. *ret_started says whether it was. */
static bool start_row(Campaign *campaign, size_t row, bool *ret_started, GError **error)
{
    g_autoptr(Table) level_table = NULL;
    g_autofree const char **levels = NULL;
    g_autoptr(RunSpec) spec = NULL;
    Active *active;

    *ret_started = false;
    levels = cell_levels(campaign, table_integer(campaign->pending, row, "cell_id"), &level_table, error);
    if (levels == NULL)
        return false;
    spec = scenario_resolve(campaign->scenario, levels, error);
    if (spec == NULL)
        return false;
    active = active_new(campaign, row, spec);
    *ret_started = admitted(campaign, active->cpus, active->memory_mb);
    if (*ret_started)
        return start_attempt(campaign, active, spec, levels, error);
    active_free(active);
    return true;
}

static bool may_start(Campaign *campaign)
{
    int64_t until_ns = campaign->options->until_realtime_ns;

    return campaign->stops == 0 && (until_ns == 0 || clock_realtime_ns() < until_ns)
           && (campaign->again->len > 0 || campaign->next < campaign->pending->row_count);
}

/* One row at a time. A worker that could not be started ends the round, so that a host in trouble gets a pause, and we look for
 * signals. */
static bool start_runs(Campaign *campaign, GError **error)
{
    bool alive = true;

    /* On a full disk nothing begins, but what is under way may still end well. */
    if (may_start(campaign) && !has_room(campaign, campaign->active->len == 0 ? error : NULL))
        return campaign->active->len > 0;
    while (alive && !campaign->full && may_start(campaign)) {
        bool retry = campaign->again->len > 0, started;
        size_t row = retry ? g_array_index(campaign->again, size_t, 0) : campaign->next;
        guint before = campaign->active->len;

        if (retry)
            g_array_remove_index(campaign->again, 0);
        if (!start_row(campaign, row, &started, error))
            return false;
        if (!started && retry)
            g_array_prepend_val(campaign->again, row);
        campaign->full = !started;
        campaign->next += started && !retry;
        alive = campaign->active->len > before;
    }
    campaign->progress.running = campaign->active->len;
    return true;
}

static void take_signal(Campaign *campaign)
{
    struct signalfd_siginfo info;

    if (read(campaign->signals, &info, sizeof info) != sizeof info)
        return;
    campaign->stops++;
    if (campaign->stops == 1) {
        progress_line(&campaign->progress,
                      "stopping: runs that are under way are finished first; Ctrl-C once more ends them at once");
        return;
    }
    for (guint i = 0; i < campaign->active->len; i++) {
        Active *active = g_ptr_array_index(campaign->active, i);

        active->stopped = true;
        slot_kill(active->slot, "host", "stopped by the user");
    }
}

static bool finish_active(Campaign *campaign, Active *active, GError **error)
{
    AttemptRecord attempt;

    slot_finish(active->slot, &attempt);
    return end_attempt(campaign, active, &attempt, NULL, error);
}

/* Wait for something to happen, and take it. */
static bool wait_events(Campaign *campaign, GError **error)
{
    struct pollfd fds[SLOT_LIMIT + 1] = { { .fd = campaign->signals, .events = POLLIN } };
    guint count = campaign->active->len;
    int64_t now_ns;

    for (guint i = 0; i < count; i++)
        fds[i + 1] = (struct pollfd) { .fd = slot_fd(((Active *) g_ptr_array_index(campaign->active, i))->slot), .events = POLLIN };
    poll(fds, count + 1, POLL_MS);
    if (fds[0].revents != 0)
        take_signal(campaign);
    now_ns = clock_monotonic_ns();
    for (guint i = count; i-- > 0;) { /* from behind: finished ones are removed */
        Active *active = g_ptr_array_index(campaign->active, i);

        slot_check_deadline(active->slot, now_ns);
        if (fds[i + 1].revents != 0 && !slot_read(active->slot) && !finish_active(campaign, active, error))
            return false;
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
    while (campaign->active->len > 0 || may_start(campaign))
        if (!start_runs(campaign, error) || !wait_events(campaign, error))
            return false;
    return true;
}

static bool campaign_prepare(Campaign *campaign, GError **error)
{
    int64_t abandoned;

    if (!load_experiment(campaign, error) || !sweep_all(campaign, error)
        || !store_attempts_abandon(campaign->store, campaign->experiment_id, &abandoned, error)
        || !store_read(campaign->store, "runs-pending", &campaign->pending, error,
                       PARAM_INTEGER(campaign->experiment_id), PARAM_END))
        return false;
    campaign->tries = g_new0(unsigned, campaign->pending->row_count);
    return load_counts(campaign, error);
}

/* Also after an error: then the workers that are left must not outlive us. */
static void campaign_clear(Campaign *campaign)
{
    for (guint i = 0; i < campaign->active->len; i++) {
        Active *active = g_ptr_array_index(campaign->active, i);
        AttemptRecord ignored;

        if (active->slot == NULL)
            continue;
        slot_kill(active->slot, "host", "the coordinator ended");
        slot_finish(active->slot, &ignored);
        sweep_run(campaign, active->run_id);
    }
    g_ptr_array_unref(campaign->active);
    g_free(campaign->tries);
    g_array_unref(campaign->again);
    table_free(campaign->pending);
    scenario_free(campaign->scenario);
    settings_clear(&campaign->settings);
    g_free(campaign->uuid);
    g_free(campaign->owner);
    g_free(campaign->scenario_path);
    if (campaign->signals >= 0)
        close(campaign->signals);
}

bool campaign_run(Store *store, const Lab *lab, int64_t experiment_id, const CampaignOptions *options,
                  CampaignResult *ret_result, GError **error)
{
    Campaign campaign = { .store = store, .lab = lab, .options = options, .experiment_id = experiment_id, .signals = -1,
                          .cpus_total = (unsigned) sysconf(_SC_NPROCESSORS_ONLN),
                          .memory_total_mb = environment_free_memory_mb(),
                          .again = g_array_new(FALSE, FALSE, sizeof(size_t)),
                          .active = g_ptr_array_new_with_free_func(active_free) };
    sigset_t before;
    bool ok;

    sigprocmask(SIG_BLOCK, NULL, &before);
    ok = campaign_prepare(&campaign, error) && signals_take(&campaign, &before, error) && campaign_loop(&campaign, error);
    progress_end(&campaign.progress);
    if (ok) {
        campaign.result.interrupted = campaign.stops > 0 && campaign.progress.done < campaign.progress.total;
        campaign.result.left = campaign.progress.total - campaign.progress.done;
        campaign.result.duration_ns = clock_monotonic_ns() - campaign.progress.started_ns;
        *ret_result = campaign.result;
    }
    campaign_clear(&campaign);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return ok;
}
