// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/db/fixture.h"

static const char *const uuid = "0f1e2d3c-0000-4000-8000-000000000001";

/* Hand-computed: 1, 2, 4 has mean 7/3, variance 7/3, sem sqrt(7)/3, t(0.975, 2) = 0.95 sqrt(2 / (1 - 0.95^2))
 * = 4.302652729696; 11, 13 has t(0.975, 1) = 12.706204736174694 and sem 1. */
START_TEST(cell_summary_counts_completed_runs_without_warm_ups)
{
    g_autoptr(Store) store = lab_open();

    insert_experiment(store, uuid, "one");
    complete_most(store);
    fail_run(store, 8, start_run(store, 8), true);
    ck_assert_plain(
        "SELECT experiment_id, experiment, cell_id, cell, unit, n, printf('%.12g %.12g %.12g %.12g %.12g', mean, "
        "stddev, sem, "
        "ci95_low, ci95_high), median, min, max FROM cell_summary WHERE metric = 'rtt'",
        "1|one|1|delay=0ms mode=fast|ms|3|2.33333333333 1.52752523165 0.881917103688 -1.46124970026 "
        "6.12791636693|2.0|1.0|4.0;"
        "1|one|2|delay=10ms mode=fast|ms|2|12 1.41421356237 1 -0.706204736175 24.7062047362|12.0|11.0|13.0");
    ck_assert_plain("SELECT run_id, value FROM run_values WHERE metric = 'rtt' AND counted = 0", "1|100.0;2|100.0");
}
END_TEST

START_TEST(phases_and_captures_are_metrics_without_asking)
{
    g_autoptr(Store) store = lab_open();

    insert_experiment(store, uuid, "one");
    complete_run(store, 3, start_run(store, 3), (double[]) { 1 }, 1);
    ck_assert_plain("SELECT metric, unit, value, samples FROM run_values WHERE metric <> 'rtt' ORDER BY metric",
                    "capture.bytes|B|1000.0|2;capture.dropped|packets|1.0|2;capture.packets|packets|10.0|2;"
                    "phase.boot|s|1.5|1;phase.step:ping|s|0.5|2");
    ck_assert_plain("SELECT metric, n, mean FROM cell_summary",
                    "rtt|1|1.0;capture.bytes|1|1000.0;capture.dropped|1|1.0;"
                    "capture.packets|1|10.0;phase.boot|1|1.5;phase.step:ping|1|0.5");
}
END_TEST

static const struct {
    const char *aggregate;
    double value;
} aggregates[] = {
    { "mean", 3.2 }, { NULL, 3.2 }, { "median", 2 }, { "min", 1 }, { "max", 8 }, { "sum", 16 },
    { "last", 3 }, /* in order of sequence, which is not that of insertion */
    { "p50", 2 }, { "p90", 6 }, { "p99.9", 7.98 },
};

START_TEST(a_run_has_one_value_by_the_metrics_aggregate)
{
    const char *how = aggregates[_i].aggregate;
    const SampleRecord samples[] = { SAMPLE("m", NULL, NULL, how, 4, 3),
                                     SAMPLE("m", NULL, NULL, how, 0, 8),
                                     SAMPLE("m", NULL, NULL, how, 1, 2),
                                     SAMPLE("m", NULL, NULL, how, 2, 1),
                                     SAMPLE("m", NULL, NULL, how, 3, 2) };
    AttemptRecord record = { .run_id = 3, .attempt = 1, .status = ATTEMPT_COMPLETED, .final = true, .samples = samples,
                             .sample_count = 5 };
    g_autoptr(Store) store = lab_open();
    g_autoptr(Table) table = NULL;
    g_autoptr(GError) error = NULL;

    insert_experiment(store, uuid, "one");
    start_run(store, 3);
    ck_assert_ok(store_attempt_finish(store, &record, &error), error);
    table = read_table(store, "run-metrics", 3);
    ck_assert_uint_eq(table->row_count, 1);
    ck_assert_double_eq_tol(table_real(table, 0, "value"), aggregates[_i].value, 1e-12);
    ck_assert_int_eq(table_integer(table, 0, "samples"), 5);
}
END_TEST

