// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_CHANNEL_H
#define RUNNER_VM_CHANNEL_H

#include "runner/vm/host-programs.h"
#include "runner/vm/machine.h"

/* How programs are run and files moved inside a virtual machine: our agent, the QEMU guest agent, or ssh, behind one interface. For
 * libvirt*.c. What each can do is in docs/machines.md. Any number of threads may have requests at once. */
typedef struct Channel Channel;

typedef struct ChannelKind {
    const char *name; /* as the scenario's key `channel` has it */
    /* Wait until the guest answers. *ret_late tells a guest that is late from one that is gone. ERROR_DATA: it answers, but not as we
     * need it. */
    bool (*wait_ready)(Channel *channel, unsigned timeout_ms, bool *ret_late, GError **error);
    /* As in MachineBackend. */
    bool (*exec)(Channel *channel, const ExecRequest *request, ExecResult *ret_result, GError **error);
    bool (*signal)(Channel *channel, const void *data, int number, GError **error);
    bool (*read_file)(Channel *channel, const char *path, int to_fd, GError **error);
    bool (*write_file)(Channel *channel, const char *path, unsigned mode, int from_fd, GError **error);
    /* Tell a machine its name and addresses (machine_settings()), the real time, and fresh random bytes. */
    bool (*configure)(Channel *channel, const char *settings, GError **error);
    /* End the connection: requests that wait fail, and no callback comes after it. Twice is fine. */
    void (*stop)(Channel *channel);
    void (*free)(Channel *channel);
} ChannelKind;

/* The beginning of every kind's own structure. */
struct Channel {
    const ChannelKind *kind;
    char *machine; /* for messages; freed by the kind */
};

/* Over the virtio port that the emulator has bound at `path`. */
Channel *channel_agent_new(const char *machine, const char *path, GError **error);

/* Who hands a line of JSON to a machine's QEMU guest agent and brings its answer. */
typedef struct QgaPort {
    char *(*ask)(void *data, const char *line, unsigned seconds, GError **error); /* NULL and *error: none in time, or an error. Caller frees */
    bool (*is_active)(void *data); /* whether the machine runs */
    void *data;
} QgaPort;

/* `port->data` must live as long. */
Channel *channel_qga_new(const char *machine, const QgaPort *port);

/* Where a machine's ssh server is reached. */
typedef struct SshTarget {
    unsigned port;       /* of 127.0.0.1 */
    const char *user, *key; /* key: path of the private one */
    const char *scratch; /* a folder on a short path, for the control socket and small files */
} SshTarget;

/* With OpenSSH's client, which `programs` run; they must live as long. */
Channel *channel_ssh_new(const char *machine, const SshTarget *target, HostPrograms *programs);

/* For kinds that have no words of their own for configure(): a small shell script through exec(), which any Linux guest with `ip` (of
 * iproute2 or busybox) understands. */
bool channel_configure_by_script(Channel *channel, const char *settings, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Collects a small output; for exec() of our own. */
void channel_gather(void *data, int stream, const char *bytes, size_t size); /* `data` is a GString */

#endif
