// SPDX-License-Identifier: GPL-3.0-or-later
/* The real `trialbed wire`, with socket pairs for machines: needs no right at all. */
#include "runner/vm/wire/wire.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "tests/unit/unit.h"

static const char *program(void)
{
    const char *path = g_getenv("TRIALBED");

    ck_assert_msg(path != NULL, "TRIALBED must be the program's path");
    return path;
}

typedef struct Cable {
    Wire *wire;
    int ends[2];
    unsigned ports[2];
} Cable;

static Cable cable_new(uint64_t seed)
{
    Cable cable = { 0 };
    g_autoptr(GError) error = NULL;

    cable.wire = wire_start(program(), seed, NULL, &error);
    ck_assert_ok(cable.wire != NULL, error);
    for (unsigned i = 0; i < 2; i++) {
        int pair[2];

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
        ck_assert_ok(wire_port_add(cable.wire, &(FabricPort) { .stream = wire_stream(i == 0 ? "br0/a" : "br0/b") }, pair[0],
                                   &cable.ports[i], &error), error);
        close(pair[0]);
        cable.ends[i] = pair[1];
    }
    return cable;
}

static void cable_free(Cable *cable)
{
    wire_stop(cable->wire);
    close(cable->ends[0]);
    close(cable->ends[1]);
}

/* 64 bytes with a number in it. */
static void put(int fd, unsigned number)
{
    uint8_t bytes[64] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 0, 0, 1, 0x88, 0xb5 };

    memcpy(bytes + 14, &number, sizeof number);
    ck_assert_int_eq(send(fd, bytes, sizeof bytes, 0), sizeof bytes);
}

/* The next frame's number; -1 when none comes in time. */
static int take(int fd, int timeout_ms)
{
    struct pollfd event = { fd, POLLIN, 0 };
    uint8_t bytes[128];
    int number = -1;

    if (poll(&event, 1, timeout_ms) == 1 && recv(fd, bytes, sizeof bytes, 0) == 64)
        memcpy(&number, bytes + 14, sizeof number);
    return number;
}

START_TEST(frames_come_out_at_the_other_end_after_their_delay)
{
    Cable cable = cable_new(1);
    const Impairment what = { .delay_s = 0.030 };
    g_autoptr(GError) error = NULL;
    int64_t start_ns;
    FabricCount count;

    put(cable.ends[0], 1);
    ck_assert_int_eq(take(cable.ends[1], 5000), 1);
    ck_assert_ok(wire_impair(cable.wire, cable.ports[0], WAY_FROM_MACHINE, &what, &error), error);
    start_ns = clock_monotonic_ns();
    put(cable.ends[0], 2);
    ck_assert_int_eq(take(cable.ends[1], 5000), 2);
    ck_assert_int_ge(clock_monotonic_ns() - start_ns, 30000000);
    ck_assert_ok(wire_count(cable.wire, cable.ports[0], &count, &error), error);
    ck_assert_int_eq(count.rx, 2);
    ck_assert_ok(wire_count(cable.wire, cable.ports[1], &count, &error), error);
    ck_assert_int_eq(count.tx, 2);
    ck_assert_int_eq(count.tx_bytes, 128);
    cable_free(&cable);
}
END_TEST

/* Which of 1000 frames arrive, as a text of '1' and '0'. */
static char *arrivals(uint64_t seed)
{
    Cable cable = cable_new(seed);
    const Impairment what = { .loss_percent = 30 };
    g_autoptr(GError) error = NULL;
    char *text = g_strnfill(1000, '0');

    ck_assert_ok(wire_impair(cable.wire, cable.ports[0], WAY_FROM_MACHINE, &what, &error), error);
    for (unsigned i = 0; i < 1000; i += 5) { /* fewer than the sockets hold */
        for (unsigned k = 0; k < 5; k++)
            put(cable.ends[0], i + k);
        put(cable.ends[0], 5000); /* lost or not, by the time the count is right all before it have been seen */
        for (int number; (number = take(cable.ends[1], 5)) >= 0;)
            if (number < 1000)
                text[number] = '1';
    }
    cable_free(&cable);
    return text;
}

