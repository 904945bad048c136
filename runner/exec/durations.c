// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/durations.h"

typedef struct Duration {
    size_t runs;
    double mean_s, longest_s;
} Duration;

struct Durations {
    GHashTable *cells; /* of Duration, by cell_id */
    Duration all;      /* of this experiment */
};

static void add(Duration *duration, size_t runs, double mean_s, double longest_s)
{
    duration->mean_s = (duration->mean_s * (double) duration->runs + mean_s * (double) runs)
                       / (double) (duration->runs + runs);
    duration->runs += runs;
    duration->longest_s = MAX(duration->longest_s, longest_s);
}

static Duration *duration_of(const Durations *durations, int64_t cell_id)
{
    return g_hash_table_lookup(durations->cells, &cell_id);
}

static void take_row(Durations *durations, const Table *table, size_t row)
{
    int64_t cell_id = table_integer(table, row, "cell_id");
    Duration *duration = g_new0(Duration, 1);
    size_t own = (size_t) table_integer(table, row, "own_runs");

    if (own > 0) {
        add(duration, own, table_real(table, row, "own_mean_s"), table_real(table, row, "own_max_s"));
        add(&durations->all, own, duration->mean_s, duration->longest_s);
    } else if (table_integer(table, row, "runs") > 0) { /* of another day: this experiment's first run takes its place */
        duration->mean_s = table_real(table, row, "mean_s");
        duration->longest_s = table_real(table, row, "max_s");
    }
    g_hash_table_insert(durations->cells, g_memdup2(&cell_id, sizeof cell_id), duration);
}

Durations *durations_read(Store *store, int64_t experiment_id, GError **error)
{
    g_autoptr(Table) table = NULL;
    Durations *durations;

    if (!store_read(store, "cell-durations", &table, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return NULL;
    durations = g_new0(Durations, 1);
    durations->cells = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    for (size_t row = 0; row < table->row_count; row++)
        take_row(durations, table, row);
    return durations;
}

void durations_free(Durations *durations)
{
    if (durations == NULL)
        return;
    g_hash_table_unref(durations->cells);
    g_free(durations);
}

void durations_note(Durations *durations, int64_t cell_id, double seconds)
{
    Duration *duration = duration_of(durations, cell_id);

    if (duration == NULL)
        return;
    if (duration->runs == 0)
        duration->longest_s = 0;
    add(duration, 1, seconds, seconds);
    add(&durations->all, 1, seconds, seconds);
}

double durations_mean_s(const Durations *durations, int64_t cell_id)
{
    const Duration *duration = duration_of(durations, cell_id);

    return duration != NULL && duration->mean_s > 0 ? duration->mean_s : durations->all.mean_s;
}

double durations_longest_s(const Durations *durations, int64_t cell_id)
{
    const Duration *duration = duration_of(durations, cell_id);

    return duration != NULL && duration->longest_s > 0 ? duration->longest_s : durations->all.longest_s;
}
