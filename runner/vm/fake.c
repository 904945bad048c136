// SPDX-License-Identifier: GPL-3.0-or-later
/* Machines that are not there, for tests of what stands above: deterministic, and nothing is ever started.
 *
 * A program `/bin/sh -c TEXT` is read as commands, divided by newlines and semicolons, with a shell's quotes:
 *   echo WORD...      prints the words
 *   write PATH WORD...  makes a file of one line
 *   sleep N           takes N ms, for the host too
 *   fail N            ends the program with status N
 *   hang              goes on until its time is over, it gets a signal, or the machine is stopped
 *   stubborn          the same, but no signal but KILL ends it
 *   undying           the same, but in the background nothing ends it but its machine's end
 *   cat               prints its standard input
 *   listen PORT       from now on something listens there
 *   die               ends the machine
 * Anything else, and any other program, prints nothing and succeeds. Guest durations are 1 ms and what `sleep` adds. In the background
 * nothing sleeps, and what does not hang ends before exec() returns. A program whose words behind TEXT are `ready file PATH` or
 * `ready port N` asks whether the file is there or something listens; if not, its status is 1 after 10 ms. Whose words behind a script are
 * `stdin PATH /bin/sh -c TEXT` has a file as its input; `hash PATH` prints a file's SHA-256.
 * TRIALBED_FAKE_BOOT=fail makes boot() fail, TRIALBED_FAKE_BOOT=hang makes machines that never answer. */
#include "runner/vm/machine.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/vm/console.h"

enum { NS_PER_MS = 1000000, READY_PAUSE_NS = 10 * NS_PER_MS };

struct MachineHost {
    MachineHostFacts facts;
};

struct Machine {
    char *name, *definition, *console_path;
    GMutex lock; /* of all below */
    GCond changed;
    GHashTable *files; /* path -> GBytes */
    GHashTable *ports; /* text, of those that listen */
    GArray *hanging;   /* Hanging: programs in the background that go on */
    bool dead;
};

typedef struct Hanging {
    ExecRequest request; /* without its texts */
    bool stubborn, undying;
} Hanging;

/* One program on its way. */
typedef struct Run {
    Machine *machine;
    const ExecRequest *request;
    int64_t due_ns; /* 0: never */
    int64_t guest_ns;
    int status, signal;
    bool timed_out, hangs, stubborn, undying;
    const char *input; /* path of a file, or NULL */
} Run;

static MachineHost *fake_open(const MachineHostConfig *config, GError **error)
{
    MachineHost *host = g_new0(MachineHost, 1);

    (void) config;
    (void) error;
    host->facts = (MachineHostFacts) { g_strdup("fake"), g_strdup("fake"), g_strdup("none"), g_strdup("0"), g_strdup("0") };
    return host;
}

static void fake_close(MachineHost *host)
{
    g_free(host->facts.backend);
    g_free(host->facts.accelerator);
    g_free(host->facts.emulator);
    g_free(host->facts.emulator_version);
    g_free(host->facts.libvirt_version);
    g_free(host);
}

static const MachineHostFacts *fake_facts(MachineHost *host)
{
    return &host->facts;
}

static char *definition(const MachineConfig *config)
{
    GString *text = g_string_new(NULL);
    g_autofree char *head = g_markup_printf_escaped("<fake name='%s' memory='%u' cpus='%u' nics='%zu' cmdline='%s'", config->name,
                                                    config->memory_mb, config->cpus, config->nic_count, config->cmdline);

    g_string_append(text, head);
    for (unsigned i = 0; config->pins != NULL && i < config->cpus; i++)
        g_string_append_printf(text, "%s%u", i == 0 ? " pins='" : ",", config->pins[i]);
    g_string_append(text, config->pins != NULL ? "'/>\n" : "/>\n");
    return g_string_free(text, FALSE);
}

static char *fake_identity(MachineHost *host, const MachineConfig *config)
{
    (void) host;
    return g_strdup_printf("%s %u %u", config->name, config->memory_mb, config->cpus);
}

/* A fake's memory is its identity. */
static bool fake_save(MachineHost *host, const MachineConfig *config, unsigned timeout_ms, GError **error)
{
    g_autofree char *memory = fake_identity(host, config);

    (void) timeout_ms;
    return file_write_atomic(config->memory_image, memory, strlen(memory), error);
}

