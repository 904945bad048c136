// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/proc-child.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

void child_signals_reset(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void child_report(int report)
{
    int saved = errno;

    if (write(report, &saved, sizeof saved) != sizeof saved)
        _exit(126);
    _exit(127);
}

int child_exec_errno(int report)
{
    int value = 0;

    while (read(report, &value, sizeof value) < 0 && errno == EINTR)
        continue;
    return value;
}

char **child_environment(const char *const *extra)
{
    char **environment = g_get_environ();

    for (; extra != NULL && *extra != NULL; extra++) {
        const char *equals = strchr(*extra, '=');
        g_autofree char *name = g_strndup(*extra, (size_t) (equals - *extra));

        environment = g_environ_setenv(environment, name, equals + 1, TRUE);
    }
    return environment;
}
