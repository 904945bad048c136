// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/container.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/files.h"

enum { STATUS_NO_CONTAINER = 125 };

/* All texts that the new process needs: it must not allocate. */
typedef struct Plan {
    const ContainerSpec *spec;
    int gate;
    char *root, *overlay;
} Plan;

/* Everything down to container_prepare() runs in the new process, between clone and exec: no allocation, no GLib. */

static void fail(const char *what)
{
    dprintf(2, "trialbed: container: %s: %s\n", what, strerror(errno));
    _exit(STATUS_NO_CONTAINER);
}

static const struct {
    const char *type, *place, *options;
    unsigned long flags;
} mounts[] = {
    { "proc", "proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
    { "sysfs", "sys", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY },
    { "tmpfs", "dev", "mode=0755", MS_NOSUID },
    { "tmpfs", "tmp", "mode=1777", MS_NOSUID | MS_NODEV },
    { "tmpfs", "run", "mode=0755", MS_NOSUID | MS_NODEV },
    { "tmpfs", "dev/shm", "mode=1777", MS_NOSUID | MS_NODEV },
    { "devpts", "dev/pts", "newinstance,ptmxmode=0666,mode=0620", MS_NOSUID | MS_NOEXEC },
};

static void mounts_make(void)
{
    for (size_t i = 0; i < sizeof mounts / sizeof mounts[0]; i++) {
        if (mkdir(mounts[i].place, 0755) != 0 && errno != EEXIST)
            fail(mounts[i].place);
        if (mount(mounts[i].type, mounts[i].place, mounts[i].type, mounts[i].flags, mounts[i].options) != 0)
            fail(mounts[i].place);
    }
}

/* Without root no device can be made, but the host's can be shown. What it has not got or keeps to itself is not there. */
static void devices_show(void)
{
    static const struct {
        const char *host, *here;
    } devices[] = {
        { "/dev/null", "dev/null" },     { "/dev/zero", "dev/zero" },       { "/dev/full", "dev/full" },
        { "/dev/random", "dev/random" }, { "/dev/urandom", "dev/urandom" }, { "/dev/tty", "dev/tty" },
    };
    static const struct {
        const char *target, *here;
    } links[] = {
        { "/proc/self/fd", "dev/fd" }, { "/proc/self/fd/0", "dev/stdin" }, { "/proc/self/fd/1", "dev/stdout" },
        { "/proc/self/fd/2", "dev/stderr" }, { "pts/ptmx", "dev/ptmx" },
    };

    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        int fd = open(devices[i].here, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

        if (fd < 0)
            fail(devices[i].here);
        close(fd);
        if (mount(devices[i].host, devices[i].here, NULL, MS_BIND, NULL) != 0)
            unlink(devices[i].here);
    }
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        if (symlink(links[i].target, links[i].here) != 0)
            fail(links[i].here);
}

/* A user's own overlay keeps its notes in attributes that users may write. */
static void root_enter(const Plan *plan)
{
    if (mount("overlay", plan->root, "overlay", 0, plan->overlay) != 0)
        fail("root");
    if (chdir(plan->root) != 0)
        fail(plan->root);
    mounts_make();
    devices_show();
    if (chroot(".") != 0)
        fail("chroot");
}

static void descriptors_take(const Plan *plan)
{
    int nothing = open("dev/null", O_RDONLY);
    int program = fcntl(plan->spec->program, F_DUPFD, 10);
    int channel = fcntl(plan->spec->channel, F_DUPFD, 10);

    if (nothing < 0 || program < 0 || channel < 0 || dup2(nothing, 0) < 0 || dup2(channel, CONTAINER_CHANNEL_FD) < 0
        || dup2(program, CONTAINER_CHANNEL_FD + 1) < 0
        || fcntl(CONTAINER_CHANNEL_FD + 1, F_SETFD, FD_CLOEXEC) != 0)
        fail("descriptors");
    syscall(SYS_close_range, CONTAINER_CHANNEL_FD + 2, ~0U, 0);
}

/* The caller's end is ours too when it dies before it lets us start: then the gate only closes. */
static void gate_wait(int gate)
{
    char byte;

    if (fd_read(gate, &byte, 1) != 1)
        _exit(0);
}

static void container_main(const Plan *plan)
{
    static const char *const environment[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL };
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(plan->spec->output, 1) < 0 || dup2(plan->spec->output, 2) < 0)
        _exit(STATUS_NO_CONTAINER);
    root_enter(plan);
    gate_wait(plan->gate);
    descriptors_take(plan);
    if (setsid() < 0 || chdir("/") != 0)
        fail("session");
    syscall(SYS_execveat, CONTAINER_CHANNEL_FD + 1, "", plan->spec->argv, environment, AT_EMPTY_PATH);
    fail("program");
}

static bool folders_make(const ContainerSpec *spec, Plan *plan, GError **error)
{
    g_autofree char *upper = g_build_filename(spec->folder, "upper", NULL);
    g_autofree char *work = g_build_filename(spec->folder, "work", NULL);

    plan->root = g_build_filename(spec->folder, "root", NULL);
    plan->overlay = g_strdup_printf("lowerdir=%s,upperdir=%s,workdir=%s%s", spec->lower, upper, work, geteuid() != 0 ? ",userxattr" : "");
    if (strpbrk(spec->lower, ",:\\") != NULL)
        return error_set(error, ERROR_HOST, "'%s' cannot be the root of a machine: its path has a ',', ':' or '\\'", spec->lower);
    return folder_make(plan->root, error) && folder_make(upper, error) && folder_make(work, error);
}

static bool container_clone(const Plan *plan, int outer_gate, pid_t *ret_pid, GError **error)
{
    struct clone_args args = { .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET,
                               .exit_signal = SIGCHLD };
    pid_t pid = (pid_t) syscall(SYS_clone3, &args, sizeof args);

    if (pid == 0) {
        close(outer_gate); /* else our own copy of it would keep the gate open */
        container_main(plan);
    }
    *ret_pid = pid;
    return pid > 0 || error_set_errno(error, ERROR_HOST, "could not make the namespaces of a machine");
}

bool container_prepare(const ContainerSpec *spec, pid_t *ret_pid, int *ret_gate, GError **error)
{
    Plan plan = { .spec = spec };
    int gate[2] = { -1, -1 };
    bool ok = folders_make(spec, &plan, error);

    if (ok && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gate) != 0)
        ok = error_set_errno(error, ERROR_HOST, "could not make a socket pair");
    plan.gate = gate[0];
    ok = ok && container_clone(&plan, gate[1], ret_pid, error);
    if (gate[0] >= 0)
        close(gate[0]);
    if (!ok && gate[1] >= 0)
        close(gate[1]);
    if (ok)
        *ret_gate = gate[1];
    g_free(plan.root);
    g_free(plan.overlay);
    return ok;
}
