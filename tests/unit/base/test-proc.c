// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/proc.h"
#include "tests/unit/unit.h"

#define SHELL(line) ((const char *const[]) { "sh", "-c", line, NULL })

static void run(const ProcSpec *spec, ProcResult *result)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ok(proc_run(spec, result, &error), error);
}

static const struct {
    const char *line;
    int status;
    const char *output, *errors;
} endings[] = {
    { "echo out; echo err >&2", 0, "out\n", "err\n" },
    { "exit 7", 7, "", "" },
    { "exit 255", 255, "", "" },
    { "kill -TERM $$", 128 + SIGTERM, "", "" },
    { "kill -KILL $$", 128 + SIGKILL, "", "" },
    { "printf x; exec >&- 2>&-; sleep 0.2; exit 3", 3, "x", "" },    /* closes its outputs long before it ends */
    { "cat", 0, "", "" },                                              /* an empty standard input */
    { "sleep 100 & echo done", 0, "done\n", "" },                      /* what it leaves behind does not hold us */
    { "(setsid sleep 3 &) ; echo done", 0, "done\n", "" },             /* nor does what left its process group */
};

START_TEST(a_program_ends_with_its_status_and_outputs)
{
    ProcSpec spec = { .argv = SHELL(endings[_i].line) };
    g_auto(ProcResult) result = { 0 };

    run(&spec, &result);
    ck_assert_int_eq(result.exit_status, endings[_i].status);
    ck_assert_str_eq(result.output, endings[_i].output);
    ck_assert_str_eq(result.errors, endings[_i].errors);
    ck_assert(!result.timed_out);
    ck_assert_int_gt(result.duration_ns, 0);
    ck_assert_int_lt(result.duration_ns, 2500000000);
}
END_TEST

static bool is_gone(const char *number)
{
    pid_t pid = (pid_t) g_ascii_strtoll(number, NULL, 10);

    ck_assert_int_gt(pid, 1);
    for (unsigned i = 0; i < 200; i++) { /* an orphan is gone when whoever adopted it has waited for it */
        g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
        g_autofree char *text = NULL;

        if (!g_file_get_contents(path, &text, NULL, NULL) || strstr(text, ") Z ") != NULL)
            return true;
        g_usleep(10000);
    }
    return false;
}

static const struct {
    const char *line;
    bool timed_out;
} families[] = {
    { "sleep 100 & echo $!; (sleep 100 & echo $!; wait) & wait", true }, /* children and grandchildren */
    { "trap '' TERM INT HUP; echo $$; while :; do sleep 100; done", true },
    { "sleep 100 & echo $!", false }, /* left behind in time */
};

START_TEST(the_whole_family_is_gone_when_the_time_is_over)
{
    ProcSpec spec = { .argv = SHELL(families[_i].line), .timeout_ms = 500 };
    g_auto(ProcResult) result = { 0 };
    g_auto(GStrv) lines = NULL;

    run(&spec, &result);
    ck_assert_int_eq(result.timed_out, families[_i].timed_out);
    ck_assert_int_eq(result.exit_status, families[_i].timed_out ? 128 + SIGKILL : 0);
    ck_assert_int_lt(result.duration_ns, 5000000000);
    lines = g_strsplit(g_strchomp(result.output), "\n", 0);
    for (char **line = lines; *line != NULL; line++)
        ck_assert_msg(is_gone(*line), "process %s still runs", *line);
}
END_TEST

START_TEST(a_program_that_never_stops_talking_is_ended_in_time)
{
    ProcSpec spec = { .argv = (const char *const[]) { "yes", NULL }, .timeout_ms = 300, .output_limit = 1000 };
    g_auto(ProcResult) result = { 0 };

    run(&spec, &result);
    ck_assert(result.timed_out);
    ck_assert_uint_eq(strlen(result.output), 1000);
    ck_assert_int_lt(result.duration_ns, 5000000000);
}
END_TEST

START_TEST(big_outputs_on_both_streams_arrive_whole)
{
    ProcSpec spec = { .argv = SHELL("head -c 5000000 /dev/zero | tr '\\0' a; "
                                    "head -c 3000000 /dev/zero | tr '\\0' b >&2; "
                                    "head -c 1000 /dev/zero | tr '\\0' c") };
    g_auto(ProcResult) result = { 0 };

    run(&spec, &result);
    ck_assert_uint_eq(strlen(result.output), 5001000);
    ck_assert_uint_eq(strspn(result.output, "a"), 5000000);
    ck_assert_uint_eq(strlen(result.errors), 3000000);
}
END_TEST

START_TEST(more_than_the_limit_is_read_and_dropped)
{
    ProcSpec spec = { .argv = SHELL("head -c 300000 /dev/zero | tr '\\0' a; echo end >&2"), .output_limit = 100 };
    g_auto(ProcResult) result = { 0 };

    run(&spec, &result);
    ck_assert_uint_eq(strlen(result.output), 100);
    ck_assert_str_eq(result.errors, "end\n");
    ck_assert_int_eq(result.exit_status, 0);
}
END_TEST

START_TEST(standard_input_arrives_whole_or_is_left_unread)
{
    g_autofree char *text = g_strnfill(2000000, 'x');
    g_auto(ProcResult) whole = { 0 };
    g_auto(ProcResult) unread = { 0 };

    run(&(ProcSpec) { .argv = (const char *const[]) { "wc", "-c", NULL }, .stdin_text = text }, &whole);
    ck_assert_str_eq(whole.output, "2000000\n");
    run(&(ProcSpec) { .argv = (const char *const[]) { "true", NULL }, .stdin_text = text }, &unread);
    ck_assert_int_eq(unread.exit_status, 0);
}
END_TEST

