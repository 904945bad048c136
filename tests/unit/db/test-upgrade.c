// SPDX-License-Identifier: GPL-3.0-or-later
/* Databases of every released schema, as the trialbed of their time wrote them: tests/data/db/schema-N.sql is
 * `sqlite3 lab/trialbed.db .dump` with the two numbers of the header. Schemas between two releases have none. */
#include <string.h>

#include "tests/unit/db/fixture.h"

#define DATA "tests/data/db/schema-%d.sql"

static char *file_before; /* SHA-256 of the old database */

static void load_dump(const char *path)
{
    g_autofree char *sql = NULL;
    sqlite3 *sqlite = NULL;

    ck_assert_msg(g_file_get_contents(path, &sql, NULL, NULL), "there is no '%s'", path);
    ck_assert_int_eq(sqlite3_open(lab_file, &sqlite), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(sqlite, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", path, sqlite3_errmsg(sqlite));
    ck_assert_int_eq(sqlite3_exec(sqlite, "PRAGMA journal_mode = WAL", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(sqlite);
}

static void make_old(int version)
{
    g_autofree char *path = g_strdup_printf(DATA, version);
    int64_t size;

    load_dump(path);
    ck_assert(file_sha256(lab_file, &file_before, &size, NULL));
}

static bool is_released(int version)
{
    g_autofree char *path = g_strdup_printf(DATA, version);

    return version == 1 || g_file_test(path, G_FILE_TEST_EXISTS);
}

/* What every table and view holds, in the columns that it has now: "SELECT ..." -> rows. */
static GHashTable *contents_read(void)
{
    GHashTable *contents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autofree char *selects = ask_plain(
        "SELECT 'SELECT ' || group_concat('\"' || c.name || '\"') || ' FROM ' || t.name FROM pragma_table_list t "
        "JOIN pragma_table_info(t.name) c WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite_%' "
        "AND t.name <> 'schema_change' GROUP BY t.name");
    g_auto(GStrv) list = g_strsplit(selects, ";", -1);

    for (char **select = list; *select != NULL; select++)
        g_hash_table_insert(contents, g_strdup(*select), ask_plain(*select));
    ck_assert_uint_ge(g_hash_table_size(contents), 30);
    return contents;
}

/* Nothing that could be asked of the old database is answered in another way, views included. */
static void assert_contents(GHashTable *contents)
{
    GHashTableIter all;
    char *select, *rows;

    g_hash_table_iter_init(&all, contents);
    while (g_hash_table_iter_next(&all, (gpointer *) &select, (gpointer *) &rows)) {
        g_autofree char *now = ask_plain(select);

        ck_assert_msg(strcmp(now, rows) == 0, "%s: not %s, but %s", select, rows, now);
    }
}

static const char schema[] = "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'experiment_%_runs' "
                             "AND name NOT LIKE 'sqlite_%' ORDER BY type, name";

/* What a database that is made today looks like. */
static char *schema_of_a_new_one(void)
{
    g_autofree char *old_file = g_steal_pointer(&lab_file);
    char *answer;

    lab_file = g_build_filename(lab, "new.db", NULL);
    store_close(lab_open());
    answer = ask_plain(schema);
    g_free(lab_file);
    lab_file = g_steal_pointer(&old_file);
    return answer;
}

START_TEST(an_old_database_is_brought_up_to_date)
{
    int version = _i + 1;
    g_autofree char *backup = g_strdup_printf("%s.schema-%d", lab_file, version);
    g_autofree char *versions = NULL, *expected = NULL, *now = NULL;
    g_autoptr(GHashTable) contents = NULL;
    g_autoptr(GError) error = NULL;
    Store *store;

    if (!is_released(version))
        return;
    make_old(version);
    contents = contents_read();
    store = lab_open();
    ck_assert_ok(store_check(store, &error), error);
    store_close(store);
    assert_contents(contents);
    expected = schema_of_a_new_one();
    now = ask_plain(schema);
    ck_assert_str_eq(now, expected);
    versions = g_strdup_printf("%d|%d|%d", store_schema_version(), store_schema_version(), store_schema_version());
    ck_assert_plain("SELECT user_version, (SELECT count(*) FROM schema_change), (SELECT max(version) FROM schema_change) "
                    "FROM pragma_user_version", versions);

    ck_assert_int_eq(g_file_test(backup, G_FILE_TEST_EXISTS), version < store_schema_version());
    if (version < store_schema_version()) {
        g_free(lab_file);
        lab_file = g_strdup(backup);
        assert_contents(contents);
        g_free(versions);
        versions = g_strdup_printf("%d", version);
        ck_assert_plain("SELECT user_version FROM pragma_user_version", versions);
    }
}
END_TEST

START_TEST(an_old_database_goes_on)
{
    Store *store;
    int64_t id, run;
    g_autoptr(Table) runs = NULL;

    if (!is_released(_i + 1))
        return;
    make_old(_i + 1);
    store = lab_open();
    id = insert_experiment(store, "0f1e", "newer");
    runs = read_table(store, "runs", id);
    run = table_integer(runs, 2, "run_id");
    complete_run(store, run, start_run(store, run), (double[]) { 1, 2 }, 2);
    store_close(store);
    ck_assert_plain("SELECT count(*) FROM cell_summary WHERE experiment = 'newer' AND metric = 'rtt'", "1");
}
END_TEST

/* Reading does not change a file, so an older one is read through a copy that is brought up to date. */
START_TEST(an_old_database_is_read_and_stays_as_it_is)
{
    g_autofree char *after = NULL;
    g_autofree char *copy = g_build_filename(lab, "copy.db", NULL);
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(Table) table = NULL;
    unsigned attempt;
    int64_t size;
    Store *store;

    if (!is_released(_i + 1))
        return;
    make_old(_i + 1);
    g_setenv("TMPDIR", lab, TRUE);
    store = store_open_readonly(lab_file, &error);
    ck_assert_ok(store != NULL, error);
    ck_assert_ok(store_check(store, &error), error);
    ck_assert_ok(store_query(store, "SELECT user_version, (SELECT count(*) FROM run_facts) AS runs "
                                    "FROM pragma_user_version", 0, &table, &error), error);
    ck_assert_int_eq(table_integer(table, 0, "user_version"), store_schema_version());
    ck_assert_int_gt(table_integer(table, 0, "runs"), 0);
    ck_assert(!store_attempt_start(store, 1, 1, &attempt, &error));
    ck_assert_ptr_nonnull(strstr(error->message, lab_file));
    ck_assert_ptr_nonnull(strstr(error->message, "readonly"));
    g_clear_error(&error);
    ck_assert_ok(store_experiment_copy(store, 1, copy, &error), error);
    store_close(store);
    g_unlink(copy);
    ck_assert(file_sha256(lab_file, &after, &size, NULL));
    ck_assert_str_eq(after, file_before);
    ck_assert(folder_list(lab, &files, NULL));
    for (guint i = 0; i < files->len; i++) /* no copy is left over */
        ck_assert_msg(g_str_has_prefix(files->pdata[i], "trialbed.db"), "%s", (char *) files->pdata[i]);
}
END_TEST

static void remove_all(void)
{
    g_clear_pointer(&file_before, g_free);
    lab_remove();
}

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, lab_make, remove_all);
    tcase_add_loop_test(tcase, an_old_database_is_brought_up_to_date, 0, store_schema_version());
    tcase_add_loop_test(tcase, an_old_database_goes_on, 0, store_schema_version());
    tcase_add_loop_test(tcase, an_old_database_is_read_and_stays_as_it_is, 0, store_schema_version());
}

int main(void)
{
    return unit_run("db/upgrade", add_tests);
}
