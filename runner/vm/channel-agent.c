// SPDX-License-Identifier: GPL-3.0-or-later
/* Our own agent over its virtio port. */
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/vm/agent-client.h"
#include "runner/vm/channel.h"

typedef struct AgentChannel {
    Channel base;
    AgentClient *client;
} AgentChannel;

static AgentClient *client_of(Channel *channel)
{
    return ((AgentChannel *) channel)->client;
}

static bool wait_ready(Channel *channel, unsigned timeout_ms, bool *ret_late, GError **error)
{
    return agent_client_wait_ready(client_of(channel), timeout_ms, ret_late, error);
}

static bool exec(Channel *channel, const ExecRequest *request, ExecResult *ret_result, GError **error)
{
    return agent_client_exec(client_of(channel), request, ret_result, error);
}

static bool signal_program(Channel *channel, const void *data, int number, GError **error)
{
    return agent_client_signal(client_of(channel), data, number, error);
}

static bool read_file(Channel *channel, const char *path, int to_fd, GError **error)
{
    return agent_client_read_file(client_of(channel), path, to_fd, error);
}

static bool write_file(Channel *channel, const char *path, unsigned mode, int from_fd, GError **error)
{
    return agent_client_write_file(client_of(channel), path, mode, from_fd, error);
}

static bool configure(Channel *channel, const char *settings, GError **error)
{
    return agent_client_configure(client_of(channel), settings, true, error);
}

static void stop(Channel *channel)
{
    agent_client_stop(client_of(channel));
}

static void free_channel(Channel *channel)
{
    agent_client_free(client_of(channel));
    g_free(channel->machine);
    g_free(channel);
}

static const ChannelKind kind = { "agent", wait_ready, exec, signal_program, read_file, write_file, configure, stop, free_channel };

Channel *channel_agent_new(const char *machine, const char *path, GError **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    AgentChannel *channel;

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (fd < 0 || connect(fd, (const struct sockaddr *) &address, sizeof address) != 0) {
        error_set_errno(error, ERROR_HOST, "machine '%s': could not connect to its channel '%s'", machine, path);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    channel = g_new0(AgentChannel, 1);
    channel->base = (Channel) { &kind, g_strdup(machine) };
    channel->client = agent_client_new(fd, machine, AGENT_PATIENCE_MS);
    return &channel->base;
}
