// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <stdbool.h>
#include <sqlite3.h>
#include <string.h>

#include "db/stats.h"
#include "tests/unit/unit.h"

static sqlite3 *sqlite;

static void open_memory(void)
{
    ck_assert_int_eq(sqlite3_open(":memory:", &sqlite), SQLITE_OK);
    ck_assert_int_eq(stats_register(sqlite), SQLITE_OK);
}

static void close_memory(void)
{
    sqlite3_close(sqlite);
}

/* The one value that a query answers; NAN for NULL. */
static double ask(const char *sql)
{
    sqlite3_stmt *statement = NULL;
    double value;

    ck_assert_msg(sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(sqlite));
    ck_assert_msg(sqlite3_step(statement) == SQLITE_ROW, "%s: %s", sql, sqlite3_errmsg(sqlite));
    value = sqlite3_column_type(statement, 0) == SQLITE_NULL ? NAN : sqlite3_column_double(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

/* `call` over a list of values: "mean(x)" over "1),(2". */
static double ask_values(const char *call, const char *values)
{
    char *sql = sqlite3_mprintf("WITH t(x) AS (VALUES (%s)) SELECT %s FROM t", values, call);
    double value = ask(sql);

    sqlite3_free(sql);
    return value;
}

#define MICHELSON "850),(740),(900),(1070),(930),(850),(950),(980),(980),(880" /* first ten of R's morley$Speed */
#define HUGE_OFFSET "1000000000.1),(1000000000.2),(1000000000.3),(1000000000.4"
#define INF "9e999"

/* Expected values: by hand, and by Python's statistics module, which computes in fractions. */
static const struct {
    const char *call, *values;
    double expected;
} cases[] = {
    { "mean(x)", "1),(2),(4", 7.0 / 3 },
    { "variance(x)", "1),(2),(4", 7.0 / 3 },
    { "stddev(x)", MICHELSON, 90.92732140439296 },
    { "mean(x)", MICHELSON, 913 },
    { "sem(x)", MICHELSON, 28.753743717606195 },
    { "ci95_low(x)", MICHELSON, 847.95451269195325 },
    { "ci95_high(x)", MICHELSON, 978.04548730804675 },
    { "median(x)", MICHELSON, 915 },
    { "mad(x)", MICHELSON, 65 },
    { "percentile(x, 25)", MICHELSON, 857.5 },
    { "percentile(x, 95)", MICHELSON, 1029.5 },
    { "percentile(x, 0)", MICHELSON, 740 },
    { "percentile(x, 100)", MICHELSON, 1070 },
    { "percentile(x, 50)", "3),(1", 2 },
    { "geomean(x)", "1),(10),(100", 10 },
    { "geomean(x)", "0),(10", 0 },
    { "geomean(x)", "-1),(10", NAN },
    { "harmonic_mean(x)", "40),(60", 48 },
    { "harmonic_mean(x)", "0),(60", 0 },
    { "harmonic_mean(x)", "-1),(60", NAN },
    /* a large offset with small noise: a sum of squares minus a square of sums has no digit left here */
    { "mean(x)", HUGE_OFFSET, 1000000000.25 },
    { "stddev(x)", HUGE_OFFSET, 0.12909941409387804 }, /* of the doubles nearest to these decimals */
    { "variance(x)", "1e15),(1000000000000001),(1000000000000002", 1 },
    { "mean(x)", "1.7e308),(1.7e308", 1.7e308 }, /* the sum would be too large */
    { "stddev(x)", "1e308),(-1e308", 1.4142135623730951e308 },
    /* one value has a mean, but no spread; the same value twice has none either, but it is known */
    { "mean(x)", "5", 5 },
    { "median(x)", "5", 5 },
    { "mad(x)", "5", 0 },
    { "stddev(x)", "5", NAN },
    { "variance(x)", "5", NAN },
    { "sem(x)", "5", NAN },
    { "ci95_low(x)", "5", NAN },
    { "ci95_high(x)", "5", NAN },
    { "stddev(x)", "5),(5", 0 },
    { "ci95_low(x)", "5),(5", 5 },
    /* NULL is no value */
    { "mean(x)", "NULL", NAN },
    { "median(x)", "NULL", NAN },
    { "aggregate(x, 'sum')", "NULL", NAN },
    { "mean(x)", "NULL),(1),(NULL),(3", 2 },
    { "stddev(x)", "NULL),(1),(NULL),(3", 1.4142135623730951 },
    { "median(x)", "NULL),(1),(NULL),(3", 2 },
    { "percentile(x, NULL)", "1),(2", NAN },
    /* infinities */
    { "mean(x)", INF "),(1", INFINITY },
    { "mean(x)", INF "),(-" INF, NAN },
    { "stddev(x)", INF "),(1),(2", NAN },
    { "ci95_high(x)", INF "),(1),(2", NAN },
    { "median(x)", INF "),(1),(2", 2 },
    { "median(x)", INF "),(" INF, INFINITY },
    { "median(x)", "-" INF "),(" INF, NAN },
    { "percentile(x, 90)", INF "),(1),(2", INFINITY },
    { "mad(x)", INF "),(1),(2", 1 },
    { "mad(x)", INF "),(" INF "),(2", NAN },
    { "geomean(x)", INF "),(2", INFINITY },
    { "harmonic_mean(x)", INF "),(2", 4 },
    /* text that reads as a number is one */
    { "mean(x)", "'1.5'),(2.5", 2 },
    /* how a metric makes one value of a run's samples */
    { "aggregate(x, 'mean')", "4),(1),(1", 2 },
    { "aggregate(x, 'median')", "4),(1),(1", 1 },
    { "aggregate(x, 'min')", "4),(1),(1", 1 },
    { "aggregate(x, 'max')", "4),(1),(9", 9 },
    { "aggregate(x, 'sum')", "4),(1),(1", 6 },
    { "aggregate(x, 'last')", "4),(1),(2", 2 },
    { "aggregate(x, 'p75')", "4),(1),(2", 3 },
    { "aggregate(x, 'p12.5')", "0),(1),(2", 0.25 },
    { "aggregate(x, 'max')", "-4),(NULL),(-9", -4 },
    /* the distribution function of t is elementary for whole df (Abramowitz and Stegun 26.7.3, 26.7.4): solved for t */
    { "t_quantile(0.975, 4)", "0", 2.7764451051977987 },
    { "t_quantile(0.975, 9)", "0", 2.2621571627982049 },
    { "t_quantile(0.975, 29)", "0", 2.045229642132703 },
    { "t_quantile(0.025, 1)", "0", -12.706204736174696 },
    { "t_quantile(0.5, 3.5)", "0", 0 },
    { "t_quantile(1, 3)", "0", INFINITY },
    { "t_quantile(1.5, 3)", "0", NAN },
    { "t_quantile(0.5, 0)", "0", NAN },
    { "t_quantile(NULL, 3)", "0", NAN },
};

START_TEST(a_function_gives_the_reference_value)
{
    double value = ask_values(cases[_i].call, cases[_i].values), expected = cases[_i].expected;
    bool same = isnan(expected) ? isnan(value)
                : isinf(expected) ? value == expected
                                  : fabs(value - expected) <= 1e-12 * fmax(1, fabs(expected));

    ck_assert_msg(same, "%s over %s is %.17g instead of %.17g", cases[_i].call, cases[_i].values, value, expected);
}
END_TEST

static const struct {
    const char *call, *message;
} mistakes[] = {
    { "mean('fast')", "a statistics function got a value that is no number" },
    { "median(x'00')", "a statistics function got a value that is no number" },
    { "percentile(x, 101)", "percentile() needs a percentage from 0 to 100" },
    { "percentile(x, -1)", "percentile() needs a percentage from 0 to 100" },
    { "percentile(x, x)", "percentile() needs one percentage for all rows" },
    { "aggregate(x, 'mode')", "aggregate() needs 'mean', 'median', 'min', 'max', 'sum', 'last' or 'p0' to 'p100'" },
    { "aggregate(x, 'p')", "aggregate() needs 'mean', 'median', 'min', 'max', 'sum', 'last' or 'p0' to 'p100'" },
    { "aggregate(x, 'p101')", "aggregate() needs 'mean', 'median', 'min', 'max', 'sum', 'last' or 'p0' to 'p100'" },
    { "aggregate(x, 'p9x')", "aggregate() needs 'mean', 'median', 'min', 'max', 'sum', 'last' or 'p0' to 'p100'" },
    { "aggregate(x, NULL)", "aggregate() needs 'mean', 'median', 'min', 'max', 'sum', 'last' or 'p0' to 'p100'" },
};

START_TEST(a_mistake_is_an_error_and_not_a_number)
{
    char *sql = sqlite3_mprintf("WITH t(x) AS (VALUES (1), (2)) SELECT %s FROM t", mistakes[_i].call);
    sqlite3_stmt *statement = NULL;

    ck_assert_int_eq(sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ERROR);
    ck_assert_str_eq(sqlite3_errmsg(sqlite), mistakes[_i].message);
    sqlite3_finalize(statement);
    sqlite3_free(sql);
}
END_TEST

/* 0 to N-1 around a large number: the mean is (N-1)/2, the variance N(N+1)/12. */
START_TEST(a_window_that_grows_gives_what_its_rows_give)
{
    sqlite3_stmt *statement = NULL;

    ck_assert_double_eq_tol(ask("WITH t(i, x) AS (VALUES (1, 3), (2, 5), (3, 13), (4, 100)), w AS (SELECT i, mean(x) OVER "
                                "(ORDER BY i ROWS UNBOUNDED PRECEDING) AS m FROM t) SELECT m FROM w WHERE i = 3"),
                            7, 1e-12);
    ck_assert_double_eq_tol(ask("WITH t(i, x) AS (VALUES (1, 1), (2, 2), (3, 4), (4, 9)), w AS (SELECT i, variance(x) OVER "
                                "(ORDER BY i ROWS UNBOUNDED PRECEDING) AS m FROM t) SELECT m FROM w WHERE i = 3"),
                            7. / 3, 1e-12);
    ck_assert_int_eq(sqlite3_prepare_v2(sqlite, "SELECT mean(x) OVER (ROWS 1 PRECEDING) FROM (SELECT 1 AS x UNION ALL "
                                                "SELECT 2 UNION ALL SELECT 3)", -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW)
        ;
    ck_assert_ptr_nonnull(strstr(sqlite3_errmsg(sqlite), "no moving window"));
    sqlite3_finalize(statement);
}
END_TEST

START_TEST(ten_million_rows_keep_their_digits)
{
    static const double expected[] = { 4999999.5, 1e7 * (1e7 + 1) / 12, 4999999.5, 9989999.001, 2500000 };
    sqlite3_stmt *statement = NULL;

    ck_assert_int_eq(sqlite3_prepare_v2(sqlite,
                                        "WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 9999999) "
                                        "SELECT mean(1e9 + i) - 1e9, variance(1e9 + i), median(1e9 + i) - 1e9, "
                                        "percentile(1e9 + i, 99.9) - 1e9, mad(1e9 + i) FROM c",
                                        -1, &statement, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    for (int i = 0; i < (int) (sizeof expected / sizeof expected[0]); i++)
        ck_assert_double_eq_tol(sqlite3_column_double(statement, i), expected[i], 1e-12 * 1e9 + 1e-12 * expected[i]);
    sqlite3_finalize(statement);
}
END_TEST

START_TEST(the_loadable_extension_gives_the_same_functions)
{
    const char *build = getenv("TRIALBED_BUILD");
    char *path = sqlite3_mprintf("%s/trialbed_stats", build != NULL ? build : "build/release");
    char *message = NULL;

    sqlite3_close(sqlite);
    ck_assert_int_eq(sqlite3_open(":memory:", &sqlite), SQLITE_OK);
    sqlite3_db_config(sqlite, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
    ck_assert_msg(sqlite3_load_extension(sqlite, path, NULL, &message) == SQLITE_OK, "%s: %s", path, message);
    ck_assert_double_eq_tol(ask_values("ci95_low(x)", MICHELSON), 847.95451269195325, 1e-9);
    ck_assert_double_eq(ask_values("mad(x)", MICHELSON), 65);
    sqlite3_free(path);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_set_timeout(tcase, 300); /* for ten million rows on a busy machine */
    tcase_add_checked_fixture(tcase, open_memory, close_memory);
    tcase_add_loop_test(tcase, a_function_gives_the_reference_value, 0, sizeof cases / sizeof cases[0]);
    tcase_add_loop_test(tcase, a_mistake_is_an_error_and_not_a_number, 0, sizeof mistakes / sizeof mistakes[0]);
    tcase_add_test(tcase, a_window_that_grows_gives_what_its_rows_give);
    tcase_add_test(tcase, ten_million_rows_keep_their_digits);
    tcase_add_test(tcase, the_loadable_extension_gives_the_same_functions);
}

int main(void)
{
    return unit_run("db/stats", add_tests);
}
