// SPDX-License-Identifier: GPL-3.0-or-later
/* Who may start beside whom, what is tried again, and when it is no use to go on. */
#include <string.h>

#include "runner/base/cpus.h"
#include "runner/exec/admission.h"
#include "runner/exec/breaker.h"
#include "runner/exec/retry.h"
#include "tests/unit/unit.h"

static Demand pinned(unsigned cpus, const char *from)
{
    Demand demand = { .cpus = cpus, .pinned = true };

    ck_assert(cpus_parse(from, &demand.pin_from, NULL));
    return demand;
}

static const struct {
    Admission host;
    Demand first, second;
    bool allowed; /* the second beside the first */
} pairs[] = {
    { { .cpus = 2, .memory_mb = 1000 }, { .cpus = 1, .memory_mb = 500 }, { .cpus = 1, .memory_mb = 500 }, true },
    { { .cpus = 2, .memory_mb = 1000 }, { .cpus = 1, .memory_mb = 500 }, { .cpus = 2, .memory_mb = 100 }, false },
    { { .cpus = 2, .memory_mb = 1000 }, { .cpus = 1, .memory_mb = 500 }, { .cpus = 1, .memory_mb = 501 }, false },
    { { .cpus = 2, .memory_mb = 1000 }, { .cpus = 9, .memory_mb = 9000 }, { .cpus = 1, .memory_mb = 1 }, false }, /* alone, it may */
    { { .jobs = 2, .cpus = 2, .memory_mb = 1000 }, { .cpus = 2 }, { .cpus = 2 }, true }, /* -j replaces the CPUs' limit */
    { { .jobs = 1, .cpus = 2, .memory_mb = 1000 }, { .cpus = 1 }, { .cpus = 1 }, false },
    { { .jobs = 9, .cpus = 2, .memory_mb = 1000 }, { .memory_mb = 600 }, { .memory_mb = 600 }, false }, /* but no other */
    { { .jobs = 9 }, { .alone = true }, { .cpus = 0 }, false },
    { { .jobs = 9 }, { .cpus = 0 }, { .alone = true }, false },
};

START_TEST(a_run_starts_beside_another_when_the_host_has_room)
{
    Admission host = pairs[_i].host;
    Demand first = pairs[_i].first;

    ck_assert(admission_allows(&host, &first));
    admission_take(&host, &first);
    ck_assert_int_eq(admission_allows(&host, &pairs[_i].second), pairs[_i].allowed);
    admission_give(&host, &first);
    ck_assert(admission_allows(&host, &pairs[_i].second)); /* whatever it is: it never waits for ever */
    admission_clear(&host);
}
END_TEST

START_TEST(an_exclusive_thing_has_one_user_at_a_time)
{
    char *nic[] = { (char *) "nic0", NULL }, *both[] = { (char *) "disk", (char *) "nic0", NULL }, *disk[] = { (char *) "disk", NULL };
    Admission host = { .jobs = 9 };
    Demand with_nic = { .exclusive = nic }, with_both = { .exclusive = both }, with_disk = { .exclusive = disk };

    admission_take(&host, &with_nic);
    ck_assert(!admission_allows(&host, &with_both));
    ck_assert(admission_allows(&host, &with_disk));
    admission_take(&host, &with_disk);
    admission_give(&host, &with_nic);
    ck_assert(!admission_allows(&host, &with_both)); /* the disk is still taken */
    ck_assert(admission_allows(&host, &with_nic));
    admission_give(&host, &with_disk);
    ck_assert(admission_allows(&host, &with_both));
    admission_clear(&host);
}
END_TEST

START_TEST(no_two_runs_share_a_pinned_cpu)
{
    Admission host = { .jobs = 9 };
    Demand first = pinned(2, "1-4"), second = pinned(2, "2-5"), third = pinned(1, "1-4"), free = { .cpus = 1 };
    g_autofree char *first_text = NULL, *second_text = NULL, *third_text = NULL;

    admission_take(&host, &first);
    admission_take(&host, &second);
    ck_assert_str_eq(first_text = cpus_text(&first.pins), "1-2");
    ck_assert_str_eq(second_text = cpus_text(&second.pins), "3-4");
    ck_assert(!admission_allows(&host, &third));
    ck_assert(admission_allows(&host, &free));
    admission_give(&host, &first);
    ck_assert(admission_allows(&host, &third));
    admission_take(&host, &third);
    ck_assert_str_eq(third_text = cpus_text(&third.pins), "1");
    admission_clear(&host);
}
END_TEST

