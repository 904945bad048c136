// SPDX-License-Identifier: GPL-3.0-or-later
/* OpenSSH's client, over one connection that all programs of a machine share (ControlMaster). The client is run by our own agent on the host,
 * so that streams, time limits and programs in the background are the agent's. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/vm/channel.h"

enum { TRY_MS = 20000, LOOK_MS = 200, SHORT_MS = 15000, SSH_FAILED = 255 };

typedef struct SshChannel {
    Channel base;
    HostPrograms *programs;
    char *port, *target, *key, *control, *folder; /* target: "root@127.0.0.1"; control: "ControlPath=..."; folder: for files on their way */
    gint count;    /* of programs; atomic */
    gint stopping; /* atomic */
    GMutex lock;
    GPtrArray *listeners; /* Listener: of programs in the background, under the lock */
} SshChannel;

/* Whoever hears of a program in the background. Its client ends with status 255 when the machine is stopped, which is nobody's business. */
typedef struct Listener {
    SshChannel *ssh;
    ExecRequest request;
} Listener;

static SshChannel *ssh_of(Channel *channel)
{
    return (SshChannel *) channel;
}

/* Nothing of the user's own settings matters, and the server's key is another one in every run. */
static GPtrArray *client(const SshChannel *ssh)
{
    const char *const words[] = { "ssh", "-F", "none", "-p", ssh->port, "-i", ssh->key, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
                                  "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
                                  "-o", "ConnectTimeout=10", "-o", "ControlMaster=auto", "-o", "ControlPersist=yes", "-o", ssh->control,
                                  ssh->target };
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        g_ptr_array_add(argv, g_strdup(words[i]));
    return argv;
}

/* Run `remote`, a line for the guest's shell, with a file of the host as its input (NULL: none). */
static bool run(SshChannel *ssh, const char *remote, const char *input, const ExecRequest *how, ExecResult *ret_result, GError **error)
{
    static const char *const redirect[] = { "/bin/sh", "-c", "input=$1; shift; exec \"$@\" <\"$input\"", "sh" };
    g_autoptr(GPtrArray) argv = client(ssh);
    ExecRequest request = *how;

    for (size_t i = 0; input != NULL && i < G_N_ELEMENTS(redirect); i++)
        g_ptr_array_insert(argv, (gint) i, g_strdup(redirect[i]));
    if (input != NULL)
        g_ptr_array_insert(argv, G_N_ELEMENTS(redirect), g_strdup(input));
    g_ptr_array_add(argv, g_strdup(remote));
    g_ptr_array_add(argv, NULL);
    request.argv = (const char *const *) argv->pdata;
    request.environment = NULL;
    if (g_atomic_int_get(&ssh->stopping))
        return error_set(error, ERROR_HOST, "machine '%s' was stopped", ssh->base.machine);
    return host_programs_exec(ssh->programs, &request, ret_result, error);
}

/* The same for a short line of our own, which must succeed. */
static bool run_short(SshChannel *ssh, const char *remote, const char *input, unsigned timeout_ms, GError **error)
{
    g_autoptr(GString) said = g_string_new(NULL);
    ExecRequest request = { .timeout_ms = timeout_ms, .output = channel_gather, .data = said };
    ExecResult result = { 0 };

    if (!run(ssh, remote, input, &request, &result, error))
        return false;
    if (result.exit_status == 0)
        return true;
    g_strdelimit(g_strchomp(said->str), "\n", ' ');
    return error_set(error, ERROR_HOST, "machine '%s': ssh: %s", ssh->base.machine,
                     result.timed_out ? "no answer in time" : said->str[0] != '\0' ? said->str : "it failed and does not say why");
}

