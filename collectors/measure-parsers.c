// SPDX-License-Identifier: GPL-3.0-or-later
#include "collectors/measure-parsers.h"

#include <math.h>
#include <string.h>

#include "collectors/measure-kinds.h"
#include "runner/base/error.h"

#define REGEX(tool, value, unit, direction, rule, about) { tool, value, unit, direction, PARSER_REGEX, rule, 1, about }
#define JSON(tool, value, unit, direction, rule, scale, about) { tool, value, unit, direction, PARSER_JSONPATH, rule, scale, about }
#define OWN(tool, value, unit, direction, rule, about) { tool, value, unit, direction, PARSER_OWN, rule, 1, about }

#define PING_SUMMARY(group) "^(?:rtt|round-trip) min/avg/max[^=]*= " group
#define PING_NUMBER "[0-9.]+"
#define AB_PERCENT(percent) "^ +" percent "% +([0-9]+)"
#define SYSBENCH(name) "^ +" name ": +([0-9.]+)"
#define FIO_PERCENTILE(way, percent) "$.jobs[*]." way ".clat_ns.percentile['" percent "']"

/* The traps are in the rules: ab has two lines that begin "Time per request:", iperf3's `sender` is true on both sides, and a
 * duplicate in ping is no round trip. */
const Parser measure_parsers[] = {
    REGEX("ping", "time", "ms", "lower", "time[=<]([0-9.]+) ms(?! \\(DUP!\\))", "round-trip time of every reply"),
    REGEX("ping", "min", "ms", "lower", PING_SUMMARY("(" PING_NUMBER ")"), "the shortest, from the summary"),
    REGEX("ping", "avg", "ms", "lower", PING_SUMMARY(PING_NUMBER "/(" PING_NUMBER ")"), "the mean, from the summary"),
    REGEX("ping", "max", "ms", "lower", PING_SUMMARY(PING_NUMBER "/" PING_NUMBER "/(" PING_NUMBER ")"), "the longest, from the summary"),
    REGEX("ping", "loss", "%", "lower", "([0-9.]+)% packet loss", "share of requests without reply"),

    JSON("iperf3", "received", "Mbit/s", "higher", "$.end.sum_received.bits_per_second", 1e-6, "rate at the receiver (`iperf3 -J`)"),
    JSON("iperf3", "sent", "Mbit/s", "higher", "$.end.sum_sent.bits_per_second", 1e-6, "rate at the sender (`-J`)"),
    JSON("iperf3", "interval", "Mbit/s", "higher", "$.intervals[*].sum.bits_per_second", 1e-6, "rate of every interval (`-J`)"),
    JSON("iperf3", "retransmits", "segments", "lower", "$.end.sum_sent.retransmits", 1, "TCP segments sent again (`-J`)"),
    JSON("iperf3", "rtt", "ms", "lower", "$.end.streams[*].sender.mean_rtt", 1e-3, "mean TCP round-trip time of every stream (`-J`)"),
    JSON("iperf3", "jitter", "ms", "lower", "$.end.sum.jitter_ms", 1, "of UDP (`-J -u`)"),
    JSON("iperf3", "loss", "%", "lower", "$.end.sum.lost_percent", 1, "of UDP (`-J -u`)"),

    REGEX("ab", "requests", "requests/s", "higher", "^Requests per second: +([0-9.]+)", "requests per second"),
    REGEX("ab", "time", "ms", "lower", "^Time per request: +([0-9.]+) \\[ms\\] \\(mean\\)$", "mean time of a request"),
    REGEX("ab", "interval", "ms", "lower", "^Time per request: +([0-9.]+) \\[ms\\] \\(mean, across", "mean time from one end to the next"),
    REGEX("ab", "rate", "KiB/s", "higher", "^Transfer rate: +([0-9.]+)", "bytes received"),
    REGEX("ab", "failed", "requests", "lower", "^Failed requests: +([0-9]+)", "requests that failed"),
    REGEX("ab", "p50", "ms", "lower", AB_PERCENT("50"), "median, in whole milliseconds"),
    REGEX("ab", "p95", "ms", "lower", AB_PERCENT("95"), "95th percentile, in whole milliseconds"),
    REGEX("ab", "p99", "ms", "lower", AB_PERCENT("99"), "99th percentile, in whole milliseconds"),
    REGEX("ab", "max", "ms", "lower", AB_PERCENT("100"), "the longest, in whole milliseconds"),

    REGEX("hackbench", "time", "s", "lower", "^Time: ([0-9.]+)", "how long all messages took"),

    OWN("redis-benchmark", "rps", "requests/s", "higher", "rps", "requests per second (`--csv` or `-q`)"),
    OWN("redis-benchmark", "avg", "ms", "lower", "avg_latency_ms", "mean latency (`--csv`)"),
    OWN("redis-benchmark", "min", "ms", "lower", "min_latency_ms", "shortest latency (`--csv`)"),
    OWN("redis-benchmark", "p50", "ms", "lower", "p50_latency_ms", "median latency (`--csv` or `-q`)"),
    OWN("redis-benchmark", "p95", "ms", "lower", "p95_latency_ms", "95th percentile (`--csv`)"),
    OWN("redis-benchmark", "p99", "ms", "lower", "p99_latency_ms", "99th percentile (`--csv`)"),
    OWN("redis-benchmark", "max", "ms", "lower", "max_latency_ms", "longest latency (`--csv`)"),

    REGEX("sysbench", "events", "events/s", "higher", SYSBENCH("events per second"), "of `cpu`"),
    REGEX("sysbench", "total", "events", "higher", SYSBENCH("total number of events"), "events in all"),
    REGEX("sysbench", "time", "s", "lower", SYSBENCH("total time"), "how long it ran"),
    REGEX("sysbench", "avg", "ms", "lower", SYSBENCH("avg"), "mean latency"),
    REGEX("sysbench", "max", "ms", "lower", SYSBENCH("max"), "longest latency"),
    REGEX("sysbench", "percentile", "ms", "lower", SYSBENCH("[0-9]+th percentile"), "latency at its one percentile, the 95th by default"),
    REGEX("sysbench", "operations", "operations/s", "higher", "^Total operations: [0-9]+ \\(([0-9.]+) per second\\)", "of `memory`"),
    REGEX("sysbench", "transferred", "MiB/s", "higher", "MiB transferred \\(([0-9.]+) MiB/sec\\)", "of `memory`"),
    REGEX("sysbench", "reads", "operations/s", "higher", SYSBENCH("reads/s"), "of `fileio`"),
    REGEX("sysbench", "writes", "operations/s", "higher", SYSBENCH("writes/s"), "of `fileio`"),
    REGEX("sysbench", "fsyncs", "operations/s", "higher", SYSBENCH("fsyncs/s"), "of `fileio`"),
    REGEX("sysbench", "read", "MiB/s", "higher", SYSBENCH("read, MiB/s"), "of `fileio`"),
    REGEX("sysbench", "written", "MiB/s", "higher", SYSBENCH("written, MiB/s"), "of `fileio`"),

    JSON("fio", "read_iops", "operations/s", "higher", "$.jobs[*].read.iops", 1, "reads a second of every job (`--output-format=json`)"),
    JSON("fio", "write_iops", "operations/s", "higher", "$.jobs[*].write.iops", 1, "writes a second of every job (json)"),
    JSON("fio", "read_rate", "MB/s", "higher", "$.jobs[*].read.bw_bytes", 1e-6, "read by every job (json)"),
    JSON("fio", "write_rate", "MB/s", "higher", "$.jobs[*].write.bw_bytes", 1e-6, "written by every job (json)"),
    JSON("fio", "read_latency", "us", "lower", "$.jobs[*].read.lat_ns.mean", 1e-3, "mean of a read (json)"),
    JSON("fio", "write_latency", "us", "lower", "$.jobs[*].write.lat_ns.mean", 1e-3, "mean of a write (json)"),
    JSON("fio", "read_p99", "us", "lower", FIO_PERCENTILE("read", "99.000000"), 1e-3, "99th percentile of completion (json)"),
    JSON("fio", "write_p99", "us", "lower", FIO_PERCENTILE("write", "99.000000"), 1e-3, "99th percentile of completion (json)"),

    OWN("time", "elapsed", "s", "lower", "elapsed", "wall-clock time, as `time -v`, `time -p` and the shells print it"),
    OWN("time", "user", "s", "lower", "user", "processor time of the program"),
    OWN("time", "system", "s", "lower", "system", "processor time of the kernel for it"),
    REGEX("time", "memory", "KiB", "lower", "^\\s*Maximum resident set size \\(kbytes\\): ([0-9]+)", "most memory at a time (`time -v`)"),
    REGEX("time", "voluntary", "switches", "lower", "^\\s*Voluntary context switches: ([0-9]+)", "context switches (`time -v`)"),
    REGEX("time", "involuntary", "switches", "lower", "^\\s*Involuntary context switches: ([0-9]+)", "context switches (`time -v`)"),
    REGEX("time", "faults", "faults", "lower", "^\\s*Major \\(requiring I/O\\) page faults: ([0-9]+)", "page faults with input (`time -v`)"),
};
const size_t measure_parser_count = G_N_ELEMENTS(measure_parsers);

