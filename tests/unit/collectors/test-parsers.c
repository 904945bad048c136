// SPDX-License-Identifier: GPL-3.0-or-later
/* Every parser against what its tool really printed (tests/data/collectors; Debian 12's versions), and the page that lists them. */
#include <stdio.h>
#include <string.h>

#include "collectors/measure-parsers.h"
#include "collectors/measure.h"
#include "runner/base/files.h"
#include "tests/unit/unit.h"

#define DATA "tests/data/collectors/"
#define PAGE "docs/steps.md"

/* A name, and what must come out of a file, as "a b c"; or of a text when `file` is NULL. */
static const struct {
    const char *name, *file, *text, *numbers;
} readings[] = {
    { "ping.time", "ping.txt", NULL, "0.362 0.105 0.068 0.063 0.037" },
    { "ping.min", "ping.txt", NULL, "0.037" },
    { "ping.avg", "ping.txt", NULL, "0.127" },
    { "ping.max", "ping.txt", NULL, "0.362" },
    { "ping.loss", "ping.txt", NULL, "0" },
    { "ping.time", NULL, "64 bytes: time=1.5 ms\n64 bytes: time=1.6 ms (DUP!)\n64 bytes: time<1 ms\n", "1.5 1" },
    { "ping.avg", NULL, "round-trip min/avg/max = 0.1/0.2/0.3 ms\n", "0.2" }, /* busybox */
    { "ping.loss", NULL, "2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 1ms\n", "100" },

    { "iperf3.received", "iperf3.json", NULL, "13548.36227922666" },
    { "iperf3.sent", "iperf3.json", NULL, "13550.22283188203" },
    { "iperf3.retransmits", "iperf3.json", NULL, "69" },
    { "iperf3.rtt", "iperf3_tcp.json", NULL, "0.102" },
    { "iperf3.interval", "iperf3.json", NULL, "@2" },
    { "iperf3.received", "iperf3_udp.json", NULL, "99.93216889096385" },
    { "iperf3.jitter", "iperf3_udp.json", NULL, "0.00500469185589388" },
    { "iperf3.loss", "iperf3_udp.json", NULL, "0" },

    { "ab.requests", "ab.txt", NULL, "18265.47" },
    { "ab.time", "ab.txt", NULL, "0.438" }, /* and not the other line that begins so */
    { "ab.interval", "ab.txt", NULL, "0.055" },
    { "ab.rate", "ab.txt", NULL, "186864.36" },
    { "ab.failed", "ab.txt", NULL, "0" },
    { "ab.p50", "ab.txt", NULL, "0" },
    { "ab.p95", "ab.txt", NULL, "1" },
    { "ab.p99", "ab.txt", NULL, "1" },
    { "ab.max", "ab.txt", NULL, "5" },

    { "hackbench.time", "hackbench.txt", NULL, "1.084" },

    { "redis-benchmark.rps.SET", "redis-benchmark.csv", NULL, "79681.28" },
    { "redis-benchmark.avg.GET", "redis-benchmark.csv", NULL, "0.088" },
    { "redis-benchmark.min.LPUSH", "redis-benchmark.csv", NULL, "0.024" },
    { "redis-benchmark.p50.PING_INLINE", "redis-benchmark.csv", NULL, "0.055" },
    { "redis-benchmark.p95.SET", "redis-benchmark.csv", NULL, "0.183" },
    { "redis-benchmark.p99.SET", "redis-benchmark.csv", NULL, "0.367" },
    { "redis-benchmark.max.HSET", "redis-benchmark.csv", NULL, "3.943" },
    { "redis-benchmark.rps.SET", "redis-benchmark_q.txt", NULL, "75471.70" }, /* behind many carriage returns */
    { "redis-benchmark.p50.GET", "redis-benchmark_q.txt", NULL, "0.071" },
    { "redis-benchmark.rps", NULL, "\"test\",\"rps\"\n\"SET\",\"5.5\"\n", "5.5" }, /* one test needs no name */

    { "sysbench.events", "sysbench_cpu.txt", NULL, "2828.57" },
    { "sysbench.total", "sysbench_cpu.txt", NULL, "5663" },
    { "sysbench.time", "sysbench_cpu.txt", NULL, "2.0005" },
    { "sysbench.avg", "sysbench_cpu.txt", NULL, "0.70" },
    { "sysbench.max", "sysbench_cpu.txt", NULL, "16.64" },
    { "sysbench.percentile", "sysbench_cpu.txt", NULL, "2.30" },
    { "sysbench.operations", "sysbench_memory.txt", NULL, "4673891.01" },
    { "sysbench.transferred", "sysbench_memory.txt", NULL, "4564.35" },
    { "sysbench.reads", "sysbench_fileio.txt", NULL, "23445.12" },
    { "sysbench.writes", "sysbench_fileio.txt", NULL, "15630.08" },
    { "sysbench.fsyncs", "sysbench_fileio.txt", NULL, "1565.00" },
    { "sysbench.read", "sysbench_fileio.txt", NULL, "366.33" },
    { "sysbench.written", "sysbench_fileio.txt", NULL, "244.22" },
    { "sysbench.total", "sysbench_threads.txt", NULL, "1945" },

    { "fio.read_iops", "fio.json", NULL, "5939.530235" },
    { "fio.write_iops", "fio.json", NULL, "5938.030985" },
    { "fio.read_rate", "fio.json", NULL, "24.328315" },
    { "fio.write_rate", "fio.json", NULL, "24.322174" },
    { "fio.read_latency", "fio.json", NULL, "77.467182836" },
    { "fio.write_latency", "fio.json", NULL, "89.409657633" },
    { "fio.read_p99", "fio.json", NULL, "407.552" },
    { "fio.write_p99", "fio.json", NULL, "485.376" },

    { "time.elapsed", "time-v.txt", NULL, "0.1" },
    { "time.memory", "time-v.txt", NULL, "1660" },
    { "time.voluntary", "time-v.txt", NULL, "3" },
    { "time.involuntary", "hackbench.time-v.txt", NULL, "5437" },
    { "time.faults", "hackbench.time-v.txt", NULL, "2" },
    { "time.user", "hackbench.time-v.txt", NULL, "0.67" },
    { "time.system", "hackbench.time-v.txt", NULL, "0.89" },
    { "time.elapsed", NULL, "\tElapsed (wall clock) time (h:mm:ss or m:ss): 1:02:03\n", "3723" },
    { "time.elapsed", NULL, "real 1.50\nuser 0.25\nsys 0.01\n", "1.5" },                 /* POSIX: -p */
    { "time.system", NULL, "real 1.50\nuser 0.25\nsys 0.01\n", "0.01" },
    { "time.elapsed", NULL, "\nreal\t2m3.500s\nuser\t0m0.250s\nsys\t0m0.010s\n", "123.5" }, /* bash */
    { "time.user", NULL, "real\t0m 0.10s\nuser\t0m 0.02s\nsys\t0m 0.00s\n", "0.02" },      /* busybox */
    { "time.elapsed", NULL, "0.50user 0.25system 0:01.75elapsed 42%CPU (0avgtext+0avgdata 1660maxresident)k\n", "1.75" },
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

START_TEST(every_parser_reads_what_its_tool_printed)
{
    g_autofree char *text = text_of(readings[_i].file, readings[_i].text);
    MeasureRule rule = { .parser = readings[_i].name, .scale = 1 };
    g_auto(GStrv) expected = g_strsplit(readings[_i].numbers, " ", 0);
    g_autoptr(GArray) values = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert_ok(measure_check("parser", readings[_i].name, &error), error);
    ck_assert_ok(measure_extract(&rule, text, &values, &error), error);
    if (expected[0][0] == '@') { /* only how many */
        ck_assert_uint_eq(values->len, g_ascii_strtoull(expected[0] + 1, NULL, 10));
        return;
    }
    ck_assert_uint_eq(values->len, g_strv_length(expected));
    for (guint i = 0; i < values->len; i++) {
        double wanted = g_ascii_strtod(expected[i], NULL);

        ck_assert_double_eq_tol(g_array_index(values, double, i), wanted, 1e-9 * (1 + wanted));
    }
}
END_TEST

START_TEST(no_parser_goes_without_a_test)
{
    for (size_t i = 0; i < measure_parser_count; i++) {
        g_autofree char *name = g_strconcat(measure_parsers[i].tool, ".", measure_parsers[i].value, NULL);
        bool is_tested = false;

        for (size_t k = 0; k < G_N_ELEMENTS(readings); k++)
            is_tested |= measure_parser_find(readings[k].name, NULL) == &measure_parsers[i];
        ck_assert_msg(is_tested, "%s is read nowhere", name);
        ck_assert_ptr_eq(measure_parser_find(name, NULL), &measure_parsers[i]);
    }
}
END_TEST

static const struct {
    const char *name, *file, *text, *message;
} refusals[] = {
    { "ping.time", NULL, "ping: unknown host\n", "parser 'ping.time' finds nothing in the output that begins with 'ping: unknown host'" },
    { "ping.time", NULL, "", "parser 'ping.time' finds nothing: the output is empty" },
    { "redis-benchmark.rps", "redis-benchmark.csv", NULL, "parser 'redis-benchmark.rps': the output has 7 tests" },
    { "redis-benchmark.rps.SETS", "redis-benchmark.csv", NULL, "parser 'redis-benchmark.rps.SETS' finds nothing" },
    { "redis-benchmark.rps.SET", NULL, "\"test\",\"rps\"\n\"SET\",\"-nan\"\n",
      "parser 'redis-benchmark.rps.SET': test 'SET' has '-nan', which is no number" },
    { "fio.read_iops", NULL, "fio: no such file\n", "jsonpath '$.jobs[*].read.iops': the output is no JSON" },
};

START_TEST(what_cannot_be_read_is_told)
{
    g_autofree char *text = text_of(refusals[_i].file, refusals[_i].text);
    MeasureRule rule = { .parser = refusals[_i].name, .scale = 1 };
    g_autoptr(GArray) values = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert(!measure_extract(&rule, text, &values, &error));
    ck_assert_msg(g_str_has_prefix(error->message, refusals[_i].message), "it says: %s", error->message);
}
END_TEST

static const struct {
    const char *name, *message;
} unknown[] = {
    { "pign.time", "there is no parser 'pign.time'\nhint: there are ping, iperf3, ab, hackbench, redis-benchmark, sysbench, fio, time; "
                   "the name is TOOL.VALUE, such as ping.time." },
    { "ping.tiem", "there is no parser 'ping.tiem'\nhint: there are ping.time, ping.min, ping.avg, ping.max, ping.loss." },
    { "ping.time.x", "there is no parser 'ping.time.x'" },
    { "ping", "there is no parser 'ping'" },
    { "", "there is no parser ''" },
};

START_TEST(a_name_that_is_none_gets_those_that_are)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!measure_check("parser", unknown[_i].name, &error));
    ck_assert_msg(g_str_has_prefix(error->message, unknown[_i].message), "it says: %s", error->message);
}
END_TEST

