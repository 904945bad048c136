// SPDX-License-Identifier: GPL-3.0-or-later
/* Which runs an experiment gets: precision, budget, and that a resume changes nothing. */
#include <math.h>
#include <string.h>

#include "runner/base/clock.h"
#include "runner/base/files.h"
#include "runner/exec/agenda.h"
#include "runner/exec/pending.h"
#include "tests/unit/unit.h"

#define HOUR_NS (3600 * INT64_C(1000000000))
#define SECOND_NS INT64_C(1000000000)

/* An experiment in a lab of its own, whose runs are done by giving them a value. */
typedef struct Bench {
    char *folder;
    Lab lab;
    Store *store;
    Scenario *scenario;
    Settings settings;
    int64_t experiment_id;
    int64_t now_ns; /* when the next run begins: somewhere in the past, one after the other */
} Bench;

static void bench_start(Bench *bench, const char *keys)
{
    g_autofree char *text = g_strdup_printf("name: t\n"
                                            "machines: [{name: a, image: tiny}]\n"
                                            "matrix: {factors: {x: [1, 2, 3, 4]}}\n"
                                            "seed: 5\n"
                                            "%s"
                                            "steps:\n"
                                            "  - {name: s, on: a, run: 'echo ${x}', measure: [{metric: m, regex: '([0-9]+)'}]}\n",
                                            keys);
    g_autoptr(Problems) problems = problems_new("t.yaml");
    g_autoptr(Environment) environment = environment_gather();
    g_autoptr(Matrix) matrix = NULL;
    g_autofree char *path = NULL;
    GError *error = NULL;

    *bench = (Bench) { .folder = g_dir_make_tmp("trialbed-agenda-XXXXXX", NULL), .settings = { .backend = (char *) "fake" },
                      .now_ns = clock_realtime_ns() - 100 * HOUR_NS };
    bench->scenario = scenario_parse("t.yaml", text, strlen(text), NULL, problems);
    problems_print(problems, stderr);
    ck_assert_ptr_nonnull(bench->scenario);
    ck_assert_ok(lab_open(bench->folder, &bench->lab, &error), error);
    path = g_build_filename(bench->folder, "trialbed.db", NULL);
    bench->store = store_open(path, &error);
    ck_assert_ok(bench->store != NULL, error);
    matrix = experiment_matrix(bench->scenario, &bench->settings, &error);
    ck_assert_ok(experiment_create(bench->store, &bench->lab, matrix, &bench->settings, environment, &bench->experiment_id,
                                   &error), error);
}

static void bench_end(Bench *bench)
{
    store_close(bench->store);
    scenario_free(bench->scenario);
    lab_clear(&bench->lab);
    ck_assert(folder_remove(bench->folder, NULL));
    g_free(bench->folder);
}

static Agenda *bench_agenda(Bench *bench, int64_t until_ns)
{
    GError *error = NULL;
    Agenda *agenda = agenda_new(bench->store, bench->experiment_id, bench->scenario, &bench->settings, until_ns, 1, &error);

    ck_assert_ok(agenda != NULL, error);
    return agenda;
}

/* What a repetition of cell x gives: the cells' spreads differ, cell 1 has none. */
static double value_of(int64_t x, int64_t repetition)
{
    static const double noise[] = { -1, 0.7, 1.2, -0.4, 0.1, -1.3, 0.9, -0.2 };

    return 100 + (double) (x - 1) * noise[repetition % G_N_ELEMENTS(noise)];
}

static void complete(Bench *bench, int64_t run_id, double value, double seconds)
{
    SampleRecord sample = { .metric = "m", .unit = "", .value = value };
    AttemptRecord attempt = { .run_id = run_id, .status = ATTEMPT_COMPLETED, .final = true, .backend = "fake", .concurrent = 1,
                              .started_realtime_ns = bench->now_ns, .duration_ns = (int64_t) (seconds * 1e9),
                              .samples = &sample, .sample_count = 1 };
    GError *error = NULL;

    bench->now_ns += attempt.duration_ns + SECOND_NS;
    ck_assert_ok(store_attempt_start(bench->store, run_id, attempt.started_realtime_ns, &attempt.attempt, &error), error);
    ck_assert_ok(store_attempt_finish(bench->store, &attempt, &error), error);
}

static char *label_of(Bench *bench, int64_t cell_id)
{
    g_autoptr(Table) cell = NULL;

    ck_assert(store_read(bench->store, "cell-label", &cell, NULL, PARAM_INTEGER(cell_id), PARAM_END));
    return g_strdup(table_text(cell, 0, "cell"));
}

