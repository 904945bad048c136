// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/daemon.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "tests/unit/unit.h"

static Daemon *shell(const char *script, int channel, const char *log_path)
{
    DaemonSpec spec = { .argv = (const char *const[]) { "sh", "-c", script, NULL }, .channel = channel, .log_path = log_path,
                        .network = -1, .environment = (const char *const[]) { "WORD=hello", NULL } };
    g_autoptr(GError) error = NULL;
    Daemon *daemon = daemon_start(&spec, &error);

    ck_assert_ok(daemon != NULL, error);
    return daemon;
}

START_TEST(it_has_its_channel_and_environment_and_ends_when_told)
{
    char text[16] = "";
    int pair[2];
    Daemon *daemon;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    daemon = shell("printf %s $WORD >&3; exec sleep 100", pair[1], NULL);
    close(pair[1]);
    ck_assert_int_eq(read(pair[0], text, sizeof text), 5);
    ck_assert_str_eq(text, "hello");
    ck_assert(daemon_is_running(daemon, NULL));
    daemon_stop(daemon, 5000);
    ck_assert_int_eq(read(pair[0], text, sizeof text), 0);
    close(pair[0]);
}
END_TEST

START_TEST(one_that_does_not_listen_is_killed_with_its_children)
{
    char byte;
    int pair[2];
    Daemon *daemon;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    daemon = shell("trap '' TERM; sleep 100 & printf x >&3; wait; sleep 100", pair[1], NULL);
    close(pair[1]);
    ck_assert_int_eq(read(pair[0], &byte, 1), 1);
    daemon_stop(daemon, 50);
    ck_assert_int_eq(read(pair[0], &byte, 1), 0); /* nobody holds the other end any more */
    close(pair[0]);
}
END_TEST

START_TEST(how_it_ended_is_told_with_its_last_words)
{
    g_autofree char *path = g_strdup("/tmp/trialbed-daemon-XXXXXX"), *why = NULL;
    Daemon *daemon;

    close(g_mkstemp(path));
    daemon = shell("echo first; echo 'the last word' >&2; exit 3", -1, path);
    for (unsigned i = 0; i < 500 && daemon_is_running(daemon, NULL); i++)
        g_usleep(10000);
    ck_assert(!daemon_is_running(daemon, &why));
    ck_assert_str_eq(why, "'sh' ended with status 3: the last word");
    daemon_stop(daemon, 0);
    unlink(path);
}
END_TEST

START_TEST(a_program_that_is_not_there_is_named)
{
    DaemonSpec spec = { .argv = (const char *const[]) { "no-such-program", NULL }, .channel = -1, .network = -1 };
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(daemon_start(&spec, &error));
    ck_assert_str_eq(error->message, "could not start 'no-such-program': No such file or directory");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, it_has_its_channel_and_environment_and_ends_when_told);
    tcase_add_test(tcase, one_that_does_not_listen_is_killed_with_its_children);
    tcase_add_test(tcase, how_it_ended_is_told_with_its_last_words);
    tcase_add_test(tcase, a_program_that_is_not_there_is_named);
}

int main(void)
{
    return unit_run("base/daemon", add_tests);
}
