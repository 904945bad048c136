// SPDX-License-Identifier: GPL-3.0-or-later
/* Real machines on libvirt's embedded driver. Each test is this program once more, in a sandbox of its own, as a worker would
 * be. An image comes from TRIALBED_TEST_KERNEL and TRIALBED_TEST_INITRD, or as `tiny` from the store in TRIALBED_IMAGES; where there
 * is none, the tests that need one are not there, and a line says so. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "images/store.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/sandbox.h"
#include "runner/vm/machine.h"
#include "runner/vm/network.h"
#include "tests/unit/unit.h"

#define SCRATCH "/run/tb"
enum { FILE_SIZE = 5 << 20 };

static char *cache; /* shared by all tests of this program */

/* --- inside a sandbox: no check there, the first wrong thing ends the program --- */

static void require_at(int line, bool ok, const char *what, const GError *error)
{
    if (ok)
        return;
    printf("# line %d: %s: %s\n", line, what, error != NULL ? error->message : "no error set");
    exit(1);
}
#define require(condition, error)                                                                                              \
    do {                                                                                                                       \
        bool require_ok = (condition); /* before the error is looked at */                                                     \
        require_at(__LINE__, require_ok, #condition, (error));                                                                 \
    } while (0)

static const MachineBackend *const vm = &machine_backend_libvirt;

static int64_t lap(const char *what, int64_t since_ns)
{
    int64_t now_ns = clock_monotonic_ns();

    printf("# %s: %.3f s\n", what, (double) (now_ns - since_ns) / 1e9);
    return clock_monotonic_ns();
}

static MachineHost *host_open(void)
{
    g_autoptr(GError) error = NULL;
    MachineHostConfig config = { .scratch = SCRATCH, .cache = cache, .accel = "tcg" };
    MachineHost *host;
    int64_t started_ns = clock_monotonic_ns();

    require(folder_make(SCRATCH, &error), error);
    host = vm->host_open(&config, &error);
    require(host != NULL, error);
    lap("open", started_ns);
    return host;
}

static unsigned emulators_alive(void)
{
    g_autoptr(GDir) folder = g_dir_open("/proc", 0, NULL);
    unsigned count = 0;

    for (const char *name = g_dir_read_name(folder); name != NULL; name = g_dir_read_name(folder)) {
        g_autofree char *path = g_build_filename("/proc", name, "cmdline", NULL); /* a dead one that waits to be reaped has none */
        g_autofree char *program = NULL;

        if (g_ascii_isdigit(name[0]) && g_file_get_contents(path, &program, NULL, NULL) && strstr(program, "qemu-system") != NULL)
            count++;
    }
    return count;
}

static void host_facts_are_told(void)
{
    MachineHost *host = host_open();
    const MachineHostFacts *facts = vm->host_facts(host);

    printf("# %s %s, libvirt %s, %s\n", facts->emulator, facts->emulator_version, facts->libvirt_version, facts->accelerator);
    require(g_str_equal(facts->backend, "libvirt") && g_str_equal(facts->accelerator, "tcg"), NULL);
    require(access(facts->emulator, X_OK) == 0, NULL);
    require(strchr(facts->emulator_version, '.') != NULL && strchr(facts->libvirt_version, '.') != NULL, NULL);
    vm->host_close(host);
}

static void an_impossible_machine_is_an_error(void)
{
    MachineHost *host = host_open();
    MachineConfig config = { .name = "server", .kernel = "/no/kernel", .cmdline = "", .memory_mb = 64, .cpus = 1,
                             .console_path = SCRATCH "/console" };
    g_autoptr(GError) missing = NULL;

    require(vm->define(host, &config, &missing) == NULL, NULL);
    printf("# %s\n", missing->message);
    require(g_str_has_prefix(missing->message, "machine 'server': could not be made: libvirt: "), missing);
    require(emulators_alive() == 0, NULL);
    vm->host_close(host);
}

/* A file of zeros is loaded as a kernel and does nothing at all. */
static void a_guest_that_never_answers_is_told_and_stopped(void)
{
    MachineHost *host = host_open();
    MachineConfig config = { .name = "server", .kernel = SCRATCH "/zeros", .cmdline = "", .memory_mb = 64, .cpus = 1,
                             .console_path = SCRATCH "/console" };
    g_autofree char *zeros = g_malloc0(65536);
    g_autoptr(GError) error = NULL;
    Machine *machine;
    int64_t started_ns;

    require(file_write_atomic(config.kernel, zeros, 65536, &error), error);
    machine = vm->define(host, &config, &error);
    require(machine != NULL, error);
    require(emulators_alive() == 1, NULL);
    require(vm->boot(machine, &error), error);
    require(!vm->wait_ready(machine, 700, &error), NULL);
    require(g_str_equal(error->message, "machine 'server' did not answer within 0.7 s"), error);
    g_clear_error(&error);
    started_ns = clock_monotonic_ns();
    require(vm->stop(machine, &error), error);
    lap("stop", started_ns);
    require(emulators_alive() == 0, NULL);
    require(vm->stop(machine, &error), error); /* twice is fine */
    vm->free(machine);
    vm->host_close(host);
}

typedef struct Pair {
    MachineHost *host;
    Machine *machines[2];
} Pair;

static void pair_boot(Pair *pair)
{
    static const char *const names[] = { "server", "client" };
    const MachinePeer peers[] = { { "server", "10.0.0.1/24" }, { "client", "10.0.0.2/24" } };
    const NicConfig nics[] = { { .bridge = "br0", .mac = "52:54:00:00:00:01", .tap = "tap0", .address = "10.0.0.1/24" },
                               { .bridge = "br0", .mac = "52:54:00:00:00:02", .tap = "tap1", .address = "10.0.0.2/24" } };
    const char *const consoles[] = { SCRATCH "/server.console", SCRATCH "/client.console" };
    g_autoptr(GError) error = NULL;
    g_autoptr(Network) network = network_open(&error);
    int64_t at_ns = clock_monotonic_ns();

    require(network != NULL && network_bridge_add(network, "br0", &error), error);
    for (unsigned i = 0; i < 2; i++)
        require(network_tap_add(network, nics[i].tap, "br0", &error), error);
    at_ns = lap("network", at_ns);
    for (unsigned i = 0; i < 2; i++) {
        MachineConfig config = { .name = names[i], .kernel = g_getenv("TRIALBED_TEST_KERNEL"),
                                 .initrd = g_getenv("TRIALBED_TEST_INITRD"), .memory_mb = 128, .cpus = 1, .nics = &nics[i],
                                 .nic_count = 1, .console_path = consoles[i], .run_uuid = "d7a2b1f0-0000-4000-8000-000000000001" };
        g_autofree char *cmdline = machine_cmdline("fast", "tcg", &config, peers, 2);

        config.cmdline = cmdline;
        pair->machines[i] = vm->define(pair->host, &config, &error);
        require(pair->machines[i] != NULL, error);
        at_ns = lap("define", at_ns);
    }
    for (unsigned i = 0; i < 2; i++)
        require(vm->boot(pair->machines[i], &error), error);
    at_ns = lap("boot both", at_ns);
    for (unsigned i = 0; i < 2; i++) {
        if (!vm->wait_ready(pair->machines[i], 60000, &error)) {
            g_autofree char *hint = vm->diagnose(pair->machines[i]);

            printf("# %s\n", hint);
            require(false, error);
        }
        lap("ready", at_ns);
    }
}

static void gather(void *data, int stream, const char *bytes, size_t size)
{
    (void) stream;
    g_string_append_len(data, bytes, (gssize) size);
}

static ExecResult run_in(Machine *machine, const char *text, GString *output)
{
    ExecRequest request = { .argv = (const char *const[]) { "/bin/sh", "-c", text, NULL }, .timeout_ms = 30000, .output = gather,
                            .data = output };
    g_autoptr(GError) error = NULL;
    ExecResult result = { 0 };

    g_string_truncate(output, 0);
    require(vm->exec(machine, &request, &result, &error), error);
    return result;
}

static void file_there_and_back(Machine *machine)
{
    g_autofree uint8_t *data = g_malloc(FILE_SIZE);
    g_autofree char *back = NULL;
    g_autoptr(GError) error = NULL;
    size_t size;
    int fd = open(SCRATCH "/back", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int64_t at_ns;

    for (size_t i = 0; i < FILE_SIZE; i++)
        data[i] = (uint8_t) (i * 2654435761u >> 24);
    at_ns = clock_monotonic_ns();
    require(vm->write_file(machine, "/tmp/file", 0644, unit_file_of(data, FILE_SIZE), &error), error);
    at_ns = lap("write 5 MiB", at_ns);
    require(vm->read_file(machine, "/tmp/file", fd, &error), error);
    lap("read 5 MiB", at_ns);
    close(fd);
    require(file_read(SCRATCH "/back", FILE_SIZE + 1, &back, &size, &error), error);
    require(size == FILE_SIZE && memcmp(back, data, FILE_SIZE) == 0, NULL);
}

static gpointer stop_one(gpointer machine)
{
    return GINT_TO_POINTER(vm->stop(machine, NULL));
}

static void pair_stop(Pair *pair)
{
    GThread *threads[2];
    int64_t at_ns = clock_monotonic_ns();

    for (unsigned i = 0; i < 2; i++)
        threads[i] = g_thread_new("stop", stop_one, pair->machines[i]);
    for (unsigned i = 0; i < 2; i++)
        require(GPOINTER_TO_INT(g_thread_join(threads[i])), NULL);
    lap("stop both", at_ns);
    require(emulators_alive() == 0, NULL);
    for (unsigned i = 0; i < 2; i++)
        vm->free(pair->machines[i]);
    vm->host_close(pair->host);
}

static void two_machines_work_together(void)
{
    Pair pair = { .host = host_open() };
    GString *output = g_string_new(NULL);
    int64_t at_ns;

    pair_boot(&pair);
    require(strstr(vm->definition(pair.machines[0]), "uuid='d7a2b1f0-0000-4000-8000-000000000001'") != NULL
                || strstr(vm->definition(pair.machines[0]), "uuid=\"d7a2b1f0-0000-4000-8000-000000000001\"") != NULL, NULL);
    at_ns = clock_monotonic_ns();
    require(run_in(pair.machines[0], "hostname", output).exit_status == 0, NULL);
    at_ns = lap("first exec", at_ns);
    require(g_str_equal(output->str, "server\n"), NULL);
    require(run_in(pair.machines[1], "ping -c 3 -W 5 server", output).exit_status == 0, NULL);
    lap("ping", at_ns);
    file_there_and_back(pair.machines[0]);
    pair_stop(&pair);
    g_string_free(output, TRUE);
}

static void a_machine_that_ends_itself_is_told(void)
{
    Pair pair = { .host = host_open() };
    ExecRequest request = { .argv = (const char *const[]) { "/bin/sh", "-c", "echo c >/proc/sysrq-trigger; sleep 60", NULL } };
    ExecResult result;
    g_autoptr(GError) error = NULL;
    g_autofree char *hint = NULL;

    pair_boot(&pair);
    require(!vm->exec(pair.machines[0], &request, &result, &error), NULL);
    require(g_str_equal(error->message, "machine 'server' closed its channel"), error);
    hint = vm->diagnose(pair.machines[0]);
    printf("# %s\n", hint);
    require(hint != NULL && strstr(hint, "Kernel panic") != NULL, NULL);
    pair_stop(&pair);
}

static const struct {
    const char *name;
    void (*run)(void);
    bool needs_image;
} scenes[] = {
    { "facts", host_facts_are_told, false },
    { "impossible", an_impossible_machine_is_an_error, false },
    { "silent", a_guest_that_never_answers_is_told_and_stopped, false },
    { "pair", two_machines_work_together, true },
    { "panic", a_machine_that_ends_itself_is_told, true },
};

/* --- outside --- */

static void scene_play(unsigned index)
{
    const char *argv[] = { "/proc/self/exe", "--inside", scenes[index].name, cache, NULL };
    SandboxSpec spec = { .argv = argv, .channel = open("/dev/null", O_RDWR | O_CLOEXEC), .output = 1 };
    g_autoptr(GError) error = NULL;
    int status;
    pid_t pid;

    ck_assert_ok(sandbox_spawn(&spec, &pid, &error), error);
    close(spec.channel);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "scene '%s' ended with wait status %#x", scenes[index].name, status);
}

START_TEST(a_host_says_what_it_uses)
{
    scene_play(0);
}
END_TEST

START_TEST(a_machine_that_cannot_be_made_is_an_error)
{
    scene_play(1);
}
END_TEST

START_TEST(a_machine_that_never_answers_is_told_and_stopped)
{
    scene_play(2);
}
END_TEST

START_TEST(two_machines_run_programs_ping_each_other_and_keep_files)
{
    scene_play(3);
}
END_TEST

START_TEST(a_kernel_that_panics_is_told_with_its_last_words)
{
    scene_play(4);
}
END_TEST

/* The image's files, for us and for the sandboxed runs of this program. */
static bool image_find(void)
{
    const char *folder = g_getenv("TRIALBED_IMAGES");
    g_autoptr(ImageStore) store = NULL;
    g_autoptr(Image) image = NULL;

    if (g_getenv("TRIALBED_TEST_KERNEL") != NULL)
        return true;
    if (folder == NULL || (store = image_store_open(folder, NULL)) == NULL || (image = image_store_get(store, "tiny", NULL)) == NULL)
        return false;
    g_setenv("TRIALBED_TEST_KERNEL", image->kernel_path, TRUE);
    g_setenv("TRIALBED_TEST_INITRD", image->initrd_path, TRUE);
    return true;
}

static void add_tests(TCase *tcase)
{
    tcase_set_timeout(tcase, 180);
    tcase_add_test(tcase, a_host_says_what_it_uses);
    tcase_add_test(tcase, a_machine_that_cannot_be_made_is_an_error);
    tcase_add_test(tcase, a_machine_that_never_answers_is_told_and_stopped);
    if (!image_find()) {
        printf("# no image 'tiny' in TRIALBED_IMAGES: tests that boot one are left out\n");
        return;
    }
    tcase_add_test(tcase, two_machines_run_programs_ping_each_other_and_keep_files);
    tcase_add_test(tcase, a_kernel_that_panics_is_told_with_its_last_words);
}

static int inside(const char *name)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (getppid() != 1) /* not below a sandbox's init: the links would be made on the host */
        return 2;
    for (size_t i = 0; i < G_N_ELEMENTS(scenes); i++)
        if (g_str_equal(scenes[i].name, name)) {
            scenes[i].run();
            return 0;
        }
    return 2;
}

int main(int argc, char **argv)
{
    int status;

    if (argc == 4 && g_str_equal(argv[1], "--inside")) {
        cache = argv[3];
        return inside(argv[2]);
    }
    cache = g_dir_make_tmp("trialbed-test-XXXXXX", NULL);
    status = unit_run("vm/libvirt", add_tests);
    if (!folder_remove(cache, NULL))
        printf("# left behind: %s\n", cache);
    return status;
}
