// SPDX-License-Identifier: GPL-3.0-or-later
#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "reports/design.h"
#include "reports/figure.h"
#include "reports/format.h"
#include "reports/report.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/proc.h"
#include "stats/ratio.h"
#include "tests/unit/unit.h"

#define TABLES "index.html numbers.tex summary.csv summary.md summary.tex summary.txt"

static char *scratch; /* a folder for one test */
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

/* ---- An experiment with values that can be checked by hand ---- */

#define LEVEL(string, digits, factor, name) { string, true, digits, (digits) * (factor), name }
static const LevelRecord delays[] = { LEVEL("50ms", 50, 1e-3, "ms"), LEVEL("0ms", 0, 1e-3, "ms"),
                                      LEVEL("10ms", 10, 1e-3, "ms") };
static const LevelRecord sizes[] = { LEVEL("64", 64, 1, ""), LEVEL("1400", 1400, 1, "") };
static const LevelRecord kernels[] = { { .text = "it's \"6.1\"" }, { .text = "`touch hacked`" } };
static const FactorRecord factors[] = { { "delay", delays, 3 }, { "size", sizes, 2 }, { "kernel", kernels, 2 } };
static const KeyValue environment[] = { { "host.cpu", "<b>fast</b>" }, { "host.kernel", "6.1" } };

enum { REPETITIONS = 3 };

/* All cells of the first `factor_count` factors, the last one varying fastest. */
static int64_t insert_experiment(size_t factor_count, const FigureRecord *figures, size_t figure_count)
{
    uint32_t level_indices[12][3];
    char *labels[12];
    CellRecord cells[12];
    RunRecord runs[12 * (REPETITIONS + 1)];
    size_t cell_count = 1, run_count = 0;
    int64_t experiment_id = 0;
    GError *error = NULL;

    for (size_t i = 0; i < factor_count; i++)
        cell_count *= factors[i].level_count;
    for (size_t i = 0; i < cell_count; i++) {
        g_autoptr(GString) label = g_string_new(factor_count == 0 ? "all" : "");
        size_t rest = i;

        for (size_t f = factor_count; f-- > 0; rest /= factors[f].level_count)
            level_indices[i][f] = (uint32_t) (rest % factors[f].level_count);
        for (size_t f = 0; f < factor_count; f++)
            g_string_append_printf(label, "%s%s=%s", f == 0 ? "" : " ", factors[f].name,
                                   factors[f].levels[level_indices[i][f]].text);
        labels[i] = g_strdup(label->str);
        cells[i] = (CellRecord) { labels[i], level_indices[i] };
        for (uint32_t repetition = 0; repetition <= REPETITIONS; repetition++) /* the first is a warm-up */
            runs[run_count++] = (RunRecord) { (uint32_t) i, MAX(repetition, 1), repetition, repetition == 0 };
    }
    ExperimentRecord record = {
        .uuid = "00000000-0000-4000-8000-000000000001",
        .name = "rtt-over-delay",
        .description = "Round-trip time over link delay and payload; it's <b>bold</b>",
        .scenario_path = "/home/somebody/scenario.yaml",
        .scenario_text = "name: rtt-over-delay\n",
        .settings = "{}",
        .order = "sequential",
        .repetitions = REPETITIONS,
        .warmup = 1,
        .factors = factors,
        .factor_count = factor_count,
        .cells = cells,
        .cell_count = cell_count,
        .runs = runs,
        .run_count = run_count,
        .environment = environment,
        .environment_count = G_N_ELEMENTS(environment),
        .figures = figures,
        .figure_count = figure_count,
    };
    ck_assert_ok(store_experiment_insert(store, &record, &experiment_id, &error), error);
    for (size_t i = 0; i < cell_count; i++)
        g_free(labels[i]);
    return experiment_id;
}

static void finish(int64_t run_id, const SampleRecord *samples, size_t sample_count)
{
    AttemptRecord attempt = {
        .run_id = run_id,
        .status = sample_count > 0 ? ATTEMPT_COMPLETED : ATTEMPT_FAILED,
        .final = true,
        .started_realtime_ns = 1700000000000000000,
        .duration_ns = 1000000000,
        .platform = "vm",
        .accelerator = "tcg",
        .emulator = "qemu",
        .backend = "fake",
        .concurrent = 1,
        .phases = &(PhaseRecord) { .name = "boot", .duration_ns = 500000000 },
        .phase_count = 1,
        .samples = samples,
        .sample_count = sample_count,
    };
    GError *error = NULL;

    if (sample_count == 0) {
        attempt.failure_class = "boot";
        attempt.failure_phase = "boot";
        attempt.failure_reason = "machine 'server' did not answer";
    }
    ck_assert_ok(store_attempt_start(store, run_id, attempt.started_realtime_ns, &attempt.attempt, &error), error);
    ck_assert_ok(store_attempt_finish(store, &attempt, &error), error);
}

