// SPDX-License-Identifier: GPL-3.0-or-later
/* The built agent, served over a socket pair: everything it does but being process 1. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest/wire.h"
#include "tests/unit/unit.h"

enum { PATIENCE_MS = 20000, FRAME_ROOM = WIRE_HEADER_SIZE + WIRE_PAYLOAD_LIMIT };

static int host = -1;
static pid_t agent;
static uint32_t host_sequence, agent_sequence;
static uint8_t received[2 * FRAME_ROOM];
static size_t received_start, received_size;
static char folder[] = "/tmp/trialbed-agent.XXXXXX";

typedef struct Answer {
    char output[4096], errors[4096]; /* NUL-terminated, what is more is only counted */
    size_t output_size, errors_size;
    uint32_t exit_status, failure;
    uint8_t exit_flags;
    uint64_t duration_ns;
    uint8_t last; /* type of the frame that ended it */
    char text[512];
} Answer;

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void send_bytes(const void *data, size_t size)
{
    for (const char *at = data; size > 0;) {
        ssize_t done = send(host, at, size, MSG_NOSIGNAL);

        ck_assert_msg(done > 0, "could not send: %s", strerror(errno));
        at += done;
        size -= (size_t) done;
    }
}

static void send_frame(WireType type, uint32_t channel, const void *payload, size_t size)
{
    uint8_t header[WIRE_HEADER_SIZE];

    wire_encode_header(header, type, channel, host_sequence++, (uint32_t) size);
    send_bytes(header, sizeof header);
    send_bytes(payload, size);
}

/* The next frame; fails the test when none comes. Its payload is valid until the next call. */
static WireFrame next_frame(void)
{
    for (;;) {
        struct pollfd poller = { .fd = host, .events = POLLIN };
        const char *why = NULL;
        size_t used = 0;
        WireFrame frame;
        ssize_t got;

        switch (wire_decode(received + received_start, received_size, &frame, &used, &why)) {
        case WIRE_OK:
            received_start += used;
            received_size -= used;
            ck_assert_uint_eq(frame.sequence, agent_sequence++);
            return frame;
        case WIRE_BAD:
            ck_abort_msg("the agent sent no frame: %s", why);
        case WIRE_MORE:
            break;
        }
        memmove(received, received + received_start, received_size);
        received_start = 0;
        ck_assert_msg(poll(&poller, 1, PATIENCE_MS) == 1, "no frame came");
        got = read(host, received + received_size, sizeof received - received_size);
        ck_assert_msg(got > 0, "the agent hung up");
        received_size += (size_t) got;
    }
}

static void append(char *text, size_t room, size_t *size, const WireFrame *frame)
{
    size_t copied = *size + 1 < room ? room - 1 - *size : 0;

    copied = frame->length < copied ? frame->length : copied;
    if (copied > 0)
        memcpy(text + *size, frame->payload, copied);
    *size += frame->length;
}

/* Everything up to EXIT, FAIL or DONE of a channel; frames of other channels are passed over. */
static void receive_answer(uint32_t channel, Answer *answer)
{
    memset(answer, 0, sizeof *answer);
    while (answer->last == 0) {
        WireFrame frame = next_frame();
        WireReader reader = { .data = frame.payload, .left = frame.length };

        if (frame.channel != channel)
            continue;
        if (frame.type == WIRE_STDOUT)
            append(answer->output, sizeof answer->output, &answer->output_size, &frame);
        else if (frame.type == WIRE_STDERR)
            append(answer->errors, sizeof answer->errors, &answer->errors_size, &frame);
        else
            answer->last = frame.type;
        if (frame.type == WIRE_EXIT) {
            answer->exit_status = wire_read_u32(&reader);
            answer->exit_flags = wire_read_u8(&reader);
            answer->duration_ns = wire_read_u64(&reader);
        } else if (frame.type == WIRE_FAIL) {
            answer->failure = wire_read_u32(&reader);
            snprintf(answer->text, sizeof answer->text, "%s", wire_read_string(&reader));
        }
    }
}

