// SPDX-License-Identifier: GPL-3.0-or-later
/* Workers that misbehave are small shell scripts here; descriptor 3 leads to us. */
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>

#include "runner/base/files.h"
#include "runner/exec/slot.h"
#include "tests/unit/nursery.h"
#include "tests/unit/unit.h"

enum { TIMEOUT_MS = 20000 };

static char *folder;
static Nursery *nursery;

/* The script is where the test stands. */
static int work(int channel)
{
    (void) channel;
    execl("worker", "worker", NULL);
    return 127;
}

static void setup(void)
{
    folder = g_dir_make_tmp("trialbed-slot-XXXXXX", NULL);
    ck_assert_ptr_nonnull(folder);
    ck_assert_int_eq(g_chdir(folder), 0);
    nursery = nursery_new(NURSERY_PROGRAM);
}

static void teardown(void)
{
    nursery_free(nursery);
    ck_assert(folder_remove(folder, NULL));
    g_free(folder);
}

static Slot *start(const char *script)
{
    g_autofree char *path = g_build_filename(folder, "worker", NULL);
    g_autofree char *text = g_strconcat("#!/bin/sh\nread -r job <&3\n", script, "\n", NULL);
    Job job = { .folder = folder };
    g_autoptr(GError) error = NULL;
    Slot *slot;

    ck_assert(file_write_atomic(path, text, strlen(text), NULL));
    g_chmod(path, 0755);
    slot = slot_start(nursery, &job, 17, 2, TIMEOUT_MS, &error);
    ck_assert_ok(slot != NULL, error);
    return slot;
}

/* Until something is to be read; then read a piece. */
static bool turn(Slot *slot)
{
    struct pollfd fd = { .fd = slot_fd(slot), .events = POLLIN };

    ck_assert_int_eq(poll(&fd, 1, TIMEOUT_MS), 1);
    return slot_read(slot);
}

static void finish(Slot *slot, AttemptRecord *ret_attempt)
{
    while (turn(slot))
        continue;
    slot_finish(slot, ret_attempt);
    ck_assert_int_eq(ret_attempt->run_id, 17);
    ck_assert_uint_eq(ret_attempt->attempt, 2);
}

#define SAY(json) "echo '" json "' >&3\n"
#define GOOD_END SAY("{\"message\": \"end\", \"ok\": true}")

static const struct {
    const char *script, *phase, *failure_class, *reason; /* phase NULL: completed */
} ends[] = {
    { GOOD_END, NULL, NULL, NULL },
    { GOOD_END "exit 3", NULL, NULL, NULL },  /* everything was said; the way out does not matter */
    { GOOD_END "kill -9 $$", NULL, NULL, NULL },
    { SAY("{\"message\": \"end\", \"ok\": false, \"failure_class\": \"step\", \"failure_phase\": \"step:a\", \"failure_reason\": \"no\"}"),
      "step:a", "step", "no" },
    { "exit 4", "prepare", "host", "the worker ended with status 4 before its attempt was over" },
    { SAY("{\"message\": \"begin\", \"phase\": \"prepare\"}") SAY("{\"message\": \"begin\", \"phase\": \"boot\"}")
      "echo first; echo 'trialbed: it broke' >&2; exit 4",
      "boot", "host", "the worker ended with status 4 before its attempt was over: trialbed: it broke" },
    { SAY("{\"message\": \"begin\", \"phase\": \"step:x\"}") "kill -9 $$", "step:x", "host",
      "the worker was ended by signal 9 (Killed)" },
    { "echo nonsense >&3; sleep 20", "prepare", "host", "a worker sent what is no message: nonsense" },
    { "echo nonsense >&3\n" GOOD_END, "prepare", "host", "a worker sent what is no message: nonsense" }, /* what came is not whole */
};

START_TEST(the_end_of_a_worker_is_told_as_it_was)
{
    g_autoptr(Slot) slot = start(ends[_i].script);
    AttemptRecord attempt;

    finish(slot, &attempt);
    ck_assert_int_eq(attempt.status, ends[_i].phase == NULL ? ATTEMPT_COMPLETED : ATTEMPT_FAILED);
    ck_assert_pstr_eq(attempt.failure_phase, ends[_i].phase);
    ck_assert_pstr_eq(attempt.failure_class, ends[_i].failure_class);
    ck_assert_pstr_eq(attempt.failure_reason, ends[_i].reason);
}
END_TEST

