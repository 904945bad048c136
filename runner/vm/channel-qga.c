// SPDX-License-Identifier: GPL-3.0-or-later
/* The QEMU guest agent. It has no stream: programs write to files of the guest, which are read again and again until the
 * program has ended (the agent itself would keep an output back until then, and cut it at 16 MiB). */
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/vm/agent-client.h"
#include "runner/vm/channel.h"

enum {
    PING_S = 2, LOOK_MS = 100, SAID_BYTES = 80, ANSWER_DEPTH_MAX = 16, PATIENCE_S = AGENT_PATIENCE_MS / 1000,
    PIECE = 1 << 18, WRITTEN_PIECE = 1 << 15, /* bytes a request: more brings nothing, and long requests some agents do not understand */
    FIRST_LOOK_US = 2000, LAST_LOOK_US = 50000, /* how long a program is left alone: a tenth of its age between these */
};

typedef struct QgaChannel {
    Channel base;
    QgaPort port;
    char *folder; /* in the guest, for outputs */
    GMutex lock;  /* of what follows, and held during a command: the agent answers one at a time */
    bool has_folder;
    unsigned programs;
    GPtrArray *threads; /* of programs in the background */
    GPtrArray *running; /* Program: those of them that have not ended */
    gint stopping;      /* atomic */
} QgaChannel;

/* A program that runs. */
typedef struct Program {
    QgaChannel *channel;
    ExecRequest request; /* without its texts */
    int64_t pid, handles[2];
    int64_t started_ns, due_ns; /* when its time is over; INT64_MAX: never */
    bool timed_out, killed;
    gint told; /* atomic: it got a signal from us */
} Program;

static QgaChannel *qga_of(Channel *channel)
{
    return (QgaChannel *) channel;
}

/* --- commands --- */

static bool not_understood(QgaChannel *qga, const char *name, const char *answer, GError **error)
{
    g_autofree char *said = g_strndup(answer, SAID_BYTES);
    g_autofree char *valid = g_utf8_make_valid(said, -1);

    return error_set(error, ERROR_HOST, "machine '%s': the guest agent's answer to '%s' is none: %s", qga->base.machine, name, valid);
}

/* json-glib calls itself for every list in a list, and a guest's word must not use up our stack. */
static bool is_deep(const char *text)
{
    bool quoted = false;
    int depth = 0;

    for (; *text != '\0' && depth <= ANSWER_DEPTH_MAX; text++) {
        if (*text == '"')
            quoted = !quoted;
        else if (quoted && *text == '\\' && text[1] != '\0')
            text++;
        else if (!quoted)
            depth += (*text == '[' || *text == '{') - (*text == ']' || *text == '}');
    }
    return depth > ANSWER_DEPTH_MAX;
}

static bool take_answer(QgaChannel *qga, const char *name, const char *answer, JsonNode **ret_return, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonNode *root = !is_deep(answer) && json_parser_load_from_data(parser, answer, -1, NULL) ? json_parser_get_root(parser) : NULL;
    JsonObject *object = root != NULL && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;

    if (object == NULL || !json_object_has_member(object, "return"))
        return not_understood(qga, name, answer, error);
    if (ret_return != NULL)
        *ret_return = json_node_copy(json_object_get_member(object, "return"));
    return true;
}

/* Takes `arguments` (may be NULL). Caller frees *ret_return, which may be NULL. */
static bool command(QgaChannel *qga, const char *name, JsonObject *arguments, JsonNode **ret_return, GError **error)
{
    g_autoptr(JsonObject) object = json_object_new();
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autofree char *text = NULL, *answer = NULL;
    g_autoptr(GError) problem = NULL;

    json_object_set_string_member(object, "execute", name);
    if (arguments != NULL)
        json_object_set_object_member(object, "arguments", arguments);
    json_node_set_object(node, object);
    text = json_to_string(node, FALSE);
    g_mutex_lock(&qga->lock);
    answer = g_atomic_int_get(&qga->stopping) ? NULL : qga->port.ask(qga->port.data, text, PATIENCE_S, &problem);
    g_mutex_unlock(&qga->lock);
    if (answer != NULL)
        return take_answer(qga, name, answer, ret_return, error);
    if (g_atomic_int_get(&qga->stopping))
        return error_set(error, ERROR_HOST, "machine '%s' was stopped", qga->base.machine);
    g_propagate_prefixed_error(error, g_steal_pointer(&problem), "machine '%s': the guest agent did not do '%s': ", qga->base.machine, name);
    return false;
}

