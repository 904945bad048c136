// SPDX-License-Identifier: GPL-3.0-or-later
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "db/store.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/exec/experiment.h"
#include "tests/bench/bench.h"

/* `make bench-db`: the store against the same rows written by hand into the same tables, in one run of this program,
 * taking turns. The hand's connection has the store's journal and durability, and no foreign keys to look up.
 * Usage: bench-db [LARGEST-NUMBER-OF-SAMPLES] [REPETITIONS] */

enum { CELLS = 1000, RUN_SAMPLES = 1000, PHASES = 20, ARTIFACTS = 10, METRICS = 4, ROUNDS = 200 };

static char *folder;
static unsigned repetitions = 3;

static void must(bool ok, GError *error)
{
    if (!ok)
        exit(error_report(error, stderr));
}
#define MUST(call) \
    do { \
        GError *error = NULL; \
        must(call, error); \
    } while (0)

static double seconds_since(int64_t start_ns)
{
    return (double) (clock_monotonic_ns() - start_ns) / 1e9;
}

static char *path_of(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void forget(const char *path)
{
    static const char *const ends[] = { "", "-wal", "-shm" };

    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *file = g_strconcat(path, ends[i], NULL);

        g_unlink(file);
    }
}

static Store *open_store(const char *path)
{
    Store *store = NULL;

    MUST((store = store_open(path, &error)) != NULL);
    return store;
}

/* An experiment of `cells` cells with `runs` runs, interleaved, numbered from 1. */
static void plan_runs(Store *store, unsigned cells, unsigned runs)
{
    g_autofree LevelRecord *levels = g_new0(LevelRecord, cells);
    g_autofree CellRecord *cell_records = g_new0(CellRecord, cells);
    g_autofree RunRecord *run_records = g_new0(RunRecord, runs);
    g_autofree uint32_t *indices = g_new0(uint32_t, cells);
    g_autoptr(GStringChunk) texts = g_string_chunk_new(65536);
    FactorRecord factor = { "x", levels, cells };
    ExperimentRecord record = { .uuid = "bench", .name = "bench", .scenario_path = "-", .scenario_text = "-",
                                .order = "interleaved", .factors = &factor, .factor_count = 1, .cells = cell_records,
                                .cell_count = cells, .runs = run_records, .run_count = runs };
    int64_t id;

    for (unsigned i = 0; i < cells; i++) {
        char text[32];

        g_snprintf(text, sizeof text, "x=%u", i);
        indices[i] = i;
        cell_records[i] = (CellRecord) { g_string_chunk_insert(texts, text), &indices[i] };
        levels[i] = (LevelRecord) { g_string_chunk_insert(texts, text + 2), true, i, i, "" };
    }
    for (unsigned i = 0; i < runs; i++)
        run_records[i] = (RunRecord) { i % cells, i / cells + 1, i / cells + 1, false };
    MUST(store_experiment_insert(store, &record, &id, &error));
}

