// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/guest/agent-host.h"

START_TEST(a_ping_is_answered_with_version_kernel_uptime_and_revision)
{
    WireFrame frame;
    WireReader reader;

    send_frame(WIRE_PING, 7, NULL, 0);
    frame = next_frame();
    reader = (WireReader) { .data = frame.payload, .left = frame.length };
    ck_assert_uint_eq(frame.type, WIRE_HELLO);
    ck_assert_uint_eq(frame.channel, 7);
    ck_assert_str_eq(wire_read_string(&reader), "1");
    ck_assert_ptr_nonnull(strchr(wire_read_string(&reader), '.'));
    ck_assert_int_gt(strtoll(wire_read_string(&reader), NULL, 10), 0);
    ck_assert_int_eq(strtol(wire_read_string(&reader), NULL, 10), WIRE_REVISION);
    ck_assert(!reader.failed && reader.left == 0);
}
END_TEST

START_TEST(a_busy_channel_is_refused)
{
    Answer answer;

    send_shell(3, 0, 0, "sleep 60");
    send_shell(3, 0, 0, "echo never");
    receive_answer(3, &answer);
    ck_assert_uint_eq(answer.failure, EBUSY);
}
END_TEST

START_TEST(requests_wait_while_the_host_does_not_read)
{
    enum { COUNT = 3000 };
    unsigned exits = 0;

    send_shell(1, 0, 0, "head -c 2000000 /dev/zero");
    for (uint32_t channel = 2; channel < COUNT; channel++)
        send_frame(WIRE_PING, channel, NULL, 0);
    for (unsigned hellos = 0; hellos < COUNT - 2 || exits == 0;) {
        WireFrame frame = next_frame();

        hellos += frame.type == WIRE_HELLO;
        exits += frame.type == WIRE_EXIT;
    }
    ck_assert_uint_eq(exits, 1);
}
END_TEST

START_TEST(garbage_is_answered_once_and_forgotten)
{
    static const struct timespec pause = { .tv_nsec = 100000000 };
    Answer answer;

    for (unsigned i = 0; i < 5; i++) {
        send_bytes("no frame at all", 15);
        nanosleep(&pause, NULL);
    }
    receive_answer(0, &answer);
    ck_assert_uint_eq(answer.failure, EBADMSG);
    ck_assert_str_eq(answer.text, "the magic is wrong: Bad message");
    run_shell(1, 0, "echo alive", &answer); /* the next frame is this one: there was one FAIL only */
    ck_assert_str_eq(answer.output, "alive\n");
}
END_TEST

START_TEST(random_bytes_do_no_harm)
{
    static const struct timespec pause = { .tv_nsec = 300000000 };
    uint32_t random = 42;
    Answer answer;

    for (unsigned round = 0; round < 300; round++) {
        uint8_t bytes[200];

        for (size_t i = 0; i < sizeof bytes; i++) {
            random = random * 1664525 + 1013904223;
            bytes[i] = (uint8_t) (random >> 13);
        }
        if (round % 3 == 0) /* a good header with random contents: requests that are nonsense */
            wire_encode_header(bytes, round % 2 ? WIRE_READ : WIRE_EXEC, 5, 0, sizeof bytes - WIRE_HEADER_SIZE);
        send_bytes(bytes, sizeof bytes);
    }
    nanosleep(&pause, NULL);
    send_frame(WIRE_PING, 4711, NULL, 0);
    receive_answer(4711, &answer);
    ck_assert_uint_eq(answer.last, WIRE_HELLO);
}
END_TEST

START_TEST(half_a_frame_is_given_up)
{
    uint8_t header[WIRE_HEADER_SIZE];
    Answer answer;

    wire_encode_header(header, WIRE_READ, 1, 0, 100);
    send_bytes(header, sizeof header);
    receive_answer(0, &answer);
    ck_assert_uint_eq(answer.failure, EBADMSG);
    run_shell(1, 0, "echo alive", &answer);
    ck_assert_str_eq(answer.output, "alive\n");
}
END_TEST