/* Run `position` (from 0) of a cell: rtt is 10 x the cell's number (from 1), plus -1, 0, 1 for the three counted
 * repetitions, so that the mean is 10 x the cell's number and the standard deviation 1. The warm-up is far off. */
static void complete_run(int64_t run_id, size_t cell, size_t position)
{
    double rtt = position == 0 ? 1e6 : 10. * (double) (cell + 1) + (double) position - 2;
    const SampleRecord samples[] = {
        { .metric = "rtt", .unit = "ms", .direction = "lower", .value = rtt },
    };

    finish(run_id, samples, G_N_ELEMENTS(samples));
}

/* `failing`: the planned position (from 0) of a run that fails; SIZE_MAX: none. */
static void execute(int64_t experiment_id, size_t failing)
{
    g_autoptr(Table) runs = NULL;
    GError *error = NULL;

    ck_assert_ok(store_read(store, "runs", &runs, &error, PARAM_INTEGER(experiment_id), PARAM_END), error);
    for (size_t i = 0; i < runs->row_count; i++) {
        if (i == failing)
            finish(table_integer(runs, i, "run_id"), NULL, 0);
        else
            complete_run(table_integer(runs, i, "run_id"), i / (REPETITIONS + 1), i % (REPETITIONS + 1));
    }
}

static char *in_scratch(const char *name)
{
    return g_build_filename(scratch, name, NULL);
}

static char *contents(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(scratch, folder, name, NULL);
    char *text = NULL;

    ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "there is no file %s/%s", folder, name);
    return text;
}

static GPtrArray *report(int64_t experiment_id, const char *folder, const FigureRequest *requests, size_t count)
{
    g_autofree char *path = in_scratch(folder);
    GPtrArray *files = NULL;
    GError *error = NULL;

    ck_assert_ok(report_write(store, experiment_id, path, requests, count, &files, &error), error);
    return files;
}

static char *listing(const char *folder)
{
    g_autofree char *path = in_scratch(folder);
    g_autoptr(GPtrArray) files = NULL;

    ck_assert(folder_list(path, &files, NULL));
    g_ptr_array_add(files, NULL);
    return g_strjoinv(" ", (char **) files->pdata);
}

static const char figure_head[] =
    "# errorbars-rtt-by-delay-size: a figure by trialbed, drawn from errorbars-rtt-by-delay-size.tsv. "
    "To draw it again: gnuplot errorbars-rtt-by-delay-size.gp\n"
    "name = 'errorbars-rtt-by-delay-size'\n"
    "id = 'errorbars_rtt_by_delay_size'\n"
    "title = 'Round-trip time over link delay and payload; it''s <b>bold</b>'\n"
    "x_label = 'delay [ms]'\n"
    "y_label = 'rtt [ms]'\n"
    "caption = 'mean of n runs; bars: ± sample standard deviation; 17 of 18 runs completed, 1 failed'\n"
    "caption_lines = 1\n"
    "errors = 'stddev'\n"
    "from_zero = 1\n"
    "relative = 0\n"
    "array series[2]\n"
    "series[1] = 'size = 64 (n = 3)'\n"
    "series[2] = 'size = 1400 (n = 2 to 3)'\n"
    "x_min = -2.5\n"
    "x_max = 52.5\n"
    "dodge = 0.6\n"
    "to_scale = 1\n"
    "\n# ---- The style that all figures share ----\n";

START_TEST(a_figure_has_the_numbers_of_its_cells_from_left_to_right)
{
    int64_t experiment_id = insert_experiment(2, NULL, 0);
    g_autoptr(GPtrArray) files = NULL;
    g_autofree char *names = NULL;
    g_autofree char *tsv = NULL;
    g_autofree char *gp = NULL;
    g_autofree char *svg = NULL;
    g_autofree char *csv = NULL;

    execute(experiment_id, 7); /* the last repetition of 50ms, 1400 */
    files = report(experiment_id, "out", NULL, 0);
    names = listing("out");
    ck_assert_str_eq(names,
                     "errorbars-rtt-by-delay-size.gp errorbars-rtt-by-delay-size.svg errorbars-rtt-by-delay-size.tsv "
                     TABLES);
    ck_assert_uint_eq(files->len, 9);
    tsv = contents("out", "errorbars-rtt-by-delay-size.tsv");
    ck_assert_str_eq(tsv,
                     "series\tx\tn\tmean\tstddev\tsem\tci95_low\tci95_high\tdelay\tsize\n"
                     "1\t0\t3\t30\t1\t0.5773502691896257\t27.51586228824967\t32.48413771175033\t0ms\t64\n"
                     "1\t10\t3\t50\t1\t0.5773502691896257\t47.51586228824967\t52.48413771175033\t10ms\t64\n"
                     "1\t50\t3\t10\t1\t0.5773502691896257\t7.51586228824967\t12.48413771175033\t50ms\t64\n"
                     "2\t0\t3\t40\t1\t0.5773502691896257\t37.51586228824967\t42.48413771175033\t0ms\t1400\n"
                     "2\t10\t3\t60\t1\t0.5773502691896257\t57.51586228824967\t62.48413771175033\t10ms\t1400\n"
                     "2\t50\t2\t19.5\t0.7071067811865476\t0.5\t13.146897631912653\t25.85310236808735\t50ms\t1400\n");
    gp = contents("out", "errorbars-rtt-by-delay-size.gp");
    ck_assert_msg(g_str_has_prefix(gp, figure_head), "%s", gp);
    svg = contents("out", "errorbars-rtt-by-delay-size.svg");
    ck_assert(strstr(svg, "<text>size = 1400 (n = 2 to 3)</text>") != NULL);
    csv = contents("out", "summary.csv");
    ck_assert(g_str_has_prefix(csv, "cell,metric,unit,n,mean,stddev,sem,ci95_low,ci95_high,median,min,max\n"
                                    "delay=50ms size=64,rtt,ms,3,10,1,0.5773502691896257,"));
}
END_TEST

