// SPDX-License-Identifier: GPL-3.0-or-later
/* The functions of SQL over the data sets of tests/data/stats, against R's answers. */
#include <sqlite3.h>

#include "db/stats.h"
#include "tests/unit/reference.h"

static const struct {
    const char *answer, *call;
} functions[] = {
    { "mean", "mean(x)" },
    { "variance", "variance(x)" },
    { "stddev", "stddev(x)" },
    { "sem", "sem(x)" },
    { "ci95_low", "ci95_low(x)" },
    { "ci95_high", "ci95_high(x)" },
    { "percentile-0", "percentile(x, 0)" },
    { "percentile-5", "percentile(x, 5)" },
    { "percentile-25", "percentile(x, 25)" },
    { "percentile-50", "median(x)" },
    { "percentile-75", "aggregate(x, 'p75')" },
    { "percentile-95", "percentile(x, 95)" },
    { "percentile-99.9", "percentile(x, 99.9)" },
    { "percentile-100", "aggregate(x, 'max')" },
    { "mad", "mad(x)" },
    { "geomean", "geomean(x)" },
    { "harmonic_mean", "harmonic_mean(x)" },
    { "sum", "aggregate(x, 'sum')" },
};

static void execute(sqlite3 *sqlite, const char *sql)
{
    ck_assert_msg(sqlite3_exec(sqlite, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(sqlite));
}

static void insert(sqlite3 *sqlite, const char *numbers)
{
    Numbers values = reference_numbers(numbers);
    sqlite3_stmt *statement;

    execute(sqlite, "DELETE FROM t");
    ck_assert_int_eq(sqlite3_prepare_v2(sqlite, "INSERT INTO t VALUES (?1)", -1, &statement, NULL), SQLITE_OK);
    for (size_t i = 0; i < values.n; i++) {
        sqlite3_bind_double(statement, 1, values.values[i]);
        ck_assert_int_eq(sqlite3_step(statement), SQLITE_DONE);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    g_free(values.values);
}

static double ask(sqlite3 *sqlite, const char *call)
{
    g_autofree char *sql = g_strdup_printf("SELECT %s FROM t", call);
    sqlite3_stmt *statement;
    double value;

    ck_assert_int_eq(sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    value = sqlite3_column_type(statement, 0) == SQLITE_NULL ? NAN : sqlite3_column_double(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static const char *find_call(const char *answer)
{
    for (size_t i = 0; i < G_N_ELEMENTS(functions); i++)
        if (strcmp(functions[i].answer, answer) == 0)
            return functions[i].call;
    return NULL;
}

/* How many of R's answers about the data set were compared. */
static unsigned check_set(sqlite3 *sqlite, const char *name, char **answers)
{
    unsigned compared = 0;

    for (char **answer = answers; *answer != NULL; answer++) {
        g_auto(GStrv) parts = g_strsplit(*answer, "\t", 3);
        const char *call = find_call(parts[1]);

        if (call == NULL || strcmp(parts[0], name) != 0)
            continue;
        reference_check(name, call, ask(sqlite, call), reference_number(parts[2]));
        compared++;
    }
    return compared;
}

START_TEST(every_function_gives_what_r_gives)
{
    g_auto(GStrv) sets = reference_lines("samples.tsv");
    g_auto(GStrv) answers = reference_lines("reference.tsv");
    sqlite3 *sqlite;

    ck_assert_int_eq(sqlite3_open(":memory:", &sqlite), SQLITE_OK);
    ck_assert_int_eq(stats_register(sqlite), SQLITE_OK);
    execute(sqlite, "CREATE TABLE t (x REAL)");
    for (char **set = sets; *set != NULL; set++) {
        g_auto(GStrv) fields = g_strsplit(*set, "\t", 3);

        insert(sqlite, fields[1]);
        ck_assert_uint_ge(check_set(sqlite, fields[0], answers), G_N_ELEMENTS(functions) - 2);
    }
    ck_assert_uint_ge(g_strv_length(sets), 30);
    sqlite3_close(sqlite);
}
END_TEST

START_TEST(t_quantile_is_that_of_scipy)
{
    g_auto(GStrv) lines = reference_lines("distributions.tsv");
    unsigned compared = 0;
    sqlite3 *sqlite;

    ck_assert_int_eq(sqlite3_open(":memory:", &sqlite), SQLITE_OK);
    ck_assert_int_eq(stats_register(sqlite), SQLITE_OK);
    execute(sqlite, "CREATE TABLE t (x REAL); INSERT INTO t VALUES (0)");
    for (char **line = lines; *line != NULL; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, "\t", 3);
        g_auto(GStrv) arguments = g_strsplit(fields[1], " ", 2);
        g_autofree char *call = NULL;

        if (strcmp(fields[0], "qt") != 0)
            continue;
        call = g_strdup_printf("t_quantile(%s, %s)", arguments[0], arguments[1]);
        reference_check(fields[0], call, ask(sqlite, call), reference_number(fields[2]));
        compared++;
    }
    ck_assert_uint_ge(compared, 40);
    sqlite3_close(sqlite);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, every_function_gives_what_r_gives);
    tcase_add_test(tcase, t_quantile_is_that_of_scipy);
}

int main(void)
{
    return unit_run("db/stats-reference", add_tests);
}
