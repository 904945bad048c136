// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/base/error.h"

enum { TIE_FD = SANDBOX_CHANNEL_FD + 1 };
enum { STATUS_NO_NAMESPACE = 125, STATUS_NO_PROGRAM = 127 };

/* Everything down to init_main() runs in the new process, between clone and exec: no allocation, no GLib. */

static void fail(const char *what)
{
    dprintf(2, "trialbed: sandbox: %s: %s\n", what, strerror(errno)); /* errno text is enough: nobody parses it */
    _exit(STATUS_NO_NAMESPACE);
}

static void write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        fail(path);
    close(fd);
}

/* libvirt takes its unprivileged paths only when the user ID is not 0, so we keep ours and carry the capabilities over
 * exec as ambient ones. A map of a single ID needs neither setuid helper nor /etc/subuid. */
static void user_namespace_enter(uid_t uid, gid_t gid)
{
    struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct sets[2];
    char map[64];

    write_text("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "%u %u 1\n", uid, uid);
    write_text("/proc/self/uid_map", map);
    snprintf(map, sizeof map, "%u %u 1\n", gid, gid);
    write_text("/proc/self/gid_map", map);
    if (syscall(SYS_capget, &header, sets) != 0)
        fail("capget");
    sets[0].inheritable = sets[0].permitted;
    sets[1].inheritable = sets[1].permitted;
    if (syscall(SYS_capset, &header, sets) != 0)
        fail("capset");
    for (unsigned capability = 0; capability <= CAP_LAST_CAP; capability++)
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
}

static void loopback_up(void)
{
    struct ifreq request = { .ifr_name = "lo" };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) != 0)
        fail("loopback");
    request.ifr_flags |= IFF_UP;
    if (ioctl(fd, SIOCSIFFLAGS, &request) != 0)
        fail("loopback");
    close(fd);
}

/* What we mount must not show outside. In a chroot "/" is no mount that could be made private: then a private copy of the
 * whole tree becomes our root. It needs a place for a moment, and /proc is a mount everywhere. */
static void root_make_private(void)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
        return;
    if (errno != EINVAL || mount(NULL, "/proc", NULL, MS_PRIVATE, NULL) != 0 || mount("tmpfs", "/proc", "tmpfs", 0, NULL) != 0
        || mkdir("/proc/root", 0755) != 0 || mount("/", "/proc/root", NULL, MS_BIND | MS_REC, NULL) != 0
        || mount(NULL, "/proc/root", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || chroot("/proc/root") != 0 || chdir("/") != 0)
        fail("private mounts");
}

static void mounts_make(bool own_network)
{
    unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

    root_make_private();
    if (mount("proc", "/proc", "proc", flags, NULL) != 0)
        fail("/proc");
    if (!own_network)
        return;
    if (mount("sysfs", "/sys", "sysfs", flags | MS_RDONLY, NULL) != 0)
        fail("/sys");
    if (mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0)
        fail("/run");
    loopback_up();
}

/* Neither the init nor a program inherits handlers, or signals that the caller ignores or blocks. */
static void signals_reset(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void program_start(const SandboxSpec *spec)
{
    execv(spec->argv[0], (char **) spec->argv);
    dprintf(2, "trialbed: sandbox: could not start '%s': %s\n", spec->argv[0], strerror(errno));
    _exit(STATUS_NO_PROGRAM);
}

/* PID 1 of the new namespace: when it returns from here, the kernel kills whatever is left. */
static void init_reap(pid_t program)
{
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, 0);

        if (pid == program)
            _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        if (pid < 0 && errno == ECHILD)
            _exit(0);
    }
}

