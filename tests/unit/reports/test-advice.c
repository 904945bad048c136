// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "reports/advice.h"
#include "runner/base/files.h"
#include "tests/unit/unit.h"

static char *scratch;
static Store *store;

static void setup(void)
{
    g_autofree char *database = NULL;
    GError *error = NULL;

    scratch = g_dir_make_tmp("trialbed-test.XXXXXX", NULL);
    database = g_build_filename(scratch, "trialbed.db", NULL);
    store = store_open(database, &error);
    ck_assert_ok(store != NULL, error);
}

static void teardown(void)
{
    store_close(store);
    ck_assert(folder_remove(scratch, NULL));
    g_free(scratch);
}

/* An experiment of two cells (or one) that nothing can be said against, but for what a case changes. */
typedef struct Case {
    const char *rules; /* that have something to say */
    const char *order;
    size_t cells, runs;  /* runs of each cell */
    size_t failing;      /* so many runs of the second cell fail */
    size_t undone;       /* so many of its runs are left */
    double drift;        /* added to a value for each run before it */
    double spread;       /* of the values: 0.01 of the mean is little */
    double outlier;      /* added to one value */
    double ramp;         /* added to a run's first samples */
    bool mixed;          /* KVM in one run only */
    const char *event;   /* one run has an event of this kind; NULL: none that matters */
} Case;

static const Case cases[] = {
    { "", "shuffled", 2, 8, 0, 0, 0, 0.01, 0, 0, false, NULL },
    { "unfinished,lopsided", "shuffled", 2, 8, 0, 2, 0, 0.01, 0, 0, false, NULL },
    { "no-interval", "shuffled", 2, 1, 0, 0, 0, 0.01, 0, 0, false, NULL },
    { "few-runs", "shuffled", 2, 4, 0, 0, 0, 0.01, 0, 0, false, NULL },
    { "wide-interval", "shuffled", 2, 8, 0, 0, 0, 0.5, 0, 0, false, NULL },
    { "no-baseline", "sequential", 1, 8, 0, 0, 0, 0.01, 0, 0, false, NULL },
    { "order", "sequential", 2, 8, 0, 0, 0, 0.01, 0, 0, false, NULL },
    { "environment", "shuffled", 2, 8, 0, 0, 0, 0.01, 0, 0, true, NULL },
    { "drift", "shuffled", 2, 8, 0, 0, 0.5, 0.0001, 0, 0, false, NULL },
    { "unsteady", "shuffled", 2, 8, 0, 0, 0, 0.01, 0, 40, false, NULL },
    { "no-steady-state", "shuffled", 2, 8, 0, 0, 0, 0.01, 0, 0, false, "unsteady" },
    { "kept", "shuffled", 2, 8, 0, 0, 0, 0.01, 0, 0, false, "kept" },
    { "outliers", "shuffled", 2, 8, 0, 0, 0, 0.001, 5, 0, false, NULL },
    { "left-out", "shuffled", 2, 20, 1, 0, 0, 0.01, 0, 0, false, NULL },
};

static const LevelRecord levels[] = { { .text = "a" }, { .text = "b" } };

static int64_t insert(const Case *what)
{
    static const char *const labels[] = { "kind=a", "kind=b" };
    uint32_t indices[] = { 0, 1 };
    FactorRecord factor = { "kind", levels, what->cells };
    CellRecord cells[2];
    g_autofree RunRecord *runs = g_new0(RunRecord, what->cells * what->runs);
    ExperimentRecord record = {
        .uuid = "00000000-0000-4000-8000-000000000001", .name = "e", .description = "", .scenario_path = "s",
        .scenario_text = "", .settings = "{}", .order = what->order, .repetitions = (unsigned) what->runs,
        .factors = &factor, .factor_count = 1, .cells = cells, .cell_count = what->cells,
        .runs = runs, .run_count = what->cells * what->runs,
    };
    int64_t experiment_id = 0;
    GError *error = NULL;

    for (size_t i = 0; i < what->cells; i++)
        cells[i] = (CellRecord) { labels[i], &indices[i] };
    for (size_t i = 0; i < record.run_count; i++)
        runs[i] = (RunRecord) { (uint32_t) (i % what->cells), (uint32_t) (i / what->cells) + 1, 0, false };
    ck_assert_ok(store_experiment_insert(store, &record, &experiment_id, &error), error);
    return experiment_id;
}