START_TEST(a_worker_that_was_stopped_says_why)
{
    g_autoptr(Slot) slot = start(SAY("{\"message\": \"begin\", \"phase\": \"ready\"}") "sleep 20");
    AttemptRecord attempt;

    ck_assert(turn(slot));
    slot_kill(slot, "host", "stopped by the user");
    slot_kill(slot, "host", "and once more");
    finish(slot, &attempt);
    ck_assert_str_eq(attempt.failure_phase, "ready");
    ck_assert_str_eq(attempt.failure_reason, "stopped by the user");
}
END_TEST

START_TEST(stopping_one_that_has_ended_its_attempt_costs_nothing)
{
    g_autoptr(Slot) slot = start(GOOD_END "sleep 20");
    AttemptRecord attempt;

    ck_assert(turn(slot));
    slot_kill(slot, "host", "stopped by the user");
    finish(slot, &attempt);
    ck_assert_int_eq(attempt.status, ATTEMPT_COMPLETED);
}
END_TEST

START_TEST(a_worker_that_hangs_is_killed_once_its_time_is_over)
{
    g_autoptr(Slot) slot = start("sleep 20");
    AttemptRecord attempt;

    ck_assert(!slot_check_deadline(slot, 0));
    ck_assert(slot_check_deadline(slot, G_MAXINT64 - 1));
    ck_assert(!slot_check_deadline(slot, G_MAXINT64 - 1));
    finish(slot, &attempt);
    ck_assert_str_eq(attempt.failure_class, "timeout");
    ck_assert_str_eq(attempt.failure_reason, "the worker hung, and was killed 30 s after the attempt's time was over");
}
END_TEST

START_TEST(a_talkative_worker_does_not_keep_us)
{
    g_autoptr(Slot) slot = start("yes '{\"message\": \"event\", \"kind\": \"noise\", \"text\": \"on and on and on\"}' >&3");
    AttemptRecord attempt;

    for (int i = 0; i < 5; i++)
        ck_assert(turn(slot)); /* each returns although there is always more */
    slot_kill(slot, "host", "enough");
    finish(slot, &attempt);
    ck_assert_uint_gt(attempt.event_count, 1000);
    ck_assert_str_eq(attempt.events[attempt.event_count - 1].text, "on and on and on");
}
END_TEST

START_TEST(lines_arrive_whole_however_they_are_cut)
{
    g_autoptr(Slot) slot = start("printf '{\"message\": \"event\", \"kind\": \"a\", ' >&3; sleep 0.05; printf '\"text\": \"b\"}\\n{\"mess' >&3\n"
                                 "sleep 0.05; echo 'age\": \"end\", \"ok\": true}' >&3");
    AttemptRecord attempt;

    finish(slot, &attempt);
    ck_assert_int_eq(attempt.status, ATTEMPT_COMPLETED);
    ck_assert_uint_eq(attempt.event_count, 1);
    ck_assert_str_eq(attempt.events[0].text, "b");
}
END_TEST

static const struct {
    const char *script;
    bool log;
} logs[] = { { GOOD_END, false }, { "echo hello\n" GOOD_END, true } };

START_TEST(a_log_is_kept_when_there_is_something_in_it)
{
    g_autofree char *path = g_build_filename(folder, "worker.log", NULL);
    g_autoptr(Slot) slot = start(logs[_i].script);
    AttemptRecord attempt;

    finish(slot, &attempt);
    ck_assert_int_eq(g_file_test(path, G_FILE_TEST_EXISTS), logs[_i].log);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, the_end_of_a_worker_is_told_as_it_was, 0, G_N_ELEMENTS(ends));
    tcase_add_test(tcase, a_worker_that_was_stopped_says_why);
    tcase_add_test(tcase, stopping_one_that_has_ended_its_attempt_costs_nothing);
    tcase_add_test(tcase, a_worker_that_hangs_is_killed_once_its_time_is_over);
    tcase_add_test(tcase, a_talkative_worker_does_not_keep_us);
    tcase_add_test(tcase, lines_arrive_whole_however_they_are_cut);
    tcase_add_loop_test(tcase, a_log_is_kept_when_there_is_something_in_it, 0, G_N_ELEMENTS(logs));
}

int main(void)
{
    return unit_run("exec/slot", add_tests);
}
