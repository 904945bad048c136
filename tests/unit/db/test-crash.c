// SPDX-License-Identifier: GPL-3.0-or-later
/* A commit is there whole or not at all, wherever the disk ends or the machine dies: every write, truncation, sync and
 * deletion of a commit fails once. */
#include "tests/unit/db/faulty-vfs.h"
#include "tests/unit/db/fixture.h"

enum { RUN = 3, VALUES = 40, OPERATIONS_MOST = 2000 };

static const double values[VALUES] = { 1, 2, 3 };

static void faulty_lab_make(void)
{
    faulty_install();
    lab_make();
}

/* What follows from the attempt of run 3: its status, and how many rows it has everywhere. */
static const char state[] =
    "SELECT status, (SELECT count(*) FROM sample s WHERE s.run_id = r.run_id), "
    "(SELECT count(*) FROM phase p WHERE p.run_id = r.run_id), (SELECT count(*) FROM artifact a WHERE a.run_id = r.run_id), "
    "(SELECT count(*) FROM run_value v WHERE v.run_id = r.run_id), (SELECT count(*) FROM cell_stat) FROM run r "
    "WHERE run_id = 3";
static const char begun[] = "running|0|0|0|0|0", whole[] = "completed|49|4|1|6|6";

static void assert_sound(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store = lab_open();

    ck_assert_ok(store_check(store, &error), error);
}

/* A lab whose run 3 has begun. */
static Store *begin(void)
{
    Store *store;

    store_close(lab_open());
    store = lab_open();
    insert_experiment(store, "0f1e", "one");
    ck_assert_uint_eq(start_run(store, RUN), 1);
    return store;
}

static void forget_lab(void)
{
    ck_assert(folder_remove(lab, NULL));
    ck_assert_int_eq(g_mkdir(lab, 0755), 0);
}

/* Let operation `at` of the commit fail; false when it has fewer. */
static bool commit_fails(Fault fault, unsigned at)
{
    Store *store = begin();
    g_autoptr(GError) error = NULL;
    g_autofree char *before = NULL, *after = NULL;
    bool told, reached;

    before = ask_plain(state);
    ck_assert_str_eq(before, begun);
    faulty_arm(fault, at);
    told = finish_run(store, RUN, 1, values, VALUES, &error);
    reached = faulty.done >= at;
    if (!told && fault == FAULT_ONCE) { /* the store goes on */
        g_clear_error(&error);
        ck_assert_ok(finish_run(store, RUN, 1, values, VALUES, &error), error);
        told = true;
    } else if (!told) {
        ck_assert_int_eq(error_kind(error), ERROR_DATA);
        ck_assert(fault != FAULT_FULL || strstr(error->message, "make room") != NULL || strstr(error->message, "I/O"));
    }
    store_close(store);
    faulty_arm(fault, 0);
    assert_sound();
    after = ask_plain(state);
    ck_assert_msg(strcmp(after, whole) == 0 || (!told && strcmp(after, begun) == 0), "operation %u: %s, told %d", at,
                  after, told);
    forget_lab();
    return reached;
}

START_TEST(a_commit_is_there_whole_or_not_at_all)
{
    unsigned at = 1;

    while (at < OPERATIONS_MOST && commit_fails((Fault) _i, at))
        at++;
    ck_assert_uint_ge(at, 15);
    ck_assert_uint_lt(at, OPERATIONS_MOST);
}
END_TEST

START_TEST(a_lab_that_could_not_be_made_is_made_the_next_time)
{
    bool reached = true;

    for (unsigned at = 1; reached; at += 5) {
        g_autoptr(GError) error = NULL;
        Store *store;

        faulty_arm((Fault) _i, at);
        store = store_open(lab_file, &error);
        ck_assert_msg((store != NULL) != (error != NULL), "operation %u", at);
        store_close(store);
        reached = faulty.done >= at;
        faulty_arm((Fault) _i, 0);
        assert_sound();
        forget_lab();
        ck_assert_uint_lt(at, OPERATIONS_MOST);
    }
}
END_TEST

/* Copy, all migrations, and the first checkpoint that follows. */
START_TEST(a_migration_is_done_whole_or_not_at_all)
{
    bool reached = true;

    for (unsigned at = 1; reached; at += 5) {
        g_autofree char *dump = NULL;
        g_autoptr(GError) error = NULL;
        sqlite3 *sqlite = NULL;

        ck_assert(g_file_get_contents("tests/data/db/schema-1.sql", &dump, NULL, NULL));
        ck_assert_int_eq(sqlite3_open(lab_file, &sqlite), SQLITE_OK);
        ck_assert_int_eq(sqlite3_exec(sqlite, "PRAGMA journal_mode = WAL", NULL, NULL, NULL), SQLITE_OK);
        ck_assert_int_eq(sqlite3_exec(sqlite, dump, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(sqlite);
        faulty_arm((Fault) _i, at);
        store_close(store_open(lab_file, &error));
        reached = faulty.done >= at;
        faulty_arm((Fault) _i, 0);
        assert_sound();
        ck_assert_plain("SELECT count(*) FROM run_facts", "14");
        forget_lab();
        ck_assert_uint_lt(at, OPERATIONS_MOST);
    }
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_set_timeout(tcase, 300); /* many syncs */
    tcase_add_checked_fixture(tcase, faulty_lab_make, lab_remove);
    tcase_add_loop_test(tcase, a_commit_is_there_whole_or_not_at_all, FAULT_CRASH, FAULT_ONCE + 1);
    tcase_add_loop_test(tcase, a_lab_that_could_not_be_made_is_made_the_next_time, FAULT_CRASH, FAULT_ONCE + 1);
    tcase_add_loop_test(tcase, a_migration_is_done_whole_or_not_at_all, FAULT_CRASH, FAULT_ONCE + 1);
}

int main(void)
{
    return unit_run("db/crash", add_tests);
}