START_TEST(summary_shows_automatic_metrics_only_when_asked)
{
    static const struct {
        const char *metric;
        int64_t all;
        size_t rows;
        const char *first;
    } cases[] = { { NULL, 0, 2, "rtt" },
                  { "rtt", 0, 2, "rtt" },
                  { "phase.boot", 0, 2, "phase.boot" },
                  { NULL, 1, 12, "rtt" },
                  { "none", 1, 0, NULL } };
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;

    insert_experiment(store, uuid, "one");
    complete_most(store);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Table) table = NULL;

        ck_assert_ok(store_read(store, "summary", &table, &error, PARAM_INTEGER(1), PARAM_TEXT(cases[i].metric),
                                PARAM_INTEGER(cases[i].all), PARAM_END), error);
        ck_assert_uint_eq(table->row_count, cases[i].rows);
        if (table->row_count > 0) {
            ck_assert_str_eq(table_text(table, 0, "metric"), cases[i].first);
            ck_assert_str_eq(table_text(table, 1, "cell"), "delay=10ms mode=fast");
        }
    }
}
END_TEST

START_TEST(figure_points_are_grouped_by_levels_in_order_of_their_size)
{
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;
    g_autoptr(Table) points = NULL;
    g_autoptr(Table) by_mode = NULL;

    insert_experiment(store, uuid, "one");
    complete_most(store);
    ck_assert_ok(store_read(store, "figure-points", &points, &error, PARAM_INTEGER(1), PARAM_TEXT("rtt"),
                            PARAM_TEXT("delay"), PARAM_TEXT(NULL), PARAM_END),
                 error);
    ck_assert_uint_eq(points->row_count, 2);
    ck_assert_str_eq(table_text(points, 1, "x"), "10ms");
    ck_assert_double_eq(table_real(points, 1, "x_base"), 0.01);
    ck_assert_ptr_null(table_text(points, 1, "by"));
    ck_assert_int_eq(table_integer(points, 0, "n"), 3);
    ck_assert_double_eq_tol(table_real(points, 0, "mean"), 7.0 / 3, 1e-12);
    ck_assert_double_eq_tol(table_real(points, 1, "stddev"), 1.4142135623730951, 1e-12);
    ck_assert_ok(store_read(store, "figure-points", &by_mode, &error, PARAM_INTEGER(1), PARAM_TEXT("rtt"),
                            PARAM_TEXT("mode"), PARAM_TEXT("delay"), PARAM_END),
                 error);
    ck_assert_uint_eq(by_mode->row_count, 2);
    ck_assert_str_eq(table_text(by_mode, 1, "x"), "fast");
    ck_assert_str_eq(table_text(by_mode, 1, "by"), "10ms");
}
END_TEST

START_TEST(every_view_and_table_opens_without_our_functions)
{
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;
    g_autofree char *names = NULL;
    g_auto(GStrv) list = NULL;

    insert_experiment(store, uuid, "one");
    complete_most(store);
    fail_run(store, 8, start_run(store, 8), true);
    ck_assert_ok(store_outside_note(store, 8, 2, "test:///", "/tmp/elsewhere", &error), error);
    names = ask_plain("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')");
    list = g_strsplit(names, ";", -1);
    ck_assert_uint_ge(g_strv_length(list), 25);
    for (size_t i = 0; list[i] != NULL; i++) {
        g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM (SELECT * FROM %s)", list[i]);
        g_autofree char *rows = ask_plain(sql);

        ck_assert_msg(g_ascii_strtoll(rows, NULL, 10) > 0, "%s is empty", list[i]);
    }
}
END_TEST