const Parser *measure_parser_find(const char *name, const char **ret_part)
{
    for (size_t i = 0; i < measure_parser_count; i++) {
        const Parser *parser = &measure_parsers[i];
        g_autofree char *full = g_strconcat(parser->tool, ".", parser->value, NULL);
        size_t length = strlen(full);
        const char *rest = strncmp(name, full, length) == 0 ? name + length : NULL;
        bool has_part = rest != NULL && rest[0] == '.' && rest[1] != '\0' && strcmp(parser->tool, "redis-benchmark") == 0;

        if (rest == NULL || (rest[0] != '\0' && !has_part))
            continue;
        if (ret_part != NULL)
            *ret_part = has_part ? rest + 1 : NULL;
        return parser;
    }
    return NULL;
}

bool measure_parser_reads_errors(const Parser *parser)
{
    return strcmp(parser->tool, "time") == 0;
}

/* The values of the tool that the name begins with, or the tools. */
static char *known_names(const char *name)
{
    size_t length = strcspn(name, ".");
    GString *values = g_string_new(NULL), *tools = g_string_new(NULL);

    for (size_t i = 0; i < measure_parser_count; i++) {
        const Parser *parser = &measure_parsers[i];

        if (i == 0 || strcmp(parser->tool, measure_parsers[i - 1].tool) != 0)
            g_string_append_printf(tools, "%s%s", tools->len > 0 ? ", " : "", parser->tool);
        if (strlen(parser->tool) == length && strncmp(parser->tool, name, length) == 0)
            g_string_append_printf(values, "%s%s.%s", values->len > 0 ? ", " : "", parser->tool, parser->value);
    }
    if (values->len > 0) {
        g_string_free(tools, TRUE);
        return g_string_free(values, FALSE);
    }
    g_string_append(tools, "; the name is TOOL.VALUE, such as ping.time");
    g_string_free(values, TRUE);
    return g_string_free(tools, FALSE);
}

