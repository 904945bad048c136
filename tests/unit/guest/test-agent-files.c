// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/guest/agent-host.h"

START_TEST(a_file_that_was_written_is_read_again)
{
    static uint8_t content[300000];
    size_t compared = 0;
    struct stat info;
    Answer answer;
    WireFrame frame;

    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (uint8_t) (i * 7 + i / 251);
    send_write(2, 0640, path_in_folder("deep/er/file"));
    for (size_t at = 0; at < sizeof content; at += 60000)
        send_frame(WIRE_DATA, 2, content + at, 60000);
    run_shell(3, 0, "true", &answer); /* it is there only when it is whole */
    ck_assert_int_ne(access(path_in_folder("deep/er/file"), F_OK), 0);
    send_frame(WIRE_DATA, 2, NULL, 0);
    receive_answer(2, &answer);
    ck_assert_uint_eq(answer.last, WIRE_DONE);
    ck_assert_int_eq(stat(path_in_folder("deep/er/file"), &info), 0);
    ck_assert_uint_eq(info.st_mode & 07777, 0640);

    send_frame(WIRE_READ, 2, path_in_folder("deep/er/file"), strlen(path_in_folder("deep/er/file")) + 1);
    while ((frame = next_frame()).length > 0) {
        ck_assert_uint_eq(frame.type, WIRE_DATA);
        ck_assert_uint_le(compared + frame.length, sizeof content);
        ck_assert_mem_eq(frame.payload, content + compared, frame.length);
        compared += frame.length;
    }
    ck_assert_uint_eq(frame.type, WIRE_DATA);
    ck_assert_uint_eq(compared, sizeof content);
}
END_TEST

/* Ten times what waits in the agent at most, with a host that sometimes looks away. */
START_TEST(a_big_file_is_read_completely)
{
    static const struct timespec pause = { .tv_nsec = 20000000 };
    size_t size = 0;
    Answer answer;
    char script[300];
    WireFrame frame;

    snprintf(script, sizeof script, "head -c 20000000 /dev/zero >%s", path_in_folder("big"));
    run_shell(1, 0, script, &answer);
    send_frame(WIRE_READ, 2, path_in_folder("big"), strlen(path_in_folder("big")) + 1);
    for (unsigned i = 0; (frame = next_frame()).length > 0; i++) {
        size += frame.length;
        if (i % 50 == 0)
            nanosleep(&pause, NULL);
    }
    ck_assert_uint_eq(size, 20000000);
}
END_TEST

static const struct {
    const char *path;
    uint32_t failure;
} bad_reads[] = {
    { "/no/such/file", ENOENT },
    { "/", EISDIR },
    { "/dev/null", EINVAL },
    { "", EINVAL },
};

START_TEST(what_is_no_file_is_not_read)
{
    Answer answer;

    send_frame(WIRE_READ, 8, bad_reads[_i].path, strlen(bad_reads[_i].path) + 1);
    receive_answer(8, &answer);
    ck_assert_uint_eq(answer.failure, bad_reads[_i].failure);
}
END_TEST

START_TEST(a_file_that_cannot_be_written_fails_once)
{
    Answer answer;

    send_write(8, 0644, "/proc/no/file");
    send_frame(WIRE_DATA, 8, "abc", 3);
    send_frame(WIRE_DATA, 8, NULL, 0);
    receive_answer(8, &answer);
    ck_assert_uint_eq(answer.last, WIRE_FAIL);
    run_shell(8, 0, "echo alive", &answer);
    ck_assert_str_eq(answer.output, "alive\n");
}
END_TEST

START_TEST(a_folder_is_not_overwritten_and_nothing_stays_behind)
{
    Answer answer;
    char script[300];

    send_write(8, 0644, folder);
    send_frame(WIRE_DATA, 8, "abc", 3);
    send_frame(WIRE_DATA, 8, NULL, 0);
    receive_answer(8, &answer);
    ck_assert_uint_eq(answer.failure, EISDIR);
    snprintf(script, sizeof script, "ls -d %s.* 2>/dev/null", folder);
    run_shell(8, 0, script, &answer);
    ck_assert_str_eq(answer.output, "");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, agent_start, agent_stop);
    tcase_add_test(tcase, a_file_that_was_written_is_read_again);
    tcase_add_test(tcase, a_big_file_is_read_completely);
    tcase_add_loop_test(tcase, what_is_no_file_is_not_read, 0, sizeof bad_reads / sizeof bad_reads[0]);
    tcase_add_test(tcase, a_file_that_cannot_be_written_fails_once);
    tcase_add_test(tcase, a_folder_is_not_overwritten_and_nothing_stays_behind);
}

int main(void)
{
    return unit_run("guest/agent-files", add_tests);
}