static bool wait_ready(Channel *channel, unsigned timeout_ms, bool *ret_late, GError **error)
{
    SshChannel *ssh = ssh_of(channel);
    int64_t due_ns = clock_monotonic_ns() + (int64_t) timeout_ms * 1000000;

    if (ret_late != NULL)
        *ret_late = true;
    for (;;) {
        GError *problem = NULL;
        int64_t left_ms;

        if (run_short(ssh, "exit 0", NULL, TRY_MS, &problem))
            return true;
        left_ms = (due_ns - clock_monotonic_ns()) / 1000000;
        if (left_ms <= 0) {
            g_propagate_error(error, problem);
            return false;
        }
        g_error_free(problem);
        g_usleep((gulong) MIN(left_ms, LOOK_MS) * 1000);
    }
}

static void append_quoted(GString *line, const char *const *words)
{
    for (const char *const *word = words; word != NULL && *word != NULL; word++) {
        g_autofree char *quoted = g_shell_quote(*word);

        g_string_append_printf(line, " %s", quoted);
    }
}

/* The server gives each of our lines a session of its own, which the shell leads; its number is how we end all of it. The shell stays and so
 * tells which signal ended the program: ssh itself would only say 255. */
static char *remote_line(const ExecRequest *request, const char *note)
{
    GString *line = g_string_new(NULL);

    g_string_append_printf(line, "cd /; echo $$ >%s; env", note);
    append_quoted(line, request->environment);
    append_quoted(line, request->argv);
    g_string_append_printf(line, "; status=$?; rm -f %s; exit $status", note);
    return g_string_free(line, FALSE);
}

static void pass_output(void *data, int stream, const char *bytes, size_t size)
{
    Listener *listener = data;

    if (listener->request.output != NULL)
        listener->request.output(listener->request.data, stream, bytes, size);
}

static void pass_end(void *data, const ExecResult *result)
{
    Listener *listener = data;

    if (listener->request.ended != NULL && !g_atomic_int_get(&listener->ssh->stopping))
        listener->request.ended(listener->request.data, result);
}

static bool exec_background(SshChannel *ssh, const char *line, const ExecRequest *request, ExecResult *ret_result, GError **error)
{
    Listener *listener = g_new0(Listener, 1);
    ExecRequest passed = *request;

    *listener = (Listener) { ssh, *request };
    passed.output = pass_output;
    passed.ended = pass_end;
    passed.data = listener;
    g_mutex_lock(&ssh->lock);
    g_ptr_array_add(ssh->listeners, listener);
    g_mutex_unlock(&ssh->lock);
    return run(ssh, line, NULL, &passed, ret_result, error);
}

/* A shell's function: a process and all below it. Where the server has given the line no process group of its own, that is the only way. */
#define KILL_TREE                                                                                                              \
    "tree() { for child in $(sed -n \"s/^\\([0-9]*\\) (.*) . $1 .*/\\1/p\" /proc/[0-9]*/stat 2>/dev/null); do tree $child; done; "    \
    "kill -KILL $1 2>/dev/null; }; "

static bool exec(Channel *channel, const ExecRequest *request, ExecResult *ret_result, GError **error)
{
    SshChannel *ssh = ssh_of(channel);
    g_autofree char *note = g_strdup_printf("/tmp/.trialbed-ssh-%d", g_atomic_int_add(&ssh->count, 1));
    g_autofree char *line = remote_line(request, note);
    g_autofree char *end = NULL;

    if (request->background)
        return exec_background(ssh, line, request, ret_result, error);
    if (!run(ssh, line, NULL, request, ret_result, error))
        return false;
    if (ret_result->timed_out) { /* only the client is gone */
        end = g_strdup_printf(KILL_TREE "leader=$(cat %s); kill -KILL -$leader 2>/dev/null; tree $leader; rm -f %s", note, note);
        return run_short(ssh, end, NULL, SHORT_MS, error);
    }
    /* Either the program's own status or a lost connection, which then does not come back. */
    return ret_result->exit_status != SSH_FAILED || run_short(ssh, "exit 0", NULL, SHORT_MS, error);
}

/* Takes what comes out as a file's content. */
typedef struct Download {
    int fd;
    int number; /* errno of a write that failed */
    GString *errors;
} Download;

static void take_piece(void *data, int stream, const char *bytes, size_t size)
{
    Download *download = data;

    if (stream == 2)
        g_string_append_len(download->errors, bytes, (gssize) size);
    else if (download->number == 0 && !fd_write_all(download->fd, bytes, size))
        download->number = errno;
}

