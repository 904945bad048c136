// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/matrix.h"

#include "runner/base/random.h"

enum { ORDER_STREAM = 54 };

const char *order_name(Order order)
{
    static const char *const names[] = { "sequential", "interleaved", "blocks", "shuffled" };

    return names[order];
}

static void shuffle(PlannedRun *runs, size_t count, Random *random)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = random_below(random, (uint32_t) i);
        PlannedRun saved = runs[i - 1];

        runs[i - 1] = runs[other];
        runs[other] = saved;
    }
}

/* All runs of cells x times; with `by_cell` a cell's runs are together, otherwise every round has each cell once. */
static size_t add_rounds(PlannedRun *runs, size_t cell_count, unsigned times, bool by_cell, bool warmup)
{
    size_t total = cell_count * times;

    for (size_t i = 0; i < total; i++) {
        uint32_t cell = (uint32_t) (by_cell ? i / times : i % cell_count);
        uint32_t repetition = (uint32_t) (by_cell ? i % times : i / cell_count) + 1;

        runs[i] = (PlannedRun) { cell, repetition, warmup ? 0 : repetition, warmup };
    }
    return total;
}

PlannedRun *order_runs(Order order, size_t cell_count, unsigned repetitions, unsigned warmup, uint64_t seed,
                       size_t *ret_count)
{
    PlannedRun *runs = g_new(PlannedRun, cell_count * ((size_t) repetitions + warmup));
    size_t warm = add_rounds(runs, cell_count, warmup, true, true);
    PlannedRun *counted = runs + warm;
    size_t count = add_rounds(counted, cell_count, repetitions, order == ORDER_SEQUENTIAL, false);
    Random random;

    random_init(&random, seed, ORDER_STREAM);
    if (order == ORDER_BLOCKS)
        for (unsigned i = 0; i < repetitions; i++)
            shuffle(counted + i * cell_count, cell_count, &random);
    if (order == ORDER_SHUFFLED) {
        shuffle(counted, count, &random);
        for (size_t i = 0; i < count; i++)
            counted[i].block = 1;
    }
    *ret_count = warm + count;
    return runs;
}

uint32_t *order_round(Order order, size_t cell_count, unsigned round, uint64_t seed)
{
    g_autofree PlannedRun *runs = g_new(PlannedRun, cell_count + 1);
    uint32_t *cells = g_new(uint32_t, cell_count + 1);
    bool shuffled = order == ORDER_BLOCKS || order == ORDER_SHUFFLED;
    Random random;

    random_init(&random, seed, ORDER_STREAM);
    for (unsigned i = shuffled ? 1 : round; i <= round; i++) {
        add_rounds(runs, cell_count, 1, false, false);
        if (shuffled)
            shuffle(runs, cell_count, &random);
    }
    for (size_t i = 0; i < cell_count; i++)
        cells[i] = runs[i].cell;
    return cells;
}
