// SPDX-License-Identifier: GPL-3.0-or-later
/* OpenSSH's client, over one connection that all programs of a machine share (ControlMaster). The client is run by our own agent on the host,
 * so that streams, time limits and programs in the background are the agent's. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/vm/channel.h"

enum { TRY_MS = 20000, LOOK_MS = 200, SHORT_MS = 15000, CLIENT_LOOK_MS = 1000, SSH_FAILED = 255 };

typedef struct SshChannel {
    Channel base;
    HostPrograms *programs;
    char *port, *target, *key, *control, *folder; /* target: "root@127.0.0.1"; control: "ControlPath=..."; folder: for files on their way */
    gint count;    /* of programs; atomic */
    gint stopping; /* atomic */
    GMutex lock;
    GCond changed;       /* some program ended */
    GPtrArray *programs_known; /* Program: all that run, and those in the background that did; under the lock */
} SshChannel;

/* A program on its way. Its client ends with status 255 when the machine is stopped, which is nobody's business. */
typedef struct Program {
    SshChannel *ssh;
    ExecRequest request; /* without its texts */
    char *note;          /* file of the guest with the number of the shell above it */
    bool ended;          /* under the lock, as all below */
    ExecResult result;   /* the client's own, then */
    int told;            /* the last signal that it got from us; 0: none */
    bool timed_out;
} Program;

static SshChannel *ssh_of(Channel *channel)
{
    return (SshChannel *) channel;
}