static bool fake_restore(MachineHost *host, const MachineConfig *config, GError **error)
{
    g_autofree char *expected = fake_identity(host, config);
    g_autofree char *memory = NULL;
    size_t size;

    if (!file_read(config->memory_image, 4096, &memory, &size, error))
        return false;
    return strcmp(memory, expected) == 0 || error_set(error, ERROR_HOST, "machine '%s': this memory is another one's", config->name);
}

static Machine *fake_define(MachineHost *host, const MachineConfig *config, GError **error)
{
    Machine *machine;

    if (config->memory_image != NULL && !fake_restore(host, config, error))
        return NULL;
    machine = g_new0(Machine, 1);
    machine->name = g_strdup(config->name);
    machine->definition = definition(config);
    machine->console_path = g_strdup(config->console_path);
    machine->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
    machine->hanging = g_array_new(FALSE, FALSE, sizeof(Hanging));
    machine->ports = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_mutex_init(&machine->lock);
    g_cond_init(&machine->changed);
    return machine;
}

static bool fake_boot(Machine *machine, GError **error)
{
    g_autofree char *line = g_strdup_printf("machine %s booted\n", machine->name);

    if (g_strcmp0(g_getenv("TRIALBED_FAKE_BOOT"), "fail") == 0)
        return error_set(error, ERROR_HOST, "machine '%s': could not be started: TRIALBED_FAKE_BOOT says so", machine->name);
    return machine->console_path == NULL || file_write(machine->console_path, line, strlen(line), error);
}

static bool died(const Machine *machine, GError **error)
{
    return error_set(error, ERROR_HOST, "machine '%s' closed its channel", machine->name);
}

/* Wait with the lock held until the machine is dead (then true) or the time (0: none) is over. */
static bool wait_dead(Machine *machine, int64_t due_ns)
{
    while (!machine->dead && (due_ns == 0 || clock_monotonic_ns() < due_ns)) {
        if (due_ns == 0)
            g_cond_wait(&machine->changed, &machine->lock);
        else
            g_cond_wait_until(&machine->changed, &machine->lock, due_ns / 1000 + 1);
    }
    return machine->dead;
}

static bool fake_wait_ready(Machine *machine, unsigned timeout_ms, GError **error)
{
    bool hangs = g_strcmp0(g_getenv("TRIALBED_FAKE_BOOT"), "hang") == 0;
    bool dead;

    g_mutex_lock(&machine->lock);
    dead = hangs ? wait_dead(machine, clock_monotonic_ns() + (int64_t) timeout_ms * NS_PER_MS) : machine->dead;
    g_mutex_unlock(&machine->lock);
    if (dead)
        return died(machine, error);
    if (hangs)
        return error_set(error, ERROR_HOST, "machine '%s' did not answer within %g s", machine->name, timeout_ms / 1000.0);
    return true;
}

/* --- the commands; true: go on with the next one --- */

static bool do_echo(Run *run, char **words)
{
    g_autofree char *text = g_strjoinv(" ", words + 1);
    g_autofree char *line = g_strconcat(text, "\n", NULL);

    if (run->request->output != NULL)
        run->request->output(run->request->data, 1, line, strlen(line));
    return true;
}

static bool do_write(Run *run, char **words)
{
    char *text;

    if (words[1] == NULL)
        return true;
    text = g_strjoinv(" ", words + 2);
    g_hash_table_insert(run->machine->files, g_strdup(words[1]), g_string_free_to_bytes(g_string_append_c(g_string_new(text), '\n')));
    g_free(text);
    return true;
}

static bool wait_here(Run *run, int64_t until_ns)
{
    bool cut = run->due_ns > 0 && (until_ns == 0 || until_ns > run->due_ns);

    if (wait_dead(run->machine, cut ? run->due_ns : until_ns))
        return false;
    if (!cut)
        return true;
    run->timed_out = true;
    run->signal = run->request->grace_ms == 0 ? SIGKILL : run->request->signal != 0 ? run->request->signal : SIGTERM;
    if (run->stubborn && run->signal != SIGKILL) {
        run->signal = SIGKILL;
        if (wait_dead(run->machine, run->due_ns + (int64_t) run->request->grace_ms * NS_PER_MS))
            return false;
    }
    run->status = EXEC_SIGNAL_STATUS + run->signal;
    return false;
}

static bool do_sleep(Run *run, char **words)
{
    int64_t duration_ns = words[1] != NULL ? (int64_t) g_ascii_strtoull(words[1], NULL, 10) * NS_PER_MS : 0;

    run->guest_ns += duration_ns;
    return run->request->background || wait_here(run, clock_monotonic_ns() + duration_ns);
}

static bool do_hang(Run *run, char **words)
{
    (void) words;
    run->hangs = true;
    return !run->request->background && wait_here(run, 0);
}

