// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/guest/agent-host.h"

START_TEST(a_program_answers_with_both_outputs_and_its_status)
{
    Answer answer;

    run_shell(1, 0, "echo out; echo err >&2; sleep 0.05; exit 7", &answer);
    ck_assert_uint_eq(answer.last, WIRE_EXIT);
    ck_assert_str_eq(answer.output, "out\n");
    ck_assert_str_eq(answer.errors, "err\n");
    ck_assert_uint_eq(answer.exit_status, 7);
    ck_assert_uint_eq(answer.exit_flags, 0);
    ck_assert_uint_ge(answer.duration_ns, 50000000);
    ck_assert_uint_lt(answer.duration_ns, UINT64_C(10000000000));
}
END_TEST

START_TEST(a_signal_gives_128_and_its_number)
{
    Answer answer;

    run_shell(1, 0, "kill -TERM $$", &answer);
    ck_assert_uint_eq(answer.exit_status, 128 + SIGTERM);
}
END_TEST

START_TEST(a_program_sees_only_the_documented_environment)
{
    Answer answer;

    ck_assert_int_eq(setenv("LEAK", "1", 1), 0);
    send_exec(1, 0, 0, (const char *[]) { "env", NULL }, "TRIALBED_FACTOR_DELAY=10 ms");
    receive_answer(1, &answer);
    ck_assert_str_eq(answer.output, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
                                    "HOME=/root\nTERM=linux\nTRIALBED_FACTOR_DELAY=10 ms\n");
}
END_TEST

START_TEST(a_program_is_alone_in_its_session_with_no_descriptor_of_ours)
{
    Answer answer;

    run_shell(1, 0, "test $(cut -d' ' -f6 /proc/$$/stat) = $$ && ls /proc/$$/fd | tr '\\n' ' '; wc -c; pwd", &answer);
    ck_assert_str_eq(answer.output, "0 1 2 0\n/\n");
}
END_TEST

START_TEST(a_program_that_is_not_there_fails_with_its_errno)
{
    Answer answer;

    send_exec(9, 0, 0, (const char *[]) { "no-such-program", NULL }, NULL);
    receive_answer(9, &answer);
    ck_assert_uint_eq(answer.last, WIRE_FAIL);
    ck_assert_uint_eq(answer.failure, ENOENT);
    ck_assert_str_eq(answer.text, "could not start 'no-such-program': No such file or directory");
}
END_TEST

START_TEST(a_timeout_ends_the_whole_group)
{
    char script[400];
    Answer answer;

    snprintf(script, sizeof script, "(sleep 1; touch %s) & echo begun; sleep 60", path_in_folder("survivor"));
    run_shell(1, 300, script, &answer);
    ck_assert_str_eq(answer.output, "begun\n");
    ck_assert_uint_eq(answer.exit_status, 128 + SIGKILL);
    ck_assert_uint_eq(answer.exit_flags, WIRE_EXIT_TIMED_OUT | WIRE_EXIT_SIGNALLED);
    ck_assert_uint_ge(answer.duration_ns, 300000000);
    run_shell(2, 0, "sleep 1.3", &answer);
    ck_assert_int_ne(access(path_in_folder("survivor"), F_OK), 0);
}
END_TEST

START_TEST(kill_reaches_the_whole_group)
{
    Answer answer;

    send_shell(5, 0, 0, "trap 'echo got it; exit 3' TERM; sh -c 'echo ready; exec sleep 60' & wait");
    ck_assert_uint_eq(next_frame().type, WIRE_STDOUT);
    send_kill(5, SIGTERM);
    receive_answer(5, &answer);
    ck_assert_str_eq(answer.output, "got it\n");
    ck_assert_uint_eq(answer.exit_status, 3);
    ck_assert_uint_eq(answer.exit_flags, 0);
}
END_TEST

