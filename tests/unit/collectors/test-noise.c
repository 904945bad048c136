// SPDX-License-Identifier: GPL-3.0-or-later
#include "collectors/noise.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/files.h"
#include "tests/unit/unit.h"

static char *root;

static void put(const char *path, const char *text)
{
    g_autofree char *full = g_build_filename(root, path, NULL);
    g_autofree char *folder = g_path_get_dirname(full);

    ck_assert(folder_make(folder, NULL));
    ck_assert(g_file_set_contents(full, text, -1, NULL));
}

static void make_root(void)
{
    root = g_dir_make_tmp("trialbed-noise-XXXXXX", NULL);
}

static void remove_root(void)
{
    ck_assert(folder_remove(root, NULL));
    g_free(root);
}

static NoiseReading take(pid_t ours)
{
    g_autoptr(GError) error = NULL;
    NoiseReading reading;

    ck_assert_ok(noise_read(root, ours, &reading, &error), error);
    return reading;
}

START_TEST(only_the_time_of_others_is_load)
{
    NoiseReading before, after;
    Noise noise;

    put("proc/stat", "cpu  1000 0 500 9000 0 0 0 0 0 0\ncpu0 1 2\ncpu1 1 2\nintr 1\n");
    put("proc/10/stat", "10 (trial bed) R) S 1 10 10 0 -1 0 0 0 0 0 100 50 20 30 20 0\n"); /* ours */
    put("proc/7/stat", "7 (qemu) S 10 10 10 0 -1 0 0 0 0 0 300 0 0 0 20 0\n");             /* a child with a smaller number */
    put("proc/5/stat", "5 (grandchild) S 7 10 10 0 -1 0 0 0 0 0 10 0 0 0 20 0\n");
    put("proc/99/stat", "99 (other) S 1 10 10 0 -1 0 0 0 0 0 5000 0 0 0 20 0\n");
    before = take(10);
    ck_assert_uint_eq(before.cpus, 2);
    ck_assert_double_eq_tol(before.busy_s, 15, 1e-9);
    ck_assert_double_eq_tol(before.ours_s, 5.1, 1e-9);
    ck_assert_double_lt(before.waited_s, 0);
    ck_assert_int_lt(before.throttles, 0);

    put("proc/stat", "cpu  1200 0 600 9000 0 0 0 40 0 0\ncpu0 1 2\ncpu1 1 2\nintr 1\n");
    put("proc/7/stat", "7 (qemu) S 10 10 10 0 -1 0 0 0 0 0 400 0 0 0 20 0\n");
    after = take(10);
    after.at_ns = before.at_ns + 2000000000;
    noise = noise_between(&before, &after);
    ck_assert_double_eq_tol(noise.load, (3.0 - 1.0) / 2, 1e-9); /* 3 s busy, 1 s of it ours, in 2 s */
    ck_assert_double_eq_tol(noise.steal_percent, 10, 1e-9);     /* 0.4 s of 2 processors for 2 s */
    ck_assert_double_lt(noise.pressure_percent, 0);
    ck_assert_int_eq(noise.throttles, -1);
}
END_TEST

START_TEST(pressure_and_heat_are_told_where_the_host_tells_them)
{
    NoiseReading before, after;
    Noise noise;

    put("proc/stat", "cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 1\ncpu1 1\n");
    put("proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\nfull avg10=0 total=5\n");
    put("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "3\n");
    put("sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "4\n");
    before = take(1);
    ck_assert_int_eq(before.throttles, 7);
    put("proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\nfull avg10=0 total=5\n");
    put("sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "6\n");
    after = take(1);
    after.at_ns = before.at_ns + 1000000000;
    noise = noise_between(&before, &after);
    ck_assert_double_eq_tol(noise.pressure_percent, 50, 1e-9);
    ck_assert_int_eq(noise.throttles, 2);
}
END_TEST

START_TEST(no_time_no_noise)
{
    NoiseReading reading;
    Noise noise;

    put("proc/stat", "cpu  1000 0 500 9000 0 0 0 10 0 0\ncpu0 1 2\n");
    reading = take(1);
    noise = noise_between(&reading, &reading);
    ck_assert_double_eq(noise.load, 0);
    ck_assert_double_eq(noise.steal_percent, 0);
}
END_TEST

START_TEST(a_file_that_is_no_proc_stat_is_an_error)
{
    static const char *const texts[] = { "", "cpu", "cpu 1 2 3\ncpu0 1\n", "nothing\n" };
    g_autoptr(GError) error = NULL;
    NoiseReading reading;

    put("proc/stat", texts[_i]);
    ck_assert(!noise_read(root, 1, &reading, &error));
    ck_assert_ptr_nonnull(error);
}
END_TEST

/* On the real host: a busy child of ours is no noise, and is counted as ours even when it is dead. */
START_TEST(what_our_dead_children_did_is_still_ours)
{
    g_autoptr(GError) error = NULL;
    NoiseReading before, after;
    pid_t child;

    ck_assert_ok(noise_read("", getpid(), &before, &error), error);
    child = fork();
    if (child == 0) {
        int64_t end_ns = clock_monotonic_ns() + 400000000;

        while (clock_monotonic_ns() < end_ns)
            ;
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_ok(noise_read("", getpid(), &after, &error), error);
    ck_assert_double_gt(after.ours_s - before.ours_s, 0.02); /* 0.4 s on a quiet host */
    ck_assert_double_ge(after.busy_s, before.busy_s);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, make_root, remove_root);
    tcase_add_test(tcase, only_the_time_of_others_is_load);
    tcase_add_test(tcase, pressure_and_heat_are_told_where_the_host_tells_them);
    tcase_add_test(tcase, no_time_no_noise);
    tcase_add_loop_test(tcase, a_file_that_is_no_proc_stat_is_an_error, 0, 4);
    tcase_add_test(tcase, what_our_dead_children_did_is_still_ours);
}

int main(void)
{
    return unit_run("collectors/noise", add_tests);
}
