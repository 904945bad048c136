// SPDX-License-Identifier: GPL-3.0-or-later
/* Runs that an experiment gets, or gets back, after it was planned. */
#include "db/store-private.h"

typedef struct Append {
    int64_t experiment_id;
    const RunAddition *runs;
    size_t count;
} Append;

static bool append_runs(Store *store, void *data, GError **error)
{
    const Append *append = data;

    for (size_t i = 0; i < append->count; i++)
        if (!store_write(store, "run-append", error, PARAM_INTEGER(append->experiment_id),
                         PARAM_INTEGER(append->runs[i].cell_id), PARAM_INTEGER(append->runs[i].repetition),
                         PARAM_INTEGER(append->runs[i].block), PARAM_END))
            return false;
    return true;
}

bool store_runs_append(Store *store, int64_t experiment_id, const RunAddition *runs, size_t count, GError **error)
{
    Append append = { experiment_id, runs, count };

    return store_transaction(store, append_runs, &append, error);
}

bool store_runs_withdraw(Store *store, int64_t experiment_id, unsigned kept, size_t *ret_count, GError **error)
{
    if (!store_write(store, "runs-withdraw", error, PARAM_INTEGER(experiment_id), PARAM_INTEGER(kept), PARAM_END))
        return false;
    *ret_count = (size_t) sqlite3_changes(store->sqlite);
    return true;
}

typedef struct Reset {
    const int64_t *run_ids;
    size_t count, changed;
} Reset;

static bool reset_runs(Store *store, void *data, GError **error)
{
    Reset *reset = data;

    for (size_t i = 0; i < reset->count; i++) {
        if (!store_write(store, "run-reset", error, PARAM_INTEGER(reset->run_ids[i]), PARAM_END))
            return false;
        reset->changed += (size_t) sqlite3_changes(store->sqlite);
    }
    return true;
}

bool store_runs_reset(Store *store, const int64_t *run_ids, size_t count, size_t *ret_count, GError **error)
{
    Reset reset = { run_ids, count, 0 };

    if (!store_transaction(store, reset_runs, &reset, error))
        return false;
    *ret_count = reset.changed;
    return true;
}
