// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/plan/matrix.h"
#include "tests/unit/unit.h"

/* "0.1 1.1 | 0.1/1": cell.repetition/block; warm-ups first, up to the bar. */
static char *show(const PlannedRun *runs, size_t count)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < count; i++) {
        if (i > 0 && runs[i - 1].warmup && !runs[i].warmup)
            g_string_append(text, "| ");
        g_string_append_printf(text, "%u.%u", runs[i].cell, runs[i].repetition);
        if (!runs[i].warmup)
            g_string_append_printf(text, "/%u", runs[i].block);
        g_string_append_c(text, ' ');
    }
    return g_string_free(text, FALSE);
}

/* These orders must never change: experiments that were begun go on with them. */
static const struct {
    Order order;
    unsigned warmup;
    uint64_t seed;
    const char *runs;
} golden[] = {
    { ORDER_SEQUENTIAL, 1, 42, "0.1 1.1 2.1 | 0.1/1 0.2/2 0.3/3 1.1/1 1.2/2 1.3/3 2.1/1 2.2/2 2.3/3 " },
    { ORDER_INTERLEAVED, 2, 42, "0.1 0.2 1.1 1.2 2.1 2.2 | 0.1/1 1.1/1 2.1/1 0.2/2 1.2/2 2.2/2 0.3/3 1.3/3 2.3/3 " },
    { ORDER_BLOCKS, 0, 42, "2.1/1 0.1/1 1.1/1 0.2/2 1.2/2 2.2/2 0.3/3 1.3/3 2.3/3 " },
    { ORDER_SHUFFLED, 1, 42, "0.1 1.1 2.1 | 0.1/1 1.1/1 2.1/1 1.2/1 0.3/1 1.3/1 2.3/1 0.2/1 2.2/1 " },
    { ORDER_BLOCKS, 0, 9223372036854775807, "2.1/1 0.1/1 1.1/1 2.2/2 0.2/2 1.2/2 1.3/3 0.3/3 2.3/3 " },
};

START_TEST(every_kind_of_order_is_pinned)
{
    size_t count = 0;
    g_autofree PlannedRun *runs = order_runs(golden[_i].order, 3, 3, golden[_i].warmup, golden[_i].seed, &count);
    g_autofree char *shown = show(runs, count);

    ck_assert_str_eq(shown, golden[_i].runs);
}
END_TEST

/* The same of orders with thousands of draws, by the SHA-256 of what show() says; tests/data/make-orders.py computes them from the
 * description in docs/statistics.md. */
static const struct {
    Order order;
    uint64_t seed;
    const char *digest;
} long_golden[] = {
    { ORDER_SEQUENTIAL, 1,
      "4522d2ef12bb1ecd30b49401490deaa97e0a0aaf60ceef8cd196f676aa18f1e0" },
    { ORDER_INTERLEAVED, 1,
      "b7501edf134d4beed4c357b8ea9918240d92123468463640b81ac63a403b071f" },
    { ORDER_BLOCKS, 1,
      "1f33576292c79f91217752596e5a2813c8e8ec5e20e18cc9c73e58c607842052" },
    { ORDER_BLOCKS, 20261126,
      "6de4365ae9bae9574aadf19f6b7791572093167ef788962583de30fbde037520" },
    { ORDER_SHUFFLED, 1,
      "b54dc20d2bb3ccfd8754cedcf4926b6a1f521592c29446a996ea2778c164be4e" },
    { ORDER_SHUFFLED, 20261126,
      "a9a32ae9e5890f5e5c63cc541d750d03587c331709bff52c797b4ca6df963a71" },
};

START_TEST(long_orders_are_pinned_too)
{
    size_t count = 0;
    g_autofree PlannedRun *runs = order_runs(long_golden[_i].order, 150, 40, 2, long_golden[_i].seed, &count);
    g_autofree char *shown = show(runs, count);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, shown, -1);

    ck_assert_str_eq(digest, long_golden[_i].digest);
}
END_TEST

/* Sizes to try the laws on: cells, repetitions, warm-ups. */
static const struct {
    unsigned cells, repetitions, warmup;
} sizes[] = { { 1, 1, 0 }, { 1, 5, 2 }, { 7, 1, 1 }, { 6, 10, 0 }, { 13, 4, 3 }, { 100, 30, 1 } };

static PlannedRun *plan(unsigned order, size_t size, uint64_t seed, size_t *ret_count)
{
    return order_runs((Order) order, sizes[size].cells, sizes[size].repetitions, sizes[size].warmup, seed, ret_count);
}

START_TEST(every_run_comes_exactly_once_and_warmups_come_first)
{
    for (size_t s = 0; s < G_N_ELEMENTS(sizes); s++) {
        unsigned rounds = sizes[s].repetitions + sizes[s].warmup;
        size_t count = 0;
        g_autofree PlannedRun *runs = plan((unsigned) _i, s, s * 17, &count);
        g_autofree bool *seen = g_new0(bool, sizes[s].cells * rounds);

        ck_assert_uint_eq(count, sizes[s].cells * rounds);
        for (size_t i = 0; i < count; i++) {
            unsigned round = runs[i].repetition - 1 + (runs[i].warmup ? sizes[s].repetitions : 0);
            size_t place = runs[i].cell * rounds + round;

            ck_assert_uint_ge(runs[i].repetition, 1);
            ck_assert_uint_le(runs[i].repetition, runs[i].warmup ? sizes[s].warmup : sizes[s].repetitions);
            ck_assert_uint_lt(runs[i].cell, sizes[s].cells);
            ck_assert(!seen[place]);
            seen[place] = true;
            ck_assert(runs[i].warmup == (i < sizes[s].cells * sizes[s].warmup));
            ck_assert((runs[i].block == 0) == runs[i].warmup);
        }
    }
}
END_TEST