/* A column and what must come out of a text, or the error. */
static const struct {
    const char *column, *text, *numbers, *message;
} tables[] = {
    { "b", "a,b\n1,2\n3,4\n", "2 4", NULL },
    { "b", "# it begins\n\na;b\n1;2.5\n\nthe end\n", "2.5", NULL },        /* talk before and behind */
    { "b", "a\tb\r\n1\t2\r\n", "2", NULL },
    { "b c", "\"a\",\"b c\"\n\"x, y\",\"-1e3\"\n\"say \"\"x\"\"\",7", "-1000 7", NULL }, /* RFC 4180; no newline at the end */
    { "rps", "ms\nrps\n1\n2\n", "1 2", NULL },                               /* one column */
    { "c", "a,b\n1,2\n", NULL, "csv 'c' finds nothing in the output that begins with 'a,b'" },
    { "b", "a,b\n1,x\n", NULL, "csv 'b': row 1 has 'x', which is no number" },
    { "b", "a,b\n1,0x10\n", NULL, "csv 'b': row 1 has '0x10', which is no number" },
    { "b", "a,b\n1,\n", NULL, "csv 'b': row 1 has '', which is no number" },
};

START_TEST(columns_are_read_by_their_names)
{
    MeasureRule rule = { .csv = tables[_i].column, .scale = 1 };
    g_autoptr(GArray) values = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) numbers = g_string_new(NULL);
    bool ok = measure_extract(&rule, tables[_i].text, &values, &error);

    ck_assert_msg(ok == (tables[_i].message == NULL), "it says: %s", error != NULL ? error->message : "nothing");
    if (!ok) {
        ck_assert_msg(g_str_has_prefix(error->message, tables[_i].message), "it says: %s", error->message);
        return;
    }
    for (guint i = 0; i < values->len; i++)
        g_string_append_printf(numbers, "%s%g", i > 0 ? " " : "", g_array_index(values, double, i));
    ck_assert_str_eq(numbers->str, tables[_i].numbers);
}
END_TEST

