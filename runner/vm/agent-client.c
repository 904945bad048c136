// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/agent-client.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/vm/agent-stream.h"

enum { NS_PER_MS = 1000000, DATA_PIECE = 32768, SEED_BYTES = 64 };
#define NEVER INT64_MAX

/* What is owed to us on one channel. Lives in the client's table until its end or until nobody waits for it any more. */
typedef struct Pending {
    uint32_t channel;
    WireType asked;   /* WIRE_EXEC, WIRE_READ, WIRE_WRITE or WIRE_CONFIGURE */
    ExecRequest exec; /* of WIRE_EXEC */
    int to_fd;        /* of WIRE_READ */
    int64_t due_ns;   /* when we give the guest up */
    int64_t renew_ns; /* every sign of life puts `due_ns` this far off; 0: none does */
    int64_t over_ns;  /* of WIRE_EXEC: when the program's time is over and it is told to end; NEVER: it was, or need not be */
    bool told;        /* to end */
    bool running;     /* a background program whose start was reported */
    bool done;
    GError *failure;
    ExecResult result;
} Pending;

struct AgentClient {
    char *machine;
    unsigned patience_ms;
    AgentStream *stream;
    GMutex lock;   /* for all below, and held during callbacks: so none can come late */
    GCond changed; /* ready, lost, or a request is done */
    bool ready;
    GError *lost;
    uint32_t next_channel;
    GHashTable *pending; /* channel -> Pending */
};

static void pending_free(gpointer data)
{
    Pending *pending = data;

    g_clear_error(&pending->failure);
    g_free(pending);
}

static Pending *pending_find(AgentClient *client, uint32_t channel)
{
    return g_hash_table_lookup(client->pending, GUINT_TO_POINTER(channel));
}

/* --- what the guest sends; all by the stream's thread, with the lock held --- */

static bool take_output(Pending *pending, const WireFrame *frame)
{
    if (pending->exec.output != NULL)
        pending->exec.output(pending->exec.data, frame->type == WIRE_STDOUT ? 1 : 2, (const char *) frame->payload, frame->length);
    return true;
}

static bool take_exit(AgentClient *client, Pending *pending, const WireFrame *frame)
{
    WireReader reader = { frame->payload, frame->length, false };
    uint8_t flags;

    pending->result.exit_status = (int) wire_read_u32(&reader);
    flags = wire_read_u8(&reader);
    pending->result.timed_out = (flags & WIRE_EXIT_TIMED_OUT) != 0 || pending->told;
    pending->result.signal = (flags & WIRE_EXIT_SIGNALLED) != 0 ? pending->result.exit_status - EXEC_SIGNAL_STATUS : 0;
    pending->result.guest_duration_ns = (int64_t) wire_read_u64(&reader);
    if (reader.failed)
        return false;
    pending->done = true;
    if (pending->running && pending->exec.ended != NULL)
        pending->exec.ended(pending->exec.data, &pending->result);
    if (pending->running)
        g_hash_table_remove(client->pending, GUINT_TO_POINTER(pending->channel));
    return true;
}

/* A host disk that is full must not lose us the guest: what is left of the file is read and dropped. */
static bool take_data(Pending *pending, const WireFrame *frame)
{
    const uint8_t *at = frame->payload;
    size_t left = frame->length;

    while (left > 0 && pending->failure == NULL) {
        ssize_t written = write(pending->to_fd, at, left);

        if (written < 0 && errno != EINTR)
            error_set_errno(&pending->failure, ERROR_HOST, "could not write the file's copy");
        at += MAX(written, 0);
        left -= (size_t) MAX(written, 0);
    }
    pending->done = frame->length == 0 || pending->failure != NULL;
    return true;
}

static bool take_fail(AgentClient *client, Pending *pending, const WireFrame *frame)
{
    WireReader reader = { frame->payload, frame->length, false };

    wire_read_u32(&reader); /* errno: the text has it in words */
    g_clear_error(&pending->failure);
    error_set(&pending->failure, ERROR_HOST, "machine '%s': %s", client->machine, wire_read_string(&reader));
    pending->done = true;
    return !reader.failed;
}

