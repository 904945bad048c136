// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/db/fixture.h"

static const char *const uuid = "0f1e2d3c-0000-4000-8000-000000000001";

START_TEST(every_query_matches_the_schema)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store = store_open(":memory:", &error);

    ck_assert_ok(store != NULL, error);
    ck_assert_ok(store_selftest(store, &error), error);
    ck_assert_int_ge(store_schema_version(), 1);
}
END_TEST

START_TEST(a_new_experiment_has_all_its_runs_in_planned_order)
{
    g_autoptr(Store) store = lab_open();

    ck_assert_int_eq(insert_experiment(store, uuid, "one"), 1);
    ck_assert_plain("SELECT run_id, cell, repetition, block, position, warmup, status, attempt FROM run_facts WHERE "
                    "run_id IN (1, 4, 8)",
                    "1|delay=0ms mode=fast|1|0|1|1|planned|-;4|delay=10ms mode=fast|1|1|4|0|planned|-;"
                    "8|delay=10ms mode=fast|3|3|8|0|planned|-");
    ck_assert_plain("SELECT name, seed, run_order, settings, retries FROM experiment",
                    "one|42|interleaved|{\"jobs\":2}|1");
    ck_assert_plain("SELECT text, number, unit, base FROM level ORDER BY level_id",
                    "0ms|0.0|ms|0.0;10ms|10.0|ms|0.01;fast|-|-|-");
    ck_assert_plain("SELECT count(*) FROM cell_level", "4");
    ck_assert_int_eq(insert_experiment(store, "uuid-2", "two"), 2);
    ck_assert_plain("SELECT min(run_id), max(run_id) FROM run WHERE experiment_id = 2", "9|16");
}
END_TEST

START_TEST(what_is_noted_of_outside_is_there_until_it_is_forgotten)
{
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;
    g_autoptr(Table) noted = NULL;

    insert_experiment(store, uuid, "one");
    ck_assert_ok(store_outside_note(store, 1, 1, "qemu:///system", "/tmp/a", &error), error); /* its attempt has not begun */
    ck_assert_ok(store_outside_note(store, 2, 1, "qemu:///system", "/tmp/b", &error), error);
    ck_assert_ok(store_outside_note(store, 2, 1, "qemu:///system", "/tmp/c", &error), error); /* made ready once more */
    ck_assert_plain("SELECT run_id, attempt, kind, place FROM outside",
                    "1|1|folder|/tmp/a;1|1|libvirt|qemu:///system;2|1|folder|/tmp/c;2|1|libvirt|qemu:///system");
    ck_assert_ok(store_outside_forget(store, 1, 1, &error), error);
    ck_assert_ok(store_read(store, "outside", &noted, &error, PARAM_INTEGER(1), PARAM_END), error);
    ck_assert_uint_eq(noted->row_count, 2);
    ck_assert_str_eq(table_text(noted, 0, "kind"), "libvirt"); /* machines first, then where their sockets are */
    ck_assert_str_eq(table_text(noted, 0, "uuid"), uuid);
    ck_assert(!store_outside_note(store, 99, 1, "u", "f", &error));
}
END_TEST

enum { MANY = 25 };

/* Runs are written ten at a time, and then the rest; with `again`, the run behind it is the same once more. */
static bool insert_many(Store *store, size_t again, GError **error)
{
    static const CellRecord cells[] = { { "a", NULL }, { "b", NULL } };
    RunRecord runs[MANY];
    ExperimentRecord record = { .uuid = uuid, .name = "n", .scenario_path = "p", .scenario_text = "t",
                                .order = "sequential", .cells = cells, .cell_count = 2, .runs = runs,
                                .run_count = MANY };
    int64_t id = -1;

    for (uint32_t i = 0; i < MANY; i++)
        runs[i] = (RunRecord) { i % 2, i / 2 + 1, 3 * i, i >= 23 };
    if (again < MANY)
        runs[again + 2] = runs[again];
    return store_experiment_insert(store, &record, &id, error);
}