static sqlite3 *open_by_hand(const char *path)
{
    sqlite3 *sqlite = NULL;

    if (sqlite3_open(path, &sqlite) != SQLITE_OK
        || sqlite3_exec(sqlite, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", NULL, NULL, NULL) != SQLITE_OK)
        g_error("%s", sqlite3_errmsg(sqlite));
    return sqlite;
}

static void do_sql(sqlite3 *sqlite, const char *sql)
{
    if (sqlite3_exec(sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
        g_error("%s: %s", sql, sqlite3_errmsg(sqlite));
}

static sqlite3_stmt *prepare(sqlite3 *sqlite, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL) != SQLITE_OK)
        g_error("%s: %s", sql, sqlite3_errmsg(sqlite));
    return statement;
}

static double ask_number(sqlite3 *sqlite, const char *sql)
{
    sqlite3_stmt *statement = prepare(sqlite, sql);
    double number = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_double(statement, 0) : 0;

    sqlite3_finalize(statement);
    return number;
}

static const char insert_sample[] =
    "INSERT INTO sample (run_id, metric_id, attempt, sequence, value) VALUES (?, ?, 1, ?, ?)";

static void put_sample(sqlite3_stmt *statement, int64_t run, int64_t metric, int64_t sequence, double value)
{
    sqlite3_bind_int64(statement, 1, run);
    sqlite3_bind_int64(statement, 2, metric);
    sqlite3_bind_int64(statement, 3, sequence);
    sqlite3_bind_double(statement, 4, value);
    if (sqlite3_step(statement) != SQLITE_DONE)
        g_error("sample: %s", sqlite3_errmsg(sqlite3_db_handle(statement)));
    sqlite3_reset(statement);
}

static double sample_value(int64_t run, int64_t sequence)
{
    return 10 + (double) (run % 97) / 7 + (double) (sequence * 2654435761u % 1000) / 1000;
}

/* Samples: as attempts of runs, and bare. */

static double samples_by_store(Store *store, SampleRecord *samples, int64_t run, double *begin_s)
{
    AttemptRecord record = { .run_id = run, .status = ATTEMPT_COMPLETED, .final = true, .duration_ns = 1,
                             .samples = samples, .sample_count = RUN_SAMPLES };
    int64_t start_ns;

    for (unsigned i = 0; i < RUN_SAMPLES; i++)
        samples[i] = (SampleRecord) { .metric = "rtt", .unit = "ms", .sequence = i, .value = sample_value(run, i) };
    start_ns = clock_monotonic_ns();
    MUST(store_attempt_start(store, run, 1, &record.attempt, &error));
    *begin_s += seconds_since(start_ns);
    start_ns = clock_monotonic_ns();
    MUST(store_attempt_finish(store, &record, &error));
    return seconds_since(start_ns);
}

static double samples_by_hand(sqlite3 *sqlite, sqlite3_stmt *statement, int64_t run)
{
    int64_t start_ns = clock_monotonic_ns();

    if (sqlite3_get_autocommit(sqlite))
        do_sql(sqlite, "BEGIN IMMEDIATE");
    for (unsigned i = 0; i < RUN_SAMPLES; i++)
        put_sample(statement, run, 1, i, sample_value(run, i));
    return seconds_since(start_ns);
}

static double commit(sqlite3 *sqlite)
{
    int64_t start_ns = clock_monotonic_ns();

    do_sql(sqlite, "COMMIT");
    return seconds_since(start_ns);
}

static sqlite3 *open_planned(const char *path, unsigned runs)
{
    Store *store = open_store(path);

    plan_runs(store, CELLS, runs);
    store_close(store);
    return open_by_hand(path);
}

static double bulk_by_hand(const char *path, unsigned runs)
{
    sqlite3 *sqlite = open_planned(path, runs);
    sqlite3_stmt *statement = prepare(sqlite, insert_sample);
    double took = 0;

    for (unsigned run = 1; run <= runs; run++)
        took += samples_by_hand(sqlite, statement, run);
    took += commit(sqlite);
    sqlite3_finalize(statement);
    sqlite3_close(sqlite);
    return took;
}

/* Both at once, run by run, so that what else this machine does hits both alike. */
static void take_turns(const char *ours_path, const char *hand_path, unsigned runs, double *ret_ours, double *ret_begin,
                       double *ret_hand)
{
    g_autofree SampleRecord *samples = g_new0(SampleRecord, RUN_SAMPLES);
    sqlite3 *sqlite = open_planned(hand_path, runs);
    sqlite3_stmt *statement = prepare(sqlite, insert_sample);
    Store *store = open_store(ours_path);
    int64_t start_ns;

    plan_runs(store, CELLS, runs);
    *ret_ours = *ret_begin = *ret_hand = 0;
    for (unsigned run = 1; run <= runs; run++) {
        *ret_ours += samples_by_store(store, samples, run, ret_begin);
        *ret_hand += samples_by_hand(sqlite, statement, run) + commit(sqlite);
    }
    start_ns = clock_monotonic_ns();
    store_close(store);
    *ret_ours += seconds_since(start_ns);
    start_ns = clock_monotonic_ns();
    sqlite3_finalize(statement);
    sqlite3_close(sqlite);
    *ret_hand += seconds_since(start_ns);
}

static double bytes_of(const char *path)
{
    sqlite3 *sqlite = open_by_hand(path);
    double bytes = ask_number(sqlite, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");

    sqlite3_close(sqlite);
    return bytes;
}

static void bench_samples(const char *ours_path, const char *hand_path, unsigned count)
{
    unsigned runs = count / RUN_SAMPLES;
    Measured ours = { 0 }, hand = { 0 }, bulk = { 0 }, begins = { 0 }, ratios = { 0 };

    printf("\n%u samples in: %u runs of %d samples, %d cells\n", count, runs, RUN_SAMPLES, CELLS);
    for (unsigned i = 0; i < repetitions; i++) {
        double ours_s, begin_s, hand_s;

        forget(hand_path);
        measured_add(&bulk, count / bulk_by_hand(hand_path, runs));
        forget(hand_path);
        forget(ours_path);
        take_turns(ours_path, hand_path, runs, &ours_s, &begin_s, &hand_s);
        measured_add(&ours, count / ours_s);
        measured_add(&hand, count / hand_s);
        measured_add(&begins, begin_s / runs * 1000);
        measured_add(&ratios, hand_s / ours_s);
    }
    measured_print("trialbed, with values and statistics", &ours, "rows/s");
    measured_print("beside it, the commit that begins a run", &begins, "ms/run");
    measured_print("by hand, a transaction a run", &hand, "rows/s");
    measured_print("by hand, one transaction", &bulk, "rows/s");
    measured_print("trialbed / by hand, a transaction a run", &ratios, "(>= 0.8)");
    ratio_print("trialbed / by hand, one transaction",
                measured_quantile(&ours, 0.5) / measured_quantile(&bulk, 0.5), "-");
    printf("  %-52s %11.4g B\n", "bytes a sample, whole file", bytes_of(ours_path) / count);
    ratio_print("whole file / by hand", bytes_of(ours_path) / bytes_of(hand_path), "<= 1.3");
    printf("  %-52s %11.4g MiB\n", "peak memory so far", peak_memory_mib());
    forget(hand_path);
}

/* Reading. */

static double read_summary(const char *path, size_t *ret_rows)
{
    int64_t start_ns = clock_monotonic_ns();
    g_autoptr(Store) store = NULL;
    g_autoptr(Table) table = NULL;
    g_autoptr(Table) left_out = NULL;

    MUST((store = store_open_readonly(path, &error)) != NULL);
    MUST(store_read(store, "summary", &table, &error, PARAM_INTEGER(1), PARAM_TEXT(NULL), PARAM_INTEGER(0), PARAM_END));
    MUST(store_read(store, "experiment-status", &left_out, &error, PARAM_INTEGER(1), PARAM_END));
    *ret_rows = table->row_count;
    return seconds_since(start_ns) * 1000;
}

static double scan(const char *path)
{
    sqlite3 *sqlite = open_by_hand(path);
    int64_t start_ns = clock_monotonic_ns();
    sqlite3_stmt *statement =
        prepare(sqlite, "SELECT run_id, metric_id, count(*), sum(value) FROM sample GROUP BY 1, 2");
    double took;

    while (sqlite3_step(statement) == SQLITE_ROW)
        continue;
    took = seconds_since(start_ns) * 1000;
    sqlite3_finalize(statement);
    sqlite3_close(sqlite);
    return took;
}

static void bench_summary(const char *path, unsigned count)
{
    Measured ours = { 0 }, floor = { 0 };
    size_t rows = 0;

    printf("\nsummary over %u samples in %d cells\n", count, CELLS);
    for (unsigned i = 0; i < MAX(repetitions, 5); i++) {
        measured_add(&floor, scan(path));
        measured_add(&ours, read_summary(path, &rows));
    }
    g_assert(rows == MIN(CELLS, count / RUN_SAMPLES));
    measured_print("trialbed, opening included", &ours, "ms");
    measured_print("one scan: count(*), sum(value) group by", &floor, "ms");
    ratio_print("trialbed / one scan", measured_quantile(&ours, 0.5) / measured_quantile(&floor, 0.5), "<= 2");
}

/* Rows of completed runs with one value each, without going through 100,000 commits. */
static void fill_values(const char *path)
{
    sqlite3 *sqlite = open_by_hand(path);

    do_sql(sqlite,
           "BEGIN; UPDATE run SET status = 'completed';"
           "INSERT INTO attempt (run_id, attempt, status, started_ns) SELECT run_id, 1, 'completed', 0 FROM run;"
           "INSERT INTO metric VALUES (1, 1, 'rtt', 'ms', 'lower', 'mean', 0);"
           "INSERT INTO sample SELECT run_id, 1, 1, 0, 0, NULL, run_id % 1009 FROM run;"
           "INSERT INTO run_value SELECT run_id, 1, 1, value, 1 FROM sample;"
           "INSERT INTO cell_stat (cell_id, metric_id, n, mean) SELECT cell_id, 1, count(*), avg(value) "
           "FROM run_value JOIN run USING (run_id) GROUP BY cell_id; COMMIT");
    sqlite3_close(sqlite);
}

static void bench_many_runs(const char *path, unsigned runs)
{
    g_autoptr(Store) store = open_store(path);
    Measured stored = { 0 }, computed = { 0 };
    size_t rows = 0;

    plan_runs(store, CELLS, runs);
    fill_values(path);
    printf("\nsummary over %u runs with one value each, %d cells\n", runs, CELLS);
    for (unsigned i = 0; i < 11; i++) {
        g_autoptr(Table) table = NULL;
        int64_t start_ns;

        measured_add(&stored, read_summary(path, &rows));
        start_ns = clock_monotonic_ns();
        MUST(store_query(store,
                         "SELECT cell, count(*), mean(value), stddev(value), ci95_low(value), ci95_high(value), "
                         "median(value) FROM run_values WHERE metric = 'rtt' AND counted GROUP BY cell_id",
                         0, &table, &error));
        measured_add(&computed, seconds_since(start_ns) * 1000);
    }
    measured_print("trialbed, opening included", &stored, "ms");
    ratio_print("milliseconds", measured_quantile(&stored, 0.5), "< 300");
    measured_print("the same computed anew, by 'query'", &computed, "ms");
}

/* One finished run. */

typedef struct Finished {
    SampleRecord samples[RUN_SAMPLES];
    PhaseRecord phases[PHASES];
    ArtifactRecord artifacts[ARTIFACTS];
    GStringChunk *texts;
} Finished;

static const char digest[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void finished_make(Finished *finished)
{
    static const char *const metrics[METRICS] = { "rtt", "loss", "jitter", "rate" };
    char text[64];

    finished->texts = g_string_chunk_new(4096);
    for (unsigned i = 0; i < RUN_SAMPLES; i++)
        finished->samples[i] = (SampleRecord) { .metric = metrics[i * METRICS / RUN_SAMPLES], .unit = "ms",
                                                .sequence = i % (RUN_SAMPLES / METRICS), .value = i };
    for (unsigned i = 0; i < PHASES; i++) {
        g_snprintf(text, sizeof text, "step:%u", i);
        finished->phases[i] = (PhaseRecord) { g_string_chunk_insert(finished->texts, text), NULL, i, 1000 };
    }
    for (unsigned i = 0; i < ARTIFACTS; i++) {
        g_snprintf(text, sizeof text, "runs/1/00001/1/%u.log", i);
        finished->artifacts[i] = (ArtifactRecord) { "a", NULL, "log", g_string_chunk_insert(finished->texts, text), 9,
                                                    digest };
    }
}

static double finish_by_store(Store *store, const Finished *finished, int64_t run)
{
    AttemptRecord record = { .run_id = run, .status = ATTEMPT_COMPLETED, .final = true, .duration_ns = 1,
                             .platform = "vm", .samples = finished->samples, .sample_count = RUN_SAMPLES,
                             .phases = finished->phases, .phase_count = PHASES, .artifacts = finished->artifacts, .artifact_count = ARTIFACTS };
    int64_t start_ns;

    MUST(store_attempt_start(store, run, 1, &record.attempt, &error));
    start_ns = clock_monotonic_ns();
    MUST(store_attempt_finish(store, &record, &error));
    return seconds_since(start_ns) * 1000;
}

/* The same rows, every one bound by itself; values that the store has to work out are literals here. */
typedef struct Hand {
    sqlite3 *sqlite;
    sqlite3_stmt *attempt, *run, *phase, *artifact, *sample, *value, *forget, *stat;
} Hand;

static void hand_open(Hand *hand, const char *path)
{
    hand->sqlite = open_by_hand(path);
    do_sql(hand->sqlite, "BEGIN");
    for (unsigned i = 1; i <= METRICS + PHASES; i++) {
        g_autofree char *sql =
            g_strdup_printf("INSERT INTO metric VALUES (%u, 1, 'metric %u', 's', NULL, 'sum', 0)", i, i);

        do_sql(hand->sqlite, sql);
    }
    do_sql(hand->sqlite, "COMMIT");
    hand->attempt = prepare(hand->sqlite, "UPDATE attempt SET status = 'completed', duration_ns = 1, platform = 'vm', "
                                          "concurrent = 1 WHERE run_id = ? AND attempt = 1");
    hand->run = prepare(hand->sqlite, "UPDATE run SET status = 'completed' WHERE run_id = ?");
    hand->phase = prepare(hand->sqlite, "INSERT INTO phase VALUES (?, 1, ?, ?, NULL, 1, 1000)");
    hand->artifact = prepare(hand->sqlite,
                             "INSERT INTO artifact VALUES (?, 1, ?, 'a', NULL, 'log', ?, 9, ?, 'text/plain')");
    hand->sample = prepare(hand->sqlite, insert_sample);
    hand->value = prepare(hand->sqlite, "INSERT INTO run_value VALUES (?, ?, 1, 1.5, 250)");
    hand->forget = prepare(hand->sqlite, "DELETE FROM cell_stat WHERE cell_id = ?");
    hand->stat = prepare(hand->sqlite, "INSERT INTO cell_stat VALUES (?, ?, 1, 1, 1, 1, 1, 1, 1, 1, 1)");
}

static void put(sqlite3_stmt *statement, int64_t first, int64_t second, const char *third, const char *fourth)
{
    int count = sqlite3_bind_parameter_count(statement);

    sqlite3_bind_int64(statement, 1, first);
    if (count > 1)
        sqlite3_bind_int64(statement, 2, second);
    if (count > 2)
        sqlite3_bind_text(statement, 3, third, -1, SQLITE_STATIC);
    if (count > 3)
        sqlite3_bind_text(statement, 4, fourth, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE)
        g_error("%s: %s", sqlite3_sql(statement), sqlite3_errmsg(sqlite3_db_handle(statement)));
    sqlite3_reset(statement);
}

static double finish_by_hand(Hand *hand, const Finished *finished, int64_t run)
{
    g_autofree char *begin = g_strdup_printf("INSERT INTO attempt (run_id, attempt, status, started_ns) "
                                             "VALUES (%lld, 1, 'running', 1)", (long long) run);
    int64_t start_ns, cell = (run - 1) % CELLS + 1;

    do_sql(hand->sqlite, begin);
    start_ns = clock_monotonic_ns();
    do_sql(hand->sqlite, "BEGIN IMMEDIATE");
    put(hand->attempt, run, 0, NULL, NULL);
    put(hand->run, run, 0, NULL, NULL);
    for (unsigned i = 0; i < PHASES; i++)
        put(hand->phase, run, i, finished->phases[i].name, NULL);
    for (unsigned i = 0; i < ARTIFACTS; i++)
        put(hand->artifact, run, i, finished->artifacts[i].path, digest);
    for (unsigned i = 0; i < RUN_SAMPLES; i++)
        put_sample(hand->sample, run, i * METRICS / RUN_SAMPLES + 1, i % (RUN_SAMPLES / METRICS), i);
    for (unsigned i = 0; i < PHASES; i++)
        put_sample(hand->sample, run, METRICS + 1 + i, 0, 1e-6);
    put(hand->forget, cell, 0, NULL, NULL);
    for (unsigned i = 1; i <= METRICS + PHASES; i++) {
        put(hand->value, run, i, NULL, NULL);
        put(hand->stat, cell, i, NULL, NULL);
    }
    do_sql(hand->sqlite, "COMMIT");
    return seconds_since(start_ns) * 1000;
}

static void hand_close(Hand *hand)
{
    sqlite3_stmt *all[] = { hand->attempt, hand->run,   hand->phase,  hand->artifact,
                            hand->sample,  hand->value, hand->forget, hand->stat };

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        sqlite3_finalize(all[i]);
    sqlite3_close(hand->sqlite);
}

static void bench_commit(const char *ours_path, const char *hand_path)
{
    Store *ours = open_store(ours_path), *other = open_store(hand_path);
    Measured by_store = { 0 }, by_hand = { 0 };
    Finished finished;
    Hand hand;

    finished_make(&finished);
    plan_runs(ours, CELLS, ROUNDS * 2);
    plan_runs(other, CELLS, ROUNDS * 2);
    store_close(other);
    hand_open(&hand, hand_path);
    printf("\ncommit of a finished run: %d samples of %d metrics, %d phases, %d artifacts\n", RUN_SAMPLES, METRICS,
           PHASES, ARTIFACTS);
    for (int run = 1; run <= ROUNDS; run++) {
        double a = finish_by_hand(&hand, &finished, run), b = finish_by_store(ours, &finished, run);

        if (run > 10) { /* the first ones warm the caches */
            measured_add(&by_hand, a);
            measured_add(&by_store, b);
        }
    }
    measured_print("trialbed", &by_store, "ms");
    measured_print("by hand", &by_hand, "ms");
    ratio_print("trialbed / by hand", measured_quantile(&by_store, 0.5) / measured_quantile(&by_hand, 0.5), "<= 1.5");
    hand_close(&hand);
    store_close(ours);
    g_string_chunk_free(finished.texts);
}

/* How a commit grows with the runs that its cell has already. */
static void bench_large_cell(const char *path)
{
    g_autoptr(Store) store = open_store(path);
    Finished finished;
    int64_t run = 1;

    finished_make(&finished);
    plan_runs(store, 1, 3000);
    printf("\ncommit of a finished run, by the runs that its cell has\n");
    for (unsigned have = 10; have <= 1000; have *= 10) {
        g_autofree char *what = g_strdup_printf("%u runs in the cell", have);
        Measured took = { 0 };

        while (run <= have)
            finish_by_store(store, &finished, run++);
        for (unsigned i = 0; i < 21; i++)
            measured_add(&took, finish_by_store(store, &finished, run++));
        measured_print(what, &took, "ms");
    }
    g_string_chunk_free(finished.texts);
}

/* Planning. */

static const char planned_scenario[] =
    "name: p\nmachines: [{name: a, image: tiny}]\norder: shuffled\nseed: 1\nmatrix:\n  factors:\n"
    "    a: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n    b: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
    "    c: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\nsteps: [{name: s, on: a, run: 'echo ${a} ${b} ${c}'}]\n";

static double plan_experiment(const char *path, unsigned runs)
{
    g_autofree char *text = g_strdup_printf("%srepetitions: %u\n", planned_scenario, runs / CELLS);
    g_autoptr(Problems) problems = problems_new("p.yaml");
    g_autoptr(Scenario) scenario = scenario_parse("p.yaml", text, strlen(text), NULL, problems);
    g_autoptr(Environment) environment = environment_gather();
    g_autoptr(Store) store = open_store(path);
    g_auto(Settings) settings = { .backend = g_strdup("fake") };
    g_auto(Lab) lab = { 0 };
    g_autoptr(Matrix) matrix = NULL;
    int64_t start_ns = clock_monotonic_ns(), id;

    if (scenario == NULL)
        problems_print(problems, stderr);
    g_assert(scenario != NULL);
    MUST(lab_open(folder, &lab, &error));
    MUST((matrix = experiment_matrix(scenario, &settings, &error)) != NULL);
    MUST(experiment_create(store, &lab, matrix, &settings, environment, &id, &error));
    return seconds_since(start_ns);
}

static double runs_by_hand(const char *path, unsigned runs)
{
    sqlite3 *sqlite = open_by_hand(path);
    sqlite3_stmt *statement;
    int64_t start_ns;

    do_sql(sqlite, "CREATE TEMP TABLE planned AS SELECT * FROM run; DELETE FROM run");
    statement = prepare(sqlite, "INSERT INTO run (experiment_id, cell_id, position, repetition, block, warmup) "
                                "VALUES (1, ?, ?, ?, 0, 0)");
    start_ns = clock_monotonic_ns();
    do_sql(sqlite, "BEGIN IMMEDIATE");
    for (unsigned i = 0; i < runs; i++) {
        unsigned mixed = (unsigned) ((uint64_t) i * 7919 % runs); /* every run once, in no order */

        sqlite3_bind_int64(statement, 1, mixed % CELLS + 1);
        sqlite3_bind_int64(statement, 2, i + 1);
        sqlite3_bind_int64(statement, 3, mixed / CELLS + 1);
        if (sqlite3_step(statement) != SQLITE_DONE)
            g_error("run: %s", sqlite3_errmsg(sqlite));
        sqlite3_reset(statement);
    }
    do_sql(sqlite, "COMMIT");
    sqlite3_finalize(statement);
    sqlite3_close(sqlite);
    return seconds_since(start_ns);
}

static void bench_plan(const char *path, unsigned runs)
{
    Measured ours = { 0 }, hand = { 0 };
    g_autofree char *what = g_strdup_printf("%u planned runs, expanded and stored, shuffled", runs);

    for (unsigned i = 0; i < repetitions; i++) {
        forget(path);
        measured_add(&ours, plan_experiment(path, runs));
        measured_add(&hand, runs_by_hand(path, runs));
    }
    measured_print(what, &ours, "s");
    measured_print("  the rows by hand", &hand, "s");
}

int main(int argc, char **argv)
{
    unsigned largest = argc > 1 ? (unsigned) atof(argv[1]) : 10000000;
    g_autofree char *ours = NULL, *hand = NULL;

    repetitions = argc > 2 ? (unsigned) atof(argv[2]) : 3;
    folder = g_dir_make_tmp("trialbed-bench-XXXXXX", NULL);
    ours = path_of("trialbed.db");
    hand = path_of("hand.db");
    printf("SQLite %s; median [smallest .. largest]\n", sqlite3_libversion());
    for (unsigned count = 100000; count <= largest; count *= 10) {
        bench_samples(ours, hand, count);
        bench_summary(ours, count);
    }
    forget(ours);
    bench_many_runs(ours, 100000);
    forget(ours);
    bench_commit(ours, hand);
    forget(ours);
    bench_large_cell(ours);
    printf("  %-52s %11.4g MiB\n", "peak memory so far", peak_memory_mib());
    printf("\nplanning, %d cells\n", CELLS);
    for (unsigned runs = 10000; runs <= 1000000; runs *= 10)
        bench_plan(ours, runs);
    printf("  %-52s %11.4g MiB\n", "peak memory so far", peak_memory_mib());
    if (!folder_remove(folder, NULL))
        return 1;
    return 0;
}
