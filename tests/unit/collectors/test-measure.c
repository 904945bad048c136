// SPDX-License-Identifier: GPL-3.0-or-later
#include <glib.h>
#include <math.h>
#include <string.h>

#include "collectors/measure.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "tests/unit/unit.h"

#define DATA "tests/data/collectors/"

/* Either a file below DATA or a text; all numbers that must come out, as "a b c". */
static const struct {
    const char *regex, *jsonpath, *file, *text, *numbers;
    double scale;
} readings[] = {
    { "time=([0-9.]+)", NULL, "ping.txt", NULL, "0.362 0.105 0.068 0.063 0.037", 1 },
    { "^rtt [^=]+= [0-9.]+/([0-9.]+)", NULL, "ping.txt", NULL, "0.127", 1 },    /* '^' begins a line */
    { "time ([0-9]+)ms$", NULL, "ping.txt", NULL, "0.816", 0.001 },             /* '$' ends one; scaled */
    { "avg:\\s+([0-9.]+)\\n\\s+max:", NULL, "sysbench.txt", NULL, "0.7", 1 },   /* a match may span lines */
    { "[0-9]+(?=%)", NULL, "ping.txt", NULL, "0", 1 },                          /* no group: the whole match */
    { "(-?[0-9.]+e-?[0-9]+) (a|b)", NULL, NULL, "-2.5e3 a 1e-1 b", "-2500 0.1", 1 }, /* only the first group */
    { "([0-9]+)$", NULL, NULL, "1\r\n22\n333", "22 333", 1 },                   /* a CR is no end of line */
    { "x=( *[0-9]+ *)", NULL, NULL, "x=  7  ", "7", 1 },
    { "µs ([0-9]+)", NULL, NULL, "\xff\xfe µs 4 \x80µs 5", "4 5", 1 }, /* bytes that are no UTF-8 around it */
    { "\\b\\d|(?=\\d)\\d", NULL, NULL, "12 3", "1 2 3", 1 },
    { NULL, "$.end.sum_received.bits_per_second", "iperf3.json", NULL, "13548.36227922666", 1e-6 },
    { NULL, "$.intervals[*].sum.retransmits", "iperf3.json", NULL, "36 33", 1 },
    { NULL, "$.intervals[*].streams[*].rtt", "iperf3.json", NULL, "111 94", 1 },
    { NULL, "$..rtt", "iperf3.json", NULL, "111 94", 1 },
    { NULL, "$['end']['sum_sent'].bytes", "iperf3.json", NULL, "3388211200", 1 },
    { NULL, "$.intervals[1].sum.start", "iperf3.json", NULL, "1.00065", 1 },
    { NULL, "$..x", NULL, "[{\"x\":1},{\"y\":[{\"x\":-2.5}]}]", "1 -2.5", 1 },
    { NULL, "$", NULL, " 5\n", "5", 1 },
    /* more than 64 bits do not wrap around; fio writes the first for "nothing measured" */
    { NULL, "$[*]", NULL, "[18446744073709551615, -99999999999999999999]", "18446744073709551616 -1e+20", 1 },
    /* strings are left alone */
    { NULL, "$.a", NULL, "{\"s\":\"\\\"12345678901234567890123 [[ // #\",\"a\":1}", "1", 1 },
};

static char *text_of(const char *file, const char *text)
{
    g_autofree char *path = file != NULL ? g_strconcat(DATA, file, NULL) : NULL;
    g_autoptr(GError) error = NULL;
    char *data = NULL;

    if (file == NULL)
        return g_strdup(text);
    ck_assert_ok(file_read(path, 1 << 20, &data, NULL, &error), error);
    return data;
}