static int64_t number(JsonNode *node, const char *key)
{
    JsonNode *value = JSON_NODE_HOLDS_OBJECT(node) ? json_object_get_member(json_node_get_object(node), key) : NULL;

    return value != NULL && JSON_NODE_HOLDS_VALUE(value) ? json_node_get_int(value) : -1;
}

static bool flag(JsonNode *node, const char *key)
{
    JsonNode *value = JSON_NODE_HOLDS_OBJECT(node) ? json_object_get_member(json_node_get_object(node), key) : NULL;

    return value != NULL && JSON_NODE_HOLDS_VALUE(value) && json_node_get_boolean(value);
}

/* "" when there is none. */
static const char *member_text(JsonNode *node, const char *key)
{
    JsonNode *value = JSON_NODE_HOLDS_OBJECT(node) ? json_object_get_member(json_node_get_object(node), key) : NULL;
    const char *text = value != NULL && JSON_NODE_HOLDS_VALUE(value) ? json_node_get_string(value) : NULL;

    return text != NULL ? text : "";
}

static bool wait_ready(Channel *channel, unsigned timeout_ms, bool *ret_late, GError **error)
{
    QgaChannel *qga = qga_of(channel);
    int64_t due_ns = clock_monotonic_ns() + (int64_t) timeout_ms * 1000000;

    if (ret_late != NULL)
        *ret_late = true;
    do {
        g_autofree char *answer = qga->port.ask(qga->port.data, "{\"execute\":\"guest-ping\"}", PING_S, NULL);

        if (answer != NULL)
            return true;
        if (!qga->port.is_active(qga->port.data)) {
            if (ret_late != NULL)
                *ret_late = false;
            return error_set(error, ERROR_HOST, "machine '%s' has ended", channel->machine);
        }
        g_usleep(MIN(LOOK_MS, timeout_ms) * 1000);
    } while (clock_monotonic_ns() < due_ns);
    return error_set(error, ERROR_HOST, "machine '%s': no QEMU guest agent has answered within %g s", channel->machine, timeout_ms / 1000.0);
}

/* --- files --- */

static bool guest_file_open(QgaChannel *qga, const char *path, const char *mode, int64_t *ret_handle, GError **error)
{
    JsonObject *arguments = json_object_new();
    g_autoptr(JsonNode) answer = NULL;

    json_object_set_string_member(arguments, "path", path);
    json_object_set_string_member(arguments, "mode", mode);
    if (!command(qga, "guest-file-open", arguments, &answer, error)) {
        g_prefix_error(error, "file '%s': ", path);
        return false;
    }
    *ret_handle = JSON_NODE_HOLDS_VALUE(answer) ? json_node_get_int(answer) : -1;
    return true;
}

static bool guest_file_close(QgaChannel *qga, int64_t handle, GError **error)
{
    JsonObject *arguments = json_object_new();

    json_object_set_int_member(arguments, "handle", handle);
    return command(qga, "guest-file-close", arguments, NULL, error);
}