static bool is_owed(const Pending *pending, uint8_t type)
{
    switch (type) {
    case WIRE_STDOUT:
    case WIRE_STDERR:
    case WIRE_EXIT:
        return pending->asked == WIRE_EXEC;
    case WIRE_DATA:
        return pending->asked == WIRE_READ;
    case WIRE_DONE:
        return pending->asked == WIRE_WRITE || pending->asked == WIRE_CONFIGURE || (pending->exec.background && !pending->running);
    default:
        return type == WIRE_FAIL;
    }
}

static bool take_answer(AgentClient *client, Pending *pending, const WireFrame *frame)
{
    if (!is_owed(pending, frame->type))
        return false;
    if (pending->renew_ns > 0)
        pending->due_ns = clock_monotonic_ns() + pending->renew_ns;
    switch (frame->type) {
    case WIRE_STDOUT:
    case WIRE_STDERR:
        return take_output(pending, frame);
    case WIRE_EXIT:
        return take_exit(client, pending, frame);
    case WIRE_DATA:
        return take_data(pending, frame);
    case WIRE_FAIL:
        return take_fail(client, pending, frame);
    default: /* WIRE_DONE */
        pending->running = pending->exec.background;
        pending->done = !pending->running;
        return true;
    }
}

static bool refuse_revision(const AgentClient *client, uint64_t revision, GError **error)
{
    error_set(error, ERROR_DATA, "machine '%s': its agent is of revision %" G_GUINT64_FORMAT ", but this trialbed needs %d: its image was built by an older one",
              client->machine, revision, WIRE_REVISION_NEEDED);
    error_hint(error, "'trialbed image build NAME' builds the machine's image anew.");
    return false;
}

static bool take_hello(AgentClient *client, const WireFrame *frame, GError **error)
{
    WireReader reader = { frame->payload, frame->length, false };
    uint64_t revision;

    wire_read_string(&reader); /* the protocol's version; every frame has it too, and was checked */
    wire_read_string(&reader); /* kernel */
    wire_read_string(&reader); /* uptime */
    if (reader.failed)
        return false;
    revision = reader.left > 0 ? g_ascii_strtoull(wire_read_string(&reader), NULL, 10) : 0;
    if (revision < WIRE_REVISION_NEEDED)
        return refuse_revision(client, revision, error);
    client->ready = true;
    return true;
}

/* Channel 0 is no request: there the guest says that it could not understand us. */
static bool take_stray(AgentClient *client, const WireFrame *frame, GError **error)
{
    WireReader reader = { frame->payload, frame->length, false };

    if (frame->type == WIRE_FAIL && frame->channel == 0) {
        wire_read_u32(&reader);
        return error_set(error, ERROR_HOST, "machine '%s' did not understand its host: %s", client->machine, wire_read_string(&reader));
    }
    if (frame->channel == 0 || frame->channel >= client->next_channel)
        return error_set(error, ERROR_HOST, "machine '%s' answers request %u, which was never made", client->machine, frame->channel);
    return true; /* late, for somebody who gave up waiting */
}

static bool on_frame(void *data, const WireFrame *frame, GError **error)
{
    AgentClient *client = data;
    Pending *pending;
    bool ok;

    g_mutex_lock(&client->lock);
    pending = pending_find(client, frame->channel);
    if (frame->type == WIRE_HELLO)
        ok = take_hello(client, frame, error);
    else if (pending == NULL || pending->done)
        ok = take_stray(client, frame, error);
    else
        ok = take_answer(client, pending, frame);
    if (!ok && error != NULL && *error == NULL)
        error_set(error, ERROR_HOST, "machine '%s' sent an answer of type %u that makes no sense", client->machine, frame->type);
    g_cond_broadcast(&client->changed);
    g_mutex_unlock(&client->lock);
    return ok;
}

static void on_lost(void *data, const GError *why)
{
    AgentClient *client = data;

    g_mutex_lock(&client->lock);
    if (client->lost == NULL) /* given up already: that is the better reason */
        client->lost = g_error_copy(why);
    g_cond_broadcast(&client->changed);
    g_mutex_unlock(&client->lock);
}

/* --- requests --- */

AgentClient *agent_client_new(int fd, const char *machine, unsigned patience_ms)
{
    AgentClient *client = g_new0(AgentClient, 1);

    client->machine = g_strdup(machine);
    client->patience_ms = patience_ms;
    client->next_channel = 1;
    client->pending = g_hash_table_new_full(NULL, NULL, NULL, pending_free);
    g_mutex_init(&client->lock);
    g_cond_init(&client->changed);
    client->stream = agent_stream_start(fd, machine, &(AgentStreamEvents) { on_frame, on_lost, client });
    return client;
}

