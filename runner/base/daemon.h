// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_DAEMON_H
#define RUNNER_BASE_DAEMON_H

#include <glib.h>
#include <stdbool.h>

/* A program of the host that runs beside us: it stays in the foreground, is our child, and the kernel ends it with the thread
 * that started it (so start it from the main thread). */
typedef struct Daemon Daemon;

typedef struct DaemonSpec {
    const char *const *argv;        /* NULL-terminated; argv[0] is looked up in PATH */
    const char *const *environment; /* NULL, or NULL-terminated "NAME=VALUE" entries added to ours */
    const char *log_path;           /* takes its standard output and error; NULL: ours */
    int channel;                    /* becomes its descriptor 3; -1: none */
    int network;                    /* descriptor of the network namespace that it lives in; -1: ours */
} DaemonSpec;

enum { DAEMON_CHANNEL_FD = 3 };

/* Returns as soon as it runs. */
Daemon *daemon_start(const DaemonSpec *spec, GError **error);

/* Whether it runs; when not, *ret_why (may be NULL) says how it ended, with the last line of its log. Caller frees. */
bool daemon_is_running(Daemon *daemon, char **ret_why);

/* End it: SIGTERM, after `patience_ms` SIGKILL; wait, and free. NULL is fine. */
void daemon_stop(Daemon *daemon, unsigned patience_ms);

#endif