/* Do what is planned, in order, as long as it is allowed; at most `limit` runs. Returns how many it were. */
static size_t work(Bench *bench, Agenda *agenda, size_t limit, double seconds)
{
    g_autoptr(GArray) pending = NULL;
    size_t row;

    ck_assert(pending_read(bench->store, bench->experiment_id, NULL, &pending, NULL));
    for (row = 0; row < MIN(pending->len, limit) && agenda_allows(agenda, pending, row); row++) {
        const PendingRun *run = pending_run(pending, row);
        g_autofree char *cell = label_of(bench, run->cell_id);

        complete(bench, run->run_id, value_of(cell[2] - '0', run->repetition), seconds);
        agenda_note(agenda, run->cell_id, (int64_t) (seconds * 1e9));
    }
    return row;
}

static size_t grow(Agenda *agenda)
{
    GError *error = NULL;
    size_t added;

    ck_assert_ok(agenda_grow(agenda, &added, &error), error);
    return added;
}

/* All to the end. */
static void work_off(Bench *bench, Agenda *agenda, double seconds)
{
    do
        work(bench, agenda, SIZE_MAX, seconds);
    while (grow(agenda) > 0);
}

/* "x=1 1 1; x=3 1 1; ...": cell, repetition and block of all rows in their order. */
static char *plan_text(Bench *bench)
{
    g_autoptr(Table) runs = NULL;
    GString *text = g_string_new(NULL);

    ck_assert(store_read(bench->store, "runs", &runs, NULL, PARAM_INTEGER(bench->experiment_id), PARAM_END));
    for (size_t row = 0; row < runs->row_count; row++) {
        ck_assert_int_eq(table_integer(runs, row, "position"), (int64_t) row + 1);
        g_string_append_printf(text, "%s %d %d; ", table_text(runs, row, "cell"),
                               (int) table_integer(runs, row, "repetition"), (int) table_integer(runs, row, "block"));
    }
    return g_string_free(text, FALSE);
}

static size_t count_runs(Bench *bench, const char *cell, const char *status)
{
    g_autoptr(Table) runs = NULL;
    size_t count = 0;

    ck_assert(store_read(bench->store, "runs", &runs, NULL, PARAM_INTEGER(bench->experiment_id), PARAM_END));
    for (size_t row = 0; row < runs->row_count; row++)
        count += (cell == NULL || strcmp(table_text(runs, row, "cell"), cell) == 0)
                 && (status == NULL || strcmp(table_text(runs, row, "status"), status) == 0);
    return count;
}

#define PRECISION "precision: {metric: m, relative: 1%, min: 5, max: 60}\n"

START_TEST(a_cell_gets_runs_until_its_interval_is_narrow)
{
    Bench bench;
    Agenda *agenda;

    bench_start(&bench, PRECISION);
    ck_assert_uint_eq(count_runs(&bench, NULL, NULL), 4 * 5);
    agenda = bench_agenda(&bench, 0);
    work_off(&bench, agenda, 1);
    ck_assert_uint_eq(count_runs(&bench, "x=1", NULL), 5);
    ck_assert_uint_gt(count_runs(&bench, "x=3", NULL), count_runs(&bench, "x=2", NULL));
    ck_assert_uint_gt(count_runs(&bench, "x=4", NULL), count_runs(&bench, "x=3", NULL));
    ck_assert_uint_lt(count_runs(&bench, "x=4", NULL), 60);
    ck_assert_uint_eq(count_runs(&bench, NULL, "planned"), 0); /* none waits for ever */
    ck_assert_uint_eq(count_runs(&bench, NULL, "failed"), 0);
    ck_assert(agenda_tell(agenda, NULL));
    agenda_free(agenda);
    bench_end(&bench);
}
END_TEST

