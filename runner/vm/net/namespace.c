// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/net/namespace.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner/base/error.h"

struct Namespace {
    int fd;
};

/* What a thread is told, and what it says. A network namespace belongs to a thread, so a thread can visit one. */
typedef struct Visit {
    int fd; /* -1: make a new one, and say its descriptor here */
    NamespaceFunction function;
    void *data;
    GError *error;
    bool ok;
} Visit;

static bool loopback_up(void)
{
    struct ifreq request = { .ifr_name = "lo" };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0;

    request.ifr_flags |= IFF_UP;
    ok = ok && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static gpointer visit(gpointer data)
{
    Visit *visit = data;

    if (visit->fd >= 0) {
        visit->ok = setns(visit->fd, CLONE_NEWNET) == 0;
    } else {
        visit->ok = unshare(CLONE_NEWNET) == 0 && loopback_up();
        visit->fd = visit->ok ? open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC) : -1;
        visit->ok = visit->fd >= 0;
    }
    if (!visit->ok)
        error_set_errno(&visit->error, ERROR_HOST, "could not enter a network namespace");
    else if (visit->function != NULL)
        visit->ok = visit->function(visit->data, &visit->error);
    return NULL;
}

static bool go(Visit *what, GError **error)
{
    g_autoptr(GError) reason = NULL;
    GThread *thread = g_thread_try_new("namespace", visit, what, &reason);

    if (thread == NULL)
        return error_set(error, ERROR_HOST, "could not start a thread: %s", reason->message);
    g_thread_join(thread);
    if (!what->ok)
        g_propagate_error(error, what->error);
    return what->ok;
}

Namespace *namespace_new(GError **error)
{
    Visit first = { .fd = -1 };
    Namespace *namespace;

    if (!go(&first, error))
        return NULL;
    namespace = g_new0(Namespace, 1);
    namespace->fd = first.fd;
    return namespace;
}

void namespace_free(Namespace *namespace)
{
    if (namespace == NULL)
        return;
    close(namespace->fd);
    g_free(namespace);
}

int namespace_fd(const Namespace *namespace)
{
    return namespace->fd;
}

bool namespace_run(Namespace *namespace, NamespaceFunction function, void *data, GError **error)
{
    Visit there = { .fd = namespace->fd, .function = function, .data = data };

    return go(&there, error);
}