START_TEST(the_page_lists_all_parsers)
{
    g_autofree char *page = NULL;
    g_autoptr(GString) whole = NULL;
    char *table;

    ck_assert(file_read(PAGE, 1 << 20, &page, NULL, NULL));
    table = strstr(page, "\n| parser |");
    whole = g_string_new_len(page, table != NULL ? table - page : (gssize) strlen(page));
    g_string_append(whole, "\n| parser | unit | better | reads |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < measure_parser_count; i++) {
        const Parser *parser = &measure_parsers[i];

        g_string_append_printf(whole, "| `%s.%s` | %s | %s | %s |\n", parser->tool, parser->value, parser->unit,
                               parser->direction, parser->about);
    }
    if (g_getenv("REGENERATE") != NULL)
        ck_assert(file_write_atomic(PAGE, whole->str, whole->len, NULL));
    else
        ck_assert_msg(strcmp(whole->str, page) == 0, PAGE " is not up to date: REGENERATE=1 make check-unit T=test-parsers");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, every_parser_reads_what_its_tool_printed, 0, G_N_ELEMENTS(readings));
    tcase_add_test(tcase, no_parser_goes_without_a_test);
    tcase_add_loop_test(tcase, what_cannot_be_read_is_told, 0, G_N_ELEMENTS(refusals));
    tcase_add_loop_test(tcase, a_name_that_is_none_gets_those_that_are, 0, G_N_ELEMENTS(unknown));
    tcase_add_loop_test(tcase, columns_are_read_by_their_names, 0, G_N_ELEMENTS(tables));
    tcase_add_test(tcase, the_page_lists_all_parsers);
}

int main(void)
{
    return unit_run("collectors/parsers", add_tests);
}