/* Nothing is what there is at the end, for the moment or for good. Caller frees. */
static bool guest_file_piece(QgaChannel *qga, int64_t handle, guchar **ret_bytes, size_t *ret_size, GError **error)
{
    JsonObject *arguments = json_object_new();
    g_autoptr(JsonNode) answer = NULL;

    json_object_set_int_member(arguments, "handle", handle);
    json_object_set_int_member(arguments, "count", PIECE);
    if (!command(qga, "guest-file-read", arguments, &answer, error))
        return false;
    *ret_bytes = g_base64_decode(member_text(answer, "buf-b64"), ret_size);
    return true;
}

static bool guest_file_write(QgaChannel *qga, int64_t handle, const guchar *bytes, size_t size, GError **error)
{
    for (size_t done = 0; done < size;) {
        g_autofree char *text = g_base64_encode(bytes + done, size - done);
        JsonObject *arguments = json_object_new();
        g_autoptr(JsonNode) answer = NULL;
        int64_t count;

        json_object_set_int_member(arguments, "handle", handle);
        json_object_set_string_member(arguments, "buf-b64", text);
        if (!command(qga, "guest-file-write", arguments, &answer, error))
            return false;
        count = number(answer, "count");
        if (count <= 0 || (size_t) count > size - done)
            return error_set(error, ERROR_HOST, "machine '%s': the guest agent says that it wrote %" G_GINT64_FORMAT " of %zu bytes",
                             qga->base.machine, count, size - done);
        done += (size_t) count;
    }
    return true;
}

/* The agent keeps some of it in memory of its own until it is told to write it. */
static bool guest_file_flush(QgaChannel *qga, int64_t handle, GError **error)
{
    JsonObject *arguments = json_object_new();

    json_object_set_int_member(arguments, "handle", handle);
    return command(qga, "guest-file-flush", arguments, NULL, error);
}

static bool guest_file_fill(QgaChannel *qga, int64_t handle, int from_fd, GError **error)
{
    guchar piece[WRITTEN_PIECE];
    ssize_t got;

    while ((got = fd_read(from_fd, piece, sizeof piece)) > 0)
        if (!guest_file_write(qga, handle, piece, (size_t) got, error))
            return false;
    return got == 0 ? guest_file_flush(qga, handle, error) : error_set_errno(error, ERROR_HOST, "could not read what is to be sent");
}

static bool read_file(Channel *channel, const char *path, int to_fd, GError **error)
{
    QgaChannel *qga = qga_of(channel);
    int64_t handle;
    size_t size;
    bool ok;

    if (!guest_file_open(qga, path, "r", &handle, error))
        return false;
    do {
        g_autofree guchar *bytes = NULL;

        ok = guest_file_piece(qga, handle, &bytes, &size, error);
        if (ok && size > 0 && !fd_write_all(to_fd, bytes, size))
            ok = error_set_errno(error, ERROR_HOST, "could not write what came of '%s'", path);
    } while (ok && size > 0);
    return guest_file_close(qga, handle, ok ? error : NULL) && ok;
}

/* --- programs --- */

/* $0 is where the outputs go; they are ours to read, and nobody else sees them. The shell leads a process group: setsid() makes none
 * where there is one already. */
#define WRAPPER "exec setsid /bin/sh -c 'exec >\"$0.out\" 2>\"$0.err\"; rm -f \"$0.out\" \"$0.err\"; exec \"$@\"' \"$@\""

static JsonArray *texts(const char *const *first, const char *const *second)
{
    JsonArray *array = json_array_new();

    for (const char *const *text = first; text != NULL && *text != NULL; text++)
        json_array_add_string_element(array, *text);
    for (const char *const *text = second; text != NULL && *text != NULL; text++)
        json_array_add_string_element(array, *text);
    return array;
}