START_TEST(many_runs_are_stored_one_by_one_as_they_were_planned)
{
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;
    RunAddition stray = { 77, 1, 1 };

    ck_assert_ok(insert_many(store, MANY, &error), error);
    ck_assert_plain("SELECT run_id, cell, position, repetition, block, warmup FROM run_facts WHERE run_id IN (1, 10, 11, 20, 21, 25)",
                    "1|a|1|1|0|0;10|b|10|5|27|0;11|a|11|6|30|0;20|b|20|10|57|0;21|a|21|11|60|0;25|a|25|13|72|1");
    ck_assert_plain("SELECT count(*), count(DISTINCT cell_id || '-' || repetition || '-' || warmup), min(position), max(position) FROM run",
                    "25|25|1|25");
    ck_assert(!store_runs_append(store, 1, &stray, 1, &error)); /* foreign keys are looked at again */
    ck_assert_msg(strstr(error->message, "FOREIGN KEY constraint failed") != NULL, "%s", error->message);
}
END_TEST

START_TEST(of_many_runs_all_are_stored_or_none)
{
    static const size_t places[] = { 0, 8, 15, 22 }; /* among the first ten, across, among the second, among the rest */
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;

    ck_assert(!insert_many(store, places[_i], &error));
    ck_assert_msg(strstr(error->message, "UNIQUE constraint failed: run.cell_id") != NULL, "%s", error->message);
    ck_assert_plain("SELECT (SELECT count(*) FROM experiment), (SELECT count(*) FROM cell), (SELECT count(*) FROM run)", "0|0|0");
    g_clear_error(&error);
    ck_assert_ok(insert_many(store, MANY, &error), error);
}
END_TEST

START_TEST(an_experiment_that_cannot_be_stored_leaves_nothing)
{
    static const CellRecord cells[] = { { "all", NULL } };
    static const RunRecord runs[] = { { 0, 1, 1, false }, { 0, 1, 1, false } }; /* the same repetition twice */
    ExperimentRecord record = { .uuid = "u",
                                .name = "n",
                                .scenario_path = "p",
                                .scenario_text = "t",
                                .order = "sequential",
                                .cells = cells,
                                .cell_count = 1,
                                .runs = runs,
                                .run_count = 2 };
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;
    g_autofree char *expected =
        g_strdup_printf("database '%s': query 'run-insert': UNIQUE constraint failed: run.cell_id, run.warmup, "
                        "run.repetition",
                        lab_file);
    int64_t id = -1;

    ck_assert(!store_experiment_insert(store, &record, &id, &error));
    ck_assert_str_eq(error->message, expected);
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
    ck_assert_int_eq(id, -1);
    ck_assert_plain("SELECT (SELECT count(*) FROM experiment), (SELECT count(*) FROM run)", "0|0");
}
END_TEST

START_TEST(a_run_goes_from_planned_over_running_to_completed)
{
    g_autoptr(Store) store = lab_open();

    insert_experiment(store, uuid, "one");
    ck_assert_uint_eq(start_run(store, 3), 1);
    ck_assert_plain("SELECT status, executed, attempt, duration_s FROM run_facts WHERE run_id = 3", "running|1|1|-");
    complete_run(store, 3, 1, (double[]) { 1, 2, 6 }, 3);
    ck_assert_plain("SELECT status, attempt, class, platform, accelerator, started_at, duration_s, concurrent, counted "
                    "FROM run_facts WHERE run_id = 3",
                    "completed|1|-|vm|tcg|2023-11-14T22:13:20.123Z|2.5|2|1");
    ck_assert_plain("SELECT value, samples, unit FROM run_values WHERE run_id = 3 AND metric = 'rtt'", "3.0|3|ms");
    ck_assert_plain("SELECT name, exit_status, signal, stop_signal FROM step WHERE run_id = 3", "ping|0|-|-;serve|-|-|-;watch|130|2|2");
    ck_assert_plain("SELECT name, channel FROM machine WHERE run_id = 3", "client|ssh");
    ck_assert_plain("SELECT kind, path, size FROM artifacts WHERE run_id = 3", "pcap|runs/1/br0.pcap|724");
    ck_assert_plain(
        "SELECT phase, step, machine, duration_ns FROM phase_times WHERE run_id = 3 AND attempt = 1 LIMIT 3",
        "boot|-|-|1500000000;boot|-|server|1000000000;step:ping|ping|client|250000000");
    start_run(store, 1);
    ck_assert_plain("SELECT executed FROM run WHERE run_id = 1", "2");
}
END_TEST

