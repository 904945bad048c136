// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_UNIT_DB_FIXTURE_H
#define TESTS_UNIT_DB_FIXTURE_H

#include <glib/gstdio.h>
#include <math.h>
#include <sqlite3.h>
#include <unistd.h>

#include "db/store.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "tests/unit/unit.h"

/* A lab in a folder of its own for each test, and an experiment of 2 cells (delay=0ms, delay=10ms) with one warm-up and
 * three repetitions each: runs 1 and 2 are warm-ups, runs 3 to 8 alternate between the cells. */

#define SAMPLE(metric_, unit_, direction_, aggregate_, sequence_, value_) \
    { .metric = metric_, .unit = unit_, .direction = direction_, .aggregate = aggregate_, .sequence = sequence_, \
      .value = value_ }

static char *lab;      /* the folder */
static char *lab_file; /* its database */

static void lab_make(void)
{
    lab = g_dir_make_tmp("trialbed-db-XXXXXX", NULL);
    ck_assert_ptr_nonnull(lab);
    lab_file = g_build_filename(lab, "trialbed.db", NULL);
}

static void lab_remove(void)
{
    ck_assert(folder_remove(lab, NULL));
    g_clear_pointer(&lab, g_free);
    g_clear_pointer(&lab_file, g_free);
}

static inline Store *lab_open(void)
{
    g_autoptr(GError) error = NULL;
    Store *store = store_open(lab_file, &error);

    ck_assert_ok(store != NULL, error);
    return store;
}

static inline int64_t insert_experiment(Store *store, const char *uuid, const char *name)
{
    static const LevelRecord delays[] = { { "0ms", true, 0, 0, "ms" }, { "10ms", true, 10, 0.01, "ms" } };
    static const LevelRecord modes[] = { { .text = "fast" } };
    static const FactorRecord factors[] = { { "delay", delays, 2 }, { "mode", modes, 1 } };
    static const uint32_t first[] = { 0, 0 }, second[] = { 1, 0 };
    static const CellRecord cells[] = { { "delay=0ms mode=fast", first }, { "delay=10ms mode=fast", second } };
    static const RunRecord runs[] = { { 0, 1, 0, true },  { 1, 1, 0, true },  { 0, 1, 1, false }, { 1, 1, 1, false },
                                      { 0, 2, 2, false }, { 1, 2, 2, false }, { 0, 3, 3, false }, { 1, 3, 3, false } };
    static const KeyValue environment[] = { { "host.kernel", "6.1" }, { "cpu", "one" } };
    static const FigureRecord figures[] = { { .figure = "errorbars", .metric = "rtt", .x = "delay" } };
    static const uint32_t ten[] = { 1, LEVEL_RECORD_ANY };
    static const PublishedRecord published[] = { { "rtt", "a paper", ten, 12, NAN, 20 },
                                                 { "rtt", NULL, NULL, 7, 0.5, 0 } };
    ExperimentRecord record = {
        .uuid = uuid,
        .name = name,
        .scenario_path = "scenario.yaml",
        .scenario_text = "name: x\n",
        .settings = "{\"jobs\":2}",
        .seed = 42,
        .order = "interleaved",
        .repetitions = 3,
        .warmup = 1,
        .retries = 1,
        .factors = factors,
        .factor_count = 2,
        .cells = cells,
        .cell_count = 2,
        .runs = runs,
        .run_count = 8,
        .environment = environment,
        .environment_count = 2,
        .figures = figures,
        .figure_count = 1,
        .published = published,
        .published_count = 2,
    };
    g_autoptr(GError) error = NULL;
    int64_t id = 0;

    ck_assert_ok(store_experiment_insert(store, &record, &id, &error), error);
    return id;
}

static inline unsigned start_run(Store *store, int64_t run_id)
{
    g_autoptr(GError) error = NULL;
    unsigned attempt = 0;

    ck_assert_ok(store_attempt_start(store, run_id, 1700000000123000000, &attempt, &error), error);
    return attempt;
}