START_TEST(the_same_seed_loses_the_same_frames)
{
    g_autofree char *first = arrivals(5), *second = arrivals(5), *third = arrivals(6);

    ck_assert_str_eq(first, second);
    ck_assert_str_ne(first, third);
}
END_TEST

START_TEST(a_link_can_go_down_and_up)
{
    Cable cable = cable_new(1);
    g_autoptr(GError) error = NULL;

    ck_assert_ok(wire_set_up(cable.wire, cable.ports[1], false, &error), error);
    put(cable.ends[0], 1);
    ck_assert_int_eq(take(cable.ends[1], 50), -1);
    ck_assert_ok(wire_set_up(cable.wire, cable.ports[1], true, &error), error);
    put(cable.ends[0], 2);
    ck_assert_int_eq(take(cable.ends[1], 5000), 2);
    ck_assert(!wire_set_up(cable.wire, 77, true, &error));
    ck_assert_str_eq(error->message, "the wire refused: there is no such port");
    cable_free(&cable);
}
END_TEST

START_TEST(a_capture_is_complete_when_it_ends)
{
    Cable cable = cable_new(1);
    g_autofree char *path = g_strdup("/tmp/trialbed-wire-XXXXXX");
    g_autoptr(GError) error = NULL, wrong = NULL;
    unsigned capture;
    PcapCount count;

    close(g_mkstemp(path));
    ck_assert(!wire_capture(cable.wire, 0, "no such thing", 100, path, &capture, &wrong));
    ck_assert(g_str_has_prefix(wrong->message, "the wire refused: capture filter 'no such thing' cannot be used"));
    ck_assert_ok(wire_capture(cable.wire, 0, NULL, 100, path, &capture, &error), error);
    for (unsigned i = 0; i < 5; i++)
        put(cable.ends[i % 2], i);
    ck_assert_int_eq(take(cable.ends[1], 5000), 0);
    ck_assert_int_eq(take(cable.ends[1], 5000), 2);
    ck_assert_int_eq(take(cable.ends[1], 5000), 4);
    ck_assert_int_eq(take(cable.ends[0], 5000), 1);
    ck_assert_int_eq(take(cable.ends[0], 5000), 3);
    ck_assert_ok(wire_capture_end(cable.wire, capture, &count, &error), error);
    ck_assert_int_eq(count.packets, 5);
    ck_assert_int_eq(count.bytes, 320);
    unlink(path);
    cable_free(&cable);
}
END_TEST

/* Whoever started it is gone: so is it, without anybody's doing. */
START_TEST(it_ends_with_whoever_started_it)
{
    int pair[2];
    char byte;
    pid_t pid;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0); /* the wire inherits one end, and closes it with its life */
    pid = fork();
    if (pid == 0) {
        Wire *wire;

        close(pair[0]);
        wire = wire_start(program(), 1, NULL, NULL);
        if (wire == NULL || write(pair[1], "x", 1) != 1)
            _exit(1);
        pause();
    }
    close(pair[1]);
    ck_assert_int_eq(read(pair[0], &byte, 1), 1);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    ck_assert_int_eq(poll(&(struct pollfd) { pair[0], POLLIN, 0 }, 1, 10000), 1);
    ck_assert_int_eq(read(pair[0], &byte, 1), 0);
    close(pair[0]);
}
END_TEST

START_TEST(a_wire_that_is_gone_says_so)
{
    g_autoptr(GError) error = NULL;
    Wire *wire = wire_start("/bin/false", 1, NULL, &error);

    ck_assert_ptr_null(wire);
    ck_assert(g_str_has_prefix(error->message, "the wire"));
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, frames_come_out_at_the_other_end_after_their_delay);
    tcase_add_test(tcase, the_same_seed_loses_the_same_frames);
    tcase_add_test(tcase, a_link_can_go_down_and_up);
    tcase_add_test(tcase, a_capture_is_complete_when_it_ends);
    tcase_add_test(tcase, it_ends_with_whoever_started_it);
    tcase_add_test(tcase, a_wire_that_is_gone_says_so);
}

int main(void)
{
    return unit_run("vm/wire", add_tests);
}