START_TEST(it_says_how_well_each_cell_is_known)
{
    Bench bench;
    Agenda *agenda;
    g_autoptr(GArray) begun = NULL, done = NULL;

    bench_start(&bench, "precision: {metric: m, relative: 1%, min: 5, max: 7}\n");
    agenda = bench_agenda(&bench, 0);
    work(&bench, agenda, 4, 1); /* one block */
    ck_assert(agenda_precision(agenda, &begun, NULL));
    for (guint i = 0; i < 4; i++) {
        const CellPrecision *cell = &g_array_index(begun, CellPrecision, i);

        ck_assert(cell->values == 1 && isinf(cell->half_width) && cell->open && !cell->reached && cell->repetitions == 5);
    }
    work_off(&bench, agenda, 1);
    ck_assert(agenda_precision(agenda, &done, NULL));
    for (guint i = 0; i < 4; i++) {
        const CellPrecision *cell = &g_array_index(done, CellPrecision, i);

        ck_assert_int_eq(cell->cell[2], '1' + (int) i);
        ck_assert_uint_eq(cell->values, count_runs(&bench, cell->cell, "completed"));
        ck_assert(!cell->open && (cell->reached ? cell->half_width <= 0.01 : cell->values == 7));
    }
    ck_assert(g_array_index(done, CellPrecision, 0).reached && !g_array_index(done, CellPrecision, 3).reached);
    ck_assert(isinf(agenda_left_s(agenda)));
    agenda_free(agenda);
    bench_end(&bench);
}
END_TEST

START_TEST(no_cell_gets_more_than_its_most)
{
    Bench bench;
    Agenda *agenda;

    bench_start(&bench, "precision: {metric: m, relative: 0.01%, min: 5, max: 9}\nwarmup: 1\n");
    agenda = bench_agenda(&bench, 0);
    work_off(&bench, agenda, 1);
    ck_assert_uint_eq(count_runs(&bench, "x=4", NULL), 1 + 9);
    ck_assert_uint_eq(count_runs(&bench, "x=1", NULL), 1 + 5);
    agenda_free(agenda);
    bench_end(&bench);
}
END_TEST

static const char *const orders[] = { "blocks", "interleaved", "shuffled", "sequential" };

/* Stopped after every single run and taken up again: the same rows in the same order. */
START_TEST(a_resume_keeps_the_order)
{
    g_autofree char *keys = g_strconcat(PRECISION "order: ", orders[_i], "\n", NULL);
    g_autofree char *whole = NULL, *pieces = NULL;
    Bench bench;
    Agenda *agenda;
    size_t done;

    bench_start(&bench, keys);
    agenda = bench_agenda(&bench, 0);
    work_off(&bench, agenda, 1);
    agenda_free(agenda);
    whole = plan_text(&bench);
    bench_end(&bench);

    bench_start(&bench, keys);
    do {
        agenda = bench_agenda(&bench, 0);
        done = work(&bench, agenda, 1, 1);
        if (done == 0)
            done = grow(agenda);
        agenda_free(agenda);
    } while (done > 0);
    pieces = plan_text(&bench);
    bench_end(&bench);
    ck_assert_str_eq(whole, pieces);
}
END_TEST

/* The rows are those of the plan that has the most of every cell, without those that were not needed. */
START_TEST(what_was_not_needed_is_left_out_of_the_whole_plan)
{
    g_autofree PlannedRun *plan = NULL;
    g_autoptr(Table) runs = NULL;
    size_t count, at = 0;
    Bench bench;
    Agenda *agenda;

    bench_start(&bench, PRECISION);
    agenda = bench_agenda(&bench, 0);
    work_off(&bench, agenda, 1);
    agenda_free(agenda);
    plan = order_runs(ORDER_BLOCKS, 4, 60, 0, 5, &count);
    ck_assert(store_read(bench.store, "runs", &runs, NULL, PARAM_INTEGER(bench.experiment_id), PARAM_END));
    for (size_t row = 0; row < runs->row_count; row++) {
        int64_t cell = table_text(runs, row, "cell")[2] - '1', repetition = table_integer(runs, row, "repetition");

        while (at < count && (plan[at].cell != cell || plan[at].repetition != repetition))
            at++;
        ck_assert_msg(at < count, "run %zu is not behind the one before it in the whole plan", row + 1);
        ck_assert_int_eq(plan[at].block, table_integer(runs, row, "block"));
    }
    bench_end(&bench);
}
END_TEST

START_TEST(a_budget_ends_with_a_complete_block)
{
    static const size_t added[] = { 4, 0 };
    Bench bench;
    Agenda *agenda;

    bench_start(&bench, "repetitions: 20\nbudget: {time: 1h}\n");
    ck_assert_uint_eq(count_runs(&bench, NULL, NULL), 4); /* one round; the others come when there is time */
    for (size_t i = 0; i < G_N_ELEMENTS(added); i++) { /* 1600 s a round: one more fits, and then none */
        agenda = bench_agenda(&bench, 0);
        ck_assert_uint_eq(work(&bench, agenda, SIZE_MAX, 400), 4);
        agenda_free(agenda);
        agenda = bench_agenda(&bench, 0);
        ck_assert_uint_eq(grow(agenda), added[i]);
        ck_assert(agenda_tell(agenda, NULL));
        agenda_free(agenda);
    }
    ck_assert_uint_eq(count_runs(&bench, NULL, "completed"), 8);
    ck_assert_uint_eq(count_runs(&bench, NULL, "planned"), 0);
    bench_end(&bench);
}
END_TEST