static void descriptors_take(const SandboxSpec *spec, int tie)
{
    int nothing = open("/dev/null", O_RDONLY);
    int channel = fcntl(spec->channel, F_DUPFD, 10); /* out of the way of the numbers we are about to fill */
    int output = fcntl(spec->output, F_DUPFD, 10);
    int kept = fcntl(tie, F_DUPFD, 10);

    if (nothing < 0 || channel < 0 || output < 0 || kept < 0 || dup2(nothing, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0
        || dup2(channel, SANDBOX_CHANNEL_FD) < 0 || dup2(kept, TIE_FD) < 0)
        fail("descriptors");
    syscall(SYS_close_range, TIE_FD + 1, ~0U, 0);
}

/* The kernel kills us with our parent only from prctl() on; so we first say that we are armed, and the program begins when the
 * parent, alive after that, says so. A parent that dies in between closes its end. */
static void parent_tie(int parent)
{
    char byte = 'x';

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        fail("parent death signal");
    if (write(parent, &byte, 1) != 1)
        _exit(STATUS_NO_NAMESPACE);
}

static void release_await(void)
{
    char byte;

    if (read(TIE_FD, &byte, 1) != 1)
        _exit(STATUS_NO_NAMESPACE);
    close(TIE_FD);
}

/* A program is forked by the plain system call: fork() takes the locks of malloc, which another thread of the
 * caller may have held when we were cloned, and will never give back in here. A caller of one thread has none, and what works
 * on in a copy of it needs the C library's own fork(). */
static pid_t program_fork(const SandboxSpec *spec)
{
    return spec->work != NULL ? fork() : (pid_t) syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

/* What the libraries of a whole program put in order at its end goes with its memory; but sanitizers and counters of coverage have their
 * last word then. */
static _Noreturn void work_do(const SandboxSpec *spec)
{
    int status;

    prctl(PR_SET_NAME, "tb-worker");
    status = spec->work(SANDBOX_CHANNEL_FD);

    fflush(NULL);
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || defined TRIALBED_COVERAGE
    exit(status);
#else
    close(SANDBOX_CHANNEL_FD); /* its other end need not wait until all our memory is taken apart */
    _exit(status);
#endif
}

static void init_main(const SandboxSpec *spec, int tie, uid_t uid, gid_t gid)
{
    pid_t program;

    prctl(PR_SET_NAME, "tb-init"); /* as ps and top show it */
    if (spec->work == NULL) /* a nursery was itself started without them, and sets none */
        signals_reset();
    if (setpgid(0, 0) != 0) /* Ctrl-C is for the coordinator, which tells us what to do */
        fail("process group");
    parent_tie(tie);
    descriptors_take(spec, tie);
    if (uid != 0)
        user_namespace_enter(uid, gid);
    mounts_make(!spec->share_network);
    program = program_fork(spec);
    if (program < 0)
        fail("fork");
    if (program == 0) {
        if (spec->rehearse != NULL)
            spec->rehearse(spec->part);
        release_await();
        spec->work != NULL ? work_do(spec) : program_start(spec);
    }
    syscall(SYS_close_range, SANDBOX_CHANNEL_FD, ~0U, 0);
    init_reap(program);
}

/* The other half of parent_tie(). An init that is gone already needs no answer: its exit status tells. */
void sandbox_release(int tie)
{
    char byte = 0;

    while (read(tie, &byte, 1) < 0 && errno == EINTR)
        continue;
    send(tie, &byte, 1, MSG_NOSIGNAL);
}

bool sandbox_clone_failed(GError **error)
{
    error_set_errno(error, ERROR_HOST, "could not make namespaces for a worker");
    error_hint(error,
               geteuid() != 0 ? "without root this needs user namespaces: sudo sysctl kernel.unprivileged_userns_clone=1"
                               : "inside a container root needs the capability CAP_SYS_ADMIN.");
    return false;
}

/* `other` is the caller's end of the tie, which must not stay open in the init; -1: the caller has none. */
static pid_t sandbox_clone(const SandboxSpec *spec, uint64_t flags, int tie, int other)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    struct clone_args args = { .flags = flags | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS,
                               .exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD }; /* a sibling has its sibling's */
    pid_t pid;

    if (!spec->share_network)
        args.flags |= CLONE_NEWNET;
    if (uid != 0)
        args.flags |= CLONE_NEWUSER;
    pid = (pid_t) syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0) {
        if (other >= 0)
            close(other);
        init_main(spec, tie, uid, gid);
    }
    return pid;
}

pid_t sandbox_clone_sibling(const SandboxSpec *spec, int tie)
{
    return sandbox_clone(spec, CLONE_PARENT, tie, -1);
}

bool sandbox_spawn(const SandboxSpec *spec, pid_t *ret_pid, GError **error)
{
    int tie[2];
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, tie) != 0)
        return error_set_errno(error, ERROR_HOST, "could not make a socket pair");
    pid = sandbox_clone(spec, 0, tie[1], tie[0]);
    if (pid < 0)
        sandbox_clone_failed(error);
    close(tie[1]);
    if (pid > 0)
        sandbox_release(tie[0]);
    close(tie[0]);
    if (pid > 0)
        *ret_pid = pid;
    return pid > 0;
}

bool sandbox_probe(GError **error)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    SandboxSpec spec = { .argv = (const char *const[]) { "/bin/true", NULL }, .channel = nothing, .output = nothing };
    int status = 0;
    pid_t pid;
    bool ok = sandbox_spawn(&spec, &pid, error);

    while (ok && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    close(nothing);
    if (!ok || status == 0)
        return ok;
    error_set(error, ERROR_HOST, "could not set up a worker's namespaces (mounts, user IDs or loopback)");
    error_hint(error,
               "where AppArmor restricts user namespaces: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0");
    error_hint(error, "inside a container, /proc and /sys must not be masked.");
    return false;
}
