// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/pending.h"

enum { ROWS_AT_ONCE = 4096 }; /* a row of an answer takes several times what we keep of it */

PendingRun *pending_run(const GArray *runs, size_t row)
{
    return &g_array_index(runs, PendingRun, row);
}

static void append(GArray *runs, const Table *rows, GHashTable *wanted)
{
    for (size_t row = 0; row < rows->row_count; row++) {
        PendingRun run = { .run_id = table_integer(rows, row, "run_id"), .cell_id = table_integer(rows, row, "cell_id"),
                           .repetition = (unsigned) table_integer(rows, row, "repetition"),
                           .block = (unsigned) table_integer(rows, row, "block"), .warmup = table_integer(rows, row, "warmup") != 0 };

        if (wanted == NULL || g_hash_table_contains(wanted, &run.run_id))
            g_array_append_val(runs, run);
    }
}

bool pending_read(Store *store, int64_t experiment_id, GHashTable *wanted, GArray **ret_runs, GError **error)
{
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(PendingRun));
    int64_t after = -1;
    size_t got;

    do {
        g_autoptr(Table) rows = NULL;

        if (!store_read(store, "runs-pending", &rows, error, PARAM_INTEGER(experiment_id), PARAM_INTEGER(after), PARAM_INTEGER(ROWS_AT_ONCE),
                        PARAM_END))
            return false;
        append(runs, rows, wanted);
        got = rows->row_count;
        if (got > 0)
            after = table_integer(rows, got - 1, "position");
    } while (got == ROWS_AT_ONCE);
    *ret_runs = g_steal_pointer(&runs);
    return true;
}