static void send_exec(uint32_t channel, uint8_t flags, uint32_t timeout_ms, const char *const *argv, const char *variable)
{
    uint8_t payload[4096];
    size_t size = 5, count = 0;

    while (argv[count] != NULL)
        count++;
    payload[0] = flags;
    wire_put_u32(payload + 1, timeout_ms);
    size += (size_t) sprintf((char *) payload + size, "%zu", count) + 1; /* allowed: a number fits */
    for (size_t i = 0; i < count; i++)
        size += (size_t) snprintf((char *) payload + size, sizeof payload - size, "%s", argv[i]) + 1;
    if (variable != NULL)
        size += (size_t) snprintf((char *) payload + size, sizeof payload - size, "%s", variable) + 1;
    send_frame(WIRE_EXEC, channel, payload, size);
}

static void send_shell(uint32_t channel, uint8_t flags, uint32_t timeout_ms, const char *script)
{
    send_exec(channel, flags, timeout_ms, (const char *[]) { "sh", "-c", script, NULL }, NULL);
}

static void run_shell(uint32_t channel, uint32_t timeout_ms, const char *script, Answer *answer)
{
    send_shell(channel, 0, timeout_ms, script);
    receive_answer(channel, answer);
}

static void send_kill(uint32_t channel, uint32_t number)
{
    uint8_t payload[4];

    wire_put_u32(payload, number);
    send_frame(WIRE_KILL, channel, payload, sizeof payload);
}

static const char *path_in_folder(const char *name)
{
    static char path[256];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void send_write(uint32_t channel, uint32_t mode, const char *path)
{
    uint8_t payload[512];

    wire_put_u32(payload, mode);
    send_frame(WIRE_WRITE, channel, payload, 4 + (size_t) snprintf((char *) payload + 4, sizeof payload - 4, "%s", path) + 1);
}

static void agent_program(char *path, size_t size)
{
    const char *build = getenv("TRIALBED_BUILD");
    const char *chosen = getenv("TRIALBED_AGENT");

    snprintf(path, size, "%s/guest/trialbed-agent", build != NULL ? build : "build/release");
    if (chosen != NULL)
        snprintf(path, size, "%s", chosen);
}

static void agent_start(void)
{
    char program[512];
    int pair[2];

    agent_program(program, sizeof program);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &(int) { 4 << 20 }, sizeof(int)); /* as a port: takes much at once */
    agent = fork();
    if (agent == 0) {
        dup2(pair[1], 3);
        fcntl(3, F_SETFD, 0);
        execl(program, program, "--serve-fd", "3", (char *) NULL);
        fprintf(stderr, "could not start %s: %s\n", program, strerror(errno));
        _exit(127);
    }
    close(pair[1]);
    host = pair[0];
    host_sequence = agent_sequence = 0;
    received_start = received_size = 0;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_uint_eq(next_frame().type, WIRE_HELLO);
}

/* The agent ends with its host, and leaves no program behind. */
static void agent_stop(void)
{
    char command[300];
    int status = -1;

    close(host);
    ck_assert_int_eq(waitpid(agent, &status, 0), agent);
    ck_assert_int_eq(status, 0);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0); /* allowed: a fixed name of our own */
}

START_TEST(a_ping_is_answered_with_version_kernel_and_uptime)
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
    ck_assert(!reader.failed && reader.left == 0);
}
END_TEST

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
    ck_assert_str_eq(answer.output, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nHOME=/root\nTERM=linux\n"
                                    "TRIALBED_FACTOR_DELAY=10 ms\n");
}
END_TEST

START_TEST(a_program_is_alone_in_its_session_with_no_descriptor_of_ours)
{
    Answer answer;

    run_shell(1, 0, "test $(cut -d' ' -f6 /proc/$$/stat) = $$ && ls /proc/$$/fd | tr '\\n' ' '; wc -c; pwd; trap", &answer);
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
    ck_assert_uint_eq(answer.exit_flags, WIRE_EXIT_TIMED_OUT);
    ck_assert_uint_ge(answer.duration_ns, 300000000);
    run_shell(2, 0, "sleep 1.3", &answer);
    ck_assert_int_ne(access(path_in_folder("survivor"), F_OK), 0);
}
END_TEST