bool measure_parser_check(const char *name, GError **error)
{
    g_autofree char *known = NULL;

    if (measure_parser_find(name, NULL) != NULL)
        return true;
    known = known_names(name);
    error_set(error, ERROR_SCENARIO, "there is no parser '%s'", name);
    error_hint(error, "there are %s.", known);
    return false;
}

/* --- redis-benchmark --- */

/* What the tests' rows say. */
typedef struct Tests {
    const char *name, *test;
    GArray *values;
} Tests;

static bool take_test(const GPtrArray *fields, guint place, unsigned row, void *data, GError **error)
{
    Tests *tests = data;
    const char *test = g_ptr_array_index((GPtrArray *) fields, 0), *field = g_ptr_array_index((GPtrArray *) fields, place);
    char *end = NULL;
    double value = g_ascii_strtod(field, &end);

    (void) row;
    if (tests->test != NULL && strcmp(tests->test, test) != 0)
        return true;
    if (end == field || *end != '\0' || !isfinite(value))
        return error_set(error, ERROR_HOST, "parser '%s': test '%s' has '%.80s', which is no number", tests->name, test, field);
    g_array_append_val(tests->values, value);
    return true;
}

/* With -q every line was written over many times; what counts stands behind the last carriage return. */
static char *without_progress(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line != NULL; line++) {
        const char *last = strrchr(*line, '\r');
        char *rest = last != NULL ? g_strdup(last + 1) : NULL;

        if (rest != NULL) {
            g_free(*line);
            *line = rest;
        }
    }
    return g_strjoinv("\n", lines);
}