START_TEST(every_block_is_complete_before_the_next_begins)
{
    static const Order orders[] = { ORDER_INTERLEAVED, ORDER_BLOCKS };

    for (size_t s = 0; s < G_N_ELEMENTS(sizes); s++) {
        size_t warm = sizes[s].cells * sizes[s].warmup;
        size_t count = 0;
        g_autofree PlannedRun *runs = plan(orders[_i], s, 99, &count);

        for (size_t i = warm; i < count; i++) {
            ck_assert_uint_eq(runs[i].block, (i - warm) / sizes[s].cells + 1);
            ck_assert_uint_eq(runs[i].block, runs[i].repetition);
        }
    }
}
END_TEST

START_TEST(sequential_goes_cell_by_cell_and_interleaved_in_turns)
{
    for (size_t s = 0; s < G_N_ELEMENTS(sizes); s++) {
        size_t warm = sizes[s].cells * sizes[s].warmup, count = 0;
        g_autofree PlannedRun *by_cell = plan(ORDER_SEQUENTIAL, s, 5, &count);
        g_autofree PlannedRun *in_turns = plan(ORDER_INTERLEAVED, s, 5, &count);

        for (size_t i = warm; i < count; i++) {
            ck_assert_uint_eq(by_cell[i].cell, (i - warm) / sizes[s].repetitions);
            ck_assert_uint_eq(by_cell[i].repetition, (i - warm) % sizes[s].repetitions + 1);
            ck_assert_uint_eq(in_turns[i].cell, (i - warm) % sizes[s].cells);
            ck_assert_uint_eq(in_turns[i].repetition, (i - warm) / sizes[s].cells + 1);
        }
    }
}
END_TEST

START_TEST(the_same_seed_gives_the_same_order_and_another_seed_another)
{
    bool is_random = _i == ORDER_BLOCKS || _i == ORDER_SHUFFLED;
    size_t count = 0;
    g_autofree PlannedRun *first = plan((unsigned) _i, 5, 1, &count);
    g_autofree PlannedRun *again = plan((unsigned) _i, 5, 1, &count);
    g_autofree PlannedRun *other = plan((unsigned) _i, 5, 2, &count);
    g_autofree char *a = show(first, count);
    g_autofree char *b = show(again, count);
    g_autofree char *c = show(other, count);

    ck_assert_str_eq(a, b);
    ck_assert((strcmp(a, c) != 0) == is_random);
}
END_TEST

START_TEST(every_permutation_of_a_block_is_about_equally_likely)
{
    unsigned counts[27] = { 0 };

    for (uint64_t seed = 0; seed < 6000; seed++) {
        size_t count = 0;
        g_autofree PlannedRun *runs = order_runs(ORDER_BLOCKS, 3, 1, 0, seed, &count);

        counts[runs[0].cell * 9 + runs[1].cell * 3 + runs[2].cell]++;
    }
    for (unsigned i = 0; i < 27; i++) {
        bool is_permutation = i / 9 != i / 3 % 3 && i / 9 != i % 3 && i / 3 % 3 != i % 3;

        ck_assert_uint_ge(counts[i], is_permutation ? 870 : 0); /* 1000 expected, standard deviation 29 */
        ck_assert_uint_le(counts[i], is_permutation ? 1130 : 0);
    }
}
END_TEST

START_TEST(orders_have_the_names_of_the_scenario_language)
{
    ck_assert_str_eq(order_name(ORDER_SEQUENTIAL), "sequential");
    ck_assert_str_eq(order_name(ORDER_INTERLEAVED), "interleaved");
    ck_assert_str_eq(order_name(ORDER_BLOCKS), "blocks");
    ck_assert_str_eq(order_name(ORDER_SHUFFLED), "shuffled");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, every_kind_of_order_is_pinned, 0, G_N_ELEMENTS(golden));
    tcase_add_loop_test(tcase, long_orders_are_pinned_too, 0, G_N_ELEMENTS(long_golden));
    tcase_add_test(tcase, sequential_goes_cell_by_cell_and_interleaved_in_turns);
    tcase_add_loop_test(tcase, every_run_comes_exactly_once_and_warmups_come_first, 0, 4);
    tcase_add_loop_test(tcase, every_block_is_complete_before_the_next_begins, 0, 2);
    tcase_add_loop_test(tcase, the_same_seed_gives_the_same_order_and_another_seed_another, 0, 4);
    tcase_add_test(tcase, every_permutation_of_a_block_is_about_equally_likely);
    tcase_add_test(tcase, orders_have_the_names_of_the_scenario_language);
}

int main(void)
{
    return unit_run("plan/order", add_tests);
}
