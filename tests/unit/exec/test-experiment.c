// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/base/error.h"
#include "runner/exec/experiment.h"
#include "runner/exec/progress.h"
#include "tests/unit/unit.h"

static const char text[] = "name: t\n"
                           "machines: [{name: a, image: tiny}]\n"
                           "matrix: {factors: {x: [1, 2, 3], y: [u, v]}}\n"
                           "repetitions: 4\n"
                           "warmup: 1\n"
                           "steps: [{name: s, on: a, run: 'echo ${x} ${y}'}]\n";

static Scenario *parse(void)
{
    g_autoptr(Problems) problems = problems_new("t.yaml");
    Scenario *scenario = scenario_parse("t.yaml", text, strlen(text), NULL, problems);

    if (scenario == NULL)
        problems_print(problems, stderr);
    ck_assert_ptr_nonnull(scenario);
    return scenario;
}

static const struct {
    const char *only[4];
    size_t cells; /* 0: refused */
} filters[] = {
    { { NULL }, 6 },
    { { "x=1", NULL }, 2 },
    { { "x=1", "y=v", NULL }, 1 },
    { { "x=1", "x=3", NULL }, 4 },         /* of one factor: either */
    { { "x=1", "x=3", "y=u", NULL }, 2 },  /* of two factors: both */
    { { "x=4", NULL }, 0 },                /* no such level */
    { { "z=1", NULL }, 0 },                /* no such factor */
    { { "x", NULL }, 0 },                  /* no level at all */
    { { "x=", NULL }, 0 },
};

START_TEST(only_leaves_the_cells_that_were_asked_for)
{
    g_autoptr(Scenario) scenario = parse();
    g_autoptr(GError) error = NULL;
    Settings settings = { .only = (char **) filters[_i].only };
    g_autoptr(Matrix) matrix = experiment_matrix(scenario, &settings, &error);

    if (filters[_i].cells == 0) {
        ck_assert_ptr_null(matrix);
        ck_assert_int_eq(error_kind(error), ERROR_USAGE);
        return;
    }
    ck_assert_ok(matrix != NULL, error);
    ck_assert_uint_eq(matrix->cell_count, filters[_i].cells);
}
END_TEST

START_TEST(repetitions_of_the_command_line_win)
{
    g_autoptr(Scenario) scenario = parse();
    Settings settings = { .repetitions = 2 };
    g_autoptr(Matrix) matrix = experiment_matrix(scenario, &settings, NULL);
    uint64_t seed;
    size_t count;
    g_autofree PlannedRun *runs = experiment_runs(matrix, &settings, &seed, &count);

    ck_assert_uint_eq(count, 6 * (2 + 1));
    ck_assert(runs[0].warmup);
}
END_TEST

START_TEST(settings_come_back_whole)
{
    char *only[] = { (char *) "x=1", (char *) "y=a b", NULL };
    Settings settings = { .backend = (char *) "fake", .uri = (char *) "qemu:///system", .only = only, .repetitions = 9,
                          .reproduces = (char *) "some-uuid" };
    g_autofree char *json = settings_write(&settings);
    g_auto(Settings) copy = { 0 };
    g_autoptr(GError) error = NULL;

    ck_assert_ok(settings_read(json, &copy, &error), error);
    ck_assert_str_eq(copy.backend, "fake");
    ck_assert_str_eq(copy.uri, "qemu:///system");
    ck_assert_str_eq(copy.only[1], "y=a b");
    ck_assert_ptr_null(copy.only[2]);
    ck_assert_uint_eq(copy.repetitions, 9);
    ck_assert_str_eq(copy.reproduces, "some-uuid");
}
END_TEST

START_TEST(settings_that_are_none_are_refused)
{
    g_autoptr(GError) error = NULL;
    Settings settings;

    ck_assert(!settings_read("{}", &settings, &error));
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
    ck_assert(!settings_read("[", &settings, NULL));
}
END_TEST

static const struct {
    double seconds;
    const char *text;
} durations[] = { { 0.4, "0 s" }, { 59.4, "59 s" }, { 59.6, "1 min 0 s" }, { 3599, "59 min 59 s" }, { 3660, "1 h 1 min" } };

START_TEST(durations_are_short)
{
    g_autofree char *got = progress_duration(durations[_i].seconds);

    ck_assert_str_eq(got, durations[_i].text);
}
END_TEST

#define S 1000000000LL

