// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/noise-gate.h"

#include <math.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/files.h"
#include "tests/unit/unit.h"

static char *root;

static void make_root(void)
{
    root = g_dir_make_tmp("trialbed-gate-XXXXXX", NULL);
}

static void remove_root(void)
{
    ck_assert(folder_remove(root, NULL));
    g_free(root);
}

/* Ticks of other programs so far. */
static void busy(unsigned ticks)
{
    g_autofree char *folder = g_build_filename(root, "proc", NULL);
    g_autofree char *path = g_build_filename(folder, "stat", NULL);
    g_autofree char *text = g_strdup_printf("cpu  %u 0 0 0 0 0 0 0 0 0\ncpu0 1\n", ticks);

    ck_assert(folder_make(folder, NULL));
    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

static NoisePolicy policy_of(double load, const char *on_violation)
{
    return (NoisePolicy) { .steal_percent = 100, .pressure_percent = 100, .load = load, .throttles = NAN, .drops = NAN,
                           .on_violation = (char *) on_violation, .wait_ms = 5000 };
}

#define EXPECT(gate, now_ns, answer, is_told)                             \
    do {                                                                  \
        g_autofree char *violation = NULL;                                \
        ck_assert_int_eq(noise_gate_ask(gate, now_ns, &violation), answer); \
        ck_assert_int_eq(violation != NULL, is_told);                     \
    } while (0)

START_TEST(without_limits_nobody_waits)
{
    NoisePolicy policy = policy_of(NAN, "wait");
    NoiseGate gate = { .policy = &policy, .root = "/nowhere", .ours = getpid() };

    EXPECT(&gate, 1, NOISE_QUIET, false);
}
END_TEST

START_TEST(without_a_policy_nothing_is_too_loud)
{
    NoisePolicy policy = { 0 };
    NoiseGate gate = { .policy = &policy, .root = root, .ours = 1 };
    Noise noise = { 50, 9, 50, 9 };
    g_autofree char *told = noise_violation(&policy, &noise, 9);

    EXPECT(&gate, 1, NOISE_QUIET, false);
    ck_assert_ptr_null(told);
}
END_TEST

START_TEST(counters_that_cannot_be_read_hold_nobody_up)
{
    NoisePolicy policy = policy_of(0.5, "wait");
    NoiseGate gate = { .policy = &policy, .root = "/nowhere", .ours = getpid() };

    EXPECT(&gate, 1, NOISE_QUIET, false);
}
END_TEST

/* The readings' own times are real ones: the gate is asked with times from its last reading on. */
START_TEST(a_loud_host_is_waited_for_but_not_for_ever)
{
    static const char *const violations[] = { "wait", "taint" };
    const int64_t s = 1000000000;
    NoisePolicy policy = policy_of(0.5, violations[_i]);
    NoiseGate gate = { .policy = &policy, .root = root, .ours = 1 };
    int64_t first_ns;

    busy(0);
    EXPECT(&gate, clock_monotonic_ns(), NOISE_WAIT, false); /* one reading says nothing */
    first_ns = gate.last.at_ns;
    EXPECT(&gate, first_ns + s / 2, NOISE_WAIT, false);
    busy(1000000);
    EXPECT(&gate, first_ns + s, _i == 0 ? NOISE_WAIT : NOISE_LOUD, true);
    if (_i == 1)
        return;
    busy(2000000);
    EXPECT(&gate, gate.last.at_ns + s, NOISE_WAIT, true);
    gate.waiting_since_ns -= 6 * s;
    busy(3000000);
    EXPECT(&gate, gate.last.at_ns + s, NOISE_LOUD, true);
    EXPECT(&gate, gate.last.at_ns + s, NOISE_QUIET, false); /* the counters stand still */
    ck_assert_int_eq(gate.waiting_since_ns, 0);
}
END_TEST

static const struct {
    double steal, load, pressure, throttles, drops;
    Noise noise;
    int64_t dropped;
    const char *told;
} cases[] = {
    { 100, NAN, 100, NAN, NAN, { 50, 9, 50, 9 }, 9, NULL },
    { 2, NAN, 100, NAN, NAN, { 3.25, 0, -1, -1 }, 0, "steal 3.25 % (at most 2 %)" },
    { 2, 0.5, 100, NAN, NAN, { 3.25, 1.3333, -1, -1 }, 0, "steal 3.25 % (at most 2 %), load 1.33 (at most 0.5)" },
    { 2, 0.5, 100, NAN, NAN, { 2, 0.5, -1, -1 }, 0, NULL }, /* the limit itself is allowed */
    { 100, NAN, 5, NAN, NAN, { 0, 0, 7, -1 }, 0, "memory pressure 7 % (at most 5 %)" },
    { 100, NAN, 5, 0, NAN, { 0, 0, -1, -1 }, 0, NULL }, /* a host that does not tell breaks nothing */
    { 100, NAN, 100, 0, NAN, { 0, 0, -1, 2 }, 0, "throttlings 2 (at most 0)" },
    { 100, NAN, 100, NAN, 0, { 0, 0, -1, -1 }, 17, "packets lost by captures 17 (at most 0)" },
};

START_TEST(every_broken_limit_is_told)
{
    NoisePolicy policy = { .steal_percent = cases[_i].steal, .pressure_percent = cases[_i].pressure, .load = cases[_i].load,
                           .throttles = cases[_i].throttles, .drops = cases[_i].drops, .on_violation = (char *) "taint" };
    g_autofree char *told = noise_violation(&policy, &cases[_i].noise, cases[_i].dropped);

    ck_assert_pstr_eq(told, cases[_i].told);
}
END_TEST

/* Every look at the counters is kept, the gate's own too. */
START_TEST(counters_are_read_again_only_when_they_are_too_old)
{
    NoisePolicy policy = policy_of(1, "wait");
    NoiseGate gate = { .policy = &policy, .root = root, .ours = 1 };
    const double tick_s = 1.0 / (double) sysconf(_SC_CLK_TCK);
    const int64_t hour_ns = 3600 * (int64_t) 1000000000;
    NoiseReading reading;

    busy(100);
    ck_assert(noise_gate_read(&gate, hour_ns, &reading)); /* there is none yet */
    busy(200);
    ck_assert(noise_gate_read(&gate, hour_ns, &reading));
    ck_assert_double_eq_tol(reading.busy_s, 100 * tick_s, 1e-9);
    ck_assert(noise_gate_read(&gate, 0, &reading));
    ck_assert_double_eq_tol(reading.busy_s, 200 * tick_s, 1e-9);
    busy(300);
    EXPECT(&gate, clock_monotonic_ns(), NOISE_WAIT, false);
    busy(400);
    ck_assert(noise_gate_read(&gate, hour_ns, &reading));
    ck_assert_double_eq_tol(reading.busy_s, 300 * tick_s, 1e-9);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, make_root, remove_root);
    tcase_add_test(tcase, without_limits_nobody_waits);
    tcase_add_test(tcase, without_a_policy_nothing_is_too_loud);
    tcase_add_test(tcase, counters_that_cannot_be_read_hold_nobody_up);
    tcase_add_loop_test(tcase, a_loud_host_is_waited_for_but_not_for_ever, 0, 2);
    tcase_add_test(tcase, counters_are_read_again_only_when_they_are_too_old);
    tcase_add_loop_test(tcase, every_broken_limit_is_told, 0, G_N_ELEMENTS(cases));
}

int main(void)
{
    return unit_run("exec/noise-gate", add_tests);
}
