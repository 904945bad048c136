// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/base/sandbox.h"
#include "tests/unit/namespace.h"

enum { NOBODY = 65534 };

typedef struct Box {
    pid_t pid;
    int channel, output; /* our ends */
} Box;

static void box_start(Box *box, const char *program, const char *line, bool share_network)
{
    SandboxSpec spec = { .argv = (const char *const[]) { program, "-c", line, NULL }, .share_network = share_network };
    int channel[2], output[2];
    g_autoptr(GError) error = NULL;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel), 0);
    ck_assert_int_eq(pipe2(output, O_CLOEXEC), 0);
    spec.channel = channel[1];
    spec.output = output[1];
    ck_assert_ok(sandbox_spawn(&spec, &box->pid, &error), error);
    close(channel[1]);
    close(output[1]);
    box->channel = channel[0];
    box->output = output[0];
}

/* Everything up to the end; it comes when nobody holds the other end any more. */
static char *read_all(int fd)
{
    GString *text = g_string_new(NULL);
    char buffer[4096];
    ssize_t got;

    while ((got = read(fd, buffer, sizeof buffer)) > 0 || (got < 0 && errno == EINTR))
        g_string_append_len(text, buffer, MAX(got, 0));
    return g_string_free(text, FALSE);
}

static int box_end(Box *box, char **ret_output)
{
    g_autofree char *output = read_all(box->output);
    int status;

    ck_assert_int_eq(waitpid(box->pid, &status, 0), box->pid);
    ck_assert(WIFEXITED(status));
    close(box->channel);
    close(box->output);
    if (ret_output != NULL)
        *ret_output = g_steal_pointer(&output);
    return WEXITSTATUS(status);
}

static int box_run(const char *line, char **ret_output)
{
    Box box;

    box_start(&box, "/bin/sh", line, false);
    return box_end(&box, ret_output);
}