/* End an attempt well, with the metric 'rtt' (ms, mean) sampled as `values`. */
static inline bool finish_run(Store *store, int64_t run_id, unsigned attempt, const double *values, size_t count,
                              GError **error)
{
    static const PhaseRecord phases[] = { { "boot", NULL, 0, 1500000000 },
                                          { "boot", "server", 0, 1000000000 },
                                          { "step:ping", "client", 5, 250000000 },
                                          { "step:ping", "client", 9, 250000000 } };
    static const CaptureRecord captures[] = { { "br0", "icmp", "runs/1/br0.pcap", 7, 700, 8, 1, 100, 200 },
                                              { "br1", NULL, "runs/1/br1.pcap", 3, 300, 3, 0, 100, 200 } };
    static const StepRecord steps[] = { { "ping", "client", "ping -c 1 10.0.0.1", 0, 0, 0, false, false, 5, 250000000 },
                                        { "serve", "server", "iperf3 -s", -1, 0, 0, false, true, 1, 900000000 },
                                        { "watch", "server", "tcpdump", 130, 2, 2, false, true, 1, 900000000 } };
    static const MachineRecord machines[] = { { "client", "tiny", "abc", "vm", "x86_64", "tcg", "QEMU 7.2", NULL, 128, 1 },
                                              { "client", "tiny", "abc", "vm", "x86_64", "tcg", "QEMU 7.2", "ssh", 128, 1 } }; /* known by now */
    static const EventRecord events[] = { { 3, "warning", "one packet was dropped" } };
    static const ArtifactRecord artifacts[] = {
        { NULL, NULL, "pcap", "runs/1/br0.pcap", 724,
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" }
    };
    g_autofree SampleRecord *samples = g_new0(SampleRecord, count + 1);

    for (size_t i = 0; i < count; i++)
        samples[i] = (SampleRecord) { .metric = "rtt", .unit = "ms", .direction = "lower", .sequence = (int64_t) i,
                                      .value = values[i], .iteration = 1, .has_offset = true, .offset_ns = 7,
                                      .machine = "client" };
    AttemptRecord record = {
        .run_id = run_id,
        .attempt = attempt,
        .status = ATTEMPT_COMPLETED,
        .final = true,
        .started_realtime_ns = 1700000000123000000,
        .duration_ns = 2500000000,
        .platform = "vm",
        .accelerator = "tcg",
        .emulator = "QEMU 7.2",
        .backend = "libvirt",
        .concurrent = 2,
        .fingerprint = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        .phases = phases,
        .phase_count = 4,
        .machines = machines,
        .machine_count = 2,
        .steps = steps,
        .step_count = 3,
        .samples = samples,
        .sample_count = count,
        .artifacts = artifacts,
        .artifact_count = 1,
        .captures = captures,
        .capture_count = 2,
        .events = events,
        .event_count = 1,
    };
    return store_attempt_finish(store, &record, error);
}

static inline void complete_run(Store *store, int64_t run_id, unsigned attempt, const double *values, size_t count)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ok(finish_run(store, run_id, attempt, values, count, &error), error);
}

static inline void fail_run(Store *store, int64_t run_id, unsigned attempt, bool final)
{
    static const SampleRecord samples[] = { { .metric = "rtt", .unit = "ms", .direction = "lower", .value = 999 } };
    AttemptRecord record = { .run_id = run_id,
                             .attempt = attempt,
                             .status = ATTEMPT_FAILED,
                             .final = final,
                             .failure_class = "step",
                             .failure_phase = "step:ping",
                             .failure_reason = "step 'ping': exit status 1",
                             .duration_ns = 1,
                             .samples = samples,
                             .sample_count = 1 };
    g_autoptr(GError) error = NULL;

    ck_assert_ok(store_attempt_finish(store, &record, &error), error);
}

/* Run 3, 5, 7 (delay 0ms): means 1, 2, 4; run 4, 6 (delay 10ms): 11, 13; warm-ups 1 and 2: 100. */
static inline void complete_most(Store *store)
{
    complete_run(store, 1, start_run(store, 1), (double[]) { 100 }, 1);
    complete_run(store, 2, start_run(store, 2), (double[]) { 100 }, 1);
    complete_run(store, 3, start_run(store, 3), (double[]) { 0.5, 1.5 }, 2);
    complete_run(store, 4, start_run(store, 4), (double[]) { 11 }, 1);
    complete_run(store, 5, start_run(store, 5), (double[]) { 2, 1, 3 }, 3);
    complete_run(store, 6, start_run(store, 6), (double[]) { 13 }, 1);
    complete_run(store, 7, start_run(store, 7), (double[]) { 4 }, 1);
}

/* A named query with the one parameter that most have. */
static inline Table *read_table(Store *store, const char *query, int64_t id)
{
    g_autoptr(GError) error = NULL;
    Table *table = NULL;

    ck_assert_ok(store_read(store, query, &table, &error, PARAM_INTEGER(id), PARAM_END), error);
    return table;
}

/* What a plain connection, without any function of ours, answers: rows joined by ';', columns by '|'. Caller frees. */
static inline char *ask_plain(const char *sql)
{
    sqlite3 *sqlite = NULL;
    sqlite3_stmt *statement = NULL;
    GString *answer = g_string_new(NULL);
    int step;

    ck_assert_int_eq(sqlite3_open(lab_file, &sqlite), SQLITE_OK);
    ck_assert_msg(sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(sqlite));
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        g_string_append(answer, answer->len > 0 ? ";" : "");
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *text = (const char *) sqlite3_column_text(statement, i);

            g_string_append_printf(answer, "%s%s", i > 0 ? "|" : "", text != NULL ? text : "-");
        }
    }
    ck_assert_msg(step == SQLITE_DONE, "%s: %s", sql, sqlite3_errmsg(sqlite));
    sqlite3_finalize(statement);
    sqlite3_close(sqlite);
    return g_string_free(answer, FALSE);
}

#define ck_assert_plain(sql, expected) \
    do { \
        g_autofree char *answer_ = ask_plain(sql); \
        ck_assert_str_eq(answer_, expected); \
    } while (0)

#endif