START_TEST(a_report_says_what_failed_and_how_many_runs_count)
{
    int64_t experiment_id = insert_experiment(2, NULL, 0);
    g_autofree char *markdown = NULL;
    g_autofree char *page = NULL;

    execute(experiment_id, 7);
    g_ptr_array_unref(report(experiment_id, "out", NULL, 0));
    markdown = contents("out", "summary.md");
    ck_assert(
        g_str_has_prefix(markdown, "# rtt-over-delay\n\nRound-trip time over link delay and payload; it's &lt;b&gt;"));
    ck_assert(strstr(markdown, "| delay=50ms size=1400 | rtt    | ms   |   2 | 19.50 |   0.71 | 0.50 |") != NULL);
    ck_assert(strstr(markdown, "| cell                 | runs | completed | failed | tainted | left |\n") != NULL);
    ck_assert(strstr(markdown, "| delay=50ms size=1400 |    3 |         2 |      1 |       0 |    0 |\n") != NULL);
    page = contents("out", "index.html");
    ck_assert(strstr(page, "<td>machine 'server' did not answer</td>") != NULL);
    ck_assert(strstr(page, "<td>&lt;b&gt;fast&lt;/b&gt;</td>") != NULL);
    ck_assert(strstr(page, "<img alt=\"rtt [ms] over delay [ms]: mean of n runs") != NULL);
    ck_assert(strstr(page, "src=\"data:image/svg+xml;base64,") != NULL);
}
END_TEST

static GBytes *bytes(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(scratch, folder, name, NULL);
    char *content = NULL;
    gsize size = 0;

    ck_assert_msg(g_file_get_contents(path, &content, &size, NULL), "there is no file %s/%s", folder, name);
    return g_bytes_new_take(content, size);
}

/* Every kind of figure in every format. */
static void report_everything(int64_t experiment_id, const char *folder)
{
    FigureRequest requests[32] = { 0 };
    GPtrArray *files = NULL;
    GError *error = NULL;
    size_t count = 0;

    for (; figure_get(count) != NULL; count++)
        requests[count] = (FigureRequest) { .figure = figure_get(count)->name,
                                            .metric = "rtt",
                                            .expected = figure_get(count)->flags & FIGURE_EXPECTED
                                                            ? "10ms = rtt[0ms] + 10"
                                                            : NULL };
    requests[count++] = (FigureRequest) { .figure = "lines", .metric = "rtt", .facet = "kernel" };
    requests[count++] = (FigureRequest) { .figure = "bars", .metric = "rtt", .normalize_to = "size=64" };
    requests[count++] = (FigureRequest) { .figure = "timeseries", .metric = "rtt", .run_id = 2 };
    ck_assert_uint_lt(count, G_N_ELEMENTS(requests));
    ck_assert_ok(report_write_formats(store, experiment_id, folder, REPORT_PDF | REPORT_PNG | REPORT_LATEX, requests, count, &files, &error),
                 error);
    g_ptr_array_unref(files);
}

static void ck_assert_same_files(const char *a, const char *b)
{
    g_autofree char *names = listing(a);
    g_autofree char *others = listing(b);
    g_auto(GStrv) each = g_strsplit(names, " ", -1);

    ck_assert_str_eq(names, others);
    for (size_t i = 0; each[i] != NULL; i++) {
        g_autoptr(GBytes) left = bytes(a, each[i]);
        g_autoptr(GBytes) right = bytes(b, each[i]);

        ck_assert_msg(g_bytes_equal(left, right), "%s differs", each[i]);
    }
}

