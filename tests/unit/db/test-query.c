// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "tests/unit/db/fixture.h"

static Store *store;

static void filled_lab_make(void)
{
    lab_make();
    store = lab_open();
    insert_experiment(store, "0f1e", "one");
    complete_most(store);
}

static void filled_lab_remove(void)
{
    store_close(store);
    lab_remove();
}

/* The first value of the answer as text. Caller frees. */
static char *first_value(const Table *table)
{
    const Value *value = table_value(table, 0, 0);

    switch (value->type) {
    case VALUE_INTEGER:
        return g_strdup_printf("%" G_GINT64_FORMAT, value->integer);
    case VALUE_REAL:
        return g_strdup_printf("%.6g", value->real);
    case VALUE_TEXT:
        return g_strdup(value->text);
    default:
        return g_strdup("-");
    }
}

static const struct {
    const char *sql, *first;
} answers[] = {
    { "SELECT 1", "1" },
    { "SELECT 1;", "1" },
    { "SELECT 1; -- a remark", "1" },
    { "SELECT 1 ; ; /* a remark */ ;", "1" },
    { "SELECT count(*) FROM runs_of", NULL }, /* a missing table is an error */
    { "SELECT max(mean) FROM cell_summary WHERE metric = 'rtt'", "12" },
    { "SELECT stddev(value) FROM run_values WHERE metric = 'rtt' AND counted AND cell_id = 2", "1.41421" },
    { "SELECT percentile(value, 95) FROM run_values WHERE metric = 'rtt' AND cell_id = 1 AND counted", "3.8" },
    { "SELECT t_quantile(0.975, 9)", "2.26216" },
    { "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 9) SELECT sum(i) FROM c", "45" },
    { "SELECT value ->> 'a' FROM json_each('[{\"a\":3}]')", "3" },
    { "VALUES ('text')", "text" },
    { "SELECT NULL", "-" },
    { "SELECT x'4142'", "x'4142'" },
    { "SELECT name FROM pragma_table_info('run') LIMIT 1", "run_id" },
    { "PRAGMA user_version", "N" }, /* replaced below: our schema */
};

START_TEST(a_select_is_answered)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Table) table = NULL;
    g_autofree char *first = NULL, *newest = g_strdup_printf("%d", store_schema_version());

    if (answers[_i].first == NULL) {
        ck_assert(!store_query(store, answers[_i].sql, 0, &table, &error));
        ck_assert_str_eq(error->message,
                         "query: no such table: runs_of\nhint: docs/database.md lists views and columns.");
        return;
    }
    ck_assert_ok(store_query(store, answers[_i].sql, 5000, &table, &error), error);
    first = first_value(table);
    ck_assert_str_eq(first, strcmp(answers[_i].first, "N") == 0 ? newest : answers[_i].first);
}
END_TEST

static const char *const refusals[] = {
    "",
    " ; -- nothing",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE run",
    "SELEC 1",
    "DELETE FROM run",
    "UPDATE run SET status = 'planned'",
    "INSERT INTO environment VALUES (1, 'a', 'b')",
    "WITH x AS (SELECT 1) INSERT INTO environment SELECT 1, 'a', 'b'",
    "INSERT INTO environment VALUES (1, 'a', 'b') RETURNING key",
    "CREATE TABLE t (a)",
    "CREATE TEMP TABLE t (a)",
    "ATTACH '/etc/passwd' AS p",
    "DETACH main",
    "VACUUM INTO '/tmp/elsewhere.db'",
    "BEGIN",
    "COMMIT",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA user_version = 9",
    "PRAGMA writable_schema = ON",
    "PRAGMA query_only = OFF",
    "SELECT * FROM pragma_journal_mode('delete')",
    "SELECT load_extension('/tmp/evil.so')",
    "SELECT fts3_tokenizer('simple')",
    "SELECT fts3_tokenizer('mine', x'4141414141414141')",
    "SELECT name FROM pragma_database_list",
    "SELECT writefile('/tmp/elsewhere', 'x')",
    "SELECT readfile('/etc/passwd')",
    "CREATE VIRTUAL TABLE temp.t USING fts5(a)",
    "SELECT length(zeroblob(2000000000))",
    "SELECT length(randomblob(1000000000))",
    "SELECT replace(hex(zeroblob(1000000)), '0', hex(zeroblob(1000000)))",
    "EXPLAIN DELETE FROM run",
    "REINDEX",
    "ANALYZE",
};

START_TEST(what_is_not_one_select_is_refused_and_changes_nothing)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) none = NULL;
    Table *table = NULL;
    g_autofree char *sum = NULL, *later = NULL;
    const char *state = "SELECT (SELECT group_concat(status) FROM run), (SELECT count(*) FROM environment), "
                        "(SELECT count(*) FROM sqlite_schema), (SELECT user_version FROM pragma_user_version)";

    sum = ask_plain(state);
    ck_assert_msg(!store_query(store, refusals[_i], 1000, &table, &error), "'%s' was accepted", refusals[_i]);
    ck_assert_int_eq(error_kind(error), ERROR_USAGE);
    ck_assert_msg(g_str_has_prefix(error->message, "query: "), "%s", error->message);
    ck_assert_ptr_null(table);
    later = ask_plain(state);
    ck_assert_str_eq(later, sum);
    ck_assert_ok(store_check(store, &none), none); /* and our own queries go on as before */
}
END_TEST