START_TEST(a_completed_run_does_not_begin_again)
{
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;
    unsigned attempt = 77;

    insert_experiment(store, uuid, "one");
    complete_run(store, 3, start_run(store, 3), (double[]) { 1 }, 1);
    ck_assert(!store_attempt_start(store, 3, 1, &attempt, &error));
    ck_assert(g_str_has_suffix(error->message, "run 3 is not planned, so it cannot begin"));
    ck_assert_uint_eq(attempt, 77);
    ck_assert_plain("SELECT count(*) FROM attempt", "1");
}
END_TEST

START_TEST(an_attempt_that_is_not_under_way_cannot_end)
{
    AttemptRecord record = { .run_id = 3, .attempt = 2, .status = ATTEMPT_COMPLETED, .final = true };
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;

    insert_experiment(store, uuid, "one");
    start_run(store, 3);
    ck_assert(!store_attempt_finish(store, &record, &error));
    ck_assert(g_str_has_suffix(error->message, "attempt 2 of run 3 is not under way"));
    ck_assert_plain("SELECT status FROM run WHERE run_id = 3", "running");
}
END_TEST

START_TEST(a_failure_that_is_not_final_is_planned_again_and_its_samples_do_not_count)
{
    g_autoptr(Store) store = lab_open();

    insert_experiment(store, uuid, "one");
    fail_run(store, 3, start_run(store, 3), false);
    ck_assert_plain("SELECT status, class, phase, reason FROM run_facts WHERE run_id = 3",
                    "planned|step|step:ping|step 'ping': exit status 1");
    ck_assert_uint_eq(start_run(store, 3), 2);
    complete_run(store, 3, 2, (double[]) { 5 }, 1);
    ck_assert_plain("SELECT status, attempt, class FROM run_facts WHERE run_id = 3", "completed|2|-");
    ck_assert_plain("SELECT value, samples, attempt FROM run_values WHERE run_id = 3 AND metric = 'rtt'", "5.0|1|2");
    ck_assert_plain("SELECT attempt, value FROM sample JOIN metric USING (metric_id) WHERE name = 'rtt'",
                    "1|999.0;2|5.0");
    ck_assert_plain("SELECT executed FROM run WHERE run_id = 3", "1");
}
END_TEST

START_TEST(a_final_failure_fails_the_run_until_it_is_reset)
{
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;
    g_autoptr(Table) failures = NULL;
    int64_t count = 0;

    insert_experiment(store, uuid, "one");
    fail_run(store, 3, start_run(store, 3), false);
    fail_run(store, 3, start_run(store, 3), true);
    ck_assert_plain("SELECT status, attempt FROM run_facts WHERE run_id = 3", "failed|2");
    ck_assert_plain("SELECT count(*) FROM run_values", "0");
    failures = read_table(store, "failures", 1);
    ck_assert_uint_eq(failures->row_count, 2);
    ck_assert_str_eq(table_text(failures, 1, "class"), "step");
    ck_assert_ok(store_failed_reset(store, 1, &count, &error), error);
    ck_assert_int_eq(count, 1);
    ck_assert_uint_eq(start_run(store, 3), 3);
    complete_run(store, 3, 3, (double[]) { 5 }, 1);
    ck_assert_plain("SELECT n, mean FROM cell_summary WHERE metric = 'rtt'", "1|5.0");
}
END_TEST