START_TEST(what_time_is_left_goes_to_the_widest_cells)
{
    Bench bench;
    Agenda *agenda;

    bench_start(&bench, PRECISION);
    agenda = bench_agenda(&bench, 0);
    ck_assert_uint_eq(work(&bench, agenda, SIZE_MAX, 1300), 20);
    agenda_free(agenda);
    agenda = bench_agenda(&bench, clock_realtime_ns() + HOUR_NS);
    ck_assert_uint_eq(grow(agenda), 2); /* of x=2, x=3 and x=4, 1300 s each, in one hour */
    ck_assert_uint_eq(count_runs(&bench, "x=4", NULL), 6);
    ck_assert_uint_eq(count_runs(&bench, "x=3", NULL), 6);
    ck_assert_uint_eq(count_runs(&bench, "x=2", NULL), 5);
    ck_assert_uint_eq(work(&bench, agenda, SIZE_MAX, 1300), 2);
    ck_assert_uint_eq(agenda_open_cells(agenda), 3); /* `resume` has something to do */
    agenda_free(agenda);
    bench_end(&bench);
}
END_TEST

START_TEST(what_the_budget_did_not_reach_is_taken_back)
{
    g_autoptr(GArray) pending = NULL;
    size_t withdrawn;
    Bench bench;
    Agenda *agenda;

    bench_start(&bench, "repetitions: 20\nbudget: {time: 1h}\n");
    agenda = bench_agenda(&bench, 0);
    ck_assert_uint_eq(work(&bench, agenda, SIZE_MAX, 400), 4);
    ck_assert_uint_eq(grow(agenda), 4);
    ck_assert_uint_eq(work(&bench, agenda, 1, 5000), 1); /* much longer than was to be expected */
    ck_assert(pending_read(bench.store, bench.experiment_id, NULL, &pending, NULL));
    agenda_free(agenda);
    agenda = bench_agenda(&bench, 0);
    ck_assert(!agenda_allows(agenda, pending, 0));
    ck_assert(agenda_close(agenda, &withdrawn, NULL));
    ck_assert_uint_eq(withdrawn, 3);
    ck_assert_uint_eq(count_runs(&bench, NULL, NULL), 5);
    ck_assert_uint_eq(count_runs(&bench, NULL, "completed"), 5);
    agenda_free(agenda);
    agenda = bench_agenda(&bench, clock_realtime_ns() + 100 * HOUR_NS); /* with more time it goes on */
    ck_assert_uint_eq(grow(agenda), 4);
    agenda_free(agenda);
    bench_end(&bench);
}
END_TEST

START_TEST(no_run_begins_that_cannot_end_in_time)
{
    Bench bench;
    Agenda *agenda;

    bench_start(&bench, "repetitions: 3\norder: sequential\n");
    agenda = bench_agenda(&bench, clock_realtime_ns() + 100 * SECOND_NS);
    ck_assert_uint_eq(work(&bench, agenda, 2, 90), 2);
    ck_assert_uint_eq(work(&bench, agenda, 1, 300), 1); /* longer than was to be expected */
    ck_assert_uint_eq(work(&bench, agenda, SIZE_MAX, 1), 0);
    ck_assert(agenda_is_over(agenda));
    agenda_free(agenda);
    agenda = bench_agenda(&bench, clock_realtime_ns() + 100 * SECOND_NS); /* and a resume knows it, too */
    ck_assert_uint_eq(work(&bench, agenda, SIZE_MAX, 1), 0);
    agenda_free(agenda);
    agenda = bench_agenda(&bench, 0);
    ck_assert_uint_eq(work(&bench, agenda, SIZE_MAX, 1), 9);
    agenda_free(agenda);
    bench_end(&bench);
}
END_TEST

START_TEST(no_block_begins_that_cannot_end_in_time)
{
    Bench bench;
    Agenda *agenda;

    bench_start(&bench, "repetitions: 3\n");
    agenda = bench_agenda(&bench, clock_realtime_ns() + 100 * SECOND_NS);
    ck_assert_uint_eq(work(&bench, agenda, SIZE_MAX, 30), 4); /* the first: nothing was known; 120 s are too long */
    ck_assert_uint_eq(count_runs(&bench, NULL, "planned"), 8);
    ck_assert_uint_eq(grow(agenda), 0);
    agenda_free(agenda);
    bench_end(&bench);
}
END_TEST