START_TEST(a_query_without_end_is_stopped)
{
    g_autoptr(GError) error = NULL;
    Table *table = NULL;

    ck_assert(!store_query(store,
                           "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c", 50,
                           &table, &error));
    ck_assert_str_eq(error->message, "query: stopped because it took longer than 50 ms");
    ck_assert_int_eq(error_kind(error), ERROR_USAGE);
    ck_assert_ok(store_query(store, "SELECT 1", 50, &table, &error) || error != NULL, error);
    table_free(table);
}
END_TEST

static const struct {
    const char *sql, *message;
} hungry[] = {
    { "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20) SELECT zeroblob(60000000) FROM c",
      "query: stopped because its answer is larger than 1024 MiB" },
    { "SELECT hex(zeroblob(3e7)), hex(zeroblob(3e7)), hex(zeroblob(3e7)), hex(zeroblob(3e7)), hex(zeroblob(3e7)), "
      "hex(zeroblob(3e7)), hex(zeroblob(3e7)), hex(zeroblob(3e7)), hex(zeroblob(3e7)), hex(zeroblob(3e7))",
      "query: stopped because it needs more than 512 MiB of memory" },
};

START_TEST(a_query_that_eats_memory_is_stopped)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Table) table = NULL;
    g_autofree char *first = NULL;

    ck_assert(!store_query(store, hungry[_i].sql, 0, &table, &error));
    first = error_first_line(error);
    ck_assert_str_eq(first, hungry[_i].message);
    ck_assert_int_eq(error_kind(error), ERROR_USAGE);
    g_clear_error(&error);
    ck_assert_ok(store_query(store, "SELECT 1", 0, &table, &error), error);
}
END_TEST

START_TEST(an_answer_without_rows_still_has_its_columns)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Table) table = NULL;

    ck_assert_ok(store_query(store, "SELECT run_id, cell FROM run_facts WHERE 0", 0, &table, &error), error);
    ck_assert_uint_eq(table->row_count, 0);
    ck_assert_uint_eq(table->column_count, 2);
    ck_assert_str_eq(table->columns[1], "cell");
    ck_assert_ptr_null(table->columns[2]);
}
END_TEST

START_TEST(values_of_a_table_are_read_by_name_and_type)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Table) table = NULL;

    ck_assert_ok(store_query(store, "SELECT 7 AS i, 2.5 AS r, 'x' AS t, NULL AS n", 0, &table, &error), error);
    ck_assert_int_eq(table_integer(table, 0, "i"), 7);
    ck_assert_double_eq(table_real(table, 0, "i"), 7);
    ck_assert_double_eq(table_real(table, 0, "r"), 2.5);
    ck_assert_str_eq(table_text(table, 0, "t"), "x");
    ck_assert_ptr_null(table_text(table, 0, "n"));
    ck_assert_int_eq(table_integer(table, 0, "n"), 0);
    ck_assert(isnan(table_real(table, 0, "n")));
}
END_TEST

START_TEST(a_reading_store_answers_while_another_writes)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) reader = store_open_readonly(lab_file, &error);
    g_autoptr(Table) before = NULL;
    g_autoptr(Table) after = NULL;

    ck_assert_ok(reader != NULL, error);
    ck_assert_ok(store_query(reader, "SELECT count(*) FROM run_facts WHERE status = 'completed'", 0, &before, &error),
                 error);
    complete_run(store, 8, start_run(store, 8), (double[]) { 12 }, 1);
    ck_assert_ok(store_query(reader, "SELECT count(*) FROM run_facts WHERE status = 'completed'", 0, &after, &error),
                 error);
    ck_assert_int_eq(table_value(before, 0, 0)->integer, 7);
    ck_assert_int_eq(table_value(after, 0, 0)->integer, 8);
}
END_TEST

START_TEST(a_reading_store_cannot_write)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) reader = store_open_readonly(lab_file, &error);
    unsigned attempt;

    ck_assert_ok(reader != NULL, error);
    ck_assert(!store_attempt_start(reader, 8, 1, &attempt, &error));
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(error->message, "readonly"));
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, filled_lab_make, filled_lab_remove);
    tcase_add_loop_test(tcase, a_select_is_answered, 0, G_N_ELEMENTS(answers));
    tcase_add_loop_test(tcase, what_is_not_one_select_is_refused_and_changes_nothing, 0, G_N_ELEMENTS(refusals));
    tcase_add_test(tcase, a_query_without_end_is_stopped);
    tcase_add_loop_test(tcase, a_query_that_eats_memory_is_stopped, 0, G_N_ELEMENTS(hungry));
    tcase_add_test(tcase, an_answer_without_rows_still_has_its_columns);
    tcase_add_test(tcase, values_of_a_table_are_read_by_name_and_type);
    tcase_add_test(tcase, a_reading_store_answers_while_another_writes);
    tcase_add_test(tcase, a_reading_store_cannot_write);
}

int main(void)
{
    return unit_run("db/query", add_tests);
}
