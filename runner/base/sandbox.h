// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_SANDBOX_H
#define RUNNER_BASE_SANDBOX_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* Start a program in PID, network, mount, IPC and UTS namespaces of its own, below a tiny init that reaps orphans. The
 * kernel ends all of it when the init dies: when the program ends, when the caller's *thread* ends (so start
 * sandboxes from the main thread), or when the init gets SIGKILL. Without root a user namespace is added in which the
 * caller keeps its user ID and all capabilities. Inside: own /proc, read-only /sys, loopback up, a private empty
 * tmpfs on /run. Only descriptors 0 to 2 and `channel` (as descriptor 3) are inherited. */
typedef struct SandboxSpec {
    const char *const *argv; /* argv[0] is a path, not looked up */
    int channel;             /* becomes descriptor 3 of the program */
    int output;              /* becomes its standard output and error */
    bool share_network;      /* stay in the caller's network namespace and keep its /run (external libvirt) */
} SandboxSpec;

enum { SANDBOX_CHANNEL_FD = 3 };

/* Returns the process ID of the init as seen from here, to wait for: its exit status is the program's (128 + signal
 * number when a signal ended it, 125 when the namespaces could not be made, 127 when the program could not be
 * started). */
bool sandbox_spawn(const SandboxSpec *spec, pid_t *ret_pid, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether this host lets us make such namespaces: tries it. The error says what to do. */
bool sandbox_probe(GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