/* A breaker that has given one cell up. */
static void give_up(Bench *bench, const char *cell, Breaker *ret_breaker)
{
    g_autoptr(Table) runs = NULL;
    size_t row = 0;

    ck_assert(store_read(bench->store, "runs", &runs, NULL, PARAM_INTEGER(bench->experiment_id), PARAM_END));
    while (strcmp(table_text(runs, row, "cell"), cell) != 0)
        row++;
    *ret_breaker = (Breaker) { .cell_limit = 1 };
    ck_assert_int_eq(breaker_note(ret_breaker, table_integer(runs, row, "cell_id"), true, false), BREAKER_LEAVES_CELL);
}

START_TEST(a_cell_that_is_given_up_gets_no_rounds)
{
    Bench bench;
    Agenda *agenda;
    Breaker breaker;

    bench_start(&bench, PRECISION);
    give_up(&bench, "x=4", &breaker);
    agenda = bench_agenda(&bench, 0);
    ck_assert_uint_eq(work(&bench, agenda, SIZE_MAX, 1300), 20);
    agenda_free(agenda);
    agenda = bench_agenda(&bench, clock_realtime_ns() + HOUR_NS);
    agenda_heed(agenda, &breaker);
    ck_assert_uint_eq(grow(agenda), 2); /* the time of the widest is the others' */
    ck_assert_uint_eq(count_runs(&bench, "x=4", NULL), 5);
    ck_assert_uint_eq(count_runs(&bench, "x=3", NULL), 6);
    ck_assert_uint_eq(count_runs(&bench, "x=2", NULL), 6);
    ck_assert_uint_eq(agenda_given_up_cells(agenda), 1);
    agenda_free(agenda);
    breaker_clear(&breaker);
    bench_end(&bench);
}
END_TEST

/* Four cells, each of which may come first in its block and be the one that was given up; three runs of 30 s are left of a block. */
START_TEST(a_cell_that_is_given_up_gets_no_time_of_a_block)
{
    static const struct {
        int64_t has_s;
        bool allowed;
    } rows[] = { { 100, true }, { 80, false } };
    g_autofree char *cell = g_strdup_printf("x=%d", _i + 1);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GArray) pending = NULL;
        g_autofree char *first = NULL;
        size_t row;
        Bench bench;
        Agenda *agenda;
        Breaker breaker;

        bench_start(&bench, "repetitions: 2\n");
        give_up(&bench, cell, &breaker);
        agenda = bench_agenda(&bench, 0);
        ck_assert_uint_eq(work(&bench, agenda, 4, 30), 4);
        agenda_free(agenda);
        agenda = bench_agenda(&bench, clock_realtime_ns() + rows[i].has_s * SECOND_NS);
        agenda_heed(agenda, &breaker);
        ck_assert(pending_read(bench.store, bench.experiment_id, NULL, &pending, NULL));
        first = label_of(&bench, pending_run(pending, 0)->cell_id);
        row = strcmp(first, cell) == 0; /* it is passed over */
        ck_assert_int_eq(agenda_allows(agenda, pending, row), rows[i].allowed);
        agenda_free(agenda);
        breaker_clear(&breaker);
        bench_end(&bench);
    }
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, a_cell_gets_runs_until_its_interval_is_narrow);
    tcase_add_test(tcase, it_says_how_well_each_cell_is_known);
    tcase_add_test(tcase, no_cell_gets_more_than_its_most);
    tcase_add_loop_test(tcase, a_resume_keeps_the_order, 0, G_N_ELEMENTS(orders));
    tcase_add_test(tcase, what_was_not_needed_is_left_out_of_the_whole_plan);
    tcase_add_test(tcase, a_budget_ends_with_a_complete_block);
    tcase_add_test(tcase, what_time_is_left_goes_to_the_widest_cells);
    tcase_add_test(tcase, what_the_budget_did_not_reach_is_taken_back);
    tcase_add_test(tcase, no_run_begins_that_cannot_end_in_time);
    tcase_add_test(tcase, no_block_begins_that_cannot_end_in_time);
    tcase_add_test(tcase, a_cell_that_is_given_up_gets_no_rounds);
    tcase_add_loop_test(tcase, a_cell_that_is_given_up_gets_no_time_of_a_block, 0, 4);
}

int main(void)
{
    return unit_run("exec/agenda", add_tests);
}
