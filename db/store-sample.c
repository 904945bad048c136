// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>

#include "db/store-private.h"
#include "runner/base/error.h"

/* Samples, and the metrics that nobody has to ask for: phases and captures. Of these each row is a sample and the run's
 * value is their sum. */

/* A metric of the experiment: its number, or -1 when it is new. A second unit or aggregate would make its values
 * incomparable. */
static bool metric_find(Store *store, int64_t run_id, const SampleRecord *sample, int64_t *ret_metric_id,
                        GError **error)
{
    sqlite3_stmt *statement = store_statement(store, &sql_queries, "metric-find", error);
    bool ok;

    *ret_metric_id = -1;
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, run_id);
    sqlite3_bind_text(statement, 2, sample->metric, -1, SQLITE_STATIC);
    switch (sqlite3_step(statement)) {
    case SQLITE_DONE:
        ok = true;
        break;
    case SQLITE_ROW:
        *ret_metric_id = sqlite3_column_int64(statement, 0);
        ok = g_str_equal(sqlite3_column_text(statement, 1), sample->unit)
             && g_str_equal(sqlite3_column_text(statement, 2), sample->aggregate);
        if (!ok)
            error_set(error, ERROR_DATA, "metric '%s' is stored in '%s' as %s, and cannot also be in '%s' as %s",
                      sample->metric, sqlite3_column_text(statement, 1), sqlite3_column_text(statement, 2),
                      sample->unit, sample->aggregate);
        break;
    default:
        ok = store_error(store, "metric-find", error);
    }
    sqlite3_reset(statement);
    return ok;
}

static bool metric_ensure(Store *store, int64_t run_id, const SampleRecord *sample, bool automatic,
                          int64_t *ret_metric_id, GError **error)
{
    if (!metric_find(store, run_id, sample, ret_metric_id, error))
        return false;
    return *ret_metric_id >= 0
           || store_write_returning(store, "metric-insert", ret_metric_id, error, PARAM_INTEGER(run_id),
                                    PARAM_TEXT(sample->metric), PARAM_TEXT(sample->unit), PARAM_TEXT(sample->direction),
                                    PARAM_TEXT(sample->aggregate), PARAM_INTEGER(automatic), PARAM_END);
}

/* One sample; samples of one metric mostly come together, so the metric before is remembered. */
typedef struct Sampling {
    Store *store;
    const AttemptRecord *record;
    bool automatic;
    sqlite3_stmt *statement; /* sample-insert; the store owns it */
    char *metric;
    int64_t metric_id;
    const char *machine; /* of the sample before; the record owns it */
} Sampling;

static bool sampling_init(Sampling *sampling, GError **error)
{
    sampling->statement = store_statement(sampling->store, &sql_queries, "sample-insert", error);
    return sampling->statement != NULL;
}

static void sampling_clear(Sampling *sampling)
{
    g_free(sampling->metric);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sampling, sampling_clear)

/* Not store_write(): with thousands of samples a run, finding the statement again costs as much as the row. */
static bool sampling_store(Sampling *sampling, const SampleRecord *sample, GError **error)
{
    sqlite3_stmt *statement = sampling->statement;
    bool ok;

    sqlite3_bind_int64(statement, 1, sampling->record->run_id);
    sqlite3_bind_int64(statement, 2, sampling->metric_id);
    sqlite3_bind_int64(statement, 3, sampling->record->attempt);
    sqlite3_bind_int64(statement, 4, sample->sequence);
    sqlite3_bind_int64(statement, 5, sample->iteration);
    if (sample->has_offset)
        sqlite3_bind_int64(statement, 6, sample->offset_ns);
    else
        sqlite3_bind_null(statement, 6);
    sqlite3_bind_double(statement, 7, sample->value);
    ok = sqlite3_step(statement) == SQLITE_DONE || store_error(sampling->store, "sample-insert", error);
    sqlite3_reset(statement);
    return ok;
}

