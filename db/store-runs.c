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