START_TEST(what_a_crash_cut_off_is_abandoned_and_planned_again)
{
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;
    g_autoptr(Table) pending = NULL;
    int64_t count = 0;

    insert_experiment(store, uuid, "one");
    insert_experiment(store, "uuid-2", "two");
    complete_run(store, 1, start_run(store, 1), (double[]) { 1 }, 1);
    start_run(store, 2);
    start_run(store, 5);
    start_run(store, 9); /* of another experiment: stays */
    ck_assert_ok(store_attempts_abandon(store, 1, &count, &error), error);
    ck_assert_int_eq(count, 2);
    ck_assert_plain(
        "SELECT run_id, status, class, reason FROM run_facts WHERE attempt = 1 AND run_id > 1",
        "2|planned|host|trialbed ended before the attempt did;5|planned|host|trialbed ended before the attempt did;"
        "9|running|-|-");
    pending = read_table(store, "runs-pending", 1);
    ck_assert_uint_eq(pending->row_count, 7);
    for (size_t i = 0; i < 7; i++)
        ck_assert_int_eq(table_integer(pending, i, "run_id"), (int64_t) i + 2);
    ck_assert_uint_eq(start_run(store, 2), 2);
}
END_TEST

static const struct {
    SampleRecord second;
    const char *message;
} bad_samples[] = {
    { SAMPLE("m", "us", NULL, NULL, 1, 2), "metric 'm' is stored in 'ms' as mean, and cannot also be in 'us' as mean" },
    { SAMPLE("m", "ms", NULL, "max", 1, 2), "metric 'm' is stored in 'ms' as mean, and cannot also be in 'ms' as max" },
    { SAMPLE("x", "ms", NULL, NULL, 0, NAN), "a sample of metric 'x' is not a number" },
    { SAMPLE("x", "ms", NULL, "mode", 0, 1), NULL },     /* no such aggregate: CHECK */
    { SAMPLE("x", "ms", "sideways", NULL, 0, 1), NULL }, /* no such direction: CHECK */
    { SAMPLE("m", "ms", NULL, NULL, 0, 2), NULL },       /* the same sequence twice */
};

START_TEST(a_sample_that_contradicts_is_refused_and_the_attempt_stays_open)
{
    const SampleRecord samples[] = { SAMPLE("m", "ms", NULL, NULL, 0, 1),
                                     SAMPLE("other", "ms", NULL, NULL, 0, 1),
                                     bad_samples[_i].second };
    AttemptRecord record = { .run_id = 3, .attempt = 1, .status = ATTEMPT_COMPLETED, .final = true, .samples = samples,
                             .sample_count = 3 };
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;

    insert_experiment(store, uuid, "one");
    start_run(store, 3);
    ck_assert(!store_attempt_finish(store, &record, &error));
    if (bad_samples[_i].message != NULL)
        ck_assert_str_eq(error->message, bad_samples[_i].message);
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
    ck_assert_plain("SELECT (SELECT status FROM run WHERE run_id = 3), (SELECT count(*) FROM sample), (SELECT count(*) "
                    "FROM metric)",
                    "running|0|0");
    record.sample_count = 2; /* without the bad one it ends well */
    g_clear_error(&error);
    ck_assert_ok(store_attempt_finish(store, &record, &error), error);
}
END_TEST

