// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_SANDBOX_H
#define RUNNER_BASE_SANDBOX_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* What runs in a sandbox in a program's place; its result is the exit status. */
typedef int (*SandboxWork)(int channel);

/* Start a program in PID, network, mount, IPC and UTS namespaces of its own, below a tiny init that reaps orphans. The
 * kernel ends all of it when the init dies: when the program ends, when the caller's *thread* ends (so start
 * sandboxes from the main thread), or when the init gets SIGKILL. Without root a user namespace is added in which the
 * caller keeps its user ID and all capabilities. Inside: own /proc, read-only /sys, loopback up, a private empty
 * tmpfs on /run. Only descriptors 0 to 2 and `channel` (as descriptor 3) are inherited. */
typedef struct SandboxSpec {
    const char *const *argv; /* argv[0] is a path, not looked up */
    SandboxWork work;        /* instead of argv: called in a copy of the caller, which must have but one thread */
    void (*rehearse)(const void *part); /* with `work`: called before it, while the sandbox waits to be let go on; may be NULL */
    const void *part;        /* for it */
    int channel;             /* becomes descriptor 3 of the program */
    int output;              /* becomes its standard output and error */
    bool share_network;      /* stay in the caller's network namespace and keep its /run (external libvirt) */
} SandboxSpec;

enum { SANDBOX_CHANNEL_FD = 3 };

/* Returns the process ID of the init as seen from here, to wait for: its exit status is the program's (128 + signal
 * number when a signal ended it, 125 when the namespaces could not be made, 127 when the program could not be
 * started). */
bool sandbox_spawn(const SandboxSpec *spec, pid_t *ret_pid, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For nursery.h: make the sandbox of `spec` as a child of our parent's main thread, which has the other end of the socket `tie`, and lets the
 * sandbox go on when it answers sandbox_release() there. Returns its process ID, or -1 with errno. */
pid_t sandbox_clone_sibling(const SandboxSpec *spec, int tie);

/* At the other end: wait until the sandbox is tied to us, and let it go on. */
void sandbox_release(int tie);

/* The error of a sandbox that could not be made, from errno. Always false. */
bool sandbox_clone_failed(GError **error);

/* Whether this host lets us make such namespaces: tries it. The error says what to do. */
bool sandbox_probe(GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