START_TEST(what_no_host_could_give_is_refused)
{
    Demand small = { .cpus = 64, .memory_mb = 100 }, big = { .memory_mb = 101 }, fits = pinned(2, "0-1"), wide = pinned(3, "0-1"),
           elsewhere = pinned(1, "1-2");
    g_autofree char *memory = NULL, *narrow = NULL, *missing = NULL;
    cpu_set_t allowed;

    ck_assert(cpus_parse("0-1", &allowed, NULL));
    ck_assert_ptr_null(admission_refuses(&small, 100, &allowed)); /* virtual CPUs may share real ones */
    ck_assert_ptr_null(admission_refuses(&fits, 100, &allowed));
    ck_assert_ptr_null(admission_refuses(&big, 0, &allowed)); /* a host that does not say what it has */
    ck_assert_str_eq(memory = admission_refuses(&big, 100, &allowed), "it needs 101 MiB of memory, this host has 100 MiB free");
    ck_assert_str_eq(narrow = admission_refuses(&wide, 100, &allowed), "it has 3 virtual CPUs, and is pinned to only 2 (0-1)");
    ck_assert_str_eq(missing = admission_refuses(&elsewhere, 100, &allowed), "it is pinned to CPUs 1-2, this host has 0-1");
}
END_TEST

static const struct {
    const char *failure_class;
    bool again;
} classes[] = {
    { "provision", true }, { "boot", true },  { "timeout", true }, { "host", true },
    { "tainted", true },   { "step", false }, { "collect", false }, { "scenario", false }, { NULL, false },
};

START_TEST(only_what_may_be_the_hosts_fault_is_tried_again)
{
    ck_assert_int_eq(retry_may_help(classes[_i].failure_class), classes[_i].again);
}
END_TEST

static const struct {
    int64_t backoff_ms;
    unsigned attempts;
    int64_t pause_ms;
} pauses[] = {
    { 1000, 1, 1000 }, { 1000, 2, 2000 },     { 1000, 4, 8000 },         { 0, 50, 0 },
    { 1000, 9, 256000 }, { 1000, 99, 300000 }, { 3600000, 3, 3600000 }, /* longer than our limit, if that is wished for */
};

START_TEST(pauses_double_up_to_a_limit)
{
    ck_assert_int_eq(retry_pause_ms(pauses[_i].backoff_ms, pauses[_i].attempts), pauses[_i].pause_ms);
}
END_TEST

/* One letter a run: 'c' completed, 's' step failed, 'h' failed for what may be the host's fault; its cell is the digit behind it. */
static const struct {
    unsigned cell_limit, host_limit;
    const char *runs, *verdicts; /* '.', 'C' or 'H' after each run */
} stories[] = {
    { 3, 0, "s1s1c1s1s1s1s1", ".....C." },  /* in a row; and told once */
    { 3, 0, "s1s2s1s2s1", "....C" },        /* others between do not count */
    { 0, 3, "h1h2h3", "..H" },
    { 0, 3, "h1h1s2h2", "...H" },           /* a step that fails says nothing of the host */
    { 0, 3, "h1h1c2h2h2h1", ".....H" },
    { 2, 3, "h1h1h2", ".CH" },
    { 2, 0, "s1s1c1s1", ".C.." },           /* a late success does not bring a cell back */
    { 0, 0, "h1h1h1h1h1h1h1h1h1h1h1h1", "............" },
};

START_TEST(failures_in_a_row_end_it)
{
    Breaker breaker = { .cell_limit = stories[_i].cell_limit, .host_limit = stories[_i].host_limit };
    const char *run = stories[_i].runs;

    for (size_t i = 0; run[2 * i] != '\0'; i++) {
        BreakerVerdict verdict = breaker_note(&breaker, run[2 * i + 1], run[2 * i] != 'c', run[2 * i] == 'h');

        ck_assert_msg(".CH"[verdict] == stories[_i].verdicts[i], "run %zu of %s", i, run);
        ck_assert(verdict != BREAKER_LEAVES_CELL || breaker_has_left(&breaker, run[2 * i + 1]));
    }
    ck_assert_int_eq(breaker.cells_left, strchr(stories[_i].verdicts, 'C') != NULL);
    breaker_clear(&breaker);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_run_starts_beside_another_when_the_host_has_room, 0, G_N_ELEMENTS(pairs));
    tcase_add_test(tcase, an_exclusive_thing_has_one_user_at_a_time);
    tcase_add_test(tcase, no_two_runs_share_a_pinned_cpu);
    tcase_add_test(tcase, what_no_host_could_give_is_refused);
    tcase_add_loop_test(tcase, only_what_may_be_the_hosts_fault_is_tried_again, 0, G_N_ELEMENTS(classes));
    tcase_add_loop_test(tcase, pauses_double_up_to_a_limit, 0, G_N_ELEMENTS(pauses));
    tcase_add_loop_test(tcase, failures_in_a_row_end_it, 0, G_N_ELEMENTS(stories));
}

int main(void)
{
    return unit_run("exec/admission", add_tests);
}
