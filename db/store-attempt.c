// SPDX-License-Identifier: GPL-3.0-or-later

#include "db/media-type.h"
#include "db/store-private.h"
#include "runner/base/error.h"

typedef struct Start {
    int64_t run_id, started_ns, attempt;
} Start;

static bool start_attempt(Store *store, void *data, GError **error)
{
    Start *start = data;

    if (!store_write(store, "run-start", error, PARAM_INTEGER(start->run_id), PARAM_END))
        return false;
    if (sqlite3_changes(store->sqlite) != 1)
        return error_set(error, ERROR_DATA,
                         "database '%s': run %" G_GINT64_FORMAT " is not planned, so it cannot begin", store->path,
                         start->run_id);
    return store_write_returning(store, "attempt-insert", &start->attempt, error, PARAM_INTEGER(start->run_id),
                                 PARAM_INTEGER(start->started_ns), PARAM_END);
}

bool store_attempt_start(Store *store, int64_t run_id, int64_t started_realtime_ns, unsigned *ret_attempt,
                         GError **error)
{
    Start start = { .run_id = run_id, .started_ns = started_realtime_ns };

    if (!store_transaction_lazy(store, start_attempt, &start, error))
        return false;
    *ret_attempt = (unsigned) start.attempt;
    return true;
}

/* What every row of an attempt begins with. */
#define ATTEMPT_KEY(record) PARAM_INTEGER((record)->run_id), PARAM_INTEGER((record)->attempt)

/* What becomes of the run. */
static const char *run_status(const AttemptRecord *record)
{
    if (!record->final)
        return "planned";
    if (record->status == ATTEMPT_FAILED)
        return "failed";
    return record->failure_class != NULL ? "tainted" : "completed";
}

static bool end_attempt(Store *store, const AttemptRecord *record, GError **error)
{
    const char *status = record->status == ATTEMPT_COMPLETED ? "completed" : "failed";

    if (!store_write(store, "attempt-end", error, PARAM_TEXT(status),
                     PARAM_TEXT(record->failure_class), PARAM_TEXT(record->failure_phase),
                     PARAM_TEXT(record->failure_reason), PARAM_INTEGER(record->started_realtime_ns),
                     PARAM_INTEGER(record->duration_ns), PARAM_TEXT(record->platform), PARAM_TEXT(record->accelerator),
                     PARAM_TEXT(record->emulator), PARAM_TEXT(record->backend),
                     PARAM_INTEGER(MAX(record->concurrent, 1)), ATTEMPT_KEY(record), PARAM_END))
        return false;
    if (sqlite3_changes(store->sqlite) != 1)
        return error_set(error, ERROR_DATA, "database '%s': attempt %u of run %" G_GINT64_FORMAT " is not under way",
                         store->path, record->attempt, record->run_id);
    return store_write(store, "run-end", error, PARAM_TEXT(run_status(record)),
                       PARAM_INTEGER(record->run_id), PARAM_END)
           && (record->fingerprint == NULL
               || store_write(store, "run-input-set", error, PARAM_INTEGER(record->run_id),
                              PARAM_TEXT(record->fingerprint), PARAM_END));
}

static bool insert_phases(Store *store, const AttemptRecord *record, GError **error)
{
    for (size_t i = 0; i < record->phase_count; i++) {
        const PhaseRecord *phase = &record->phases[i];

        if (!store_write(store, "phase-insert", error, ATTEMPT_KEY(record), PARAM_INTEGER((int64_t) i),
                         PARAM_TEXT(phase->name), PARAM_TEXT(phase->machine), PARAM_INTEGER(phase->start_ns),
                         PARAM_INTEGER(phase->duration_ns), PARAM_END))
            return false;
    }
    return true;
}

static bool insert_machines(Store *store, const AttemptRecord *record, GError **error)
{
    for (size_t i = 0; i < record->machine_count; i++) {
        const MachineRecord *machine = &record->machines[i];

        if (!store_write(store, "machine-insert", error, ATTEMPT_KEY(record), PARAM_TEXT(machine->name),
                         PARAM_TEXT(machine->image), PARAM_TEXT(machine->image_digest), PARAM_TEXT(machine->platform),
                         PARAM_TEXT(machine->arch), PARAM_TEXT(machine->accelerator), PARAM_TEXT(machine->emulator),
                         PARAM_INTEGER(machine->memory_mb), PARAM_INTEGER(machine->cpus),
                         PARAM_TEXT(machine->channel), PARAM_END))
            return false;
    }
    return true;
}

static bool insert_steps(Store *store, const AttemptRecord *record, GError **error)
{
    for (size_t i = 0; i < record->step_count; i++) {
        const StepRecord *step = &record->steps[i];

        if (!store_write(store, "step-insert", error, ATTEMPT_KEY(record), PARAM_INTEGER((int64_t) i),
                         PARAM_TEXT(step->name), PARAM_TEXT(step->machine), PARAM_TEXT(step->command),
                         PARAM_INTEGER(step->exit_status), PARAM_INTEGER(step->timed_out),
                         PARAM_INTEGER(step->background), PARAM_INTEGER(step->start_ns),
                         PARAM_INTEGER(step->duration_ns), PARAM_INTEGER(step->signal),
                         PARAM_INTEGER(step->stop_signal), PARAM_END))
            return false;
    }
    return true;
}

