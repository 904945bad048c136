// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/files.h"
#include "runner/vm/machine.h"
#include "tests/unit/unit.h"

static const MachineBackend *const vm = &machine_backend_fake;

typedef struct Fake {
    MachineHost *host;
    Machine *machine;
    char *folder, *console;
    GString *output;
    unsigned ended;
} Fake;

static Fake fake_new(void)
{
    Fake fake = { .folder = g_dir_make_tmp("trialbed-test-XXXXXX", NULL), .output = g_string_new(NULL) };
    MachineConfig config = { .name = "server", .cmdline = "", .memory_mb = 1, .cpus = 1 };
    MachineHostConfig host = { .scratch = fake.folder };

    fake.console = g_build_filename(fake.folder, "console", NULL);
    config.console_path = fake.console;
    fake.host = vm->host_open(&host, NULL);
    fake.machine = vm->define(fake.host, &config, NULL);
    return fake;
}

static void fake_end(Fake *fake)
{
    ck_assert(vm->stop(fake->machine, NULL));
    vm->free(fake->machine);
    vm->host_close(fake->host);
    ck_assert(folder_remove(fake->folder, NULL));
    g_string_free(fake->output, TRUE);
    g_free(fake->console);
    g_free(fake->folder);
}

static void hear(void *data, int stream, const char *bytes, size_t size)
{
    ck_assert_int_eq(stream, 1);
    g_string_append_len(((Fake *) data)->output, bytes, (gssize) size);
}

static void hear_end(void *data, const ExecResult *result)
{
    ck_assert_int_eq(result->exit_status, result->signal > 0 ? 128 + result->signal : 4);
    ((Fake *) data)->ended++;
}

static bool run(Fake *fake, const char *text, unsigned timeout_ms, ExecResult *ret_result, GError **error)
{
    ExecRequest request = { .argv = (const char *const[]) { "/bin/sh", "-c", text, NULL }, .timeout_ms = timeout_ms, .output = hear,
                            .data = fake };

    return vm->exec(fake->machine, &request, ret_result, error);
}

static const struct {
    const char *text;
    unsigned timeout_ms;
    const char *output;
    int status;
    bool timed_out;
    int64_t duration_ms;
} programs[] = {
    { "echo time=1.5 ms", 0, "time=1.5 ms\n", 0, false, 1 },
    { "echo 'a  b'; echo c\necho d", 0, "a  b\nc\nd\n", 0, false, 1 },
    { "echo a; fail 3; echo b", 0, "a\n", 3, false, 1 },
    { "iperf3 -c server | tail -1", 0, "", 0, false, 1 },     /* what is not known succeeds */
    { "echo 'open", 0, "", 0, false, 1 },                     /* neither is half a quote */
    { "sleep 30; echo done", 1000, "done\n", 0, false, 31 },
    { "sleep 5000; echo done", 50, "", 137, true, 5001 },
    { "echo a; hang", 50, "a\n", 137, true, 1 },
};

START_TEST(programs_do_what_their_commands_say)
{
    Fake fake = fake_new();
    ExecResult result = { 0 };
    g_autoptr(GError) error = NULL;

    ck_assert_ok(vm->boot(fake.machine, &error) && vm->wait_ready(fake.machine, 10, &error), error);
    ck_assert_ok(run(&fake, programs[_i].text, programs[_i].timeout_ms, &result, &error), error);
    ck_assert_str_eq(fake.output->str, programs[_i].output);
    ck_assert_int_eq(result.exit_status, programs[_i].status);
    ck_assert_int_eq(result.timed_out, programs[_i].timed_out);
    ck_assert_int_eq(result.guest_duration_ns, programs[_i].duration_ms * 1000000);
    fake_end(&fake);
}
END_TEST

START_TEST(a_machine_that_dies_answers_nothing_more)
{
    Fake fake = fake_new();
    ExecResult result;
    g_autoptr(GError) error = NULL, later = NULL;

    ck_assert(!run(&fake, "echo a; die", 0, &result, &error));
    ck_assert_str_eq(error->message, "machine 'server' closed its channel");
    ck_assert_str_eq(fake.output->str, "a\n");
    ck_assert(!vm->write_file(fake.machine, "/x", 0644, unit_file_of("x", 1), &later));
    fake_end(&fake);
}
END_TEST

static gpointer stop_soon(gpointer data)
{
    g_usleep(50000);
    return GINT_TO_POINTER(vm->stop(((Fake *) data)->machine, NULL));
}

START_TEST(stopping_ends_a_program_that_hangs)
{
    Fake fake = fake_new();
    ExecResult result;
    GThread *thread = g_thread_new("stop", stop_soon, &fake);
    g_autoptr(GError) error = NULL;

    ck_assert(!run(&fake, "hang", 0, &result, &error));
    ck_assert_str_eq(error->message, "machine 'server' closed its channel");
    ck_assert_int_eq(GPOINTER_TO_INT(g_thread_join(thread)), true);
    fake_end(&fake);
}
END_TEST