START_TEST(a_frame_in_single_bytes_is_understood)
{
    uint8_t header[WIRE_HEADER_SIZE];

    wire_encode_header(header, WIRE_PING, 3, 0, 0);
    for (size_t i = 0; i < sizeof header; i++)
        send_bytes(header + i, 1);
    ck_assert_uint_eq(next_frame().channel, 3);
}
END_TEST

START_TEST(a_frame_for_the_other_way_is_refused)
{
    Answer answer;

    send_frame(WIRE_HELLO, 3, NULL, 0);
    receive_answer(3, &answer);
    ck_assert_uint_eq(answer.failure, EPROTO);
}
END_TEST

/* As a test it must not rename the host that it runs on. */
START_TEST(settings_are_for_the_first_process_of_a_machine)
{
    static const char payload[8] = { 0 };
    char settings[8 + sizeof "trialbed.host=never"] = { 0 };
    Answer answer;

    memcpy(settings + 8, "trialbed.host=never", sizeof "trialbed.host=never");
    send_frame(WIRE_CONFIGURE, 4, settings, sizeof settings);
    receive_answer(4, &answer);
    ck_assert_uint_eq(answer.last, WIRE_FAIL);
    ck_assert_uint_eq(answer.failure, EPERM);
    send_frame(WIRE_CONFIGURE, 5, payload, sizeof payload);
    receive_answer(5, &answer);
    ck_assert_uint_eq(answer.failure, EBADMSG);
}
END_TEST

START_TEST(power_off_is_confirmed_before_it_happens)
{
    Answer answer;
    char byte;

    send_frame(WIRE_POWEROFF, 3, NULL, 0);
    receive_answer(3, &answer);
    ck_assert_uint_eq(answer.last, WIRE_DONE);
    ck_assert_int_eq(read(host, &byte, 1), 0);
}
END_TEST

START_TEST(the_end_of_the_host_ends_programs_and_agent)
{
    Answer answer;
    char script[400];
    pid_t left;

    snprintf(script, sizeof script, "echo $$; exec sleep 60");
    send_shell(1, WIRE_EXEC_BACKGROUND, 0, script);
    receive_answer(1, &answer);
    left = (pid_t) strtol((const char *) next_frame().payload, NULL, 10);
    ck_assert_int_gt(left, 1);
    shutdown(host, SHUT_RDWR);
    ck_assert_int_eq(waitid(P_PID, (id_t) agent, &(siginfo_t) { 0 }, WEXITED | WNOWAIT), 0);
    for (unsigned i = 0; i < 200 && kill(left, 0) == 0; i++)
        poll(NULL, 0, 10);
    snprintf(script, sizeof script, "/proc/%d/stat", (int) left);
    if (access(script, F_OK) == 0) { /* a zombie that process 1 has not gathered yet is ended too */
        char stat_text[256] = "";
        FILE *file = fopen(script, "r");

        ck_assert(file == NULL || fgets(stat_text, sizeof stat_text, file) == NULL
                  || strstr(stat_text, ") Z ") != NULL);
        if (file != NULL)
            fclose(file);
    }
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, agent_start, agent_stop);
    tcase_add_test(tcase, a_ping_is_answered_with_version_kernel_uptime_and_revision);
    tcase_add_test(tcase, a_busy_channel_is_refused);
    tcase_add_test(tcase, requests_wait_while_the_host_does_not_read);
    tcase_add_test(tcase, garbage_is_answered_once_and_forgotten);
    tcase_add_test(tcase, random_bytes_do_no_harm);
    tcase_add_test(tcase, half_a_frame_is_given_up);
    tcase_add_test(tcase, a_frame_in_single_bytes_is_understood);
    tcase_add_test(tcase, a_frame_for_the_other_way_is_refused);
    tcase_add_test(tcase, settings_are_for_the_first_process_of_a_machine);
    tcase_add_test(tcase, power_off_is_confirmed_before_it_happens);
    tcase_add_test(tcase, the_end_of_the_host_ends_programs_and_agent);
}

int main(void)
{
    return unit_run("guest/agent-stream", add_tests);
}
