// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "tests/unit/nursery.h"
#include "tests/unit/unit.h"

/* What is done in the sandboxes: say who you are, and do what the answer says. */
static int work(int channel)
{
    char order = 0;
    char name[16] = "";

    prctl(PR_GET_NAME, name);
    if (dprintf(channel, "%d %s", getpid(), name) < 0 || read(channel, &order, 1) != 1)
        return 3;
    if (order == 'p')
        printf("hello\n");
    if (order == 's')
        pause();
    if (order == 'q')
        return is_equipped;
    if (order == 'f')
        return furniture[0];
    return order == 'e' ? 42 : 0;
}

static Nursery *nursery;

static void setup(void)
{
    nursery = nursery_new(NURSERY_PROGRAM);
}

static void teardown(void)
{
    nursery_free(nursery);
    ck_assert_int_eq(waitpid(-1, NULL, 0), -1); /* no child is left, dead or alive */
    ck_assert_int_eq(errno, ECHILD);
}

static void take_wished(const NurseryWish *wish, Nursling *nursling)
{
    g_autoptr(GError) error = NULL;
    char text[64];
    ssize_t got;

    ck_assert_ok(nursery_take(nursery, wish, nursling, &error), error);
    got = read(nursling->channel, text, sizeof text - 1);
    ck_assert_int_gt(got, 0);
    text[got] = '\0';
    ck_assert_str_eq(text, "2 tb-worker"); /* in a namespace of its own */
}

static void take(Nursling *nursling)
{
    take_wished(&(NurseryWish) { 0 }, nursling);
}

static int end(Nursling *nursling, const char *order)
{
    int status;

    ck_assert_int_eq(write(nursling->channel, order, 1), 1);
    ck_assert_int_eq(waitpid(nursling->pid, &status, 0), nursling->pid); /* our own child */
    close(nursling->channel);
    close(nursling->output);
    return status;
}

/* The process IDs of our children with that name. */
static pid_t find_child(const char *wanted)
{
    g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", getpid());
    g_autofree char *text = NULL;
    g_auto(GStrv) pids = NULL;

    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    pids = g_strsplit(g_strchomp(text), " ", -1);
    for (char **pid = pids; *pid != NULL; pid++) {
        g_autofree char *comm = g_strdup_printf("/proc/%s/comm", *pid);
        g_autofree char *name = NULL;

        if (g_file_get_contents(comm, &name, NULL, NULL) && strcmp(g_strchomp(name), wanted) == 0)
            return atoi(*pid); /* allowed: a number of the kernel's */
    }
    return 0;
}

static void await_child(const char *wanted, pid_t *ret_pid)
{
    for (unsigned i = 0; i < 500 && (*ret_pid = find_child(wanted)) == 0; i++)
        g_usleep(10000);
    ck_assert_int_gt(*ret_pid, 0);
}

START_TEST(every_sandbox_is_a_child_that_does_its_work)
{
    for (unsigned i = 0; i < 5; i++) {
        Nursling first, second;

        take(&first);
        take(&second);
        ck_assert_int_eq(end(&first, "e"), 42 << 8);
        ck_assert_int_eq(end(&second, "x"), 0);
    }
}
END_TEST

START_TEST(what_it_prints_is_in_its_output)
{
    Nursling nursling;
    char text[16] = "";
    int output;

    take(&nursling);
    output = dup(nursling.output);
    ck_assert_int_eq(end(&nursling, "p"), 0);
    ck_assert_int_eq(pread(output, text, sizeof text - 1, 0), 6);
    ck_assert_str_eq(text, "hello\n");
    close(output);
}
END_TEST

/* The spare that is ready when the wish changes is of the wrong kind once, and good enough from then on. */
START_TEST(only_the_first_that_must_be_equipped_makes_all_later_ones_so)
{
    static const struct {
        bool wished, is;
    } takes[] = { { false, false }, { false, false }, { true, true }, { true, true }, { false, true }, { false, true }, { true, true } };

    for (size_t i = 0; i < G_N_ELEMENTS(takes); i++) {
        NurseryWish wish = { .equipped = takes[i].wished };
        Nursling nursling;

        take_wished(&wish, &nursling);
        ck_assert_msg(end(&nursling, "q") == takes[i].is << 8, "take %zu", i);
    }
}
END_TEST

