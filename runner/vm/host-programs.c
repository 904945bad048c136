// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/host-programs.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/blobs.h"
#include "runner/base/daemon.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/vm/agent-client.h"

enum { READY_MS = 10000, END_MS = 2000 };

struct HostPrograms {
    Daemon *agent;
    AgentClient *client;
};

static bool agent_write(const char *path, GError **error)
{
    g_autoptr(GBytes) blob = agent_blob();
    size_t size;
    const void *data = g_bytes_get_data(blob, &size);

    if (!file_write_atomic(path, data, size, error))
        return false;
    return chmod(path, 0700) == 0 || error_set_errno(error, ERROR_HOST, "could not make '%s' a program", path);
}

static bool agent_start(HostPrograms *programs, const char *path, GError **error)
{
    g_autofree char *fd_text = g_strdup_printf("%d", DAEMON_CHANNEL_FD);
    const char *argv[] = { path, "--serve-fd", fd_text, NULL };
    DaemonSpec spec = { .argv = argv, .channel = -1, .network = -1 };
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return error_set_errno(error, ERROR_HOST, "could not make a socket pair");
    spec.channel = ends[1];
    programs->agent = daemon_start(&spec, error);
    close(ends[1]);
    if (programs->agent == NULL) {
        close(ends[0]);
        return false;
    }
    programs->client = agent_client_new(ends[0], "host", AGENT_PATIENCE_MS);
    return agent_client_wait_ready(programs->client, READY_MS, NULL, error);
}

HostPrograms *host_programs_open(const char *scratch, GError **error)
{
    HostPrograms *programs = g_new0(HostPrograms, 1);
    g_autofree char *path = g_build_filename(scratch, "host-agent", NULL);

    if (agent_write(path, error) && agent_start(programs, path, error))
        return programs;
    g_prefix_error(error, "programs on the host: ");
    host_programs_close(programs);
    return NULL;
}

bool host_programs_exec(HostPrograms *programs, const ExecRequest *request, ExecResult *ret_result, GError **error)
{
    return agent_client_exec(programs->client, request, ret_result, error);
}

bool host_programs_signal(HostPrograms *programs, const void *data, int number, GError **error)
{
    return agent_client_signal(programs->client, data, number, error);
}

bool host_programs_work(HostPrograms *programs)
{
    return agent_client_is_connected(programs->client);
}

/* An agent whose host is gone kills all that it started before it ends. */
void host_programs_close(HostPrograms *programs)
{
    if (programs == NULL)
        return;
    if (programs->client != NULL) {
        agent_client_stop(programs->client);
        agent_client_free(programs->client);
    }
    daemon_stop(programs->agent, END_MS);
    g_free(programs);
}