START_TEST(the_environment_is_ours_with_additions)
{
    ProcSpec spec = { .argv = SHELL("echo $KEPT $CHANGED $ADDED; pwd"), .folder = "/usr",
                      .environment = (const char *const[]) { "CHANGED=new", "ADDED=a=b c", NULL } };
    g_auto(ProcResult) result = { 0 };

    g_setenv("KEPT", "kept", TRUE);
    g_setenv("CHANGED", "old", TRUE);
    run(&spec, &result);
    ck_assert_str_eq(result.output, "kept new a=b c\n/usr\n");
    ck_assert_str_eq(g_getenv("CHANGED"), "old");
}
END_TEST

START_TEST(signals_are_as_a_program_expects_them)
{
    /* But for 32 and 33, which libc keeps to itself. */
    ProcSpec spec = { .argv = SHELL("while read n m; do case $n in SigBlk:|SigIgn:) echo $n$((0x$m & 0x7fffffff));; esac; done "
                                    "</proc/self/status") };
    g_auto(ProcResult) result = { 0 };
    sigset_t all;

    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    run(&spec, &result);
    ck_assert_str_eq(result.output, "SigBlk:0\nSigIgn:0\n");
}
END_TEST

static const struct {
    const char *program, *folder, *message;
} unstartable[] = {
    { "no-such-program-here", NULL, "could not start 'no-such-program-here': No such file or directory" },
    { "/etc/passwd", NULL, "could not start '/etc/passwd': Permission denied" },
    { "true", "/nowhere", "could not start 'true' in '/nowhere': No such file or directory" },
};

START_TEST(what_cannot_be_started_is_an_error_that_names_it)
{
    ProcSpec spec = { .argv = (const char *const[]) { unstartable[_i].program, NULL },
                      .folder = unstartable[_i].folder };
    ProcResult result = { .exit_status = -1 };
    g_autoptr(GError) error = NULL;

    ck_assert(!proc_run(&spec, &result, &error));
    ck_assert_str_eq(error->message, unstartable[_i].message);
    ck_assert_int_eq(error_kind(error), ERROR_HOST);
    ck_assert_int_eq(result.exit_status, -1);
}
END_TEST

START_TEST(no_descriptor_and_no_child_is_left)
{
    g_autoptr(GError) error = NULL;
    int before = dup(0), after;

    close(before);
    for (unsigned i = 0; i < 20; i++) {
        g_auto(ProcResult) result = { 0 };

        run(&(ProcSpec) { .argv = SHELL("true"), .stdin_text = "x" }, &result);
        ck_assert(!proc_run(&(ProcSpec) { .argv = (const char *const[]) { "/nowhere", NULL } }, &result, NULL));
    }
    after = dup(0);
    ck_assert_int_eq(after, before);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}
END_TEST

static const struct {
    const char *line;
    unsigned timeout_ms;
    const char *message;
} failures[] = {
    { "echo first >&2; echo last >&2; exit 3", 0, "program 'sh' ended with status 3: last" },
    { "exit 3", 0, "program 'sh' ended with status 3" },
    { "kill -SEGV $$", 0, "program 'sh' ended with status 139" },
    { "sleep 100", 100, "program 'sh' did not end within 100 ms" },
};

START_TEST(a_checked_program_must_end_well)
{
    ProcSpec spec = { .argv = SHELL(failures[_i].line), .timeout_ms = failures[_i].timeout_ms };
    g_auto(ProcResult) result = { 0 };
    g_autoptr(GError) error = NULL;

    ck_assert(!proc_run_checked(&spec, &result, &error));
    ck_assert_str_eq(error->message, failures[_i].message);
    ck_assert_ptr_null(result.output);
    spec.argv = SHELL("echo fine");
    spec.timeout_ms = 0;
    g_clear_error(&error);
    ck_assert_ok(proc_run_checked(&spec, &result, &error), error);
    ck_assert_str_eq(result.output, "fine\n");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_program_ends_with_its_status_and_outputs, 0, G_N_ELEMENTS(endings));
    tcase_add_loop_test(tcase, the_whole_family_is_gone_when_the_time_is_over, 0, G_N_ELEMENTS(families));
    tcase_add_test(tcase, a_program_that_never_stops_talking_is_ended_in_time);
    tcase_add_test(tcase, big_outputs_on_both_streams_arrive_whole);
    tcase_add_test(tcase, more_than_the_limit_is_read_and_dropped);
    tcase_add_test(tcase, standard_input_arrives_whole_or_is_left_unread);
    tcase_add_test(tcase, the_environment_is_ours_with_additions);
    tcase_add_test(tcase, signals_are_as_a_program_expects_them);
    tcase_add_loop_test(tcase, what_cannot_be_started_is_an_error_that_names_it, 0, G_N_ELEMENTS(unstartable));
    tcase_add_test(tcase, no_descriptor_and_no_child_is_left);
    tcase_add_loop_test(tcase, a_checked_program_must_end_well, 0, G_N_ELEMENTS(failures));
}

int main(void)
{
    return unit_run("base/proc", add_tests);
}