static bool spawn(QgaChannel *qga, const char *const *first, const char *const *second, const char *const *environment, bool captures,
                  int64_t *ret_pid, GError **error)
{
    static const char *const basics[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=dumb",
                                          NULL };
    JsonObject *arguments = json_object_new();
    g_autoptr(JsonNode) answer = NULL;

    json_object_set_string_member(arguments, "path", "/bin/sh");
    json_object_set_array_member(arguments, "arg", texts(first, second));
    json_object_set_array_member(arguments, "env", texts(basics, environment));
    json_object_set_boolean_member(arguments, "capture-output", captures);
    if (!command(qga, "guest-exec", arguments, &answer, error))
        return false;
    *ret_pid = number(answer, "pid");
    return *ret_pid > 0 || error_set(error, ERROR_HOST, "machine '%s': the guest agent started nothing", qga->base.machine);
}

/* What a script of ours said before it failed. */
static bool script_failed(QgaChannel *qga, JsonNode *status, GError **error)
{
    g_autofree guchar *bytes = NULL;
    g_autofree char *said = NULL, *valid = NULL;
    size_t size;

    bytes = g_base64_decode(member_text(status, "err-data"), &size);
    said = g_strndup((const char *) bytes, MIN(size, SAID_BYTES * 2));
    valid = g_utf8_make_valid(said, -1);
    g_strdelimit(g_strchomp(valid), "\n", ' ');
    return error_set(error, ERROR_HOST, "machine '%s': %s", qga->base.machine,
                     valid[0] != '\0' ? valid : "a script of the channel failed, and does not say why");
}

/* A short script of our own, to its end. */
static bool run_script(QgaChannel *qga, const char *text, const char *first, const char *second, const char *third, GError **error)
{
    const char *const argv[] = { "-c", text, "sh", first, second, third, NULL };
    int64_t pid, due_ns = clock_monotonic_ns() + PATIENCE_S * INT64_C(1000000000);

    if (!spawn(qga, argv, NULL, NULL, true, &pid, error))
        return false;
    while (clock_monotonic_ns() < due_ns) {
        JsonObject *arguments = json_object_new();
        g_autoptr(JsonNode) status = NULL;

        json_object_set_int_member(arguments, "pid", pid);
        if (!command(qga, "guest-exec-status", arguments, &status, error))
            return false;
        if (flag(status, "exited"))
            return number(status, "exitcode") == 0 || script_failed(qga, status, error);
        g_usleep(FIRST_LOOK_US);
    }
    return error_set(error, ERROR_HOST, "machine '%s': a script of the channel did not end: %s", qga->base.machine, text);
}

/* The folder for outputs, once. */
static bool folder_provide(QgaChannel *qga, GError **error)
{
    bool has;

    g_mutex_lock(&qga->lock);
    has = qga->has_folder;
    g_mutex_unlock(&qga->lock);
    if (!has && !run_script(qga, "umask 077; mkdir -p \"$1\"", qga->folder, NULL, NULL, error))
        return false;
    g_mutex_lock(&qga->lock);
    qga->has_folder = true;
    g_mutex_unlock(&qga->lock);
    return true;
}

static bool program_start(Program *program, const ExecRequest *request, GError **error)
{
    QgaChannel *qga = program->channel;
    static const char *const suffixes[] = { "out", "err" };
    g_autofree char *place = NULL;
    const char *first[] = { "-c", WRAPPER, "sh", NULL, NULL };

    if (!folder_provide(qga, error))
        return false;
    g_mutex_lock(&qga->lock);
    place = g_strdup_printf("%s/%u", qga->folder, qga->programs++);
    g_mutex_unlock(&qga->lock);
    for (int i = 0; i < 2; i++) {
        g_autofree char *path = g_strdup_printf("%s.%s", place, suffixes[i]);

        if (!guest_file_open(qga, path, "w+", &program->handles[i], error))
            return false;
    }
    first[3] = place;
    program->started_ns = clock_monotonic_ns();
    program->due_ns = request->timeout_ms > 0 ? program->started_ns + (int64_t) request->timeout_ms * 1000000 : INT64_MAX;
    return spawn(qga, first, request->argv, request->environment, false, &program->pid, error);
}