START_TEST(kill_reaches_the_whole_group)
{
    Answer answer;

    send_shell(5, 0, 0, "trap 'echo got it; exit 3' TERM; echo ready; sleep 60 & wait");
    ck_assert_uint_eq(next_frame().type, WIRE_STDOUT);
    send_kill(5, SIGTERM);
    receive_answer(5, &answer);
    ck_assert_str_eq(answer.output, "got it\n");
    ck_assert_uint_eq(answer.exit_status, 3);
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

START_TEST(a_busy_channel_is_refused)
{
    Answer answer;

    send_shell(3, 0, 0, "sleep 60");
    send_shell(3, 0, 0, "echo never");
    receive_answer(3, &answer);
    ck_assert_uint_eq(answer.failure, EBUSY);
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
            wire_encode_header(bytes, (WireType) (round % 2 ? WIRE_READ : WIRE_EXEC), 5, 0, sizeof bytes - WIRE_HEADER_SIZE);
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

        ck_assert(file == NULL || fgets(stat_text, sizeof stat_text, file) == NULL || strstr(stat_text, ") Z ") != NULL);
        if (file != NULL)
            fclose(file);
    }
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, agent_start, agent_stop);
    tcase_add_test(tcase, a_ping_is_answered_with_version_kernel_and_uptime);
    tcase_add_test(tcase, a_program_answers_with_both_outputs_and_its_status);
    tcase_add_test(tcase, a_signal_gives_128_and_its_number);
    tcase_add_test(tcase, a_program_sees_only_the_documented_environment);
    tcase_add_test(tcase, a_program_is_alone_in_its_session_with_no_descriptor_of_ours);
    tcase_add_test(tcase, a_program_that_is_not_there_fails_with_its_errno);
    tcase_add_test(tcase, a_timeout_ends_the_whole_group);
    tcase_add_test(tcase, kill_reaches_the_whole_group);
    tcase_add_test(tcase, kill_of_a_channel_without_program_is_ignored);
    tcase_add_test(tcase, a_background_program_is_confirmed_and_goes_on);
    tcase_add_test(tcase, a_grandchild_that_holds_the_output_does_not_hold_the_exit);
    tcase_add_test(tcase, programs_run_at_the_same_time);
    tcase_add_test(tcase, much_output_comes_complete_although_the_host_is_slow);
    tcase_add_test(tcase, a_257th_program_is_refused);
    tcase_add_test(tcase, a_busy_channel_is_refused);
    tcase_add_loop_test(tcase, a_request_that_cannot_be_read_is_refused, 0, sizeof bad_requests / sizeof bad_requests[0]);
    tcase_add_test(tcase, a_file_that_was_written_is_read_again);
    tcase_add_test(tcase, a_big_file_is_read_completely);
    tcase_add_test(tcase, requests_wait_while_the_host_does_not_read);
    tcase_add_loop_test(tcase, what_is_no_file_is_not_read, 0, sizeof bad_reads / sizeof bad_reads[0]);
    tcase_add_test(tcase, a_file_that_cannot_be_written_fails_once);
    tcase_add_test(tcase, a_folder_is_not_overwritten_and_nothing_stays_behind);
    tcase_add_test(tcase, garbage_is_answered_once_and_forgotten);
    tcase_add_test(tcase, random_bytes_do_no_harm);
    tcase_add_test(tcase, half_a_frame_is_given_up);
    tcase_add_test(tcase, a_frame_in_single_bytes_is_understood);
    tcase_add_test(tcase, a_frame_for_the_other_way_is_refused);
    tcase_add_test(tcase, power_off_is_confirmed_before_it_happens);
    tcase_add_test(tcase, the_end_of_the_host_ends_programs_and_agent);
}

int main(void)
{
    return unit_run("guest/agent", add_tests);
}