/* Values go up and down like this, so that they have a spread and no trend. */
static const double wave[] = { 1, -1, -0.6, 0.7, -0.2, 0.3, 0.9, -0.8 };

static void finish(const Case *what, int64_t run_id, size_t position, size_t repetition)
{
    enum { SAMPLES = 16 };
    SampleRecord samples[SAMPLES];
    bool fails = position % what->cells == 1 && repetition < what->failing;
    double value = 100 + 100 * what->spread * wave[(repetition + 3 * (position % 2)) % G_N_ELEMENTS(wave)] +
                   what->drift * (double) position + (position == 5 ? what->outlier : 0);
    AttemptRecord attempt = {
        .run_id = run_id, .status = fails ? ATTEMPT_FAILED : ATTEMPT_COMPLETED, .final = true,
        .started_realtime_ns = 1700000000000000000 + (int64_t) position, .duration_ns = 1, .platform = "vm",
        .accelerator = what->mixed && position == 3 ? "kvm" : "tcg", .emulator = "qemu", .backend = "fake",
        .concurrent = 1, .samples = samples, .sample_count = fails ? 0 : SAMPLES,
        .failure_class = fails ? "boot" : NULL, .failure_phase = fails ? "boot" : NULL,
        .failure_reason = fails ? "no answer" : NULL,
    };
    EventRecord event = { 1, what->event != NULL && position == 3 ? what->event : "steady", "of 10 iterations ..." };
    GError *error = NULL;

    attempt.events = &event;
    attempt.event_count = 1;
    for (size_t i = 0; i < SAMPLES; i++)
        samples[i] = (SampleRecord) { .sequence = (uint32_t) i, .metric = "rtt", .unit = "ms", .direction = "lower",
                                      .value = value + (i < SAMPLES / 4 ? what->ramp : 0) };
    ck_assert_ok(store_attempt_start(store, run_id, attempt.started_realtime_ns, &attempt.attempt, &error), error);
    ck_assert_ok(store_attempt_finish(store, &attempt, &error), error);
}

static void execute(const Case *what, int64_t experiment_id)
{
    g_autoptr(Table) runs = NULL;
    GError *error = NULL;

    ck_assert_ok(store_read(store, "runs", &runs, &error, PARAM_INTEGER(experiment_id), PARAM_END), error);
    for (size_t i = 0; i < runs->row_count; i++) {
        bool undone = i % what->cells == 1 && i / what->cells < what->undone;

        if (!undone)
            finish(what, table_integer(runs, i, "run_id"), i, i / what->cells);
    }
}

static char *rules_of(const Table *advice)
{
    GString *names = g_string_new(NULL);

    for (size_t row = 0; row < advice->row_count; row++)
        g_string_append_printf(names, "%s%s", row > 0 ? "," : "", table_text(advice, row, "rule"));
    return g_string_free(names, FALSE);
}

START_TEST(every_rule_speaks_up_when_it_must_and_only_then)
{
    const Case *what = &cases[_i];
    int64_t experiment_id = insert(what);
    g_autoptr(Table) advice = NULL;
    g_autofree char *rules = NULL;
    GError *error = NULL;

    execute(what, experiment_id);
    ck_assert_ok(advice_read(store, experiment_id, &advice, &error), error);
    rules = rules_of(advice);
    ck_assert_str_eq(rules, what->rules);
}
END_TEST

START_TEST(no_rule_is_without_a_case)
{
    for (const AdviceRule *rule = advice_rules; rule->name != NULL; rule++) {
        size_t i = 0;

        while (i < G_N_ELEMENTS(cases) && strstr(cases[i].rules, rule->name) == NULL)
            i++;
        ck_assert_msg(i < G_N_ELEMENTS(cases), "no case for rule '%s'", rule->name);
    }
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, every_rule_speaks_up_when_it_must_and_only_then, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tcase, no_rule_is_without_a_case);
}

int main(void)
{
    return unit_run("reports/advice", add_tests);
}