static bool do_stubborn(Run *run, char **words)
{
    run->stubborn = true;
    return do_hang(run, words);
}

static bool do_undying(Run *run, char **words)
{
    run->undying = true;
    return do_stubborn(run, words);
}

static bool do_cat(Run *run, char **words)
{
    GBytes *bytes = run->input != NULL ? g_hash_table_lookup(run->machine->files, run->input) : NULL;
    size_t size = 0;
    const char *data = bytes != NULL ? g_bytes_get_data(bytes, &size) : "";

    (void) words;
    if (run->request->output != NULL && size > 0)
        run->request->output(run->request->data, 1, data, size);
    return true;
}

static bool do_fail(Run *run, char **words)
{
    run->status = words[1] != NULL ? (int) g_ascii_strtoull(words[1], NULL, 10) : 1;
    return false;
}

static bool do_listen(Run *run, char **words)
{
    if (words[1] != NULL)
        g_hash_table_add(run->machine->ports, g_strdup(words[1]));
    return true;
}

static bool do_die(Run *run, char **words)
{
    (void) words;
    run->machine->dead = true;
    g_cond_broadcast(&run->machine->changed);
    return false;
}

static const struct {
    const char *name;
    bool (*run)(Run *run, char **words);
} commands[] = {
    { "echo", do_echo }, { "write", do_write }, { "sleep", do_sleep }, { "hang", do_hang }, { "stubborn", do_stubborn }, { "undying", do_undying }, { "cat", do_cat }, { "fail", do_fail }, { "listen", do_listen },
    { "die", do_die },
};

static bool command_run(Run *run, const char *text)
{
    g_auto(GStrv) words = NULL;

    if (!g_shell_parse_argv(text, NULL, &words, NULL))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        if (g_str_equal(words[0], commands[i].name))
            return commands[i].run(run, words);
    return true;
}

/* "/bin/sh -c TEXT ready KIND WHAT" */
static void ready_run(Run *run, const char *kind, const char *what)
{
    Machine *machine = run->machine;

    if (!g_hash_table_contains(g_str_equal(kind, "port") ? machine->ports : machine->files, what)
        && wait_here(run, clock_monotonic_ns() + READY_PAUSE_NS))
        run->status = 1;
}

static void hash_run(Run *run, const char *path)
{
    GBytes *bytes = g_hash_table_lookup(run->machine->files, path);
    size_t size = 0;
    const void *data = bytes != NULL ? g_bytes_get_data(bytes, &size) : "";
    g_autofree char *sha256 = data_sha256(data, size);
    g_autofree char *line = g_strdup_printf("%s  %s\n", sha256, path);

    run->status = bytes != NULL ? 0 : 1;
    if (bytes != NULL && run->request->output != NULL)
        run->request->output(run->request->data, 1, line, strlen(line));
}

static void program_run(Run *run)
{
    const char *const *argv = run->request->argv;
    g_auto(GStrv) texts = NULL;
    size_t count = g_strv_length((char **) argv);

    if (count == 5 && g_str_equal(argv[3], "hash"))
        hash_run(run, argv[4]);
    if (count == 6 && g_str_equal(argv[3], "ready"))
        ready_run(run, argv[4], argv[5]);
    if (count == 8 && g_str_equal(argv[3], "stdin")) {
        run->input = argv[4];
        argv += 5;
        count -= 5;
    }
    if (count < 3 || !g_str_equal(argv[0], "/bin/sh") || !g_str_equal(argv[1], "-c") || (count > 3 && !g_str_equal(argv[3], "sh")))
        return;
    texts = g_strsplit_set(argv[2], ";\n", -1);
    for (char **text = texts; *text != NULL; text++)
        if (!command_run(run, *text))
            return;
}

static bool fake_exec(Machine *machine, const ExecRequest *request, ExecResult *ret_result, GError **error)
{
    Run run = { .machine = machine, .request = request, .guest_ns = NS_PER_MS };
    ExecResult result;
    Hanging hanging = { .request = *request };
    bool dead;

    if (request->timeout_ms > 0)
        run.due_ns = clock_monotonic_ns() + (int64_t) request->timeout_ms * NS_PER_MS;
    g_mutex_lock(&machine->lock);
    if (!machine->dead)
        program_run(&run);
    dead = machine->dead;
    result = (ExecResult) { run.status, run.timed_out, run.guest_ns, run.signal };
    hanging.stubborn = run.stubborn;
    hanging.undying = run.undying;
    if (!dead && request->background && run.hangs)
        g_array_append_val(machine->hanging, hanging);
    if (!dead && request->background && !run.hangs && request->ended != NULL)
        request->ended(request->data, &result);
    g_mutex_unlock(&machine->lock);
    if (dead)
        return died(machine, error);
    if (ret_result != NULL)
        *ret_result = result;
    return true;
}