static bool find_quiet(const char *column, const char *test, const char *text, GArray *values, GError **error)
{
    g_autofree char *plain = without_progress(text);
    g_autofree char *name = test != NULL ? g_regex_escape_string(test, -1) : g_strdup("[^:\\n]+");
    g_autofree char *rule = NULL;

    if (strcmp(column, "rps") == 0)
        rule = g_strdup_printf("^%s: ([0-9.]+) requests per second", name);
    else if (strcmp(column, "p50_latency_ms") == 0)
        rule = g_strdup_printf("^%s: [0-9.]+ requests per second, p50=([0-9.]+) msec", name);
    return rule == NULL || measure_regex_find(rule, plain, strlen(plain), values, error);
}

static bool redis_find(const Parser *parser, const char *name, const char *test, const char *text, GArray *values, GError **error)
{
    Tests tests = { name, test, values };

    if (!measure_csv_rows(text, parser->rule, take_test, &tests, error)
        || (values->len == 0 && !find_quiet(parser->rule, test, text, values, error)))
        return false;
    if (values->len < 2 || test != NULL)
        return true;
    error_set(error, ERROR_HOST, "parser '%s': the output has %u tests", name, values->len);
    error_hint(error, "say which: 'parser: %s.SET'.", name);
    return false;
}

/* --- time --- */

/* "h:mm:ss", "m:ss.ss" or "s.ss". */
static bool append_clock(const char *clock, GArray *values)
{
    g_auto(GStrv) parts = g_strsplit(clock, ":", 3);
    double seconds = 0;

    for (char **part = parts; *part != NULL; part++)
        seconds = seconds * 60 + g_ascii_strtod(*part, NULL);
    g_array_append_val(values, seconds);
    return true;
}

/* GNU time's -v and short form, POSIX -p, and what bash and busybox print ("real 0m 0.10s"). Three groups: a clock, minutes with
 * seconds, seconds. */
static bool time_find(const Parser *parser, const char *text, GArray *values)
{
    static const struct {
        const char *value, *rule;
    } rules[] = {
        { "elapsed", "^\\s*Elapsed \\(wall clock\\) time \\(h:mm:ss or m:ss\\): ([0-9:.]+)$|([0-9:.]+)elapsed"
                     "|^real\\s+([0-9]+)m *([0-9.]+)s$|^real ([0-9.]+)$" },
        { "user", "^\\s*User time \\(seconds\\): ([0-9.]+)$|([0-9.]+)user|^user\\s+([0-9]+)m *([0-9.]+)s$|^user ([0-9.]+)$" },
        { "system", "^\\s*System time \\(seconds\\): ([0-9.]+)$|([0-9.]+)system|^sys\\s+([0-9]+)m *([0-9.]+)s$|^sys ([0-9.]+)$" },
    };
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        g_autoptr(GRegex) regex = NULL;
        g_autoptr(GMatchInfo) match = NULL;

        if (strcmp(rules[i].value, parser->rule) != 0)
            continue;
        regex = g_regex_new(rules[i].rule, G_REGEX_MULTILINE, 0, NULL);
        for (g_regex_match(regex, valid, 0, &match); g_match_info_matches(match); g_match_info_next(match, NULL)) {
            g_autofree char *minutes = g_match_info_fetch(match, 3);
            g_autofree char *seconds = g_match_info_fetch(match, 4);
            bool is_split = minutes != NULL && minutes[0] != '\0';
            g_autofree char *both = is_split ? g_strconcat(minutes, ":", seconds, NULL) : NULL;

            for (int group = 1; both == NULL && group <= 5; group++) {
                g_autofree char *found = g_match_info_fetch(match, group);

                if (found != NULL && found[0] != '\0')
                    both = g_steal_pointer(&found);
            }
            append_clock(both, values);
        }
    }
    return true;
}

bool measure_parser_read(const char *name, const char *text, size_t size, GArray *values, GError **error)
{
    const char *part = NULL;
    const Parser *parser = measure_parser_find(name, &part);
    bool ok;

    if (parser == NULL)
        return measure_parser_check(name, error);
    if (parser->kind == PARSER_REGEX)
        ok = measure_regex_find(parser->rule, text, size, values, error);
    else if (parser->kind == PARSER_JSONPATH)
        ok = measure_jsonpath_find(parser->rule, text, size, values, error);
    else if (strcmp(parser->tool, "time") == 0)
        ok = time_find(parser, text, values);
    else
        ok = redis_find(parser, name, part, text, values, error);
    for (guint i = 0; ok && i < values->len; i++)
        g_array_index(values, double, i) *= parser->scale;
    return ok;
}