/* Other programs rely on these; more may follow, none may go. */
static const struct {
    const char *view, *columns;
} promises[] = {
    { "run_facts", "run_id experiment_id experiment cell_id cell repetition block position warmup status attempt class "
                   "reason platform "
                   "accelerator started_at duration_s " },
    { "run_values", "run_id experiment_id cell_id cell repetition metric unit value samples " },
    { "cell_summary",
      "experiment_id experiment cell_id cell metric unit n mean stddev sem ci95_low ci95_high median min max " },
    { "phase_times", "run_id attempt phase step machine start_ns duration_ns " },
    { "artifacts", "run_id attempt machine step kind path size sha256 " },
    { "failures", "experiment_id experiment run_id cell_id cell repetition warmup attempt phase class reason " },
    { "published_values", "experiment_id cell_id cell metric published_mean published_stddev published_n source " },
    { "experiment_1_runs", "run_id experiment_id cell_id cell repetition block position warmup status counted " },
};

START_TEST(the_promised_columns_come_first)
{
    g_autoptr(Store) store = lab_open();
    g_autofree char *columns = NULL;
    g_autofree char *sql =
        g_strdup_printf("SELECT group_concat(name, ' ') || ' ' FROM pragma_table_info('%s')", promises[_i].view);

    insert_experiment(store, uuid, "one");
    columns = ask_plain(sql);
    ck_assert_msg(g_str_has_prefix(columns, promises[_i].columns), "%s: %s", promises[_i].view, columns);
}
END_TEST

START_TEST(the_read_queries_answer)
{
    static const struct {
        const char *query;
        int64_t id;
        size_t rows;
    } cases[] = {
        { "experiments", 0, 1 },   { "experiment", 1, 1 },    { "experiment-status", 1, 2 },
        { "cells", 1, 2 },         { "cell-levels", 2, 2 },   { "factors", 1, 2 },
        { "levels", 1, 3 },        { "runs", 1, 8 },          { "runs-pending", 1, 1 },
        { "run", 3, 1 },           { "attempts", 3, 1 },      { "phases", 3, 4 },
        { "steps", 3, 3 },         { "machines", 3, 1 },      { "run-metrics", 3, 6 },
        { "run-artifacts", 3, 1 }, { "captures", 3, 2 },      { "events", 3, 1 },
        { "environment", 1, 2 },   { "metrics", 1, 6 },       { "figures", 1, 1 },
        { "failures", 1, 0 },      { "open-attempts", 1, 0 }, { "experiment-artifacts", 1, 7 },
        { "counted-runs", 1, 2 },  { "design-cells", 1, 4 },  { "measured-metrics", 1, 6 },
    };
    g_autoptr(Store) store = lab_open();

    insert_experiment(store, uuid, "one");
    complete_most(store);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Table) table = NULL;

        if (cases[i].id == 0)
            ck_assert_ok(store_read(store, cases[i].query, &table, &error, PARAM_END), error);
        else
            table = read_table(store, cases[i].query, cases[i].id);
        ck_assert_msg(table->row_count == cases[i].rows, "%s: %zu rows", cases[i].query, table->row_count);
    }
}
END_TEST

/* Names that a column of the view has already, in any case, give way; so do those of each other. */
START_TEST(an_experiments_view_has_its_factors_as_columns)
{
    static const LevelRecord bare[] = { { "64", true, 64, 64, "" }, { "9", true, 9, 9, "" } };
    static const LevelRecord times[] = { { "1s", true, 1, 1, "s" }, { "2ms", true, 2, 0.002, "ms" } };
    static const LevelRecord mixed[] = { { "off", false, 0, 0, NULL }, { "3", true, 3, 3, "" } };
    static const FactorRecord factors[] = { { "size", bare, 2 },    { "Status", mixed, 2 },      { "delay", times, 2 },
                                            { "delay_base", mixed, 2 }, { "a \"b'; --", mixed, 2 } };
    static const uint32_t first[] = { 0, 0, 0, 0, 0 }, second[] = { 1, 1, 1, 1, 1 };
    static const CellRecord cells[] = { { "first", first }, { "second", second } };
    static const RunRecord runs[] = { { 1, 1, 1, false }, { 0, 1, 1, false } };
    ExperimentRecord record = { .uuid = uuid, .name = "odd", .scenario_path = "x", .scenario_text = "x",
                                .order = "shuffled", .repetitions = 1, .factors = factors, .factor_count = 5, .cells = cells,
                                .cell_count = 2, .runs = runs, .run_count = 2 };
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;
    int64_t id;

    ck_assert_ok(store_experiment_insert(store, &record, &id, &error), error);
    ck_assert_plain("SELECT group_concat(name, ' ') FROM pragma_table_info('experiment_1_runs') WHERE cid > 9",
                    "size factor_Status delay delay_base a \"b'; -- factor_delay_base");
    ck_assert_plain("SELECT run_id, cell, size, factor_Status, delay, delay_base, \"a \"\"b'; --\", factor_delay_base "
                    "FROM experiment_1_runs ORDER BY size",
                    "1|second|9.0|3|2ms|3|3|0.002;2|first|64.0|off|1s|off|off|1.0");
}
END_TEST

