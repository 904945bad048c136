// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/bundle/bundle-database.h"
#include "tests/unit/db/fixture.h"

/* A bundle's database: one experiment, as export makes it. Tests then do harm to it. */
static char *copy_path;

static void world_make(void)
{
    g_autoptr(GError) error = NULL;
    Store *store;
    int64_t id;

    lab_make();
    copy_path = g_build_filename(lab, "copy.db", NULL);
    store = lab_open();
    id = insert_experiment(store, "uuid-1", "exp");
    complete_most(store);
    ck_assert_ok(store_experiment_copy(store, id, copy_path, &error), error);
    store_close(store);
}

static void world_remove(void)
{
    g_clear_pointer(&copy_path, g_free);
    lab_remove();
}

static void harm(const char *sql)
{
    sqlite3 *sqlite = NULL;
    char *message = NULL;

    ck_assert_int_eq(sqlite3_open(copy_path, &sqlite), SQLITE_OK);
    ck_assert_int_eq(sqlite3_db_config(sqlite, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(sqlite, sql, NULL, NULL, &message) == SQLITE_OK, "%s", message);
    sqlite3_close(sqlite);
}

START_TEST(an_honest_database_is_opened)
{
    g_autoptr(GError) error = NULL;
    Store *store = bundle_database_open(copy_path, &error);

    ck_assert_ok(store != NULL, error);
    store_close(store);
}
END_TEST

static const struct {
    const char *sql, *message;
} harms[] = {
    { "CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM run; END", "has no such trigger 't' of 'run'" },
    { "CREATE VIEW v AS SELECT load_extension('x')", "has no such view 'v'" },
    { "CREATE VIEW experiment_1_runs_x AS SELECT 1", "has no such view 'experiment_1_runs_x'" },
    { "CREATE TABLE more (x)", "has no such table 'more'" },
    { "CREATE INDEX i ON run (status)", "has no such index 'i' of 'run'" },
    { "DROP VIEW run_values", "has no view 'run_values'" },
    { "DROP VIEW cell_summary; CREATE VIEW cell_summary AS SELECT 1 AS n", "has no such view 'cell_summary'" },
    { "ALTER TABLE event ADD COLUMN x TEXT", "has no such table 'event'" },
    { "PRAGMA application_id = 7", "was made by another program" },
    { "PRAGMA user_version = 99", "has schema 99" },
    { "PRAGMA user_version = 0", "no schema" },
    { "PRAGMA journal_mode = WAL; UPDATE run SET block = 1 WHERE run_id = 3", "it needs a write-ahead log" },
    { "UPDATE event SET text = CAST(x'ff41' AS TEXT)", "table 'event', column 'text' has a text that is no UTF-8" },
    { "UPDATE event SET text = CAST(x'410042' AS TEXT)", "table 'event', column 'text' has a text that is no UTF-8" },
    { "UPDATE experiment SET scenario_text = printf('%.*c', 17000000, 'x')", "table 'experiment': string or blob too big" },
    { "UPDATE experiment SET name = '../../etc'", "'../../etc' is no name of an experiment" },
    { "UPDATE experiment SET name = 'a' || char(27) || 'b'", "is no name of an experiment" },
    { "UPDATE experiment SET name = '..'", "'..' is no name of an experiment" },
    { "UPDATE artifact SET path = 'runs/../../x' WHERE run_id = 3", "path 'runs/../../x' of an artifact leads out" },
    { "PRAGMA foreign_keys = OFF; DELETE FROM cell WHERE cell_id = 1", "belong to no row of 'cell'" },
    { "UPDATE cell_stat SET mean = 0", "stored statistics of cell" },
    { "PRAGMA foreign_keys = OFF; DELETE FROM experiment; DELETE FROM figure; DELETE FROM environment", "database '" },
    { "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'run'",
      "has no such table 'run'" },
};

START_TEST(a_poisoned_database_is_refused)
{
    g_autoptr(GError) error = NULL;

    harm(harms[_i].sql);
    ck_assert_ptr_null(bundle_database_open(copy_path, &error));
    ck_assert_msg(strstr(error->message, harms[_i].message) != NULL, "%s", error->message);
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
}
END_TEST

START_TEST(two_experiments_are_one_too_many)
{
    g_autoptr(GError) error = NULL;

    harm("INSERT INTO experiment SELECT 99, 'other', name, description, scenario_path, scenario_text, settings, seed, "
         "run_order, repetitions, warmup, retries, created_ns FROM experiment");
    ck_assert_ptr_null(bundle_database_open(copy_path, &error));
    ck_assert_msg(strstr(error->message, "it has 2 experiments") != NULL, "%s", error->message);
}
END_TEST

START_TEST(no_flipped_byte_crashes_us)
{
    g_autofree char *data = NULL;
    size_t size;
    g_autoptr(GError) error = NULL;

    ck_assert_ok(file_read(copy_path, 1 << 24, &data, &size, &error), error);
    for (size_t at = 0; at < size; at += at < 100 ? 3 : 1009) {
        char before = data[at];

        data[at] = (char) ~before;
        ck_assert_ok(file_write_atomic(copy_path, data, size, &error), error);
        data[at] = before;
        store_close(bundle_database_open(copy_path, NULL));
    }
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, world_make, world_remove);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, an_honest_database_is_opened);
    tcase_add_loop_test(tcase, a_poisoned_database_is_refused, 0, G_N_ELEMENTS(harms));
    tcase_add_test(tcase, two_experiments_are_one_too_many);
    tcase_add_test(tcase, no_flipped_byte_crashes_us);
}

int main(void)
{
    return unit_run("db/bundle-database", add_tests);
}