START_TEST(background_programs_end_at_once_or_never)
{
    Fake fake = fake_new();
    ExecRequest request = { .argv = (const char *const[]) { "/bin/sh", "-c", "echo up; sleep 60000; fail 4", NULL }, .background = true,
                            .output = hear, .ended = hear_end, .data = &fake };
    g_autoptr(GError) error = NULL;

    ck_assert_ok(vm->exec(fake.machine, &request, NULL, &error), error);
    ck_assert_str_eq(fake.output->str, "up\n");
    ck_assert_uint_eq(fake.ended, 1);
    request.argv = (const char *const[]) { "/bin/sh", "-c", "hang", NULL };
    ck_assert_ok(vm->exec(fake.machine, &request, NULL, &error), error);
    ck_assert_uint_eq(fake.ended, 1);
    ck_assert_ok(vm->signal(fake.machine, "somebody else", SIGTERM, &error), error);
    ck_assert_uint_eq(fake.ended, 1);
    ck_assert_ok(vm->signal(fake.machine, &fake, SIGTERM, &error), error);
    ck_assert_uint_eq(fake.ended, 2);
    request.argv = (const char *const[]) { "/bin/sh", "-c", "stubborn", NULL };
    ck_assert_ok(vm->exec(fake.machine, &request, NULL, &error) && vm->signal(fake.machine, &fake, SIGTERM, &error), error);
    ck_assert_uint_eq(fake.ended, 2);
    ck_assert_ok(vm->signal(fake.machine, &fake, SIGKILL, &error), error);
    ck_assert_uint_eq(fake.ended, 3);
    fake_end(&fake);
}
END_TEST

static char *read_back(Fake *fake, const char *path, GError **error)
{
    g_autofree char *copy = g_build_filename(fake->folder, "copy", NULL);
    int fd = open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = vm->read_file(fake->machine, path, fd, error);
    char *text = NULL;
    size_t size;

    close(fd);
    return ok && file_read(copy, 1000, &text, &size, error) ? text : NULL;
}

START_TEST(programs_read_files_as_their_input_and_hash_them)
{
    Fake fake = fake_new();
    ExecRequest request = { .argv = (const char *const[]) { "/bin/sh", "-c", "x", "stdin", "/in", "/bin/sh", "-c", "cat", NULL },
                            .output = hear, .data = &fake };
    g_autoptr(GError) error = NULL;

    ck_assert_ok(vm->write_file(fake.machine, "/in", 0644, unit_file_of("said\n", 5), &error), error);
    ck_assert_ok(vm->exec(fake.machine, &request, NULL, &error), error);
    request.argv = (const char *const[]) { "/bin/sh", "-c", "x", "hash", "/in", NULL };
    ck_assert_ok(vm->exec(fake.machine, &request, NULL, &error), error);
    ck_assert_str_eq(fake.output->str, "said\n14f3cba70f4dd8e17f76f6897ac4a8993aab0ce265ea401f8d4ea440272db9c6  /in\n");
    fake_end(&fake);
}
END_TEST

START_TEST(files_are_kept_and_unknown_ones_are_errors)
{
    Fake fake = fake_new();
    ExecResult result;
    g_autofree char *given = NULL, *made = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert_ok(vm->write_file(fake.machine, "/etc/given", 0644, unit_file_of("given\n", 6), &error), error);
    ck_assert_ok(run(&fake, "write /var/log/made 'by  a program'", 0, &result, &error), error);
    given = read_back(&fake, "/etc/given", &error);
    made = read_back(&fake, "/var/log/made", &error);
    ck_assert_str_eq(given, "given\n");
    ck_assert_str_eq(made, "by  a program\n");
    ck_assert_ptr_null(read_back(&fake, "/no/file", &error));
    ck_assert_str_eq(error->message, "machine 'server': could not open '/no/file': No such file or directory");
    fake_end(&fake);
}
END_TEST

START_TEST(the_environment_makes_boots_fail_or_hang)
{
    Fake fake = fake_new();
    g_autoptr(GError) failed = NULL, late = NULL;
    int64_t started_ns = clock_monotonic_ns();

    g_setenv("TRIALBED_FAKE_BOOT", "fail", TRUE);
    ck_assert(!vm->boot(fake.machine, &failed));
    ck_assert_str_eq(failed->message, "machine 'server': could not be started: TRIALBED_FAKE_BOOT says so");
    g_setenv("TRIALBED_FAKE_BOOT", "hang", TRUE);
    ck_assert(vm->boot(fake.machine, NULL));
    ck_assert(!vm->wait_ready(fake.machine, 100, &late));
    ck_assert_str_eq(late->message, "machine 'server' did not answer within 0.1 s");
    ck_assert_int_ge(clock_monotonic_ns() - started_ns, 100000000);
    fake_end(&fake);
}
END_TEST

START_TEST(the_console_is_a_file_and_tells_of_the_end)
{
    Fake fake = fake_new();
    g_autofree char *expected = g_strdup_printf("the console (%s) ends with: machine server booted", fake.console);
    g_autofree char *nothing = vm->diagnose(fake.machine);
    g_autofree char *hint = NULL;

    ck_assert_ptr_null(nothing);
    ck_assert(vm->boot(fake.machine, NULL));
    hint = vm->diagnose(fake.machine);
    ck_assert_str_eq(hint, expected);
    fake_end(&fake);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, programs_do_what_their_commands_say, 0, G_N_ELEMENTS(programs));
    tcase_add_test(tcase, a_machine_that_dies_answers_nothing_more);
    tcase_add_test(tcase, stopping_ends_a_program_that_hangs);
    tcase_add_test(tcase, background_programs_end_at_once_or_never);
    tcase_add_test(tcase, programs_read_files_as_their_input_and_hash_them);
    tcase_add_test(tcase, files_are_kept_and_unknown_ones_are_errors);
    tcase_add_test(tcase, the_environment_makes_boots_fail_or_hang);
    tcase_add_test(tcase, the_console_is_a_file_and_tells_of_the_end);
}

int main(void)
{
    return unit_run("vm/fake", add_tests);
}