START_TEST(every_rule_reads_the_numbers_it_names)
{
    g_autofree char *text = text_of(readings[_i].file, readings[_i].text);
    MeasureRule rule = { .regex = readings[_i].regex, .jsonpath = readings[_i].jsonpath, .scale = readings[_i].scale };
    g_auto(GStrv) expected = g_strsplit(readings[_i].numbers, " ", 0);
    g_autoptr(GArray) values = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert_ok(measure_extract(&rule, text, &values, &error), error);
    ck_assert_uint_eq(values->len, g_strv_length(expected));
    for (unsigned i = 0; i < values->len; i++)
        ck_assert_double_eq_tol(g_array_index(values, double, i), g_ascii_strtod(expected[i], NULL),
                                fabs(g_ascii_strtod(expected[i], NULL)) * 1e-12 + 1e-300);
}
END_TEST

static const struct {
    const char *regex, *jsonpath, *text;
    double scale;
    const char *message; /* what the first line contains */
} refusals[] = {
    { "time=([0-9.]+)", NULL, "\nconnect: Network is unreachable\nx", 1,
      "regex 'time=([0-9.]+)' finds nothing in the output that begins with 'connect: Network is unreachable'" },
    { "x", NULL, " \n", 1, "regex 'x' finds nothing: the output is empty" },
    { "=(.*)", NULL, "a=12 ms", 1, "regex '=(.*)' matches '12 ms', which is no number" },
    { "=(.*)", NULL, "a=nan", 1, "'nan', which is no number" },
    { "=(.*)", NULL, "a=-inf", 1, "'-inf', which is no number" },
    { "=(.*)", NULL, "a=1e999", 1, "which is no number" },
    { "=(.*)", NULL, "a=0x10", 1, "'0x10', which is no number" },
    { "a(1)?", NULL, "a", 1, "matches '', which is no number" }, /* the group took no part */
    { "[0-9]*", NULL, "a1", 1, "matches '', which is no number" },
    { "(1)", NULL, "1", HUGE_VAL, "value 1 times scale inf is no finite number" },
    { "(", NULL, "1", 1, "regex '(' cannot be used: at character 2: missing closing parenthesis" },
    { NULL, "$.a", "{\"b\":1}", 1, "jsonpath '$.a' finds nothing in the output that begins with '{\"b\":1}'" },
    { NULL, "$.a", "", 1, "jsonpath '$.a' finds nothing: the output is empty" },
    { NULL, "$.a", "{\"a\":\"12\"}", 1, "jsonpath '$.a' selects \"12\", which is no number" },
    { NULL, "$.a", "{\"a\":true}", 1, "selects true, which is no number" },
    { NULL, "$.a", "{\"a\":null}", 1, "selects null, which is no number" },
    { NULL, "$.a", "{\"a\":[1,2]}", 1, "selects [1,2], which is no number" },
    { NULL, "$.a", "{\"a\":1e999}", 1, "which is no number" },
    { NULL, "$.a", "iperf3: error", 1, "jsonpath '$.a': the output is no JSON: " },
    { NULL, "$.a", "{\"a\":1", 1, "the output is no JSON: " },
    { NULL, "$.a", "/* \" */ {\"a\":1}", 1, "the output is no JSON: it holds a comment" },
    { NULL, "$.a[", "{\"a\":1}", 1, "jsonpath '$.a[' cannot be used: " },
};

START_TEST(what_is_no_number_is_refused_with_rule_and_reason)
{
    MeasureRule rule = { .regex = refusals[_i].regex, .jsonpath = refusals[_i].jsonpath, .scale = refusals[_i].scale };
    g_autoptr(GArray) values = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *first = NULL;

    ck_assert(!measure_extract(&rule, refusals[_i].text, &values, &error));
    ck_assert_ptr_null(values);
    first = error_first_line(error);
    ck_assert_msg(strstr(first, refusals[_i].message) != NULL, "'%s' lacks '%s'", first, refusals[_i].message);
}
END_TEST

