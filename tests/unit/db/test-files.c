// SPDX-License-Identifier: GPL-3.0-or-later
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/db/fixture.h"

static char *digest(const char *path)
{
    g_autoptr(GError) error = NULL;
    char *hex = NULL;
    int64_t size;

    ck_assert_ok(file_sha256(path, &hex, &size, &error), error);
    return hex;
}

static void write_bytes(const char *path, const char *data, size_t size)
{
    ck_assert(g_file_set_contents(path, data, (gssize) size, NULL));
}

/* A database of ours that is closed and at rest. */
static void make_database(void)
{
    Store *store = lab_open();

    insert_experiment(store, "0f1e", "one");
    complete_most(store);
    store_close(store);
}

static void plain_sql(const char *sql)
{
    sqlite3 *sqlite = NULL;

    ck_assert_int_eq(sqlite3_open(lab_file, &sqlite), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(sqlite, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(sqlite));
    sqlite3_close(sqlite);
}

static void make_text(void)
{
    write_bytes(lab_file, "this is a letter and no database, though it is longer than a header is.................",
                85);
}

static void make_cut(off_t (*new_size)(off_t size))
{
    Store *store = lab_open();
    double values[2000] = { 0 };
    struct stat status;

    insert_experiment(store, "aaaa", "one");
    complete_run(store, 1, start_run(store, 1), values, G_N_ELEMENTS(values)); /* so that the schema is not in the last page */
    store_close(store);
    ck_assert_int_eq(stat(lab_file, &status), 0);
    ck_assert_int_eq(truncate(lab_file, new_size(status.st_size)), 0);
}

static off_t half_a_page_less(off_t size)
{
    return size - 2048;
}

static off_t one_page_less(off_t size)
{
    return size - 4096;
}

static off_t only_the_header(off_t size)
{
    (void) size;
    return 100;
}

static void make_cut_page(void) { make_cut(half_a_page_less); }
static void make_missing_page(void) { make_cut(one_page_less); }
static void make_header(void) { make_cut(only_the_header); }
static void make_strangers(void) { plain_sql("CREATE TABLE letters (a); INSERT INTO letters VALUES (1)"); }
static void make_marked_strangers(void) { plain_sql("PRAGMA application_id = 7"); }
static void make_strangers_wal(void) { plain_sql("PRAGMA journal_mode = WAL; CREATE TABLE letters (a)"); }

static void make_newer(void)
{
    make_database();
    plain_sql("PRAGMA user_version = 99");
}

static void make_folder(void)
{
    ck_assert_int_eq(g_mkdir(lab_file, 0755), 0);
}

static const struct {
    void (*make)(void);
    const char *message; /* first line; %s is the path, %d our schema */
} strangers[] = {
    { make_text, "file '%s' is no SQLite database" },
    { make_cut_page, "database '%s' is damaged: its last page is cut off" },
    { make_missing_page, "database '%s' is damaged: database disk image is malformed" },
    { make_header, "database '%s' is damaged: database disk image is malformed" },
    { make_strangers, "database '%s' was made by another program (application id 0)" },
    { make_marked_strangers, "database '%s' was made by another program (application id 7)" },
    { make_strangers_wal, "database '%s' was made by another program (application id 0)" },
    { make_newer, "database '%s' has schema 99, but this trialbed knows only up to %d" },
    { make_folder, "could not open database '%s': Is a directory" },
};

static void assert_refused(Store *(*open)(const char *, GError **), const char *format)
{
    g_autoptr(GString) expected = g_string_new(format);
    g_autofree char *first = NULL;
    g_autofree char *newest = g_strdup_printf("%d", store_schema_version());
    GError *error = NULL;

    g_string_replace(expected, "%s", lab_file, 0);
    g_string_replace(expected, "%d", newest, 0);
    ck_assert_ptr_null(open(lab_file, &error));
    ck_assert_ptr_nonnull(error);
    first = error_first_line(error);
    ck_assert_str_eq(first, expected->str);
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
    g_error_free(error);
}

START_TEST(a_file_that_is_not_ours_is_refused_untouched)
{
    g_autofree char *before = NULL, *after = NULL;

    strangers[_i].make();
    if (!g_file_test(lab_file, G_FILE_TEST_IS_DIR))
        before = digest(lab_file);
    assert_refused(store_open, strangers[_i].message);
    assert_refused(store_open_readonly, strangers[_i].message);
    if (before != NULL) {
        after = digest(lab_file);
        ck_assert_str_eq(after, before);
    }
}
END_TEST

START_TEST(a_missing_database_cannot_be_read_and_is_not_made)
{
    g_autoptr(GError) error = NULL;

    assert_refused(store_open_readonly, "there is no database '%s'");
    ck_assert(!g_file_test(lab_file, G_FILE_TEST_EXISTS));
    ck_assert_ptr_null(store_open("/nonexistent-folder/trialbed.db", &error));
    ck_assert_str_eq(error->message,
                     "could not open database '/nonexistent-folder/trialbed.db': No such file or directory");
}
END_TEST

START_TEST(an_empty_file_is_an_empty_database)
{
    g_autofree char *marks = g_strdup_printf("%d|1413637476", store_schema_version());

    write_bytes(lab_file, "", 0);
    assert_refused(store_open_readonly, "database '%s' is empty");
    store_close(lab_open());
    ck_assert_plain("SELECT user_version, application_id FROM pragma_user_version, pragma_application_id", marks);
    ck_assert_plain("SELECT version, name FROM schema_change WHERE version = 1", "1|0001-create");
}
END_TEST

/* Run `body` in a child that has no root rights; its exit status says how it went. */
static int as_nobody(int (*body)(void))
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        if (geteuid() == 0 && (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0))
            _exit(99);
        _exit(body());
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

static int read_what_cannot_be_written(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) writer = store_open(lab_file, &error);
    g_autoptr(Store) reader = NULL;
    g_autoptr(Table) table = NULL;
    g_autofree char *copy = g_strdup_printf("%s/open/copy.db", lab);

    if (writer != NULL || error_kind(error) != ERROR_DATA || strstr(error->message, "is read-only\nhint: ") == NULL)
        return 1;
    g_clear_error(&error);
    reader = store_open_readonly(lab_file, NULL);
    if (reader == NULL || !store_query(reader, "SELECT count(*) FROM cell_summary", 0, &table, NULL))
        return 2;
    if (table_value(table, 0, 0)->integer != 12)
        return 3;
    return store_experiment_copy(reader, 1, copy, &error) ? 0 : 4;
}