START_TEST(the_exit_after_a_signal_waits_for_what_is_left_of_the_group)
{
    Answer answer;

    send_shell(5, 0, 0, "(trap '' TERM; echo ready; sleep 0.6 >/dev/null; echo last) & exec sleep 60");
    ck_assert_uint_eq(next_frame().type, WIRE_STDOUT);
    send_kill(5, SIGTERM);
    receive_answer(5, &answer);
    ck_assert_str_eq(answer.output, "last\n");
    ck_assert_uint_eq(answer.exit_status, 128 + SIGTERM);
    ck_assert_uint_eq(answer.exit_flags, WIRE_EXIT_SIGNALLED);
}
END_TEST

START_TEST(what_is_left_of_a_group_is_killed_when_its_time_is_over)
{
    char script[400];
    Answer answer;

    snprintf(script, sizeof script, "(trap '' TERM; echo ready; sleep 1; sleep 1; touch %s) & exec sleep 60", path_in_folder("deaf"));
    send_shell(5, 0, 500, script);
    ck_assert_uint_eq(next_frame().type, WIRE_STDOUT);
    send_kill(5, SIGTERM);
    receive_answer(5, &answer);
    ck_assert_uint_eq(answer.exit_status, 128 + SIGTERM);
    ck_assert_uint_eq(answer.exit_flags, WIRE_EXIT_TIMED_OUT | WIRE_EXIT_SIGNALLED);
    run_shell(2, 0, "sleep 2.2", &answer);
    ck_assert_int_ne(access(path_in_folder("deaf"), F_OK), 0);
}
END_TEST

START_TEST(kill_of_a_channel_without_program_is_ignored)
{
    Answer answer;

    send_kill(77, SIGKILL);
    send_frame(WIRE_KILL, 78, "x", 1);
    run_shell(1, 0, "echo alive", &answer);
    ck_assert_str_eq(answer.output, "alive\n");
}
END_TEST

START_TEST(a_background_program_is_confirmed_and_goes_on)
{
    Answer answer;

    send_shell(4, WIRE_EXEC_BACKGROUND, 0, "sleep 0.3; echo late; exit 5");
    receive_answer(4, &answer);
    ck_assert_uint_eq(answer.last, WIRE_DONE);
    run_shell(6, 0, "echo meanwhile", &answer);
    ck_assert_str_eq(answer.output, "meanwhile\n");
    receive_answer(4, &answer);
    ck_assert_uint_eq(answer.last, WIRE_EXIT);
    ck_assert_str_eq(answer.output, "late\n");
    ck_assert_uint_eq(answer.exit_status, 5);
}
END_TEST

START_TEST(a_grandchild_that_holds_the_output_does_not_hold_the_exit)
{
    char script[400];
    int64_t started = now_ms();
    Answer answer;

    snprintf(script, sizeof script, "(sleep 1; echo dropped; touch %s) & echo mine", path_in_folder("unharmed"));
    run_shell(1, 0, script, &answer);
    ck_assert_int_lt(now_ms() - started, 900);
    ck_assert_str_eq(answer.output, "mine\n");
    ck_assert_uint_eq(answer.exit_status, 0);
    run_shell(1, 0, "sleep 1.3; echo second", &answer); /* the channel is free again */
    ck_assert_str_eq(answer.output, "second\n");
    ck_assert_int_eq(access(path_in_folder("unharmed"), F_OK), 0); /* it was not ended by SIGPIPE */
}
END_TEST

START_TEST(programs_run_at_the_same_time)
{
    enum { COUNT = 20 };
    int64_t started = now_ms();
    unsigned exits = 0;

    for (uint32_t channel = 1; channel <= COUNT; channel++)
        send_shell(channel, 0, 0, "sleep 1; echo x");
    while (exits < COUNT)
        exits += next_frame().type == WIRE_EXIT;
    ck_assert_int_lt(now_ms() - started, 8000);
}
END_TEST

