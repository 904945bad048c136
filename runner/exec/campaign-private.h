// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_CAMPAIGN_PRIVATE_H
#define RUNNER_EXEC_CAMPAIGN_PRIVATE_H

#include "runner/exec/admission.h"
#include "runner/exec/agenda.h"
#include "runner/exec/breaker.h"
#include "runner/exec/campaign.h"
#include "runner/exec/event-log.h"
#include "runner/exec/experiment.h"
#include "runner/exec/fingerprint.h"
#include "runner/exec/noise-gate.h"
#include "runner/exec/pending.h"
#include "runner/exec/preflight.h"
#include "runner/exec/progress.h"
#include "runner/exec/slot.h"
#include "runner/plan/run-spec.h"

/* The rooms of the coordinator: campaign.c (the loop and its signals), campaign-load.c (what is to be done),
 * campaign-attempt.c (an attempt's beginning and end), campaign-noise.c (whether the host is quiet enough), campaign-outside.c (what stands outside all namespaces), campaign-tell.c (what
 * people read), campaign-log.c (what programs read). For these alone. */

/* A run that is under way. */
typedef struct Active {
    Slot *slot;  /* NULL: no worker could be started */
    size_t row;  /* of `pending` */
    int64_t run_id;
    char *cell;  /* "delay=10ms size=64" */
    char *label; /* "run 17 (delay=10ms size=64, repetition 3)" */
    char *folder, *platform;
    char *fingerprint; /* of its inputs */
    char *worker_cpus; /* or NULL */
    char *scratch; /* on an external libvirt: its folder for sockets */
    unsigned attempt, concurrent;
    Demand demand;
    bool stopped; /* by the user: the attempt does not count */
    bool dead;       /* a worker that ended, or could not be started, before its run began */
    GError *problem; /* why it could not be started, or NULL */
    char *other_accel; /* it runs on another accelerator than the experiment's others; NULL: on the same */
    char *loud;   /* what was too loud when it began; NULL: nothing */
    char *taint;  /* why it shall not count; NULL: it may */
    bool noise_known;
    NoiseReading noise_before;
    GArray *samples; /* the worker's and the noise's; NULL: the worker's alone */
} Active;

/* A worker that waits with the machines of a cell for the cell's next run (`start: keep`). It needs their memory, and next to no processor. */
typedef struct Kept {
    Slot *slot;
    int64_t cell_id;
    unsigned memory_mb;
} Kept;

/* What is to be known of a planned run. */
typedef struct RowPlan {
    char *cell; /* its label */
    Table *level_table;
    const char **levels; /* NULL-terminated, of the table */
    RunSpec *spec;
} RowPlan;

void row_plan_clear(RowPlan *plan);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RowPlan, row_plan_clear)

/* A run that failed and shall be tried again. */
typedef struct Retry {
    size_t row; /* of `pending` */
    int64_t due_ns; /* monotonic */
} Retry;

typedef struct Campaign {
    Store *store;
    const Lab *lab;
    const CampaignOptions *options;
    Nursery *nursery; /* of the workers */
    int64_t experiment_id, seed;
    char *uuid, *scenario_path;
    char *owner; /* of what is on an external libvirt; NULL: ours is embedded */
    unsigned retries;
    Settings settings;
    Scenario *scenario;
    Inputs *inputs;   /* of every run, besides what the scenario tells it */
    Agenda *agenda;   /* says which runs there still are, and whether there is time for them */
    GArray *pending;  /* of PendingRun, in order */
    size_t next;      /* row of `pending` */
    GArray *again;    /* of Retry */
    GPtrArray *active; /* of Active */
    GPtrArray *ahead;  /* of Active: their runs have not begun; in no other list */
    GPtrArray *kept;   /* of Kept: the one that served longest ago first */
    GArray *batch;     /* rows (size_t) for which a worker is to be started ahead */
    bool full;        /* the next run must wait until another ends */
    Breaker breaker;
    Admission admission;
    NoiseGate gate;
    bool measures_noise, told_wait;
    EventLog *events;
    Table *environment; /* that the experiment began with */
    int signals;      /* signalfd */
    unsigned stops;   /* how often the user asked to stop */
    Progress progress;
    CampaignResult result;
} Campaign;

/* campaign-load.c: read the experiment, clear away what an earlier coordinator left, and find the runs that are to be done. */
bool campaign_load(Campaign *campaign, GError **error);

/* What is planned now, in its order; nothing of an earlier list is under way. */
bool campaign_load_pending(Campaign *campaign, GError **error);

/* All that was planned is done: let the agenda plan more. *ret_more: there is something to do again. */
bool campaign_load_more(Campaign *campaign, bool *ret_more, GError **error);