/* How many processes of this host have `marker` in their command line. */
static unsigned process_count(const char *marker)
{
    g_autoptr(GDir) folder = g_dir_open("/proc", 0, NULL);
    const char *name;
    unsigned count = 0;

    while ((name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *path = g_build_filename("/proc", name, "cmdline", NULL);
        g_autofree char *text = NULL;
        gsize size = 0;

        if (!g_ascii_isdigit(*name) || !g_file_get_contents(path, &text, &size, NULL))
            continue;
        count += memmem(text, size, marker, strlen(marker)) != NULL; /* it holds NULs */
    }
    return count;
}

static void wait_for_count(const char *marker, unsigned wanted)
{
    for (unsigned i = 0; i < 500; i++) {
        if (process_count(marker) == wanted)
            return;
        g_usleep(10000);
    }
    ck_abort_msg("%u processes have '%s', %u expected", process_count(marker), marker, wanted);
}

/* "98765.PID": a duration for sleep that nobody else on this host uses. */
static char *marker_new(void)
{
    return g_strdup_printf("98765.%d", getpid());
}

static const struct {
    const char *line;
    int status;
} endings[] = {
    { "exit 0", 0 },
    { "exit 7", 7 },
    { "exit 255", 255 },
    { "kill -TERM $$", 128 + SIGTERM },
    { "kill -KILL $$", 128 + SIGKILL },
    { "(exit 3) & sleep 0.1; exit 4", 4 }, /* an orphan or a child is not the program */
    { "kill -KILL 1; kill -TERM 1; exit 5", 5 }, /* nobody inside can end the init */
};

START_TEST(the_exit_status_passes_through)
{
    ck_assert_int_eq(box_run(endings[_i].line, NULL), endings[_i].status);
}
END_TEST

START_TEST(a_program_that_is_not_there_ends_with_127)
{
    Box box;
    g_autofree char *output = NULL;

    box_start(&box, "/nowhere/program", "", false);
    ck_assert_int_eq(box_end(&box, &output), 127);
    ck_assert_str_eq(output, "trialbed: sandbox: could not start '/nowhere/program': No such file or directory\n");
}
END_TEST

static const struct {
    const char *line, *output;
} views[] = {
    { "ls -A /run | wc -l", "0\n" },
    { "touch /run/x && ls /run", "x\n" },
    { "echo $$; set -- /proc/[0-9]*; echo $#", "2\n2\n" }, /* init and shell */
    { "tail -n +3 /proc/net/dev | cut -d: -f1", "    lo\n" },
    { "cat /sys/class/net/lo/flags; ls /sys/class/net", "0x9\nlo\n" }, /* up; and /sys shows this network */
    { "touch /sys/x 2>&1 | grep -o 'Read-only file system'", "Read-only file system\n" },
    { "cat; echo end", "end\n" }, /* an empty standard input */
    { "for fd in /proc/self/fd/*; do [ -e $fd ] && echo ${fd##*/}; done", "0\n1\n2\n3\n" },
    { "while read n m; do case $n in SigBlk:|SigIgn:) echo $n$((0x$m & 0x7fffffff));; esac; done </proc/self/status",
      "SigBlk:0\nSigIgn:0\n" }, /* but for 32 and 33, which libc keeps to itself */
    { "(sleep 0.1 &) ; sleep 0.4; set -- /proc/[0-9]*; echo $#", "2\n" }, /* the orphan was reaped */
};

START_TEST(the_world_inside_is_small_and_new)
{
    g_autofree char *output = NULL;
    int stray = open("/dev/null", O_RDONLY); /* not close-on-exec: must not get in all the same */
    sigset_t all;

    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    box_run(views[_i].line, &output);
    close(stray);
    ck_assert_str_eq(output, views[_i].output);
}
END_TEST

START_TEST(the_host_is_left_as_it_was)
{
    g_autofree char *mounts_before = NULL;
    g_autofree char *mounts_during = NULL;
    char name_before[256], name_during[256];
    Box box;
    char byte;

    ck_assert(g_file_get_contents("/proc/self/mountinfo", &mounts_before, NULL, NULL));
    gethostname(name_before, sizeof name_before);
    box_start(&box, "/bin/sh",
              "mount -t tmpfs x /mnt && echo elsewhere >/proc/sys/kernel/hostname && ip link add d0 type bridge && "
              "ls /sys/class/net >&3; read line <&3; exit 9", false);
    ck_assert_int_eq(read(box.channel, &byte, 1), 1);
    ck_assert(g_file_get_contents("/proc/self/mountinfo", &mounts_during, NULL, NULL));
    gethostname(name_during, sizeof name_during);
    ck_assert_str_eq(mounts_during, mounts_before);
    ck_assert_str_eq(name_during, name_before);
    ck_assert(!g_file_test("/sys/class/net/d0", G_FILE_TEST_EXISTS));
    ck_assert_int_eq(write(box.channel, "\n", 1), 1);
    ck_assert_int_eq(box_end(&box, NULL), 9);
}
END_TEST

START_TEST(the_channel_speaks_both_ways_and_belongs_to_the_program_alone)
{
    Box box;
    g_autofree char *answer = NULL;
    g_autofree char *marker = marker_new();
    g_autofree char *line = g_strdup_printf("read line <&3; echo got $line >&3; exec 3>&- sleep %s", marker);

    box_start(&box, "/bin/sh", line, false);
    ck_assert_int_eq(write(box.channel, "hello\n", 6), 6);
    answer = read_all(box.channel); /* ends although the program and its init live on */
    ck_assert_str_eq(answer, "got hello\n");
    ck_assert_uint_eq(process_count(marker), 1);
    kill(box.pid, SIGKILL);
    waitpid(box.pid, NULL, 0);
}
END_TEST

START_TEST(what_the_program_leaves_behind_ends_with_it)
{
    g_autofree char *marker = marker_new();
    g_autofree char *line = g_strdup_printf("setsid sleep %s & sleep %s & exit 3", marker, marker);

    ck_assert_int_eq(box_run(line, NULL), 3);
    wait_for_count(marker, 0);
}
END_TEST

/* As whom: 0, or NOBODY with a user namespace of its own. */
static const uid_t users[] = { 0, NOBODY };

static bool user_become(uid_t uid)
{
    if (uid == 0)
        return geteuid() == 0;
    if (!unit_user_namespaces() || (geteuid() == 0 && (setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0)))
        return false;
    return prctl(PR_SET_DUMPABLE, 1) == 0; /* whoever changes user loses /proc/self otherwise */
}

START_TEST(killing_the_init_ends_all_of_it)
{
    g_autofree char *marker = marker_new();
    g_autofree char *line = g_strdup_printf("setsid sleep %s & sleep %s & wait", marker, marker);
    Box box;
    int status;

    if (!user_become(users[_i]))
        return;
    box_start(&box, "/bin/sh", line, false);
    wait_for_count(marker, 3); /* the shell's command line has it too */
    kill(box.pid, SIGKILL);
    ck_assert_int_eq(waitpid(box.pid, &status, 0), box.pid);
    ck_assert(WIFSIGNALED(status));
    wait_for_count(marker, 0);
}
END_TEST

START_TEST(the_death_of_its_parent_ends_all_of_it)
{
    g_autofree char *marker = marker_new();
    g_autofree char *line = g_strdup_printf("setsid sleep %s & sleep %s & wait", marker, marker);
    pid_t parent;
    Box box;

    if (!user_become(users[_i]))
        return;
    parent = fork();
    ck_assert_int_ge(parent, 0);
    if (parent == 0) {
        box_start(&box, "/bin/sh", line, false);
        pause();
        _exit(0);
    }
    wait_for_count(marker, 3);
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    wait_for_count(marker, 0);
}
END_TEST

START_TEST(a_parent_that_dies_at_once_leaves_nothing)
{
    g_autofree char *marker = marker_new();
    g_autofree char *line = g_strdup_printf("sleep %s", marker);

    for (unsigned i = 0; i < 40; i++) {
        pid_t parent = fork();
        Box box;

        ck_assert_int_ge(parent, 0);
        if (parent == 0) {
            box_start(&box, "/bin/sh", line, false);
            _exit(0);
        }
        waitpid(parent, NULL, 0);
    }
    g_usleep(300000);
    wait_for_count(marker, 0);
}
END_TEST

START_TEST(an_ordinary_user_keeps_its_id_and_may_do_all_inside)
{
    g_autofree char *output = NULL;

    if (!user_become(NOBODY))
        return;
    ck_assert_int_eq(box_run("id -u; mount -t tmpfs x /mnt && ip link add d0 type bridge && ls /sys/class/net",
                             &output), 0);
    ck_assert_msg(g_strcmp0(output, "65534\nd0\nlo\n") == 0 || getuid() != NOBODY, "%s", output);
}
END_TEST

START_TEST(a_shared_network_is_the_callers)
{
    g_autofree char *ours = g_file_read_link("/proc/self/ns/net", NULL);
    g_autofree char *output = NULL;
    Box box;

    box_start(&box, "/bin/sh", "readlink /proc/self/ns/net; readlink /proc/self/ns/mnt", true);
    ck_assert_int_eq(box_end(&box, &output), 0);
    ck_assert(g_str_has_prefix(output, ours));
}
END_TEST

static gpointer allocate_until_told(gpointer told)
{
    while (!g_atomic_int_get((int *) told))
        g_free(g_malloc((gsize) g_random_int_range(1, 100000)));
    return NULL;
}

START_TEST(threads_that_allocate_do_not_hang_it)
{
    int told = 0;
    GThread *threads[2];

    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("allocate", allocate_until_told, &told);
    for (unsigned i = 0; i < 100; i++)
        ck_assert_int_eq(box_run("exit 6", NULL), 6);
    g_atomic_int_set(&told, 1);
    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
}
END_TEST

START_TEST(this_host_can_do_it)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ok(sandbox_probe(&error), error);
}
END_TEST