START_TEST(the_same_lab_gives_the_same_bytes_at_any_place_time_and_locale)
{
    int64_t experiment_id = insert_experiment(3, NULL, 0);
    g_autofree char *elsewhere = in_scratch("else where");
    g_autofree char *first = in_scratch("out");

    execute(experiment_id, 3);
    g_setenv("TZ", "Asia/Kathmandu", TRUE);
    g_setenv("LC_ALL", "C", TRUE);
    setlocale(LC_ALL, "C");
    report_everything(experiment_id, first);
    ck_assert_int_eq(g_mkdir(elsewhere, 0755), 0);
    ck_assert_int_eq(g_chdir(elsewhere), 0);
    g_setenv("TZ", "America/St_Johns", TRUE);
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    g_setenv("HOME", elsewhere, TRUE);
    ck_assert(
        g_file_set_contents(".gnuplot", "set terminal dumb\nset title 'mine'\nset grid\nset yrange [7:9]\n", -1, NULL));
    setlocale(LC_ALL, "");
    report_everything(experiment_id, "deep/er");
    ck_assert_same_files("out", "else where/deep/er");
    ck_assert_int_eq(g_chdir("/"), 0);
}
END_TEST

START_TEST(labels_of_a_latex_picture_are_text_and_its_tics_are_formulas)
{
    static const struct {
        const char *label, *expected;
    } cases[] = {
        { "$8$", "$8$" },
        { "$-0.5$", "$-0.5$" },
        { "$10^{-3}$", "$10^{-3}$" },
        { "", "" },
        { "loss=1%", "loss=1\\%" },
        { "a_b & {c}}", "a\\_b \\& \\{c\\}\\}" },
        { "$x$", "\\$x\\$" },
    };
    static const struct {
        const char *before, *after;
        bool is_label;
    } shapes[] = {
        { "  \\put(1,2){\\makebox(0,0)[r]{\\strut{}", "}}%", true },
        { "  \\put(1,2){\\rotatebox{-270}{\\makebox(0,0){\\strut{}", "}}}%\n", true },
        { "\\end{picture}% ", "\n\\endgroup\n", false },
    };

    for (size_t shape = 0; shape < G_N_ELEMENTS(shapes); shape++) {
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
            const char *label = shapes[shape].is_label ? cases[i].expected : cases[i].label;
            g_autofree char *picture = g_strconcat(shapes[shape].before, cases[i].label, shapes[shape].after, NULL);
            g_autofree char *expected = g_strconcat(shapes[shape].before, label, shapes[shape].after, NULL);
            g_autofree char *escaped = format_latex_labels(picture);

            ck_assert_str_eq(escaped, expected);
        }
    }
}
END_TEST

START_TEST(a_script_alone_redraws_its_figure)
{
    const char *argv[] = { "gnuplot", "errorbars-rtt-by-delay-size.gp", NULL };
    g_autofree char *folder = in_scratch("out");
    g_autofree char *picture = in_scratch("out/errorbars-rtt-by-delay-size.svg");
    int64_t experiment_id = insert_experiment(2, NULL, 0);
    g_auto(ProcResult) result = { 0 };
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    GError *error = NULL;

    execute(experiment_id, SIZE_MAX);
    g_ptr_array_unref(report(experiment_id, "out", NULL, 0));
    before = contents("out", "errorbars-rtt-by-delay-size.svg");
    ck_assert_int_eq(unlink(picture), 0);
    ck_assert_ok(proc_run_checked(&(ProcSpec) { .argv = argv, .folder = folder, .timeout_ms = 30000 }, &result, &error),
                 error);
    after = contents("out", "errorbars-rtt-by-delay-size.svg");
    ck_assert_str_eq(before, after);
}
END_TEST