START_TEST(published_values_stand_beside_those_of_the_cells_they_belong_to)
{
    g_autoptr(Store) store = lab_open();

    insert_experiment(store, uuid, "one");
    complete_most(store);
    ck_assert_plain("SELECT cell_id, metric, published_mean, published_stddev, published_n, source, n, mean "
                    "FROM published_values ORDER BY position, cell_id",
                    "2|rtt|12.0|-|20|a paper|2|12.0;1|rtt|7.0|0.5|-|-|3|2.33333333333333;2|rtt|7.0|0.5|-|-|2|12.0");
}
END_TEST

START_TEST(failures_lists_every_failed_attempt)
{
    g_autoptr(Store) store = lab_open();

    insert_experiment(store, uuid, "one");
    fail_run(store, 3, start_run(store, 3), false);
    complete_run(store, 3, start_run(store, 3), (double[]) { 1 }, 1);
    fail_run(store, 4, start_run(store, 4), true);
    ck_assert_plain("SELECT experiment, run_id, cell, repetition, attempt, phase, class, reason, status FROM failures "
                    "ORDER BY run_id",
                    "one|3|delay=0ms mode=fast|1|1|step:ping|step|step 'ping': exit status 1|completed;"
                    "one|4|delay=10ms mode=fast|1|1|step:ping|step|step 'ping': exit status 1|failed");
}
END_TEST

START_TEST(samples_know_when_and_in_which_iteration_and_artifacts_what_they_are)
{
    g_autoptr(Store) store = lab_open();

    insert_experiment(store, uuid, "one");
    complete_run(store, 3, start_run(store, 3), (double[]) { 1 }, 1);
    ck_assert_plain("SELECT name, iteration, offset_ns FROM sample JOIN metric USING (metric_id) "
                    "WHERE name IN ('rtt', 'phase.step:ping', 'capture.bytes') ORDER BY name, sequence",
                    "capture.bytes|0|-;capture.bytes|0|-;phase.step:ping|0|5;phase.step:ping|0|9;rtt|1|7");
    ck_assert_plain("SELECT media_type FROM artifacts", "application/vnd.tcpdump.pcap");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, lab_make, lab_remove);
    tcase_add_test(tcase, cell_summary_counts_completed_runs_without_warm_ups);
    tcase_add_test(tcase, phases_and_captures_are_metrics_without_asking);
    tcase_add_loop_test(tcase, a_run_has_one_value_by_the_metrics_aggregate, 0, G_N_ELEMENTS(aggregates));
    tcase_add_test(tcase, summary_shows_automatic_metrics_only_when_asked);
    tcase_add_test(tcase, figure_points_are_grouped_by_levels_in_order_of_their_size);
    tcase_add_test(tcase, every_view_and_table_opens_without_our_functions);
    tcase_add_loop_test(tcase, the_promised_columns_come_first, 0, G_N_ELEMENTS(promises));
    tcase_add_test(tcase, the_read_queries_answer);
    tcase_add_test(tcase, an_experiments_view_has_its_factors_as_columns);
    tcase_add_test(tcase, published_values_stand_beside_those_of_the_cells_they_belong_to);
    tcase_add_test(tcase, failures_lists_every_failed_attempt);
    tcase_add_test(tcase, samples_know_when_and_in_which_iteration_and_artifacts_what_they_are);
}

int main(void)
{
    return unit_run("db/views", add_tests);
}