static const struct {
    const char *kind, *rule;
    bool ok;
} rules[] = {
    { "regex", "time=([0-9.]+)", true },
    { "regex", "a{2,1}", false },
    { "regex", "(?<n>[0-9]+", false },
    { "jsonpath", "$.a[0,2].b", true },
    { "jsonpath", "$..['a b']", false },  /* JSONPath, but more than json-glib knows */
    { "jsonpath", "", false },
    { "jsonpath", "a.b", false },
    { "jsonpath", "$.", false },
    { "jsonpath", "$.a[-1]", false },        /* json-glib would select nothing, hours later */
    { "jsonpath", "$.a[?(@.b>1)]", false },
    { "xml", "a", false },
    { "csv", "a b", true },
    { "csv", "a\"", false },
};

START_TEST(rules_are_checked_before_anything_runs)
{
    g_autoptr(GError) error = NULL;

    ck_assert_int_eq(measure_check(rules[_i].kind, rules[_i].rule, &error), rules[_i].ok);
    ck_assert_int_eq(error == NULL, rules[_i].ok);
    if (error != NULL && strcmp(rules[_i].kind, "xml") != 0)
        ck_assert_int_eq(error_kind(error), ERROR_SCENARIO);
}
END_TEST

static const char *const catastrophes[] = {
    "(a+)+[bc]",       /* exponential: the match limit */
    "a.*[bc]",         /* quadratic, and every place is cheap enough: the clock */
    "(?:a|aa)*[bc]",
    "(a*)*[bc]",
};

START_TEST(a_catastrophic_pattern_ends_with_an_error)
{
    g_autofree char *text = g_strnfill(300000, 'a');
    MeasureRule rule = { .regex = catastrophes[_i], .scale = 1 };
    int64_t started_ns = clock_monotonic_ns();
    g_autoptr(GArray) values = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert(!measure_extract(&rule, text, &values, &error));
    ck_assert_msg(strstr(error->message, "takes too long on 300000 bytes") != NULL, "%s", error->message);
    ck_assert_int_lt((clock_monotonic_ns() - started_ns) / 1000000000, 30);
}
END_TEST

START_TEST(sixteen_mebibytes_are_read_and_more_is_refused)
{
    g_autoptr(GString) text = g_string_new(NULL);
    MeasureRule rule = { .regex = "time=([0-9]+)", .scale = 1 };
    g_autoptr(GArray) values = NULL;
    g_autoptr(GError) error = NULL;

    while (text->len + 16 <= 16 << 20)
        g_string_append(text, "abcdefg time=12\n");
    ck_assert_ok(measure_extract(&rule, text->str, &values, &error), error);
    ck_assert_uint_eq(values->len, 1 << 20);
    g_clear_pointer(&values, g_array_unref);
    g_string_append_c(text, 'x');
    ck_assert(!measure_extract(&rule, text->str, &values, &error));
    ck_assert_str_eq(error->message, "cannot measure in 16777217 bytes of output: the limit is 16777216");
}
END_TEST

START_TEST(deeply_nested_json_is_refused)
{
    g_autofree char *text = g_strnfill(4000000, '[');
    MeasureRule rule = { .jsonpath = "$..x", .scale = 1 };
    g_autoptr(GArray) values = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert(!measure_extract(&rule, text, &values, &error));
    ck_assert_str_eq(error->message, "jsonpath '$..x': the output is no JSON: it nests too deeply");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, every_rule_reads_the_numbers_it_names, 0, G_N_ELEMENTS(readings));
    tcase_add_loop_test(tcase, what_is_no_number_is_refused_with_rule_and_reason, 0, G_N_ELEMENTS(refusals));
    tcase_add_loop_test(tcase, rules_are_checked_before_anything_runs, 0, G_N_ELEMENTS(rules));
    tcase_add_loop_test(tcase, a_catastrophic_pattern_ends_with_an_error, 0, G_N_ELEMENTS(catastrophes));
    tcase_add_test(tcase, sixteen_mebibytes_are_read_and_more_is_refused);
    tcase_add_test(tcase, deeply_nested_json_is_refused);
}

int main(void)
{
    return unit_run("collectors/measure", add_tests);
}
