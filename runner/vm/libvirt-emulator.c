// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/libvirt-emulator.h"

#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "runner/base/files.h"

enum { PID_FILE_LIMIT = 64, END_PATIENCE_MS = 5000 };

/* 0 when the file is gone, which libvirt removes with the machine. */
static pid_t emulator_pid(virDomainPtr domain, const char *scratch)
{
    g_autofree char *path = g_strdup_printf("%s/lv/run/qemu/%s.pid", scratch, virDomainGetName(domain));
    g_autofree char *text = NULL;
    size_t size;

    return file_read(path, PID_FILE_LIMIT, &text, &size, NULL) ? (pid_t) strtol(text, NULL, 10) : 0;
}

bool libvirt_emulator_end(virDomainPtr domain, const char *scratch)
{
    pid_t pid = emulator_pid(domain, scratch);
    struct pollfd process = { .fd = pid > 1 ? pidfd_open(pid, 0) : -1, .events = POLLIN };
    bool ended;

    if (process.fd < 0)
        return false;
    ended = pidfd_send_signal(process.fd, SIGKILL, NULL, 0) == 0 && poll(&process, 1, END_PATIENCE_MS) == 1;
    close(process.fd);
    return ended;
}