/* All that is there by now. */
static bool program_drain(Program *program, GError **error)
{
    for (int i = 0; i < 2; i++) {
        size_t size;

        do {
            g_autofree guchar *bytes = NULL;

            if (!guest_file_piece(program->channel, program->handles[i], &bytes, &size, error))
                return false;
            if (size > 0 && program->request.output != NULL)
                program->request.output(program->request.data, i + 1, (const char *) bytes, size);
        } while (size == PIECE);
    }
    return true;
}

static bool program_look(Program *program, bool *ret_ended, ExecResult *ret_result, GError **error)
{
    JsonObject *arguments = json_object_new();
    g_autoptr(JsonNode) answer = NULL;

    json_object_set_int_member(arguments, "pid", program->pid);
    if (!command(program->channel, "guest-exec-status", arguments, &answer, error))
        return false;
    *ret_ended = flag(answer, "exited");
    ret_result->signal = (int) MAX(number(answer, "signal"), 0);
    ret_result->exit_status = ret_result->signal > 0 ? EXEC_SIGNAL_STATUS + ret_result->signal : (int) number(answer, "exitcode");
    return true;
}

/* To its whole process group. */
static bool group_signal(QgaChannel *qga, int64_t pid, int number, GError **error)
{
    g_autofree char *group = g_strdup_printf("-%" G_GINT64_FORMAT, pid);
    g_autofree char *option = g_strdup_printf("-%d", number);

    return run_script(qga, "kill \"$1\" -- \"$2\" 2>/dev/null; :", option, group, NULL, error);
}

/* Its time is over: first it is told, then it is killed. When it is gone, the next look says so; a guest that does not do it is given up. */
static bool program_over(Program *program, GError **error)
{
    const ExecRequest *request = &program->request;
    bool kills = program->timed_out || request->grace_ms == 0;
    int64_t patience_ns = kills ? PATIENCE_S * INT64_C(1000000000) : (int64_t) request->grace_ms * 1000000;

    if (program->killed)
        return error_set(error, ERROR_HOST, "machine '%s': a program whose time is over could not be ended", program->channel->base.machine);
    program->timed_out = true;
    program->killed = kills;
    g_atomic_int_set(&program->told, TRUE);
    program->due_ns = clock_monotonic_ns() + patience_ns;
    return group_signal(program->channel, program->pid, kills ? SIGKILL : request->signal != 0 ? request->signal : SIGTERM, error);
}

static bool program_wait(Program *program, ExecResult *ret_result, GError **error)
{
    ExecResult result = { 0 };
    bool ended = false;

    while (!ended) {
        int64_t age_us = (clock_monotonic_ns() - program->started_ns) / 1000;

        g_usleep((gulong) CLAMP(age_us / 10, FIRST_LOOK_US, LAST_LOOK_US));
        if (!program_look(program, &ended, &result, error) || !program_drain(program, error))
            return false;
        if (!ended && clock_monotonic_ns() > program->due_ns && !program_over(program, error))
            return false;
    }
    result.timed_out = program->timed_out;
    result.guest_duration_ns = clock_monotonic_ns() - program->started_ns;
    *ret_result = result;
    /* What it has left of its group has heard the signal, too. */
    return !g_atomic_int_get(&program->told) || group_signal(program->channel, program->pid, SIGKILL, error);
}

static bool program_end(Program *program, GError **error)
{
    for (int i = 0; i < 2; i++)
        if (!guest_file_close(program->channel, program->handles[i], error))
            return false;
    return true;
}

static gpointer serve_background(gpointer data)
{
    Program *program = data;
    QgaChannel *qga = program->channel;
    ExecResult result;
    bool ok = program_wait(program, &result, NULL) && program_end(program, NULL);

    g_mutex_lock(&qga->lock);
    g_ptr_array_remove(qga->running, program);
    g_mutex_unlock(&qga->lock);
    if (ok && program->request.ended != NULL)
        program->request.ended(program->request.data, &result);
    g_free(program);
    return NULL;
}