START_TEST(a_lab_that_cannot_be_written_can_be_read_and_copied)
{
    g_autofree char *open_folder = g_strdup_printf("%s/open", lab);

    make_database();
    ck_assert_int_eq(g_mkdir(open_folder, 0777), 0);
    ck_assert_int_eq(chmod(open_folder, 0777), 0);
    ck_assert_int_eq(chmod(lab_file, 0444), 0);
    ck_assert_int_eq(chmod(lab, 0555), 0);
    ck_assert_int_eq(as_nobody(read_what_cannot_be_written), 0);
    ck_assert_int_eq(chmod(lab, 0755), 0);
}
END_TEST

START_TEST(a_second_writer_is_refused_and_told_who_writes)
{
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;
    g_autofree char *expected =
        g_strdup_printf("another trialbed (process %d) is writing to this lab: '%s/trialbed.lock' is locked\n"
                        "hint: wait for it, or use another lab: --lab DIR.",
                        (int) getpid(), lab);

    ck_assert_ptr_null(store_open(lab_file, &error));
    ck_assert_str_eq(error->message, expected);
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
}
END_TEST

START_TEST(the_next_writer_may_write_when_the_first_is_done)
{
    store_close(lab_open());
    store_close(lab_open());
}
END_TEST

/* Finish runs as fast as possible until killed. Each has a single sample, the run's number. */
static void write_until_killed(int ready)
{
    Store *store = lab_open();

    for (int64_t run = 1; run <= 8; run++) {
        unsigned attempt = start_run(store, run);
        double value = (double) run;

        complete_run(store, run, attempt, &value, 1);
        if (write(ready, &run, sizeof run) != sizeof run)
            _exit(1);
    }
    pause();
}

/* Kill the writer a little later each time: whatever it has told us of is there, and nothing is there by half. */
START_TEST(a_killed_writer_loses_at_most_the_commit_it_was_in)
{
    Store *store = lab_open();
    g_autoptr(GError) error = NULL;
    int64_t told = 0, run, count;
    g_autoptr(Table) table = NULL;
    int ends[2];
    pid_t child;

    insert_experiment(store, "0f1e", "one");
    store_close(store);
    ck_assert_int_eq(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        close(ends[0]);
        write_until_killed(ends[1]);
    }
    close(ends[1]);
    for (int i = 0; i < _i % 8 && read(ends[0], &run, sizeof run) == sizeof run; i++)
        told = run;
    g_usleep((gulong) (_i * 53 % 700));
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    while (read(ends[0], &run, sizeof run) == sizeof run)
        told = run;
    close(ends[0]);

    store = lab_open();
    ck_assert_ok(store_check(store, &error), error);
    ck_assert_ok(store_query(store,
                             "SELECT count(*) FILTER (WHERE status = 'completed') AS done, "
                             "count(*) FILTER (WHERE status = 'completed' AND "
                             "(SELECT count(*) FROM sample s WHERE s.run_id = run.run_id) <> 10) AS halves FROM run",
                             0, &table, &error),
                 error);
    ck_assert_int_ge(table_integer(table, 0, "done"), told);
    ck_assert_int_le(table_integer(table, 0, "done"), told + 1);
    ck_assert_int_eq(table_integer(table, 0, "halves"), 0);
    ck_assert_ok(store_attempts_abandon(store, 1, &count, &error), error);
    ck_assert_int_le(count, 1);
    store_close(store);
    ck_assert_plain("SELECT count(*) FROM run WHERE status = 'running'", "0");
}
END_TEST

