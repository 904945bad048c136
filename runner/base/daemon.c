// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/proc-child.h"

struct Daemon {
    char *name, *log_path;
    pid_t pid;
    int process; /* descriptor of it: readable once it has ended */
    int status;  /* as waitpid() says, once `has_ended` */
    bool has_ended;
};

/* Between fork and exec; only async-signal-safe calls. Says errno on `report` when something failed. */
static void child_main(const DaemonSpec *spec, char **environment, int in, int log, pid_t parent, int report)
{
    int channel = spec->channel >= 0 ? fcntl(spec->channel, F_DUPFD, 16) : -1;
    int kept = fcntl(report, F_DUPFD_CLOEXEC, 16); /* out of the way of descriptor 3 */

    setpgid(0, 0);
    child_signals_reset();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent && (spec->network < 0 || setns(spec->network, CLONE_NEWNET) == 0)
        && dup2(in, 0) >= 0 && (log < 0 || (dup2(log, 1) >= 0 && dup2(log, 2) >= 0))
        && (channel < 0 || (dup2(channel, DAEMON_CHANNEL_FD) >= 0 && close(channel) == 0)))
        execvpe(spec->argv[0], (char **) spec->argv, environment);
    child_report(kept);
}

static Daemon *started(const DaemonSpec *spec, pid_t pid)
{
    Daemon *daemon = g_new0(Daemon, 1);

    daemon->name = g_strdup(spec->argv[0]);
    daemon->log_path = g_strdup(spec->log_path);
    daemon->pid = pid;
    daemon->process = (int) syscall(SYS_pidfd_open, pid, 0);
    return daemon;
}

Daemon *daemon_start(const DaemonSpec *spec, GError **error)
{
    g_auto(GStrv) environment = child_environment(spec->environment);
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int log = spec->log_path != NULL ? open(spec->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
    int report[2] = { -1, -1 };
    pid_t parent = getpid(), pid = -1;
    int failed = EINVAL;

    if (in >= 0 && (log >= 0 || spec->log_path == NULL) && pipe2(report, O_CLOEXEC) == 0) {
        pid = fork();
        if (pid == 0)
            child_main(spec, environment, in, log, parent, report[1]);
        failed = pid < 0 ? errno : 0;
        close(report[1]);
        if (pid > 0)
            failed = child_exec_errno(report[0]);
        close(report[0]);
    } else {
        failed = errno;
    }
    if (in >= 0)
        close(in);
    if (log >= 0)
        close(log);
    if (failed == 0)
        return started(spec, pid);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    errno = failed;
    error_set_errno(error, ERROR_HOST, "could not start '%s'", spec->argv[0]);
    return NULL;
}

/* Waits at most `patience_ms` for its end; -1: as long as it takes. */
static bool has_ended(Daemon *daemon, int patience_ms)
{
    struct pollfd event = { daemon->process, POLLIN, 0 };

    if (!daemon->has_ended && daemon->process >= 0 && poll(&event, 1, patience_ms) <= 0)
        return false;
    while (!daemon->has_ended && waitpid(daemon->pid, &daemon->status, 0) < 0 && errno == EINTR)
        continue;
    daemon->has_ended = true;
    return true;
}

bool daemon_is_running(Daemon *daemon, char **ret_why)
{
    g_autofree char *text = NULL;
    const char *line = NULL;

    if (!has_ended(daemon, 0))
        return true;
    if (ret_why == NULL)
        return false;
    if (daemon->log_path != NULL && g_file_get_contents(daemon->log_path, &text, NULL, NULL)) {
        g_strchomp(text);
        line = strrchr(text, '\n') != NULL ? strrchr(text, '\n') + 1 : text;
    }
    *ret_why = g_strdup_printf("'%s' ended with %s %d%s%s", daemon->name, WIFEXITED(daemon->status) ? "status" : "signal",
                               WIFEXITED(daemon->status) ? WEXITSTATUS(daemon->status) : WTERMSIG(daemon->status),
                               line != NULL && *line != '\0' ? ": " : "", line != NULL ? line : "");
    return false;
}

void daemon_stop(Daemon *daemon, unsigned patience_ms)
{
    if (daemon == NULL)
        return;
    if (!has_ended(daemon, 0)) {
        kill(daemon->pid, SIGTERM);
        if (!has_ended(daemon, (int) patience_ms)) {
            kill(-daemon->pid, SIGKILL); /* with whatever it started */
            has_ended(daemon, -1);
        }
    }
    if (daemon->process >= 0)
        close(daemon->process);
    g_free(daemon->name);
    g_free(daemon->log_path);
    g_free(daemon);
}