START_TEST(a_third_factor_makes_series_and_is_never_pooled)
{
    const FigureRequest request = { .figure = "errorbars", .metric = "rtt", .x = "kernel", .by = "size" };
    int64_t experiment_id = insert_experiment(3, NULL, 0);
    g_autofree char *tsv = NULL;
    g_autofree char *gp = NULL;
    g_autofree char *hacked = in_scratch("out/hacked");

    execute(experiment_id, SIZE_MAX);
    g_ptr_array_unref(report(experiment_id, "out", &request, 1));
    tsv = contents("out", "errorbars-rtt-by-kernel-size-delay.tsv");
    /* By size first, then by delay in the scenario's order: 50ms, 0ms, 10ms. */
    ck_assert(strstr(tsv, "\n6\t2\t3\t120\t1\t") != NULL);
    ck_assert(strstr(tsv, "\n4\t2\t3\t40\t1\t") != NULL);
    ck_assert(strstr(tsv, "\t`touch hacked`\t1400\t10ms\n") != NULL);
    gp = contents("out", "errorbars-rtt-by-kernel-size-delay.gp");
    ck_assert(strstr(gp, "to_scale = 0\narray categories[2]\n"
                         "categories[1] = 'it''s \"6.1\"'\ncategories[2] = '`touch hacked`'\n") != NULL);
    ck_assert(strstr(gp, "\nseries[4] = 'size = 1400, delay = 50ms (n = 3)'\n") != NULL);
    ck_assert(!g_file_test(hacked, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(an_experiment_without_factors_has_a_figure_too)
{
    int64_t experiment_id = insert_experiment(0, NULL, 0);
    g_autofree char *tsv = NULL;

    execute(experiment_id, SIZE_MAX);
    g_ptr_array_unref(report(experiment_id, "out", NULL, 0));
    tsv = contents("out", "errorbars-rtt-by-cell.tsv");
    ck_assert(g_str_has_prefix(tsv, "series\tx\tn\tmean\tstddev\tsem\tci95_low\tci95_high\tcell\n1\t1\t3\t10\t1\t"));
    ck_assert(g_str_has_suffix(tsv, "\tall\n"));
}
END_TEST

START_TEST(the_scenario_wishes_are_drawn_instead_of_the_standard_ones)
{
    const FigureRecord wishes[] = { { .figure = "errorbars", .metric = "phase.boot", .x = "size", .by = "delay" },
                                    { .figure = "errorbars", .x = "size" } };
    int64_t experiment_id = insert_experiment(2, wishes, 2);
    g_autofree char *names = NULL;

    execute(experiment_id, SIZE_MAX);
    g_ptr_array_unref(report(experiment_id, "out", NULL, 0));
    names = listing("out");
    ck_assert_str_eq(
        names, "errorbars-phase.boot-by-size-delay.gp errorbars-phase.boot-by-size-delay.svg "
               "errorbars-phase.boot-by-size-delay.tsv errorbars-rtt-by-size-delay.gp "
               "errorbars-rtt-by-size-delay.svg errorbars-rtt-by-size-delay.tsv "
               TABLES);
}
END_TEST

/* Column `column` of the first row of a .tsv that ends with these levels. */
static char *field(const char *tsv, const char *levels, const char *column)
{
    g_auto(GStrv) lines = g_strsplit(tsv, "\n", -1);
    g_auto(GStrv) names = g_strsplit(lines[0], "\t", -1);
    size_t place = 0;

    while (names[place] != NULL && strcmp(names[place], column) != 0)
        place++;
    ck_assert_msg(names[place] != NULL, "there is no column %s", column);
    for (size_t i = 1; lines[i] != NULL; i++) {
        if (g_str_has_suffix(lines[i], levels)) {
            g_auto(GStrv) fields = g_strsplit(lines[i], "\t", -1);

            return g_strdup(fields[place]);
        }
    }
    ck_abort_msg("there is no row %s", levels);
}

START_TEST(a_ratio_has_the_interval_of_the_statistics_layer)
{
    const FigureRequest request = { .figure = "bars", .metric = "rtt", .normalize_to = "size=64" };
    const double base[] = { 9, 10, 11 }, other[] = { 19, 20, 21 };
    RatioTest test = ratio_independent((Sample) { base, 3 }, (Sample) { other, 3 }, 0.95);
    int64_t experiment_id = insert_experiment(2, NULL, 0);
    g_autofree char *tsv = NULL;
    g_autofree char *ratio = NULL;
    g_autofree char *low = NULL;
    g_autofree char *own = NULL;

    execute(experiment_id, SIZE_MAX);
    g_ptr_array_unref(report(experiment_id, "out", &request, 1));
    tsv = contents("out", "bars-rtt-by-delay-size-relative.tsv");
    ratio = field(tsv, "\t50ms\t1400", "ratio"); /* the first cell, and the second beside it */
    low = field(tsv, "\t50ms\t1400", "ratio_low");
    own = field(tsv, "\t50ms\t64", "ratio");
    ck_assert_str_eq(ratio, "2");
    ck_assert_double_eq_tol(g_ascii_strtod(low, NULL), test.interval.low, 1e-12);
    ck_assert_str_eq(own, "1");
}
END_TEST

START_TEST(what_was_expected_is_a_sum_of_measured_means_with_an_interval)
{
    const FigureRequest request = { .figure = "expected-vs-measured",
                                    .metric = "rtt",
                                    .x = "delay",
                                    .expected = "10ms = rtt[0ms] + 2 * rtt[50ms] - 3; 0ms = 1" };
    int64_t experiment_id = insert_experiment(2, NULL, 0);
    g_autofree char *tsv = NULL;
    g_autofree char *sum = NULL;
    g_autofree char *low = NULL;
    g_autofree char *difference = NULL;
    g_autofree char *nothing = NULL;

    execute(experiment_id, SIZE_MAX);
    g_ptr_array_unref(report(experiment_id, "out", &request, 1));
    tsv = contents("out", "expected-vs-measured-rtt-by-delay-size.tsv");
    sum = field(tsv, "\t10ms\t64", "expected"); /* 30 + 2 * 10 - 3; measured: 50 */
    ck_assert_str_eq(sum, "47");
    low = field(tsv, "\t10ms\t64", "expected_low"); /* variance 5 / 3, df 50 / 17 */
    ck_assert_double_eq_tol(g_ascii_strtod(low, NULL), 47 - 4.1553995032, 1e-9);
    difference = field(tsv, "\t10ms\t64", "difference"); /* +- 1.4 */
    ck_assert_str_eq(difference, "+3.0");
    nothing = field(tsv, "\t50ms\t64", "expected");
    ck_assert_str_eq(nothing, "");
}
END_TEST

START_TEST(a_factor_can_have_panels_that_share_their_axes)
{
    const FigureRequest request = { .figure = "lines", .metric = "rtt", .x = "delay", .facet = "size" };
    int64_t experiment_id = insert_experiment(2, NULL, 0);
    g_autofree char *tsv = NULL;
    g_autofree char *panel = NULL;
    g_autofree char *svg = NULL;

    execute(experiment_id, SIZE_MAX);
    g_ptr_array_unref(report(experiment_id, "out", &request, 1));
    tsv = contents("out", "lines-rtt-by-delay-facet-size.tsv");
    panel = field(tsv, "\t1400\t10ms", "facet");
    ck_assert_str_eq(panel, "2");
    svg = contents("out", "lines-rtt-by-delay-facet-size.svg");
    ck_assert(strstr(svg, "size = 64<") != NULL && strstr(svg, "size = 1400<") != NULL && strstr(svg, "n = 3<") != NULL);
}
END_TEST

START_TEST(one_run_a_cell_is_drawn_without_a_bar)
{
    int64_t experiment_id = insert_experiment(2, NULL, 0);
    g_autoptr(Table) runs = NULL;
    g_autofree char *tsv = NULL;
    g_autofree char *svg = NULL;

    ck_assert(store_read(store, "runs", &runs, NULL, PARAM_INTEGER(experiment_id), PARAM_END));
    complete_run(table_integer(runs, 2, "run_id"), 0, 2);
    g_ptr_array_unref(report(experiment_id, "out", NULL, 0));
    tsv = contents("out", "errorbars-rtt-by-delay-size.tsv");
    ck_assert_str_eq(
        tsv, "series\tx\tn\tmean\tstddev\tsem\tci95_low\tci95_high\tdelay\tsize\n1\t50\t1\t10\t\t\t\t\t50ms\t64\n");
    svg = contents("out", "errorbars-rtt-by-delay-size.svg");
    ck_assert(strstr(svg, "xlink:href='#gpPt6'") != NULL); /* the point is there */
    ck_assert(strstr(svg, "1 of 18 runs completed, 17 left") != NULL);
}
END_TEST

START_TEST(without_gnuplot_all_but_the_picture_is_written)
{
    g_autofree char *folder = in_scratch("out");
    g_autofree char *path = g_strdup(g_getenv("PATH"));
    int64_t experiment_id = insert_experiment(2, NULL, 0);
    g_autofree char *names = NULL;
    GPtrArray *files = NULL;
    GError *error = NULL;

    execute(experiment_id, SIZE_MAX);
    g_ptr_array_unref(report(experiment_id, "out", NULL, 0));
    g_setenv("PATH", scratch, TRUE);
    ck_assert(!report_write(store, experiment_id, folder, NULL, 0, &files, &error));
    g_setenv("PATH", path, TRUE);
    ck_assert_ptr_null(files);
    ck_assert_int_eq(error_kind(error), ERROR_HOST);
    ck_assert_str_eq(error->message,
                     "cannot draw 'errorbars-rtt-by-delay-size.gp': there is no program 'gnuplot'\n"
                     "hint: 'sudo apt-get install gnuplot-nox' installs it; then make the report again.");
    names = listing("out"); /* the picture of last time is gone */
    ck_assert_str_eq(
        names, "errorbars-rtt-by-delay-size.gp errorbars-rtt-by-delay-size.tsv "
               TABLES);
    g_error_free(error);
}
END_TEST

static const struct {
    FigureRequest request;
    const char *message;
} mistakes[] = {
    { { .figure = "errorbar", .metric = "rtt" },
      "there is no figure 'errorbar'\n"
      "hint: the figures are 'errorbars', 'lines', 'bars', 'box', 'violin', 'cdf', 'ccdf', 'histogram', 'scatter', "
      "'heatmap', 'order', 'convergence', 'timeseries', 'phases', 'gantt', 'expected-vs-measured'." },
    { { .figure = "errorbars", .metric = "rtt_us" },
      "figure 'errorbars': experiment 'rtt-over-delay' has no completed run with metric 'rtt_us'\n"
      "hint: measured metrics are: rtt, phase.boot." },
    { { .figure = "errorbars", .metric = "rtt", .x = "dealy" },
      "figure 'errorbars': experiment 'rtt-over-delay' has no factor 'dealy'\nhint: its factors are delay and size." },
    { { .figure = "errorbars", .metric = "rtt", .x = "size", .by = "size" },
      "figure 'errorbars': factor 'size' cannot be both x and by" },
    { { .figure = "errorbars", .metric = "rtt", .x = "size", .facet = "size" },
      "figure 'errorbars': factor 'size' cannot be both x and facet" },
    { { .figure = "errorbars", .metric = "rtt", .by = "size", .facet = "size" },
      "figure 'errorbars': factor 'size' cannot be both by and facet" },
    { { .figure = "gantt", .facet = "size" },
      "figure 'gantt': it has no panels, not for factor 'size' either" },
    { { .figure = "lines", .metric = "rtt", .expected = "0ms = 1" },
      "figure 'lines': it does not show what was expected" },
    { { .figure = "expected-vs-measured", .metric = "rtt" },
      "figure 'expected-vs-measured': it needs what was expected\n"
      "hint: 'expected' says it: LEVEL = METRIC[LEVEL] - METRIC[LEVEL]." },
    { { .figure = "expected-vs-measured", .metric = "rtt", .expected = "0ms = rtt[1ms]" },
      "figure 'expected-vs-measured': expected: factor 'delay' has no level '1ms'" },
    { { .figure = "expected-vs-measured", .metric = "rtt", .expected = "0ms = rtt[10ms" },
      "figure 'expected-vs-measured': expected: 'rtt[10ms' is no term\n"
      "hint: a term is a number, METRIC[LEVEL] or NUMBER * METRIC[LEVEL]; '+' and '-' between terms have spaces around "
      "them." },
    { { .figure = "expected-vs-measured", .metric = "rtt", .expected = "rtt[10ms]" },
      "figure 'expected-vs-measured': expected: 'rtt[10ms]' is not LEVEL = TERM" },
    { { .figure = "cdf", .metric = "rtt", .x = "size" },
      "figure 'cdf': no factor can be on its x axis, not 'size' either\n"
      "hint: every factor makes lines of its own; 'by' says which comes first." },
    { { .figure = "lines", .metric = "rtt", .errors = "iqr" },
      "figure 'lines': there are no error bars 'iqr'\nhint: error bars are 'stddev', 'sem' or 'ci95'." },
    { { .figure = "box", .metric = "rtt", .errors = "sem" },
      "figure 'box': it has no error bars, so none that are 'sem'" },
    { { .figure = "lines", .metric = "rtt", .normalize_to = "size=64" },
      "figure 'lines': it cannot be relative to 'size=64'\nhint: 'bars' can." },
    { { .figure = "bars", .metric = "rtt", .normalize_to = "size" },
      "figure 'bars': baseline 'size' is not FACTOR=LEVEL" },
    { { .figure = "bars", .metric = "rtt", .normalize_to = "size=65" },
      "figure 'bars': factor 'size' has no level '65'\nhint: its levels are 64, 1400." },
    { { .figure = "lines", .metric = "rtt\nrtt" },
      "figure 'lines': it shows one metric, not 'rtt' and 'rtt' side by side\nhint: 'bars' can." },
    { { .figure = "bars", .metric = "rtt\nrtt", .x = "size" },
      "figure 'bars': its metrics are on its x axis, where factor 'size' cannot be" },
    { { .figure = "bars", .metric = "rtt\nphase.boots" },
      "figure 'bars': experiment 'rtt-over-delay' has no completed run with metric 'phase.boots'\n"
      "hint: measured metrics are: rtt, phase.boot." },
    { { .figure = "order", .metric = "rtt", .run_id = 3 },
      "figure 'order': it cannot show run 3 alone\nhint: 'timeseries' and 'gantt' can." },
    { { .figure = "gantt", .run_id = 3000 }, "figure 'gantt': experiment 'rtt-over-delay' has no begun run 3000" },
    { { .figure = "timeseries", .metric = "rtt", .run_id = 3000 },
      "figure 'timeseries': run 3000 of experiment 'rtt-over-delay' has no sample of metric 'rtt'" },
};

START_TEST(a_figure_that_cannot_be_is_refused_with_what_there_is)
{
    g_autofree char *folder = in_scratch("out");
    int64_t experiment_id = insert_experiment(2, NULL, 0);
    FigureRequest requests[] = { mistakes[_i].request, { .figure = "errorbars", .metric = "rtt" } };
    g_autofree char *names = NULL;
    GPtrArray *files = NULL;
    GError *error = NULL;

    execute(experiment_id, SIZE_MAX);
    ck_assert(!report_write(store, experiment_id, folder, requests, 2, &files, &error));
    ck_assert_int_eq(error_kind(error), ERROR_USAGE);
    ck_assert_str_eq(error->message, mistakes[_i].message);
    names = listing("out"); /* what can be drawn is drawn */
    ck_assert_str_eq(names, "errorbars-rtt-by-delay-size.gp errorbars-rtt-by-delay-size.svg "
                            "errorbars-rtt-by-delay-size.tsv "
               TABLES);
    g_error_free(error);
}
END_TEST

START_TEST(an_experiment_without_a_completed_run_says_so)
{
    g_autofree char *folder = in_scratch("out");
    int64_t experiment_id = insert_experiment(2, NULL, 0);
    g_autofree char *names = NULL;
    GPtrArray *files = NULL;
    GError *error = NULL;

    ck_assert(!report_write(store, experiment_id, folder, NULL, 0, &files, &error));
    ck_assert_int_eq(error_kind(error), ERROR_USAGE);
    ck_assert_str_eq(error->message, "experiment 'rtt-over-delay' has no completed run\n"
                                     "hint: 'trialbed status rtt-over-delay' says what became of its runs.");
    names = listing("out");
    ck_assert_str_eq(names, TABLES);
    g_clear_error(&error);
    ck_assert(!report_write(store, 99, folder, NULL, 0, &files, &error));
    ck_assert_str_eq(error->message, "there is no experiment 99\nhint: 'trialbed status' lists the experiments.");
    g_error_free(error);
}
END_TEST

/* ---- Where levels stand on an axis ---- */

static const struct {
    const char *levels[4];
    bool numeric;
    const char *unit;
    double positions[4];
} axes[] = {
    { { "0ms", "10ms", "50ms" }, true, "ms", { 0, 10, 50 } },
    { { "0", "500us", "1ms" }, true, "us", { 0, 500, 1000 } },   /* the first unit there is */
    { { "1ms", "500us", "0.3s" }, true, "ms", { 1, 0.5, 300 } }, /* without 0.50000000000000011 */
    { { "64", "1400" }, true, "", { 64, 1400 } },
    { { "64KiB", "1MiB" }, true, "KiB", { 64, 1024 } },
    { { "1", "2ms" }, false, "", { 1, 2 } }, /* 1 what? */
    { { "1ms", "2MiB" }, false, "", { 1, 2 } },
    { { "10ms", "fast" }, false, "", { 1, 2 } },
    { { "10ms" }, false, "", { 1 } }, /* one point has no scale */
};

START_TEST(levels_stand_to_scale_when_they_are_numbers_of_one_kind)
{
    g_autoptr(GPtrArray) levels = g_ptr_array_new();
    DesignFactor factor = { NULL, levels };
    g_auto(Axis) axis = { 0 };

    for (size_t i = 0; i < 4 && axes[_i].levels[i] != NULL; i++)
        g_ptr_array_add(levels, (gpointer) axes[_i].levels[i]);
    axis_init(&axis, &factor);
    ck_assert_int_eq(axis.numeric, axes[_i].numeric);
    ck_assert_str_eq(axis.unit, axes[_i].unit);
    for (guint i = 0; i < levels->len; i++)
        ck_assert_double_eq(axis.positions[i], axes[_i].positions[i]);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_set_timeout(tcase, 180); /* one draws all kinds in all formats twice */

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_figure_has_the_numbers_of_its_cells_from_left_to_right);
    tcase_add_test(tcase, a_report_says_what_failed_and_how_many_runs_count);
    tcase_add_test(tcase, the_same_lab_gives_the_same_bytes_at_any_place_time_and_locale);
    tcase_add_test(tcase, labels_of_a_latex_picture_are_text_and_its_tics_are_formulas);
    tcase_add_test(tcase, a_script_alone_redraws_its_figure);
    tcase_add_test(tcase, a_third_factor_makes_series_and_is_never_pooled);
    tcase_add_test(tcase, an_experiment_without_factors_has_a_figure_too);
    tcase_add_test(tcase, the_scenario_wishes_are_drawn_instead_of_the_standard_ones);
    tcase_add_test(tcase, a_ratio_has_the_interval_of_the_statistics_layer);
    tcase_add_test(tcase, what_was_expected_is_a_sum_of_measured_means_with_an_interval);
    tcase_add_test(tcase, a_factor_can_have_panels_that_share_their_axes);
    tcase_add_test(tcase, one_run_a_cell_is_drawn_without_a_bar);
    tcase_add_test(tcase, without_gnuplot_all_but_the_picture_is_written);
    tcase_add_loop_test(tcase, a_figure_that_cannot_be_is_refused_with_what_there_is, 0, G_N_ELEMENTS(mistakes));
    tcase_add_test(tcase, an_experiment_without_a_completed_run_says_so);
    tcase_add_loop_test(tcase, levels_stand_to_scale_when_they_are_numbers_of_one_kind, 0, G_N_ELEMENTS(axes));
}

int main(void)
{
    return unit_run("reports/report", add_tests);
}