/* A forged one: its migration must fail, after the copy and without a change. test-upgrade.c has real ones. */
START_TEST(an_older_database_is_copied_before_it_is_changed_and_a_failure_changes_nothing)
{
    g_autofree char *backup = g_strdup_printf("%s.schema-0", lab_file);
    g_autoptr(GError) error = NULL;

    make_database();
    plain_sql("PRAGMA user_version = 0");
    ck_assert_ptr_null(store_open(lab_file, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "query '0001-create': table experiment already exists"));
    ck_assert(g_file_test(backup, G_FILE_TEST_EXISTS));
    ck_assert_plain("SELECT user_version FROM pragma_user_version", "0");
    ck_assert_plain("SELECT count(*) FROM run", "8");
}
END_TEST

START_TEST(a_copy_holds_one_experiment_whole_and_is_the_same_every_time)
{
    g_autofree char *first = g_strdup_printf("%s/first copy?#.db", lab);
    g_autofree char *second = g_strdup_printf("%s/second.db", lab);
    g_autofree char *tables = NULL, *first_digest = NULL, *second_digest = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) list = NULL;
    g_autoptr(Store) store = lab_open();
    g_autoptr(Store) copy = NULL;

    insert_experiment(store, "aaaa", "other");
    complete_run(store, 3, start_run(store, 3), (double[]) { 1 }, 1);
    insert_experiment(store, "bbbb", "one");
    for (int64_t run = 9; run <= 16; run++)
        complete_run(store, run, start_run(store, run), (double[]) { 1, 2 }, 2);
    ck_assert_ok(store_outside_note(store, 9, 2, "test:///", "/tmp/elsewhere", &error), error);
    ck_assert_ok(store_experiment_copy(store, 2, first, &error), error);
    ck_assert_ok(store_experiment_copy(store, 2, second, &error), error);
    first_digest = digest(first);
    second_digest = digest(second);
    ck_assert_str_eq(first_digest, second_digest);
    ck_assert(!store_experiment_copy(store, 2, second, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "exists already"));
    g_clear_error(&error);

    copy = store_open_readonly(first, &error);
    ck_assert_ok(copy != NULL, error);
    ck_assert_ok(store_check(copy, &error), error);
    /* what is left when the other experiment is taken out of the lab is exactly the copy, table by table */
    tables = ask_plain("SELECT name FROM sqlite_schema WHERE type = 'table'");
    list = g_strsplit(tables, ";", -1);
    g_clear_pointer(&lab_file, g_free);
    lab_file = g_strdup(first);
    ck_assert_plain("SELECT experiment_id, name FROM experiment", "2|one");
    ck_assert_plain("SELECT min(run_id), max(run_id), count(*) FROM run", "9|16|8");
    ck_assert_plain("SELECT delay, count(*) FROM experiment_2_runs GROUP BY delay_base", "0ms|4;10ms|4");
    ck_assert_plain("SELECT count(*) FROM sqlite_schema WHERE name GLOB 'experiment_*_runs'", "1");
    ck_assert_plain("SELECT n, mean FROM cell_summary WHERE metric = 'rtt'", "3|1.5;3|1.5");
    for (size_t i = 0; list[i] != NULL; i++) {
        g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM %s", list[i]);
        g_autofree char *rows = ask_plain(sql);

        /* what attempts have outside is the first lab's to clean */
        ck_assert_msg(g_str_equal(rows, "0") == g_str_equal(list[i], "outside"), "%s: %s rows in the copy", list[i], rows);
    }
}
END_TEST

START_TEST(an_experiment_that_is_not_there_leaves_no_copy)
{
    g_autofree char *path = g_strdup_printf("%s/copy.db", lab);
    g_autoptr(Store) store = lab_open();
    g_autoptr(GError) error = NULL;

    insert_experiment(store, "aaaa", "one");
    ck_assert(!store_experiment_copy(store, 7, path, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "there is no experiment 7"));
    ck_assert(!g_file_test(path, G_FILE_TEST_EXISTS));
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, lab_make, lab_remove);
    tcase_add_loop_test(tcase, a_file_that_is_not_ours_is_refused_untouched, 0, G_N_ELEMENTS(strangers));
    tcase_add_test(tcase, a_missing_database_cannot_be_read_and_is_not_made);
    tcase_add_test(tcase, an_empty_file_is_an_empty_database);
    tcase_add_test(tcase, a_lab_that_cannot_be_written_can_be_read_and_copied);
    tcase_add_test(tcase, a_second_writer_is_refused_and_told_who_writes);
    tcase_add_test(tcase, the_next_writer_may_write_when_the_first_is_done);
    tcase_add_loop_test(tcase, a_killed_writer_loses_at_most_the_commit_it_was_in, 0, 24);
    tcase_add_test(tcase, an_older_database_is_copied_before_it_is_changed_and_a_failure_changes_nothing);
    tcase_add_test(tcase, a_copy_holds_one_experiment_whole_and_is_the_same_every_time);
    tcase_add_test(tcase, an_experiment_that_is_not_there_leaves_no_copy);
}

int main(void)
{
    return unit_run("db/files", add_tests);
}