static bool signal_program(Channel *channel, const void *data, int number, GError **error)
{
    QgaChannel *qga = qga_of(channel);
    int64_t pid = 0;

    g_mutex_lock(&qga->lock);
    for (guint i = 0; i < qga->running->len; i++) {
        Program *program = g_ptr_array_index(qga->running, i);

        if (program->request.data != data)
            continue;
        pid = program->pid;
        g_atomic_int_set(&program->told, TRUE);
    }
    g_mutex_unlock(&qga->lock);
    return pid == 0 || group_signal(qga, pid, number, error);
}

static bool exec(Channel *channel, const ExecRequest *request, ExecResult *ret_result, GError **error)
{
    Program program = { .channel = qga_of(channel), .request = *request };
    Program *background;

    if (!program_start(&program, request, error))
        return false;
    if (!request->background)
        return program_wait(&program, ret_result, error) && program_end(&program, error);
    background = g_memdup2(&program, sizeof program);
    g_mutex_lock(&program.channel->lock);
    g_ptr_array_add(program.channel->running, background);
    g_ptr_array_add(program.channel->threads, g_thread_new("qemu-ga program", serve_background, background));
    g_mutex_unlock(&program.channel->lock);
    return true;
}

/* Beside the file at first, under another name. */
static bool write_file(Channel *channel, const char *path, unsigned mode, int from_fd, GError **error)
{
    QgaChannel *qga = qga_of(channel);
    g_autofree char *unfinished = g_strconcat(path, ".trialbed-new", NULL);
    g_autofree char *mode_text = g_strdup_printf("%o", mode);
    int64_t handle;
    bool ok;

    if (!run_script(qga, "mkdir -p \"${1%/*}/\" || exit 1; [ ! -d \"$1\" ] || { echo \"'$1' is a folder\" >&2; exit 1; }", path, NULL, NULL, error)
        || !guest_file_open(qga, unfinished, "w", &handle, error))
        return false;
    ok = guest_file_fill(qga, handle, from_fd, error);
    if (!ok)
        g_prefix_error(error, "file '%s': ", path);
    ok = guest_file_close(qga, handle, ok ? error : NULL) && ok
         && run_script(qga, "chmod \"$3\" \"$1\" && mv -f \"$1\" \"$2\"", unfinished, path, mode_text, error);
    return ok || (run_script(qga, "rm -f \"$1\"", unfinished, NULL, NULL, NULL) && false);
}

static void stop(Channel *channel)
{
    QgaChannel *qga = qga_of(channel);

    g_atomic_int_set(&qga->stopping, TRUE);
    for (;;) {
        GThread *thread = NULL;

        g_mutex_lock(&qga->lock);
        if (qga->threads->len > 0)
            thread = g_ptr_array_remove_index(qga->threads, 0);
        g_mutex_unlock(&qga->lock);
        if (thread == NULL)
            return;
        g_thread_join(thread);
    }
}

static void free_channel(Channel *channel)
{
    QgaChannel *qga = qga_of(channel);

    stop(channel);
    g_ptr_array_unref(qga->threads);
    g_ptr_array_unref(qga->running);
    g_mutex_clear(&qga->lock);
    g_free(qga->folder);
    g_free(channel->machine);
    g_free(channel);
}

static const ChannelKind kind = { "qemu-ga", wait_ready, exec, signal_program, read_file, write_file, channel_configure_by_script, stop, free_channel };

Channel *channel_qga_new(const char *machine, const QgaPort *port)
{
    QgaChannel *qga = g_new0(QgaChannel, 1);

    qga->base = (Channel) { &kind, g_strdup(machine) };
    qga->port = *port;
    qga->folder = g_strdup_printf("/tmp/.trialbed-%08x%08x", g_random_int(), g_random_int());
    qga->threads = g_ptr_array_new();
    qga->running = g_ptr_array_new();
    g_mutex_init(&qga->lock);
    return &qga->base;
}
