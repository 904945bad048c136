// SPDX-License-Identifier: GPL-3.0-or-later
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/agent/boot.h"
#include "guest/agent/machine.h"
#include "guest/agent/report.h"
#include "guest/agent/serve.h"
#include "guest/wire.h"

static void signals_prepare(void)
{
    sigset_t children;

    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, NULL); /* they arrive through a descriptor */
    signal(SIGPIPE, SIG_IGN);
}

/* Of a machine: hosts come and go. */
static _Noreturn void serve_port(void)
{
    for (;;) {
        int fd = boot_open_port(WIRE_PORT_NAME);

        if (serve(fd, true, true) == SERVE_POWEROFF)
            machine_power_off();
        close(fd);
    }
}

static _Noreturn void run_as_init(void)
{
    boot();
    serve_port();
}

/* A service among others, of a system that has booted by itself. */
static _Noreturn void run_as_service(void)
{
    umask(022);
    serve_port();
}

/* "3" from "--serve-fd 3"; -1 when the arguments are something else. */
static int serve_fd_argument(int argc, char **argv)
{
    char *end;
    long fd;

    if (argc != 3 || strcmp(argv[1], "--serve-fd") != 0)
        return -1;
    fd = strtol(argv[2], &end, 10);
    return *argv[2] != '\0' && *end == '\0' && fd >= 0 && fd < 1024 ? (int) fd : -1;
}

int main(int argc, char **argv)
{
    int fd = serve_fd_argument(argc, argv);

    signals_prepare();
    if (argc == 2 && strcmp(argv[1], "--service") == 0)
        run_as_service();
    if (getpid() == 1 && fd < 0)
        run_as_init();
    if (fd < 0) {
        fprintf(stderr, "usage: trialbed-agent --serve-fd FD | --service\n");
        return 2;
    }
    serve(fd, false, false);
    return 0;
}