static bool fake_signal(Machine *machine, const void *data, int number, GError **error)
{
    ExecResult result = { EXEC_SIGNAL_STATUS + number, false, NS_PER_MS, number };
    bool dead;

    g_mutex_lock(&machine->lock);
    dead = machine->dead;
    for (guint i = machine->hanging->len; i-- > 0 && !dead;) {
        Hanging hanging = g_array_index(machine->hanging, Hanging, i);

        if (hanging.request.data != data || hanging.undying || (hanging.stubborn && number != SIGKILL))
            continue;
        g_array_remove_index(machine->hanging, i);
        if (hanging.request.ended != NULL)
            hanging.request.ended(hanging.request.data, &result);
    }
    g_mutex_unlock(&machine->lock);
    return !dead || died(machine, error);
}

static bool fake_write_file(Machine *machine, const char *path, unsigned mode, int from_fd, GError **error)
{
    g_autoptr(GByteArray) data = g_byte_array_new();
    uint8_t piece[4096];
    ssize_t got;
    bool dead;

    while ((got = fd_read(from_fd, piece, sizeof piece)) > 0)
        g_byte_array_append(data, piece, (guint) got);
    if (got < 0)
        return error_set_errno(error, ERROR_HOST, "could not read what is to be sent");

    (void) mode;
    g_mutex_lock(&machine->lock);
    dead = machine->dead;
    if (!dead)
        g_hash_table_insert(machine->files, g_strdup(path), g_bytes_new(data->data, data->len));
    g_mutex_unlock(&machine->lock);
    return !dead || died(machine, error);
}

static bool bytes_write(GBytes *bytes, int to_fd, GError **error)
{
    size_t left;
    const char *at = g_bytes_get_data(bytes, &left);

    while (left > 0) {
        ssize_t written = write(to_fd, at, left);

        if (written < 0 && errno != EINTR)
            return error_set_errno(error, ERROR_HOST, "could not write the file's copy");
        at += MAX(written, 0);
        left -= (size_t) MAX(written, 0);
    }
    return true;
}

static bool fake_read_file(Machine *machine, const char *path, int to_fd, GError **error)
{
    g_autoptr(GBytes) bytes = NULL;
    bool dead;

    g_mutex_lock(&machine->lock);
    dead = machine->dead;
    bytes = g_hash_table_lookup(machine->files, path);
    if (bytes != NULL)
        g_bytes_ref(bytes);
    g_mutex_unlock(&machine->lock);
    if (dead)
        return died(machine, error);
    if (bytes == NULL)
        return error_set(error, ERROR_HOST, "machine '%s': could not open '%s': %s", machine->name, path, g_strerror(ENOENT));
    return bytes_write(bytes, to_fd, error);
}

static const char *fake_definition(Machine *machine)
{
    return machine->definition;
}

static char *fake_diagnose(Machine *machine)
{
    return machine->console_path != NULL ? console_diagnose(machine->console_path) : NULL;
}

static bool fake_stop(Machine *machine, GError **error)
{
    (void) error;
    g_mutex_lock(&machine->lock);
    machine->dead = true;
    g_cond_broadcast(&machine->changed);
    g_mutex_unlock(&machine->lock);
    return true;
}

static void fake_free(Machine *machine)
{
    g_hash_table_unref(machine->files);
    g_hash_table_unref(machine->ports);
    g_array_unref(machine->hanging);
    g_cond_clear(&machine->changed);
    g_mutex_clear(&machine->lock);
    g_free(machine->console_path);
    g_free(machine->definition);
    g_free(machine->name);
    g_free(machine);
}

const MachineBackend machine_backend_fake = {
    .name = "fake",
    .host_open = fake_open,
    .host_close = fake_close,
    .host_facts = fake_facts,
    .identity = fake_identity,
    .save = fake_save,
    .define = fake_define,
    .boot = fake_boot,
    .wait_ready = fake_wait_ready,
    .exec = fake_exec,
    .signal = fake_signal,
    .read_file = fake_read_file,
    .write_file = fake_write_file,
    .definition = fake_definition,
    .diagnose = fake_diagnose,
    .stop = fake_stop,
    .free = fake_free,
};
