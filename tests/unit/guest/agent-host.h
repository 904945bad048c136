// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_UNIT_GUEST_AGENT_HOST_H
#define TESTS_UNIT_GUEST_AGENT_HOST_H

/* A host for the built agent, which serves it over a socket pair: everything it does but being process 1. */
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

static inline int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void send_bytes(const void *data, size_t size)
{
    for (const char *at = data; size > 0;) {
        ssize_t done = send(host, at, size, MSG_NOSIGNAL);

        ck_assert_msg(done > 0, "could not send: %s", strerror(errno));
        at += done;
        size -= (size_t) done;
    }
}

static inline void send_frame(WireType type, uint32_t channel, const void *payload, size_t size)
{
    uint8_t header[WIRE_HEADER_SIZE];

    wire_encode_header(header, type, channel, host_sequence++, (uint32_t) size);
    send_bytes(header, sizeof header);
    send_bytes(payload, size);
}

/* The next frame; fails the test when none comes. Its payload is valid until the next call. */
static inline WireFrame next_frame(void)
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

static inline void append(char *text, size_t room, size_t *size, const WireFrame *frame)
{
    size_t copied = *size + 1 < room ? room - 1 - *size : 0;

    copied = frame->length < copied ? frame->length : copied;
    if (copied > 0)
        memcpy(text + *size, frame->payload, copied);
    *size += frame->length;
}

/* Everything up to EXIT, FAIL or DONE of a channel; frames of other channels are passed over. */
static inline void receive_answer(uint32_t channel, Answer *answer)
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

static inline void send_exec(uint32_t channel, uint8_t flags, uint32_t timeout_ms, const char *const *argv,
                             const char *variable)
{
    uint8_t payload[4096];
    size_t size = 5, count = 0;

    while (argv[count] != NULL)
        count++;
    payload[0] = flags;
    wire_put_u32(payload + 1, timeout_ms);
    size += (size_t) snprintf((char *) payload + size, sizeof payload - size, "%zu", count) + 1;
    for (size_t i = 0; i < count; i++)
        size += (size_t) snprintf((char *) payload + size, sizeof payload - size, "%s", argv[i]) + 1;
    if (variable != NULL)
        size += (size_t) snprintf((char *) payload + size, sizeof payload - size, "%s", variable) + 1;
    send_frame(WIRE_EXEC, channel, payload, size);
}

static inline void send_shell(uint32_t channel, uint8_t flags, uint32_t timeout_ms, const char *script)
{
    send_exec(channel, flags, timeout_ms, (const char *[]) { "sh", "-c", script, NULL }, NULL);
}

static inline void run_shell(uint32_t channel, uint32_t timeout_ms, const char *script, Answer *answer)
{
    send_shell(channel, 0, timeout_ms, script);
    receive_answer(channel, answer);
}

static inline void send_kill(uint32_t channel, uint32_t number)
{
    uint8_t payload[4];

    wire_put_u32(payload, number);
    send_frame(WIRE_KILL, channel, payload, sizeof payload);
}

static inline const char *path_in_folder(const char *name)
{
    static char path[256];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static inline void send_write(uint32_t channel, uint32_t mode, const char *path)
{
    uint8_t payload[512];
    size_t length = (size_t) snprintf((char *) payload + 4, sizeof payload - 4, "%s", path) + 1;

    wire_put_u32(payload, mode);
    send_frame(WIRE_WRITE, channel, payload, 4 + length);
}

static inline void agent_program(char *path, size_t size)
{
    const char *build = getenv("TRIALBED_BUILD");
    const char *chosen = getenv("TRIALBED_AGENT");

    snprintf(path, size, "%s/guest/trialbed-agent", build != NULL ? build : "build/release");
    if (chosen != NULL)
        snprintf(path, size, "%s", chosen);
}

static inline void agent_start(void)
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
static inline void agent_stop(void)
{
    char command[300];
    int status = -1;

    close(host);
    ck_assert_int_eq(waitpid(agent, &status, 0), agent);
    ck_assert_int_eq(status, 0);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0); /* allowed: a fixed name of our own */
}

#endif