START_TEST(the_end_is_estimated_from_this_call_only)
{
    Progress progress = { .total = 100, .done = 60, .done_before = 40, .started_ns = 0, .last_done_ns = 10 * S };

    ck_assert_double_eq_tol(progress_left_s(&progress, 10 * S), 20, 1e-9); /* 20 runs took 10 s, 40 are left */
    progress.done_before = 60;
    ck_assert_double_lt(progress_left_s(&progress, 10 * S), 0);
}
END_TEST

START_TEST(the_estimate_counts_down_while_a_run_is_under_way)
{
    Progress progress = { .total = 10, .done = 2, .running = 1, .last_done_ns = 20 * S };

    ck_assert_double_eq_tol(progress_left_s(&progress, 20 * S), 80, 1e-9);
    ck_assert_double_eq_tol(progress_left_s(&progress, 27 * S), 73, 1e-9);
    ck_assert_double_eq_tol(progress_left_s(&progress, 50 * S), 70, 1e-9); /* a slow run does not shorten those behind it */
}
END_TEST

static const struct {
    Progress progress;
    size_t columns;
    const char *bar;
} bars[] = {
    { { .total = 18, .running = 1 }, 80, "[..............................] 0/18, 1 running" },
    { { .total = 18, .done = 9, .failed = 1, .running = 2, .last_done_ns = 90 * S }, 80,
      "[###############...............] 9/18, 1 failed, 2 running, 1 min 30 s left" },
    { { .total = 18, .done = 9, .failed = 1, .running = 2, .last_done_ns = 90 * S }, 60,
      "[######......] 9/18, 1 failed, 2 running, 1 min 30 s left" },
    { { .total = 18, .done = 9, .failed = 1, .running = 2, .last_done_ns = 90 * S }, 50,
      "9/18, 1 failed, 2 running, 1 min 30 s left" }, /* too narrow for a bar */
    { { .total = 18, .done = 9, .failed = 1, .running = 2, .last_done_ns = 90 * S }, 20, "9/18, 1 failed, 2" },
};

START_TEST(the_bar_fits_the_terminal)
{
    g_autofree char *bar = progress_bar(&bars[_i].progress, bars[_i].progress.last_done_ns, bars[_i].columns);

    ck_assert_str_eq(bar, bars[_i].bar);
    ck_assert_uint_le(strlen(bar) + strlen("^C"), bars[_i].columns - 1);
}
END_TEST

START_TEST(there_is_more_to_tell_where_there_is_room)
{
    Progress progress = { .total = 18, .done = 9, .failed = 1, .running = 2, .last_done_ns = 90 * S, .current = (char *) "x=1, x=2" };
    g_autofree char *wide = progress_bar(&progress, 90 * S, 200);
    g_autofree char *narrow = progress_bar(&progress, 90 * S, 90);
    g_autofree char *narrower = progress_bar(&progress, 90 * S, 89);
    g_autofree char *early = progress_minute(&progress, 59 * S);
    g_autofree char *minute = progress_minute(&progress, 90 * S);
    g_autofree char *next = progress_minute(&progress, 149 * S);

    ck_assert(g_regex_match_simple("^\\[#{15}\\.{15}\\] 9/18, 1 failed, 2 running, 1 min 30 s left, 6.0 a minute, until [0-9:]{5}, now x=1, x=2$",
                                   wide, 0, 0));
    ck_assert(g_regex_match_simple("^\\[#{7}\\.{8}\\] 9/18, 1 failed, 2 running, 1 min 30 s left, 6.0 a minute, until [0-9:]{5}$", narrow, 0, 0));
    ck_assert_str_eq(narrower, "[#######........] 9/18, 1 failed, 2 running, 1 min 30 s left, 6.0 a minute"); /* nothing is cut in its middle */
    ck_assert_ptr_null(early);
    ck_assert(g_str_has_suffix(minute, ", now x=1, x=2") && g_str_has_prefix(minute, "9/18, 1 failed"));
    ck_assert_ptr_null(next);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, there_is_more_to_tell_where_there_is_room);
    tcase_add_loop_test(tcase, only_leaves_the_cells_that_were_asked_for, 0, G_N_ELEMENTS(filters));
    tcase_add_test(tcase, repetitions_of_the_command_line_win);
    tcase_add_test(tcase, settings_come_back_whole);
    tcase_add_test(tcase, settings_that_are_none_are_refused);
    tcase_add_loop_test(tcase, durations_are_short, 0, G_N_ELEMENTS(durations));
    tcase_add_test(tcase, the_end_is_estimated_from_this_call_only);
    tcase_add_test(tcase, the_estimate_counts_down_while_a_run_is_under_way);
    tcase_add_loop_test(tcase, the_bar_fits_the_terminal, 0, G_N_ELEMENTS(bars));
}

int main(void)
{
    return unit_run("exec/experiment", add_tests);
}