static bool insert_artifacts(Store *store, const AttemptRecord *record, GError **error)
{
    for (size_t i = 0; i < record->artifact_count; i++) {
        const ArtifactRecord *artifact = &record->artifacts[i];

        if (!store_write(store, "artifact-insert", error, ATTEMPT_KEY(record), PARAM_INTEGER((int64_t) i),
                         PARAM_TEXT(artifact->machine), PARAM_TEXT(artifact->step), PARAM_TEXT(artifact->kind),
                         PARAM_TEXT(artifact->path), PARAM_INTEGER(artifact->size_bytes), PARAM_TEXT(artifact->sha256),
                         PARAM_TEXT(media_type(artifact->kind, artifact->path)), PARAM_END))
            return false;
    }
    return true;
}

static bool insert_captures(Store *store, const AttemptRecord *record, GError **error)
{
    for (size_t i = 0; i < record->capture_count; i++) {
        const CaptureRecord *capture = &record->captures[i];

        if (!store_write(store, "capture-insert", error, ATTEMPT_KEY(record), PARAM_INTEGER((int64_t) i),
                         PARAM_TEXT(capture->bridge), PARAM_TEXT(capture->filter), PARAM_TEXT(capture->path),
                         PARAM_INTEGER(capture->packets), PARAM_INTEGER(capture->bytes),
                         PARAM_INTEGER(capture->received), PARAM_INTEGER(capture->dropped),
                         PARAM_INTEGER(capture->first_ns), PARAM_INTEGER(capture->last_ns), PARAM_END))
            return false;
    }
    return true;
}

static bool insert_events(Store *store, const AttemptRecord *record, GError **error)
{
    for (size_t i = 0; i < record->event_count; i++) {
        const EventRecord *event = &record->events[i];

        if (!store_write(store, "event-insert", error, ATTEMPT_KEY(record), PARAM_INTEGER((int64_t) i),
                         PARAM_INTEGER(event->at_ns), PARAM_TEXT(event->kind), PARAM_TEXT(event->text), PARAM_END))
            return false;
    }
    return true;
}

/* A run's values are those of its last completed attempt; the cell's statistics follow from its runs'. Both are made
 * anew from what is stored, so they cannot drift from it. */
static bool refresh_values(Store *store, int64_t run_id, GError **error)
{
    static const char *const queries[] = { "run-values-delete", "run-values-insert", "cell-stats-delete",
                                           "cell-stats-insert" };

    for (size_t i = 0; i < G_N_ELEMENTS(queries); i++)
        if (!store_write(store, queries[i], error, PARAM_INTEGER(run_id), PARAM_END))
            return false;
    return true;
}

static bool finish_attempt(Store *store, void *data, GError **error)
{
    const AttemptRecord *record = data;

    return end_attempt(store, record, error) && insert_phases(store, record, error)
           && insert_machines(store, record, error) && insert_steps(store, record, error)
           && insert_artifacts(store, record, error) && insert_captures(store, record, error)
           && insert_events(store, record, error) && store_samples_insert(store, record, error)
           && refresh_values(store, record->run_id, error);
}

bool store_attempt_finish(Store *store, const AttemptRecord *attempt, GError **error)
{
    return store_transaction(store, finish_attempt, (void *) attempt, error);
}

typedef struct Bulk {
    int64_t experiment_id, count;
} Bulk;

static bool abandon_attempts(Store *store, void *data, GError **error)
{
    Bulk *bulk = data;

    if (!store_write(store, "attempts-abandon", error, PARAM_TEXT("trialbed ended before the attempt did"),
                     PARAM_INTEGER(bulk->experiment_id), PARAM_END))
        return false;
    bulk->count = sqlite3_changes(store->sqlite);
    return store_write(store, "runs-abandon", error, PARAM_INTEGER(bulk->experiment_id), PARAM_END);
}

bool store_attempts_abandon(Store *store, int64_t experiment_id, int64_t *ret_count, GError **error)
{
    Bulk bulk = { .experiment_id = experiment_id };

    if (!store_transaction(store, abandon_attempts, &bulk, error))
        return false;
    *ret_count = bulk.count;
    return true;
}

/* Failed runs have no values, so no statistics change. */
static bool reset_failed(Store *store, void *data, GError **error)
{
    Bulk *bulk = data;

    if (!store_write(store, "failed-reset", error, PARAM_INTEGER(bulk->experiment_id), PARAM_END))
        return false;
    bulk->count = sqlite3_changes(store->sqlite);
    return true;
}

bool store_failed_reset(Store *store, int64_t experiment_id, int64_t *ret_count, GError **error)
{
    Bulk bulk = { .experiment_id = experiment_id };

    if (!store_transaction(store, reset_failed, &bulk, error))
        return false;
    *ret_count = bulk.count;
    return true;
}

typedef struct Loss {
    int64_t run_id, attempt, sequence, size;
    const char *sha256, *what;
} Loss;

static bool lose_artifact(Store *store, void *data, GError **error)
{
    const Loss *loss = data;
    Param run = PARAM_INTEGER(loss->run_id), attempt = PARAM_INTEGER(loss->attempt), sequence = PARAM_INTEGER(loss->sequence);

    if (!(loss->sha256 != NULL ? store_write(store, "artifact-shrink", error, PARAM_INTEGER(loss->size), PARAM_TEXT(loss->sha256), run, attempt,
                                             sequence, PARAM_END)
                               : store_write(store, "artifact-delete", error, run, attempt, sequence, PARAM_END)))
        return false;
    return store_write(store, "event-append", error, run, attempt, PARAM_TEXT("lost"), PARAM_TEXT(loss->what), PARAM_END);
}

bool store_artifact_lose(Store *store, int64_t run_id, unsigned attempt, int64_t sequence, const char *sha256, int64_t size, const char *what,
                         GError **error)
{
    Loss loss = { run_id, attempt, sequence, size, sha256, what };

    return store_transaction(store, lose_artifact, &loss, error);
}