START_TEST(much_output_comes_complete_although_the_host_is_slow)
{
    static const struct timespec pause = { .tv_nsec = 400000000 };
    Answer answer;

    send_shell(1, 0, 0, "head -c 3000000 /dev/zero; head -c 100000 /dev/zero >&2");
    nanosleep(&pause, NULL); /* the socket and the agent's memory are full by now */
    receive_answer(1, &answer);
    ck_assert_uint_eq(answer.output_size, 3000000);
    ck_assert_uint_eq(answer.errors_size, 100000);
    ck_assert_uint_eq(answer.exit_status, 0);
}
END_TEST

START_TEST(a_257th_program_is_refused)
{
    Answer answer;

    for (uint32_t channel = 1; channel <= 256; channel++) {
        send_exec(channel, WIRE_EXEC_BACKGROUND, 0, (const char *[]) { "sleep", "60", NULL }, NULL);
        receive_answer(channel, &answer);
        ck_assert_uint_eq(answer.last, WIRE_DONE);
    }
    send_exec(257, 0, 0, (const char *[]) { "true", NULL }, NULL);
    receive_answer(257, &answer);
    ck_assert_uint_eq(answer.failure, EAGAIN);
}
END_TEST

static const struct {
    const char *bytes;
    size_t size;
} bad_requests[] = {
    { "", 0 },
    { "\0\0\0\0\0", 5 },                       /* no argument count */
    { "\0\0\0\0\0" "0\0", 7 },                 /* no program */
    { "\0\0\0\0\0" "2\0true\0", 12 },          /* one argument is missing */
    { "\0\0\0\0\0" "1\0true", 11 },            /* a text without its end */
    { "\0\0\0\0\0" "99999999999\0true\0", 22 }, /* a count beyond all memory */
    { "\0\0\0\0\0" "-1\0true\0", 13 },
    { "\0\0\0\0\0" "1\0true\0NAME\0", 17 },    /* a variable without value */
};

START_TEST(a_request_that_cannot_be_read_is_refused)
{
    Answer answer;

    send_frame(WIRE_EXEC, 8, bad_requests[_i].bytes, bad_requests[_i].size);
    receive_answer(8, &answer);
    ck_assert_uint_eq(answer.failure, EINVAL);
    run_shell(8, 0, "echo alive", &answer);
    ck_assert_str_eq(answer.output, "alive\n");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, agent_start, agent_stop);
    tcase_add_test(tcase, a_program_answers_with_both_outputs_and_its_status);
    tcase_add_test(tcase, a_signal_gives_128_and_its_number);
    tcase_add_test(tcase, a_program_sees_only_the_documented_environment);
    tcase_add_test(tcase, a_program_is_alone_in_its_session_with_no_descriptor_of_ours);
    tcase_add_test(tcase, a_program_that_is_not_there_fails_with_its_errno);
    tcase_add_test(tcase, a_timeout_ends_the_whole_group);
    tcase_add_test(tcase, kill_reaches_the_whole_group);
    tcase_add_test(tcase, the_exit_after_a_signal_waits_for_what_is_left_of_the_group);
    tcase_add_test(tcase, what_is_left_of_a_group_is_killed_when_its_time_is_over);
    tcase_add_test(tcase, kill_of_a_channel_without_program_is_ignored);
    tcase_add_test(tcase, a_background_program_is_confirmed_and_goes_on);
    tcase_add_test(tcase, a_grandchild_that_holds_the_output_does_not_hold_the_exit);
    tcase_add_test(tcase, programs_run_at_the_same_time);
    tcase_add_test(tcase, much_output_comes_complete_although_the_host_is_slow);
    tcase_add_test(tcase, a_257th_program_is_refused);
    tcase_add_loop_test(tcase, a_request_that_cannot_be_read_is_refused, 0,
                        sizeof bad_requests / sizeof bad_requests[0]);
}

int main(void)
{
    return unit_run("guest/agent-programs", add_tests);
}
