// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "db/store-private.h"
#include "runner/base/error.h"

/* A lock file of our own, because SQLite's lock ends with each transaction. It is flock()ed, so a worker process that
 * was forked off holds it too: while one is alive, nobody else takes its runs for abandoned. */

enum { LOCK_TRIES = 20, LOCK_PAUSE_US = 50000 }; /* workers of a killed coordinator need a moment to die */

static char *lock_path(const char *path)
{
    size_t length = g_str_has_suffix(path, ".db") ? strlen(path) - 3 : strlen(path);

    return g_strdup_printf("%.*s.lock", (int) length, path);
}

static bool lock_is_taken(int fd)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return false;
        g_usleep(LOCK_PAUSE_US);
    }
    errno = EWOULDBLOCK;
    return false;
}

static bool lock_refused(const char *path, int fd, GError **error)
{
    char holder[32] = "";
    ssize_t length;

    if (errno != EWOULDBLOCK)
        return error_set_errno(error, ERROR_DATA, "could not lock '%s'", path);
    length = pread(fd, holder, sizeof holder - 1, 0);
    holder[length > 0 ? strcspn(holder, "\n") : 0] = '\0';
    error_set(error, ERROR_DATA, "another trialbed (process %s) is writing to this lab: '%s' is locked",
              holder[0] != '\0' ? holder : "unknown", path);
    error_hint(error, "wait for it, or use another lab: --lab DIR.");
    return false;
}

bool store_lock(Store *store, GError **error)
{
    g_autofree char *path = lock_path(store->path);
    g_autofree char *holder = g_strdup_printf("%d\n", (int) getpid());
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

    if (fd < 0)
        return error_set_errno(error, ERROR_DATA, "could not write '%s'", path);
    if (!lock_is_taken(fd)) {
        lock_refused(path, fd, error);
        g_close(fd, NULL);
        return false;
    }
    store->lock_fd = fd; /* from here on store_close() gives it back */
    if (ftruncate(fd, 0) != 0 || pwrite(fd, holder, strlen(holder), 0) < 0)
        return error_set_errno(error, ERROR_DATA, "could not write '%s'", path);
    return true;
}

bool store_is_being_written(const char *path)
{
    g_autofree char *lock = lock_path(path);
    int fd = open(lock, O_RDONLY | O_CLOEXEC);
    bool written;

    if (fd < 0)
        return false;
    written = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    g_close(fd, NULL);
    return written;
}