START_TEST(an_experiment_is_found_by_number_name_or_beginning_of_its_uuid)
{
    static const struct {
        const char *wanted;
        int64_t id;
        const char *message; /* first line */
    } cases[] = {
        { NULL, 3, NULL },
        { "1", 1, NULL },
        { "one", 3, NULL /* the newest of that name */ },
        { "two", 2, NULL },
        { "bb", 2, NULL },
        { "AA1", 1, NULL },
        { "a", 0, "'a' is the beginning of more than one experiment's UUID" },
        { "4", 0, "there is no experiment '4'" },
        { "%", 0, "there is no experiment '%'" },
        { "", 0, "there is no experiment ''" },
    };
    g_autoptr(Store) store = lab_open();

    insert_experiment(store, "aa1", "one");
    insert_experiment(store, "bb1", "two");
    insert_experiment(store, "aa2", "one");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        int64_t id = 0;

        ck_assert_ok(store_experiment_find(store, cases[i].wanted, &id, &error) == (cases[i].message == NULL), error);
        ck_assert_int_eq(id, cases[i].id);
        if (cases[i].message != NULL) {
            g_autofree char *first = error_first_line(error);

            ck_assert_str_eq(first, cases[i].message);
            ck_assert_int_eq(error_kind(error), ERROR_USAGE);
            ck_assert_ptr_nonnull(
                strstr(error->message, "hint: the newest here are 3 (one, aa2), 2 (two, bb1), 1 (one, aa1);"));
        }
    }
}
END_TEST

START_TEST(an_empty_lab_says_that_it_is_empty)
{
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;
    int64_t id;

    ck_assert(!store_experiment_find(store, NULL, &id, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "there is no experiment in database '"));
    ck_assert_ptr_nonnull(strstr(error->message, "hint: 'trialbed run SCENARIO' makes one"));
}
END_TEST

/* What must never be in the database, whoever writes. */
static const char *const forbidden[] = {
    "UPDATE run SET status = 'done'",
    "UPDATE run SET warmup = 2",
    "UPDATE run SET cell_id = 99",
    "DELETE FROM cell",
    "DELETE FROM attempt",
    "INSERT INTO run (experiment_id, cell_id, position, repetition, block, warmup) VALUES (1, 1, 1, 9, 1, 0)",
    "INSERT INTO run (experiment_id, cell_id, position, repetition, block, warmup) VALUES (1, 1, 99, 1, 1, 0)",
    "INSERT INTO run (experiment_id, cell_id, position, repetition, block, warmup) VALUES (2, 1, 99, 9, 1, 0)",
    "INSERT INTO attempt (run_id, attempt, status, started_ns) VALUES (4, 1, 'failed', 0)", /* a failure has a class */
    "INSERT INTO attempt (run_id, attempt, status, started_ns, class) VALUES (4, 1, 'completed', 0, 'boot')",
    "INSERT INTO attempt (run_id, attempt, status, started_ns, class) VALUES (4, 1, 'failed', 0, 'gremlins')",
    "INSERT INTO sample VALUES (3, 1, 1, 77, 0, NULL, 'fast')",
    "INSERT INTO sample VALUES (3, 1, 1, 77, 0, NULL, NULL)",
    "INSERT INTO sample VALUES (3, 1, 1, 77, -1, NULL, 1.0)",
    "INSERT INTO artifact VALUES (3, 1, 9, NULL, NULL, 'log', '/etc/passwd', 1, hex(zeroblob(32)), 'text/plain')",
    "INSERT INTO artifact VALUES (3, 1, 9, NULL, NULL, 'log', 'a', 1, 'abc', 'text/plain')",
    "INSERT INTO artifact VALUES (3, 1, 9, NULL, NULL, 'log', 'a', 1, hex(zeroblob(32)), 'text')",
    "INSERT INTO published VALUES (1, 9, 'rtt', 1, -1, NULL, NULL)",
    "INSERT INTO published_level VALUES (1, 0, 1, 3)", /* a level of another factor */
    "INSERT INTO published_level VALUES (1, 9, 1, 1)",
    "INSERT INTO level (factor_id, position, text, number) VALUES (1, 9, 'x', 1)", /* a number has a unit and a base */
    "INSERT INTO level (factor_id, position, text) VALUES (1, 9, '10ms')",
    "UPDATE cell_level SET level_id = 3 WHERE cell_id = 1 AND factor_id = 1", /* a level of another factor */
    "UPDATE experiment SET settings = 'jobs=2'",
    "UPDATE metric SET aggregate = 'pink'",
};

