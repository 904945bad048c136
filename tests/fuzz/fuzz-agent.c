// SPDX-License-Identifier: GPL-3.0-or-later
/* Fuzz target for the host's side of the guest agent: a played guest says HELLO and then what the fuzzer thinks of, as answers to requests that
 * are under way. Whatever comes, every request returns, and no callback comes after the end. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest/wire.h"
#include "runner/vm/agent-client.h"

enum { PATIENCE_MS = 1000, READY_MS = 5000, FRAME_HEAD = 3, REQUESTS = 2 * WIRE_HEADER_SIZE + 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Guest {
    int fd;
    const uint8_t *data;
    size_t size;
    uint32_t sequence;
} Guest;

static gint ended; /* atomic: callbacks are an error now */

static void say(Guest *guest, const void *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(guest->fd, bytes, size, MSG_NOSIGNAL);

        if (sent <= 0)
            return; /* it gave us up */
        bytes = (const uint8_t *) bytes + sent;
        size -= (size_t) sent;
    }
}

static void say_frame(Guest *guest, uint8_t type, uint32_t channel, const void *payload, size_t size)
{
    uint8_t header[WIRE_HEADER_SIZE];

    wire_encode_header(header, type, channel, guest->sequence++, (uint32_t) size);
    say(guest, header, sizeof header);
    say(guest, payload, size);
}

/* An even first byte: what follows is sent as it is. Odd: it is frames in good order, each a type, a channel, a length and so many bytes. */
static gpointer play(gpointer data)
{
    Guest *guest = data;
    uint8_t heard[4096];
    ssize_t got;

    for (size_t total = 0; total <= REQUESTS; total += (size_t) got)
        if ((got = read(guest->fd, heard, sizeof heard)) <= 0)
            break;
    if (guest->size > 0 && guest->data[0] % 2 == 0)
        say(guest, guest->data + 1, guest->size - 1);
    for (size_t at = 1; guest->size > 0 && guest->data[0] % 2 == 1 && at + FRAME_HEAD <= guest->size;) {
        size_t length = MIN(guest->data[at + 2], guest->size - at - FRAME_HEAD);

        say_frame(guest, guest->data[at], guest->data[at + 1], guest->data + at + FRAME_HEAD, length);
        at += FRAME_HEAD + length;
    }
    shutdown(guest->fd, SHUT_RDWR);
    return NULL;
}

static void on_output(void *data, int stream, const char *bytes, size_t size)
{
    (void) data;
    if (g_atomic_int_get(&ended) || (stream != 1 && stream != 2))
        abort();
    if (size > 0)
        g_free(g_memdup2(bytes, size)); /* all of it is there to be read */
}

static void on_end(void *data, const ExecResult *result)
{
    (void) data;
    (void) result;
    if (g_atomic_int_get(&ended))
        abort();
}

/* One request of each kind; the first is what the guest waits for. */
static void ask(AgentClient *client, bool background)
{
    static const char *const argv[] = { "/bin/true", NULL };
    ExecRequest request = { .argv = argv, .background = background, .timeout_ms = background ? 0 : PATIENCE_MS, .grace_ms = 10,
                            .output = on_output, .ended = on_end, .data = client };
    ExecResult result;
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (agent_client_exec(client, &request, &result, NULL) && background && !agent_client_signal(client, client, 15, NULL))
        agent_client_is_connected(client);
    if (agent_client_read_file(client, "/a", nothing, NULL) && agent_client_write_file(client, "/a", 0644, nothing, NULL)
        && agent_client_configure(client, "", false, NULL))
        agent_client_is_connected(client);
    close(nothing);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char hello[] = "1\0" "6.1.0\0" "1000\0" "99";
    Guest guest = { .data = data, .size = size };
    AgentClient *client;
    GThread *player;
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        abort();
    guest.fd = ends[1];
    g_atomic_int_set(&ended, 0);
    client = agent_client_new(ends[0], "fuzz", PATIENCE_MS);
    say_frame(&guest, WIRE_HELLO, 0, hello, sizeof hello);
    if (!agent_client_wait_ready(client, READY_MS, NULL, NULL))
        abort();
    player = g_thread_new("guest", play, &guest);
    ask(client, size > 0 && data[0] % 4 < 2);
    agent_client_stop(client);
    g_atomic_int_set(&ended, 1);
    g_thread_join(player);
    agent_client_free(client);
    close(guest.fd);
    return 0;
}