/* Nothing of the user's own settings matters, and the server's key is another one in every run. */
static GPtrArray *client(const SshChannel *ssh)
{
    const char *const words[] = { "ssh", "-F", "none", "-p", ssh->port, "-i", ssh->key, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
                                  "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
                                  "-o", "ConnectTimeout=10",
                                  "-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3", /* a guest that hangs is lost after 30 s */
                                  "-o", "ControlMaster=auto", "-o", "ControlPersist=yes", "-o", ssh->control,
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

/* The server gives each of our lines a session of its own, which the shell leads; its number is how we end all of it. The shell outlives what
 * we end it with and so tells which signal ended the program: ssh itself would only say 255. Whoever sends a signal still needs the note. */
static char *remote_line(const ExecRequest *request, const char *note)
{
    GString *line = g_string_new(NULL);

    g_string_append_printf(line, "cd /; trap : HUP INT QUIT USR1 USR2 ALRM TERM; echo $$ >%s; env", note);
    append_quoted(line, request->environment);
    append_quoted(line, request->argv);
    g_string_append_printf(line, "; status=$?; [ -e %s.told ] || rm -f %s; exit $status", note, note);
    return g_string_free(line, FALSE);
}

static void pass_output(void *data, int stream, const char *bytes, size_t size)
{
    Program *program = data;

    if (program->request.output != NULL)
        program->request.output(program->request.data, stream, bytes, size);
}

/* What the client's end says of the program's. A status above 128 may be the program's own or a signal's, and the shell does not say which;
 * only what we sent ourselves is known. One that is killed takes the shell along. */
static ExecResult program_result(const Program *program)
{
    ExecResult result = program->result;

    result.timed_out = program->timed_out;
    if (program->told == SIGKILL && result.exit_status == SSH_FAILED)
        result.exit_status = EXEC_SIGNAL_STATUS + SIGKILL;
    result.signal = program->told != 0 && result.exit_status == EXEC_SIGNAL_STATUS + program->told ? program->told : 0;
    return result;
}

static void pass_end(void *data, const ExecResult *result)
{
    Program *program = data;
    SshChannel *ssh = program->ssh;
    ExecResult passed;

    g_mutex_lock(&ssh->lock);
    program->result = *result;
    program->ended = true;
    passed = program_result(program);
    g_cond_broadcast(&ssh->changed);
    g_mutex_unlock(&ssh->lock);
    if (program->request.background && program->request.ended != NULL && !g_atomic_int_get(&ssh->stopping))
        program->request.ended(program->request.data, &passed);
}

static void program_free(void *data)
{
    Program *program = data;

    g_free(program->note);
    g_free(program);
}

/* The client always runs in the background of its host: so it can be waited for as long as we like, and with others. */
static Program *program_start(SshChannel *ssh, const ExecRequest *request, GError **error)
{
    Program *program = g_new0(Program, 1);
    ExecRequest passed = { .background = true, .output = pass_output, .ended = pass_end, .data = program };
    g_autofree char *line = NULL;
    bool ok;

    *program = (Program) { .ssh = ssh, .request = *request,
                           .note = g_strdup_printf("/tmp/.trialbed-ssh-%d", g_atomic_int_add(&ssh->count, 1)) };
    line = remote_line(request, program->note);
    g_mutex_lock(&ssh->lock);
    g_ptr_array_add(ssh->programs_known, program);
    g_mutex_unlock(&ssh->lock);
    ok = run(ssh, line, NULL, &passed, NULL, error);
    return ok ? program : NULL;
}

/* A shell's function: a process and all below it, itself first: whoever loses a child must not go on with its next one. Where the server has
 * given the line no process group of its own, that is the only way. */
#define TREE                                                                                                                      \
    "tree() { echo $1; for child in $(sed -n \"s/^\\([0-9]*\\) (.*) . $1 .*/\\1/p\" /proc/[0-9]*/stat 2>/dev/null); do tree $child; done; }; "

/* With the lock not held. */
static bool program_tell(Program *program, int number, GError **error)
{
    SshChannel *ssh = program->ssh;
    g_autofree char *line = g_strdup_printf(TREE ": >%s.told; leader=$(cat %s 2>/dev/null) || exit 0; "
                                            "kill -%d -$leader 2>/dev/null || kill -%d $(tree $leader) 2>/dev/null; :", program->note, program->note, number, number);

    g_mutex_lock(&ssh->lock);
    program->told = number;
    g_mutex_unlock(&ssh->lock);
    return run_short(ssh, line, NULL, SHORT_MS, error);
}

/* What a program that got a signal has left of its group. */
static bool program_sweep(Program *program, GError **error)
{
    g_autofree char *line = g_strdup_printf("leader=$(cat %s 2>/dev/null) && kill -KILL -$leader 2>/dev/null; rm -f %s %s.told", program->note,
                                            program->note, program->note);

    return program->told == 0 || run_short(program->ssh, line, NULL, SHORT_MS, error);
}

static int64_t in_ms(int64_t ms)
{
    return clock_monotonic_ns() + ms * 1000000;
}

/* False: it has not ended by then, or nobody is there to run its client. */
static bool program_await(Program *program, int64_t due_ns)
{
    SshChannel *ssh = program->ssh;
    bool ended;

    g_mutex_lock(&ssh->lock);
    while (!program->ended && clock_monotonic_ns() < due_ns && host_programs_work(ssh->programs))
        g_cond_wait_until(&ssh->changed, &ssh->lock, MIN(due_ns, in_ms(CLIENT_LOOK_MS)) / 1000 + 1);
    ended = program->ended;
    g_mutex_unlock(&ssh->lock);
    return ended;
}

/* Its time is over: tell it, kill it, give it up. */
static bool program_over(Program *program, GError **error)
{
    const ExecRequest *request = &program->request;

    program->timed_out = true;
    if (request->grace_ms > 0) {
        if (!program_tell(program, request->signal != 0 ? request->signal : SIGTERM, error))
            return false;
        if (program_await(program, in_ms(request->grace_ms)))
            return true;
    }
    if (!program_tell(program, SIGKILL, error))
        return false;
    if (program_await(program, in_ms(SHORT_MS)))
        return true;
    if (!host_programs_signal(program->ssh->programs, program, SIGKILL, error))
        return false;
    return program_await(program, in_ms(SHORT_MS))
           || error_set(error, ERROR_HOST, "machine '%s': a program whose time is over could not be ended", program->ssh->base.machine);
}

static bool program_wait(Program *program, ExecResult *ret_result, GError **error)
{
    const ExecRequest *request = &program->request;
    int64_t due_ns = request->timeout_ms > 0 ? in_ms(request->timeout_ms) : INT64_MAX;

    if (!program_await(program, due_ns) && !program_over(program, error))
        return false;
    *ret_result = program_result(program);
    if (program->told != 0)
        return program_sweep(program, error);
    /* Either the program's own status or a lost connection, which then does not come back. */
    return ret_result->exit_status != SSH_FAILED || run_short(program->ssh, "exit 0", NULL, SHORT_MS, error);
}

static void program_forget(Program *program)
{
    SshChannel *ssh = program->ssh;

    g_mutex_lock(&ssh->lock);
    if (program->ended)
        g_ptr_array_remove(ssh->programs_known, program);
    g_mutex_unlock(&ssh->lock);
}

static bool exec(Channel *channel, const ExecRequest *request, ExecResult *ret_result, GError **error)
{
    Program *program = program_start(ssh_of(channel), request, error);
    bool ok;

    if (program == NULL || request->background)
        return program != NULL;
    ok = program_wait(program, ret_result, error);
    program_forget(program);
    return ok;
}

static bool signal_program(Channel *channel, const void *data, int number, GError **error)
{
    SshChannel *ssh = ssh_of(channel);
    Program *found = NULL;

    g_mutex_lock(&ssh->lock);
    for (guint i = 0; i < ssh->programs_known->len; i++) {
        Program *program = g_ptr_array_index(ssh->programs_known, i);

        if (program->request.background && program->request.data == data && !program->ended)
            found = program;
    }
    g_mutex_unlock(&ssh->lock);
    return found == NULL || program_tell(found, number, error);
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

/* The client reads the file itself, by our descriptor. */
static bool write_file(Channel *channel, const char *path, unsigned mode, int from_fd, GError **error)
{
    g_autofree char *here = g_strdup_printf("/proc/%d/fd/%d", (int) getpid(), from_fd);
    g_autofree char *quoted = g_shell_quote(path);
    g_autofree char *line = g_strdup_printf("p=%s; [ ! -d \"$p\" ] || { echo \"'$p' is a folder\" >&2; exit 1; }; mkdir -p \"${p%%/*}/\" && "
                                            "{ cat >\"$p.trialbed-new\" && chmod %o \"$p.trialbed-new\" && "
                                            "mv -f \"$p.trialbed-new\" \"$p\" || { rm -f \"$p.trialbed-new\"; exit 1; }; }",
                                            quoted, mode);

    return run_short(ssh_of(channel), line, here, 0, error);
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
    g_ptr_array_unref(ssh->programs_known);
    g_cond_clear(&ssh->changed);
    g_mutex_clear(&ssh->lock);
    g_free(ssh->port);
    g_free(ssh->target);
    g_free(ssh->key);
    g_free(ssh->control);
    g_free(ssh->folder);
    g_free(channel->machine);
    g_free(channel);
}

static const ChannelKind kind = { "ssh", wait_ready, exec, signal_program, read_file, write_file, channel_configure_by_script, stop, free_channel };

Channel *channel_ssh_new(const char *machine, const SshTarget *target, HostPrograms *programs)
{
    SshChannel *ssh = g_new0(SshChannel, 1);

    ssh->base = (Channel) { &kind, g_strdup(machine) };
    ssh->programs = programs;
    ssh->programs_known = g_ptr_array_new_with_free_func(program_free);
    g_mutex_init(&ssh->lock);
    g_cond_init(&ssh->changed);
    ssh->port = g_strdup_printf("%u", target->port);
    ssh->target = g_strdup_printf("%s@127.0.0.1", target->user);
    ssh->key = g_strdup(target->key);
    ssh->folder = g_build_filename(target->scratch, "ssh", NULL);
    ssh->control = g_strdup_printf("ControlPath=%s/%u", ssh->folder, target->port);
    return &ssh->base;
}