START_TEST(the_schema_refuses_what_cannot_be)
{
    g_autoptr(Store) store = lab_open();
    sqlite3 *sqlite = NULL;

    insert_experiment(store, uuid, "one");
    complete_run(store, 3, start_run(store, 3), (double[]) { 1 }, 1);
    ck_assert_int_eq(sqlite3_open(lab_file, &sqlite), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(sqlite, "PRAGMA foreign_keys = ON", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(sqlite, forbidden[_i], NULL, NULL, NULL) == SQLITE_CONSTRAINT, "%s: %s", forbidden[_i],
                  sqlite3_errmsg(sqlite));
    sqlite3_close(sqlite);
}
END_TEST

START_TEST(a_sound_database_passes_its_check_and_a_changed_one_does_not)
{
    static const struct {
        const char *change, *message;
    } cases[] = {
        { "PRAGMA foreign_keys = OFF; DELETE FROM machine; DELETE FROM metric WHERE name = 'phase.boot'",
          "belong to no row of 'metric'" },
        { "UPDATE sample SET attempt = 2 WHERE run_id = 5 AND metric_id = 1", "3 samples of run 5, attempt 2," },
        { "UPDATE sample SET metric_id = 99 WHERE run_id = 4 AND metric_id = 1", "1 samples of run 4, attempt 1," },
        { "UPDATE sample SET value = value + 1 WHERE run_id = 5 AND metric_id = 1 AND sequence = 2",
          "the stored value of run 5, metric 'rtt', is not that of its samples" },
        { "UPDATE cell_stat SET mean = mean + 1 WHERE cell_id = 2", "cell 'delay=10ms mode=fast', metric '" },
        { "DELETE FROM cell_stat WHERE cell_id = 1", "cell 'delay=0ms mode=fast', metric '" },
    };
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;
    sqlite3 *sqlite = NULL;

    insert_experiment(store, uuid, "one");
    complete_most(store);
    ck_assert_ok(store_check(store, &error), error);
    ck_assert_int_eq(sqlite3_open(lab_file, &sqlite), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(sqlite, cases[_i].change, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(sqlite);
    ck_assert(!store_check(store, &error));
    ck_assert_ptr_nonnull(strstr(error->message, cases[_i].message));
}
END_TEST



static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, lab_make, lab_remove);
    tcase_add_test(tcase, every_query_matches_the_schema);
    tcase_add_test(tcase, a_new_experiment_has_all_its_runs_in_planned_order);
    tcase_add_test(tcase, what_is_noted_of_outside_is_there_until_it_is_forgotten);
    tcase_add_test(tcase, many_runs_are_stored_one_by_one_as_they_were_planned);
    tcase_add_loop_test(tcase, of_many_runs_all_are_stored_or_none, 0, 4);
    tcase_add_test(tcase, an_experiment_that_cannot_be_stored_leaves_nothing);
    tcase_add_test(tcase, a_run_goes_from_planned_over_running_to_completed);
    tcase_add_test(tcase, a_completed_run_does_not_begin_again);
    tcase_add_test(tcase, an_attempt_that_is_not_under_way_cannot_end);
    tcase_add_test(tcase, a_failure_that_is_not_final_is_planned_again_and_its_samples_do_not_count);
    tcase_add_test(tcase, a_final_failure_fails_the_run_until_it_is_reset);
    tcase_add_test(tcase, what_a_crash_cut_off_is_abandoned_and_planned_again);
    tcase_add_loop_test(tcase, a_sample_that_contradicts_is_refused_and_the_attempt_stays_open, 0,
                        G_N_ELEMENTS(bad_samples));
    tcase_add_test(tcase, an_experiment_is_found_by_number_name_or_beginning_of_its_uuid);
    tcase_add_test(tcase, an_empty_lab_says_that_it_is_empty);
    tcase_add_loop_test(tcase, the_schema_refuses_what_cannot_be, 0, G_N_ELEMENTS(forbidden));
    tcase_add_loop_test(tcase, a_sound_database_passes_its_check_and_a_changed_one_does_not, 0, 6);
}

int main(void)
{
    return unit_run("db/store", add_tests);
}
