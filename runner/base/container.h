// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_CONTAINER_H
#define RUNNER_BASE_CONTAINER_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* A program as process 1 of PID, network, mount, IPC and UTS namespaces of its own, in a root folder of its own: what a machine
 * is when it is none. For callers inside a sandbox (sandbox.h): they have the rights, and their end is the container's. The root is an
 * overlay: `lower` shows through and is never written, changes go to `folder`. Inside: own /proc and /sys, the usual devices, empty /tmp,
 * /run and /dev/shm. */
typedef struct ContainerSpec {
    const char *lower;         /* folder, absolute; "/" for the host's own root, without what is mounted below it */
    const char *folder;        /* made, on a file system that overlays can be written to; the root is FOLDER/root */
    int program;               /* descriptor of a static program */
    const char *const *argv;   /* its arguments, NULL-terminated */
    int channel;               /* becomes descriptor 3 */
    int output;                /* becomes standard output and error */
} ContainerSpec;

enum { CONTAINER_CHANNEL_FD = 3 };

/* Make everything but the running program; its links can be moved into its network namespace now. *ret_gate is a descriptor: one
 * byte written to it starts the program, closing it ends the container. *ret_pid is the caller's child, to wait for. What cannot be
 * made is said on `output`, and the program ends with status 125. */
bool container_prepare(const ContainerSpec *spec, pid_t *ret_pid, int *ret_gate, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