void agent_client_stop(AgentClient *client)
{
    agent_stream_stop(client->stream);
}

void agent_client_free(AgentClient *client)
{
    agent_stream_free(client->stream);
    g_hash_table_unref(client->pending);
    g_clear_error(&client->lost);
    g_cond_clear(&client->changed);
    g_mutex_clear(&client->lock);
    g_free(client->machine);
    g_free(client);
}

/* Until something changed or `due_ns` is over. The lock is held. */
static void wait_change(AgentClient *client, int64_t due_ns)
{
    if (due_ns == NEVER)
        g_cond_wait(&client->changed, &client->lock);
    else
        g_cond_wait_until(&client->changed, &client->lock, due_ns / 1000 + 1);
}

static bool lost_error(const AgentClient *client, GError **error)
{
    if (error != NULL)
        *error = g_error_copy(client->lost);
    return false;
}

bool agent_client_wait_ready(AgentClient *client, unsigned timeout_ms, bool *ret_late, GError **error)
{
    int64_t due_ns = clock_monotonic_ns() + (int64_t) timeout_ms * NS_PER_MS;
    bool ok;

    g_mutex_lock(&client->lock);
    while (!client->ready && client->lost == NULL && clock_monotonic_ns() < due_ns)
        wait_change(client, due_ns);
    ok = client->ready && client->lost == NULL;
    if (client->lost != NULL)
        lost_error(client, error);
    else if (!ok)
        error_set(error, ERROR_HOST, "machine '%s' did not answer within %g s", client->machine, timeout_ms / 1000.0);
    if (ret_late != NULL)
        *ret_late = !ok && client->lost == NULL;
    g_mutex_unlock(&client->lock);
    return ok;
}

/* Whether a program whose time is over is told so before it is killed. */
static bool is_told_first(const ExecRequest *request)
{
    return !request->background && request->timeout_ms > 0 && request->grace_ms > 0;
}

bool agent_client_is_connected(AgentClient *client)
{
    bool connected;

    g_mutex_lock(&client->lock);
    connected = client->lost == NULL;
    g_mutex_unlock(&client->lock);
    return connected;
}

/* A new entry of the table with what `like` says; `limit_ms` 0: the guest may take for ever. */
static uint32_t pending_open(AgentClient *client, const Pending *like, int64_t limit_ms)
{
    Pending *pending = g_memdup2(like, sizeof *like);
    int64_t now_ns = clock_monotonic_ns();

    pending->due_ns = limit_ms > 0 ? now_ns + limit_ms * NS_PER_MS : NEVER;
    pending->over_ns = is_told_first(&like->exec) ? now_ns + (int64_t) like->exec.timeout_ms * NS_PER_MS : NEVER;
    g_mutex_lock(&client->lock);
    pending->channel = client->next_channel++;
    g_hash_table_insert(client->pending, GUINT_TO_POINTER(pending->channel), pending);
    g_mutex_unlock(&client->lock);
    return pending->channel;
}

/* Nobody waits any more: late answers go to take_stray(). */
static void pending_drop(AgentClient *client, uint32_t channel)
{
    g_mutex_lock(&client->lock);
    g_hash_table_remove(client->pending, GUINT_TO_POINTER(channel));
    g_mutex_unlock(&client->lock);
}

/* With the lock held. Whoever asks a guest after it fell silent gets this answer at once: else each request of many would wait again. */
static bool mute_error(AgentClient *client, GError **error)
{
    error_set(&client->lost, ERROR_HOST, "machine '%s' no longer answers: nothing came for %g s after an answer was due",
              client->machine, client->patience_ms / 1000.0);
    g_cond_broadcast(&client->changed);
    return lost_error(client, error);
}

/* With the lock held: how a request ended. A background program that already ran to its end is no longer in the table. */
static bool pending_outcome(AgentClient *client, Pending *pending, ExecResult *ret_result, GError **error)
{
    if (pending == NULL)
        return true;
    if (pending->failure != NULL) {
        g_propagate_error(error, g_steal_pointer(&pending->failure));
        return false;
    }
    if (pending->running)
        return true;
    if (!pending->done && client->lost != NULL)
        return lost_error(client, error);
    if (!pending->done)
        return mute_error(client, error);
    if (ret_result != NULL)
        *ret_result = pending->result;
    return true;
}