START_TEST(without_the_right_the_probe_says_what_to_do)
{
    g_autoptr(GError) error = NULL;

    if (geteuid() != 0 || !unit_user_namespaces())
        return;
    /* root of nothing: its ID has no map, so no capability outlives the clone */
    ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
    ck_assert(!sandbox_probe(&error));
    ck_assert_msg(strstr(error->message, "\nhint: ") != NULL, "%s", error->message);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, the_exit_status_passes_through, 0, G_N_ELEMENTS(endings));
    tcase_add_test(tcase, a_program_that_is_not_there_ends_with_127);
    tcase_add_loop_test(tcase, the_world_inside_is_small_and_new, 0, G_N_ELEMENTS(views));
    tcase_add_test(tcase, the_host_is_left_as_it_was);
    tcase_add_test(tcase, the_channel_speaks_both_ways_and_belongs_to_the_program_alone);
    tcase_add_test(tcase, what_the_program_leaves_behind_ends_with_it);
    tcase_add_loop_test(tcase, killing_the_init_ends_all_of_it, 0, G_N_ELEMENTS(users));
    tcase_add_loop_test(tcase, the_death_of_its_parent_ends_all_of_it, 0, G_N_ELEMENTS(users));
    tcase_add_test(tcase, a_parent_that_dies_at_once_leaves_nothing);
    tcase_add_test(tcase, an_ordinary_user_keeps_its_id_and_may_do_all_inside);
    tcase_add_test(tcase, a_shared_network_is_the_callers);
    tcase_add_test(tcase, threads_that_allocate_do_not_hang_it);
    tcase_add_test(tcase, this_host_can_do_it);
    tcase_add_test(tcase, without_the_right_the_probe_says_what_to_do);
}

int main(void)
{
    return unit_run("base/sandbox", add_tests);
}