/* Programs give their samples together: one row for all of them. */
static bool source_store(Sampling *sampling, const SampleRecord *sample, bool new_metric, GError **error)
{
    bool is_noted = !new_metric && g_strcmp0(sampling->machine, sample->machine) == 0;

    sampling->machine = sample->machine;
    return is_noted || sample->machine == NULL
           || store_write(sampling->store, "sample-source-insert", error, PARAM_INTEGER(sampling->record->run_id),
                          PARAM_INTEGER(sampling->metric_id), PARAM_INTEGER(sampling->record->attempt),
                          PARAM_INTEGER(sample->sequence), PARAM_TEXT(sample->machine), PARAM_END);
}

static bool sampling_add(Sampling *sampling, const SampleRecord *given, GError **error)
{
    SampleRecord sample = *given;
    bool new_metric;

    sample.unit = given->unit != NULL ? given->unit : "";
    sample.aggregate = given->aggregate != NULL ? given->aggregate : "mean";
    if (isnan(sample.value))
        return error_set(error, ERROR_DATA, "a sample of metric '%s' is not a number", sample.metric);
    new_metric = g_strcmp0(sampling->metric, sample.metric) != 0;
    if (new_metric) {
        if (!metric_ensure(sampling->store, sampling->record->run_id, &sample, sampling->automatic || sample.automatic,
                           &sampling->metric_id, error))
            return false;
        g_free(sampling->metric);
        sampling->metric = g_strdup(sample.metric);
    }
    return sampling_store(sampling, &sample, error) && source_store(sampling, &sample, new_metric, error);
}

static bool insert_given(Store *store, const AttemptRecord *record, GError **error)
{
    g_auto(Sampling) sampling = { .store = store, .record = record };

    if (!sampling_init(&sampling, error))
        return false;
    for (size_t i = 0; i < record->sample_count; i++)
        if (!sampling_add(&sampling, &record->samples[i], error))
            return false;
    return true;
}

/* A phase that was timed for all machines together does not count again for each. */
static bool phase_counts(const AttemptRecord *record, size_t index)
{
    const PhaseRecord *phase = &record->phases[index];

    for (size_t i = 0; i < record->phase_count && phase->machine != NULL; i++)
        if (record->phases[i].machine == NULL && g_str_equal(record->phases[i].name, phase->name))
            return false;
    return true;
}

static bool insert_phases(Store *store, const AttemptRecord *record, GError **error)
{
    g_auto(Sampling) sampling = { .store = store, .record = record, .automatic = true };

    if (!sampling_init(&sampling, error))
        return false;
    for (size_t i = 0; i < record->phase_count; i++) {
        g_autofree char *metric = g_strconcat("phase.", record->phases[i].name, NULL);
        SampleRecord sample = { .metric = metric,
                                .unit = "s",
                                .direction = "lower",
                                .aggregate = "sum",
                                .sequence = (int64_t) i,
                                .has_offset = true,
                                .offset_ns = record->phases[i].start_ns,
                                .value = (double) record->phases[i].duration_ns / 1e9 };

        if (phase_counts(record, i) && !sampling_add(&sampling, &sample, error))
            return false;
    }
    return true;
}

static bool insert_captures(Store *store, const AttemptRecord *record, GError **error)
{
    g_auto(Sampling) sampling = { .store = store, .record = record, .automatic = true };

    if (!sampling_init(&sampling, error))
        return false;
    for (size_t i = 0; i < record->capture_count; i++) {
        const CaptureRecord *capture = &record->captures[i];
#define NUMBER(name, of_unit, better, number) \
    { .metric = (name), .unit = (of_unit), .direction = (better), .aggregate = "sum", .sequence = (int64_t) i, \
      .value = (double) (number) }
        const SampleRecord samples[] = {
            NUMBER("capture.packets", "packets", NULL, capture->packets),
            NUMBER("capture.bytes", "B", NULL, capture->bytes),
            NUMBER("capture.dropped", "packets", "lower", capture->dropped),
        };
#undef NUMBER

        for (size_t j = 0; j < G_N_ELEMENTS(samples); j++)
            if (!sampling_add(&sampling, &samples[j], error))
                return false;
    }
    return true;
}

bool store_samples_insert(Store *store, const AttemptRecord *record, GError **error)
{
    return insert_given(store, record, error) && insert_phases(store, record, error)
           && insert_captures(store, record, error);
}