/* campaign-attempt.c */
Active *active_new(Campaign *campaign, size_t row, const RowPlan *plan);
void active_free(void *active);

/* Begin an attempt: from here on the database knows it. A worker that cannot be started has failed as one that dies has; false when
 * the database cannot be written. Takes `active`. */
bool campaign_start_attempt(Campaign *campaign, Active *active, const RunSpec *spec, const char **levels, GError **error);

/* The same for a worker that was started ahead of its run, and waits or is dead. */
bool campaign_start_ahead(Campaign *campaign, Active *active, const RunSpec *spec, GError **error);

/* Start the worker of an attempt whose number and folder are known. `park`: NULL, or the phase behind which it waits. */
bool campaign_start_worker(Campaign *campaign, Active *active, const RunSpec *spec, const char **levels, const char *park, GError **error);

/* The worker is dead: one transaction stores its attempt. Frees `active`. */
bool campaign_finish_attempt(Campaign *campaign, Active *active, GError **error);

/* Kill what is under way: the coordinator ends. */
void campaign_drop_attempts(Campaign *campaign);

/* Whether the lab's disk has room for another run. Fake machines write next to nothing. */
bool campaign_has_room(const Campaign *campaign, GError **error);

/* campaign.c */
bool campaign_plan_row(Campaign *campaign, size_t row, RowPlan *ret_plan, GError **error);

/* Whether the row's cell was given up. */
bool campaign_gave_up(const Campaign *campaign, size_t row);

/* campaign-pool.c. The phase up to which a worker may go ahead of its run; NULL: it may not. Static. */
const char *pool_phase(const RunSpec *spec);

/* As start_row() of campaign.c, for runs with such a phase: hand over the row's worker when it is ready, else see to it that one gets
 * ready. */
bool pool_start_row(Campaign *campaign, size_t row, const RunSpec *spec, const char *loud, bool *ret_started, GError **error);

/* When the slot of one of `ahead` is readable. True when its worker is dead. */
bool pool_take_event(Campaign *campaign, Active *active);

/* End all workers whose runs have not begun: nothing of them is kept. */
void pool_drop(Campaign *campaign);

/* Only those whose cells were given up. */
void pool_drop_given_up(Campaign *campaign);

/* campaign-keep.c. Take over the worker of an attempt that has been stored, when it keeps its machines and the cell has another run. */
void keep_worker(Campaign *campaign, Active *active);

/* The worker that has machines of the run's cell, with its job; NULL when there is none that lives. */
Slot *keep_take(Campaign *campaign, const Active *active, const Job *job, int64_t timeout_ms);

/* The memory of the machines that wait for a row's cell; give up those of another cell, the longest unused first: false when there are none; give
 * up all. */
unsigned keep_memory_mb(const Campaign *campaign, size_t row);
bool keep_make_room(Campaign *campaign, size_t row);
void keep_drop(Campaign *campaign);

/* campaign-outside.c. On an external libvirt: note what an attempt, whose worker is about to start, may make there, and make its folder. */
bool campaign_outside_begin(Campaign *campaign, Active *active, GError **error);

/* The worker is dead: remove what it left, unless it ended well, and forget. */
void campaign_outside_end(Campaign *campaign, Active *active, bool ended_well);

/* What a crashed coordinator's workers left. None of ours lives: we have the lab's lock. */
bool campaign_outside_sweep(Campaign *campaign, GError **error);

/* campaign-noise.c. Whether the host is quiet enough for another run; *ret_loud says what is too loud although it may begin. Caller
 * frees. */
void campaign_noise_init(Campaign *campaign);
bool campaign_noise_allows(Campaign *campaign, char **ret_loud);

/* Around an attempt: its noise becomes samples, and what breaks the scenario's `noise` taints or fails it. */
void campaign_noise_begin(Campaign *campaign, Active *active);
void campaign_noise_end(Campaign *campaign, Active *active, AttemptRecord *attempt);

/* campaign-log.c */
void campaign_log_begin(Campaign *campaign);
void campaign_log_end(Campaign *campaign);
void campaign_log_attempt_begin(Campaign *campaign, const Active *active);
void campaign_log_attempt_end(Campaign *campaign, const Active *active, const AttemptRecord *attempt);
void campaign_log_wait(Campaign *campaign, const char *reason);
void campaign_log_given_up(Campaign *campaign, const char *cell); /* NULL: all of them */
void campaign_log_stop(Campaign *campaign);

/* campaign-tell.c: what the breaker gave up, and the line of an attempt that has ended. */
void campaign_tell(Campaign *campaign, const Active *active, const AttemptRecord *attempt);
void campaign_tell_current(Campaign *campaign);
void campaign_tell_verdict(Campaign *campaign, const Active *active, BreakerVerdict verdict);

#endif
