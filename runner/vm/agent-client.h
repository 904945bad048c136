// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_AGENT_CLIENT_H
#define RUNNER_VM_AGENT_CLIENT_H

#include "runner/vm/machine.h"

/* The host's side of the guest agent (docs/guest-agent.md): programs and files of one machine over a connected socket. Any number of
 * threads may have requests at once. A guest that dies or falls silent makes every request an error; none hangs. */
typedef struct AgentClient AgentClient;

/* How long a guest may be silent where it owes an answer: it has only to notice and to answer, never to compute. */
enum { AGENT_PATIENCE_MS = 15000 };

/* Takes over `fd`, a connected stream socket. `machine` is for messages. */
AgentClient *agent_client_new(int fd, const char *machine, unsigned patience_ms);
void agent_client_free(AgentClient *client);

/* Wait until the guest has said HELLO. *ret_late (may be NULL) tells a guest that is late from one that is gone. An agent that is too old for
 * us is ERROR_DATA. */
bool agent_client_wait_ready(AgentClient *client, unsigned timeout_ms, bool *ret_late, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* False once the guest was lost or has fallen silent. */
bool agent_client_is_connected(AgentClient *client);

/* As in MachineBackend. Callbacks come from the client's own thread, with its lock held. */
bool agent_client_exec(AgentClient *client, const ExecRequest *request, ExecResult *ret_result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
bool agent_client_signal(AgentClient *client, const void *data, int number, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool agent_client_read_file(AgentClient *client, const char *path, int to_fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool agent_client_write_file(AgentClient *client, const char *path, unsigned mode, int from_fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Tell a machine its name and addresses (machine_settings()), the real time where `set_clock`, and fresh random bytes. */
bool agent_client_configure(AgentClient *client, const char *settings, bool set_clock, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* End the connection: requests that wait fail, and no callback comes after it. Twice is fine. */
void agent_client_stop(AgentClient *client);

#endif