START_TEST(a_sandbox_is_furnished_as_it_was_wished)
{
    static const struct {
        const char *wished;
        bool equipped;
        int is;
    } takes[] = { { "a", true, 'a' }, { "a", true, 'a' }, { "b", true, 'b' }, { "", true, 0 }, { "c", false, 0 } };

    for (size_t i = 0; i < G_N_ELEMENTS(takes); i++) {
        NurseryWish wish = { .equipped = takes[i].equipped };
        Nursling nursling;

        g_strlcpy(wish.furniture, takes[i].wished, sizeof wish.furniture);
        if (i == 0)
            nursery_expect(nursery, &wish);
        take_wished(&wish, &nursling);
        ck_assert_msg(end(&nursling, "f") == takes[i].is << 8, "take %zu", i);
    }
}
END_TEST

START_TEST(one_that_was_expected_is_there_before_it_is_taken)
{
    Nursling nursling;
    pid_t pid;

    nursery_expect(nursery, &(NurseryWish) { 0 });
    await_child("tb-init", &pid);
    take(&nursling);
    ck_assert_int_eq(nursling.pid, pid);
    ck_assert_int_eq(end(&nursling, "e"), 42 << 8);
}
END_TEST

START_TEST(a_nursery_that_was_killed_is_started_again)
{
    Nursling before, after;
    pid_t pid;

    take(&before);
    await_child("tb-nursery", &pid);
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    g_usleep(50000);
    take(&after); /* the one that was ready, or of the new nursery */
    ck_assert_int_eq(end(&after, "e"), 42 << 8);
    take(&after);
    ck_assert_int_eq(end(&after, "e"), 42 << 8);
    ck_assert_int_eq(end(&before, "e"), 42 << 8); /* its sandboxes do not care */
}
END_TEST

START_TEST(a_spare_that_was_killed_is_not_handed_out)
{
    Nursling nursling;
    pid_t pid;

    take(&nursling);
    ck_assert_int_eq(end(&nursling, "x"), 0);
    await_child("tb-init", &pid);
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    g_usleep(50000);
    take(&nursling);
    ck_assert_int_ne(nursling.pid, pid);
    ck_assert_int_eq(end(&nursling, "x"), 0);
}
END_TEST

/* A process of its own takes one, sets it to work, and is killed: neither it, nor the spare, nor the nursery survive it. All hold the
 * channel that we read from. */
START_TEST(the_death_of_their_user_ends_all_of_them)
{
    int ends[2];
    char byte;
    pid_t pid;

    ck_assert_int_eq(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        Nursling nursling;

        close(ends[0]);
        take(&nursling);
        if (write(nursling.channel, "s", 1) != 1 || write(ends[1], "x", 1) != 1)
            _exit(1);
        pause();
    }
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(read(ends[0], &byte, 1), 0); /* the nursery inherited it, and is gone */
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    close(ends[0]);
}
END_TEST

START_TEST(a_program_that_is_no_nursery_is_told)
{
    g_autoptr(Nursery) other = nursery_new("/bin/true");
    g_autoptr(GError) error = NULL;
    Nursling nursling;

    ck_assert(!nursery_take(other, &(NurseryWish) { 0 }, &nursling, &error));
    ck_assert_str_eq(error->message, "'/bin/true worker', which makes workers, ends at once");
}
END_TEST

START_TEST(a_program_that_is_not_there_is_told)
{
    g_autoptr(Nursery) other = nursery_new("/nonexistent/worker");
    g_autoptr(GError) error = NULL;
    Nursling nursling;

    ck_assert(!nursery_take(other, &(NurseryWish) { 0 }, &nursling, &error));
    ck_assert_str_eq(error->message, "could not start '/nonexistent/worker': No such file or directory");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, every_sandbox_is_a_child_that_does_its_work);
    tcase_add_test(tcase, what_it_prints_is_in_its_output);
    tcase_add_test(tcase, only_the_first_that_must_be_equipped_makes_all_later_ones_so);
    tcase_add_test(tcase, a_sandbox_is_furnished_as_it_was_wished);
    tcase_add_test(tcase, one_that_was_expected_is_there_before_it_is_taken);
    tcase_add_test(tcase, a_nursery_that_was_killed_is_started_again);
    tcase_add_test(tcase, a_spare_that_was_killed_is_not_handed_out);
    tcase_add_test(tcase, the_death_of_their_user_ends_all_of_them);
    tcase_add_test(tcase, a_program_that_is_no_nursery_is_told);
    tcase_add_test(tcase, a_program_that_is_not_there_is_told);
}

int main(void)
{
    return unit_run("base/nursery", add_tests);
}