static bool send_kill(AgentClient *client, uint32_t channel, int number, GError **error);

/* Wait for a change that an entry's owner has to do something about; with the lock held. NULL: the entry is gone. */
static Pending *pending_watch(AgentClient *client, uint32_t channel)
{
    Pending *pending;

    while ((pending = pending_find(client, channel)) != NULL && !pending->done && !pending->running && client->lost == NULL
           && clock_monotonic_ns() < MIN(pending->due_ns, pending->over_ns))
        wait_change(client, MIN(pending->due_ns, pending->over_ns));
    return pending;
}

/* Wait for the end of a request and take it out of the table, unless a background program goes on there. */
static bool pending_wait(AgentClient *client, uint32_t channel, ExecResult *ret_result, GError **error)
{
    Pending *pending;
    bool ok;

    g_mutex_lock(&client->lock);
    pending = pending_watch(client, channel);
    if (pending != NULL && pending->over_ns != NEVER && !pending->done && client->lost == NULL) {
        int number = pending->exec.signal != 0 ? pending->exec.signal : SIGTERM;

        pending->over_ns = NEVER;
        pending->told = true;
        g_mutex_unlock(&client->lock);
        ok = send_kill(client, channel, number, NULL); /* or the connection is lost, which is said below */
        g_mutex_lock(&client->lock);
        pending = pending_watch(client, channel);
    }
    ok = pending_outcome(client, pending, ret_result, error);
    if (pending != NULL && !(ok && pending->running))
        g_hash_table_remove(client->pending, GUINT_TO_POINTER(channel));
    g_mutex_unlock(&client->lock);
    return ok;
}

static bool send_frame(AgentClient *client, WireType type, uint32_t channel, const void *payload, size_t size, GError **error)
{
    bool lost;

    g_mutex_lock(&client->lock);
    lost = client->lost != NULL;
    if (lost)
        lost_error(client, error);
    g_mutex_unlock(&client->lock);
    return !lost && agent_stream_send(client->stream, type, channel, payload, size, client->patience_ms, error);
}

static bool send_kill(AgentClient *client, uint32_t channel, int number, GError **error)
{
    uint8_t payload[sizeof(uint32_t)];

    wire_put_u32(payload, (uint32_t) number);
    return send_frame(client, WIRE_KILL, channel, payload, sizeof payload, error);
}

/* Send the frame that opens a request and wait for its end. */
static bool request_run(AgentClient *client, uint32_t channel, WireType type, const GByteArray *payload, ExecResult *ret_result,
                        GError **error)
{
    if (!send_frame(client, type, channel, payload->data, payload->len, error)) {
        pending_drop(client, channel);
        return false;
    }
    return pending_wait(client, channel, ret_result, error);
}

static void put_u32(GByteArray *payload, uint32_t value)
{
    uint8_t bytes[sizeof value];

    wire_put_u32(bytes, value);
    g_byte_array_append(payload, bytes, sizeof bytes);
}

static void put_string(GByteArray *payload, const char *text)
{
    g_byte_array_append(payload, (const uint8_t *) text, (guint) strlen(text) + 1);
}

/* When the guest kills by itself. */
static unsigned guest_limit_ms(const ExecRequest *request)
{
    return is_told_first(request) ? (unsigned) MIN((uint64_t) request->timeout_ms + request->grace_ms, UINT32_MAX) : request->timeout_ms;
}

static GByteArray *exec_payload(const ExecRequest *request)
{
    GByteArray *payload = g_byte_array_new();
    uint8_t flags = request->background ? WIRE_EXEC_BACKGROUND : 0;
    g_autofree char *count = g_strdup_printf("%u", g_strv_length((char **) request->argv));

    g_byte_array_append(payload, &flags, 1);
    put_u32(payload, guest_limit_ms(request));
    put_string(payload, count);
    for (const char *const *word = request->argv; *word != NULL; word++)
        put_string(payload, *word);
    for (const char *const *entry = request->environment; entry != NULL && *entry != NULL; entry++)
        put_string(payload, *entry);
    return payload;
}