static bool read_file(Channel *channel, const char *path, int to_fd, GError **error)
{
    g_autofree char *quoted = g_shell_quote(path);
    g_autofree char *line = g_strconcat("exec cat -- ", quoted, NULL);
    g_autoptr(GString) errors = g_string_new(NULL);
    Download download = { to_fd, 0, errors };
    ExecRequest request = { .output = take_piece, .data = &download };
    ExecResult result = { 0 };

    if (!run(ssh_of(channel), line, NULL, &request, &result, error))
        return false;
    if (download.number != 0) {
        errno = download.number;
        return error_set_errno(error, ERROR_HOST, "could not write what came of '%s'", path);
    }
    return result.exit_status == 0
           || error_set(error, ERROR_HOST, "machine '%s': could not read '%s': %s", channel->machine, path, g_strchomp(errors->str));
}

static bool write_file(Channel *channel, const char *path, unsigned mode, const void *data, size_t size, GError **error)
{
    SshChannel *ssh = ssh_of(channel);
    g_autofree char *here = g_strdup_printf("%s/upload-%d", ssh->folder, g_atomic_int_add(&ssh->count, 1));
    g_autofree char *quoted = g_shell_quote(path);
    g_autofree char *line = g_strdup_printf("p=%s; mkdir -p \"${p%%/*}/\" && cat >\"$p.trialbed-new\" && chmod %o \"$p.trialbed-new\" && "
                                            "mv -f \"$p.trialbed-new\" \"$p\"",
                                            quoted, mode);
    bool ok = file_write_atomic(here, data, size, error) && run_short(ssh, line, here, 0, error);

    unlink(here);
    return ok;
}

/* The machine will soon be gone; what the client waits for does not come. */
static void stop(Channel *channel)
{
    SshChannel *ssh = ssh_of(channel);
    static const char *const stop_word[] = { "-O", "exit" };
    g_autoptr(GPtrArray) argv = NULL;
    ExecRequest request = { .timeout_ms = 1000 };
    ExecResult result;

    if (!g_atomic_int_compare_and_exchange(&ssh->stopping, FALSE, TRUE))
        return;
    argv = client(ssh);
    for (size_t i = 0; i < G_N_ELEMENTS(stop_word); i++)
        g_ptr_array_insert(argv, (gint) i + 1, g_strdup(stop_word[i]));
    g_ptr_array_add(argv, NULL);
    request.argv = (const char *const *) argv->pdata;
    if (!host_programs_exec(ssh->programs, &request, &result, NULL))
        return; /* closing the programs ends it, too */
}

static void free_channel(Channel *channel)
{
    SshChannel *ssh = ssh_of(channel);

    stop(channel);
    g_ptr_array_unref(ssh->listeners);
    g_mutex_clear(&ssh->lock);
    g_free(ssh->port);
    g_free(ssh->target);
    g_free(ssh->key);
    g_free(ssh->control);
    g_free(ssh->folder);
    g_free(channel->machine);
    g_free(channel);
}

static const ChannelKind kind = { "ssh", wait_ready, exec, read_file, write_file, channel_configure_by_script, stop, free_channel };

Channel *channel_ssh_new(const char *machine, const SshTarget *target, HostPrograms *programs)
{
    SshChannel *ssh = g_new0(SshChannel, 1);

    ssh->base = (Channel) { &kind, g_strdup(machine) };
    ssh->programs = programs;
    ssh->listeners = g_ptr_array_new_with_free_func(g_free);
    g_mutex_init(&ssh->lock);
    ssh->port = g_strdup_printf("%u", target->port);
    ssh->target = g_strdup_printf("%s@127.0.0.1", target->user);
    ssh->key = g_strdup(target->key);
    ssh->folder = g_build_filename(target->scratch, "ssh", NULL);
    ssh->control = g_strdup_printf("ControlPath=%s/%u", ssh->folder, target->port);
    return &ssh->base;
}