/* The guest ends what takes too long; it may be late with that by our patience. A start in the background is answered at once. */
static int64_t exec_limit_ms(const AgentClient *client, const ExecRequest *request)
{
    if (request->background)
        return client->patience_ms;
    return request->timeout_ms > 0 ? (int64_t) guest_limit_ms(request) + client->patience_ms : 0;
}

bool agent_client_exec(AgentClient *client, const ExecRequest *request, ExecResult *ret_result, GError **error)
{
    g_autoptr(GByteArray) payload = exec_payload(request);
    uint32_t channel = pending_open(client, &(Pending) { .asked = WIRE_EXEC, .exec = *request }, exec_limit_ms(client, request));

    return request_run(client, channel, WIRE_EXEC, payload, ret_result, error);
}

/* A running background program by its request's data; 0: it has ended. */
static uint32_t background_find(AgentClient *client, const void *data)
{
    uint32_t channel = 0;
    GHashTableIter all;
    gpointer value;

    g_mutex_lock(&client->lock);
    g_hash_table_iter_init(&all, client->pending);
    while (channel == 0 && g_hash_table_iter_next(&all, NULL, &value)) {
        const Pending *pending = value;

        if (pending->running && pending->exec.data == data)
            channel = pending->channel;
    }
    g_mutex_unlock(&client->lock);
    return channel;
}

bool agent_client_signal(AgentClient *client, const void *data, int number, GError **error)
{
    uint32_t channel = background_find(client, data);

    return channel == 0 || send_kill(client, channel, number, error);
}

bool agent_client_read_file(AgentClient *client, const char *path, int to_fd, GError **error)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    Pending like = { .asked = WIRE_READ, .to_fd = to_fd, .renew_ns = (int64_t) client->patience_ms * NS_PER_MS };

    put_string(payload, path);
    return request_run(client, pending_open(client, &like, client->patience_ms), WIRE_READ, payload, NULL, error);
}

/* Whether the guest has not refused meanwhile. It owes nothing while we are still sending. */
static bool is_wanted(AgentClient *client, uint32_t channel)
{
    Pending *pending;
    bool wanted;

    g_mutex_lock(&client->lock);
    pending = pending_find(client, channel);
    pending->due_ns = clock_monotonic_ns() + (int64_t) client->patience_ms * NS_PER_MS;
    wanted = !pending->done;
    g_mutex_unlock(&client->lock);
    return wanted;
}

static bool send_data(AgentClient *client, uint32_t channel, int from_fd, GError **error)
{
    uint8_t piece[DATA_PIECE];
    ssize_t got = 1;

    while (got > 0 && is_wanted(client, channel)) {
        got = fd_read(from_fd, piece, sizeof piece);
        if (got < 0)
            return error_set_errno(error, ERROR_HOST, "could not read what is to be sent");
        if (got > 0 && !send_frame(client, WIRE_DATA, channel, piece, (size_t) got, error))
            return false;
    }
    return send_frame(client, WIRE_DATA, channel, NULL, 0, error);
}

bool agent_client_write_file(AgentClient *client, const char *path, unsigned mode, int from_fd, GError **error)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    uint32_t channel = pending_open(client, &(Pending) { .asked = WIRE_WRITE }, client->patience_ms);

    put_u32(payload, mode);
    put_string(payload, path);
    if (!send_frame(client, WIRE_WRITE, channel, payload->data, payload->len, error) || !send_data(client, channel, from_fd, error)) {
        pending_drop(client, channel);
        return false;
    }
    return pending_wait(client, channel, NULL, error);
}

bool agent_client_configure(AgentClient *client, const char *settings, bool set_clock, GError **error)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    uint8_t time[sizeof(uint64_t)], seed[SEED_BYTES];
    uint32_t channel;

    if (getrandom(seed, sizeof seed, 0) != sizeof seed)
        return error_set_errno(error, ERROR_HOST, "could not draw random bytes for machine '%s'", client->machine);
    channel = pending_open(client, &(Pending) { .asked = WIRE_CONFIGURE }, client->patience_ms);
    wire_put_u64(time, set_clock ? (uint64_t) clock_realtime_ns() : 0);
    g_byte_array_append(payload, time, sizeof time);
    put_string(payload, settings);
    g_byte_array_append(payload, seed, sizeof seed);
    return request_run(client, channel, WIRE_CONFIGURE, payload, NULL, error);
}
