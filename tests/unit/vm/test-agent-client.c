// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/agent-client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/wire.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "tests/unit/unit.h"

/* The real agent, as `make` left it beside this program's folder: TRIALBED_BUILD when run by make. */
static char *agent_path(void)
{
    const char *build = g_getenv("TRIALBED_BUILD");
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    char *found = build != NULL ? g_build_filename(build, "guest", "trialbed-agent", NULL)
                                : g_strdup_printf("%.*s/guest/trialbed-agent", (int) (strstr(self, "/tests/unit/") - self), self);

    ck_assert_msg(access(found, X_OK) == 0, "the agent is not built: %s", found);
    return found;
}

typedef struct Guest {
    AgentClient *client;
    pid_t pid; /* of the agent; 0: we play the guest on `fd` */
    int fd;
} Guest;

static Guest agent_start(void)
{
    g_autofree char *path = agent_path();
    g_autoptr(GError) error = NULL;
    int ends[2];
    Guest guest = { .fd = -1 };

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &(int) { 4 << 20 }, sizeof(int)); /* as much as a virtio queue holds */
    guest.pid = fork();
    if (guest.pid == 0) {
        if (ends[1] == 3)
            fcntl(3, F_SETFD, 0);
        else
            dup2(ends[1], 3);
        execl(path, path, "--serve-fd", "3", NULL);
        _exit(127);
    }
    close(ends[1]);
    guest.client = agent_client_new(ends[0], "server", 5000);
    ck_assert_ok(agent_client_wait_ready(guest.client, 10000, NULL, &error), error);
    return guest;
}

static Guest puppet_start(unsigned patience_ms)
{
    int ends[2];
    Guest guest = { 0 };

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    guest.fd = ends[1];
    guest.client = agent_client_new(ends[0], "server", patience_ms);
    return guest;
}

static void guest_end(Guest *guest)
{
    agent_client_free(guest->client);
    if (guest->fd >= 0)
        close(guest->fd);
    if (guest->pid > 0) {
        kill(guest->pid, SIGKILL);
        waitpid(guest->pid, NULL, 0);
    }
}

/* What a program wrote and how it ended, gathered by the callbacks. */
typedef struct Heard {
    GMutex lock;
    GString *streams[2];
    bool ended;
    ExecResult result;
} Heard;

static void heard_init(Heard *heard)
{
    memset(heard, 0, sizeof *heard);
    heard->streams[0] = g_string_new(NULL);
    heard->streams[1] = g_string_new(NULL);
}

static void heard_clear(Heard *heard)
{
    g_string_free(heard->streams[0], TRUE);
    g_string_free(heard->streams[1], TRUE);
}

static void hear(void *data, int stream, const char *bytes, size_t size)
{
    Heard *heard = data;

    g_mutex_lock(&heard->lock);
    g_string_append_len(heard->streams[stream - 1], bytes, (gssize) size);
    g_mutex_unlock(&heard->lock);
}

static void hear_end(void *data, const ExecResult *result)
{
    Heard *heard = data;

    g_mutex_lock(&heard->lock);
    heard->ended = true;
    heard->result = *result;
    g_mutex_unlock(&heard->lock);
}

static bool has_ended(Heard *heard)
{
    bool ended;

    g_mutex_lock(&heard->lock);
    ended = heard->ended;
    g_mutex_unlock(&heard->lock);
    return ended;
}

static bool shell_within(Guest *guest, const char *text, unsigned timeout_ms, unsigned grace_ms, Heard *heard, ExecResult *ret_result,
                         GError **error)
{
    ExecRequest request = {
        .argv = (const char *const[]) { "/bin/sh", "-c", text, NULL },
        .environment = (const char *const[]) { "TRIALBED_FACTOR_DELAY=10ms", NULL },
        .timeout_ms = timeout_ms,
        .grace_ms = grace_ms,
        .output = hear,
        .data = heard,
    };

    return agent_client_exec(guest->client, &request, ret_result, error);
}

static bool shell(Guest *guest, const char *text, unsigned timeout_ms, Heard *heard, ExecResult *ret_result, GError **error)
{
    return shell_within(guest, text, timeout_ms, 0, heard, ret_result, error);
}

static const struct {
    const char *text;
    unsigned timeout_ms;
    const char *out, *err;
    int status;
    bool timed_out;
    int signal;
    unsigned grace_ms;
} programs[] = {
    { "echo hi", 5000, "hi\n", "", 0, false, 0, 0 },
    { "echo no >&2; exit 3", 5000, "", "no\n", 3, false, 0, 0 },
    { "echo $TRIALBED_FACTOR_DELAY", 0, "10ms\n", "", 0, false, 0, 0 }, /* no time limit */
    { "kill -9 $$", 5000, "", "", 137, false, 9, 0 },                   /* 128 + signal */
    { "exit 137", 5000, "", "", 137, false, 0, 0 },                     /* which is another end */
    { "echo early; sleep 60", 200, "early\n", "", 137, true, 9, 0 },    /* output before the end of its time counts */
    { "echo early; sleep 60", 200, "early\n", "", 143, true, 15, 20000 }, /* told first */
    { "trap 'echo bye; exit 4' TERM; echo early; sleep 60 & wait", 300, "early\nbye\n", "", 4, true, 0, 20000 },
    { "trap '' TERM; echo deaf; sleep 60; sleep 60", 300, "deaf\n", "", 137, true, 9, 300 }, /* a program that does not listen */
};

START_TEST(programs_tell_output_status_and_time)
{
    Guest guest = agent_start();
    Heard heard;
    ExecResult result = { 0 };
    g_autoptr(GError) error = NULL;

    heard_init(&heard);
    ck_assert_ok(shell_within(&guest, programs[_i].text, programs[_i].timeout_ms, programs[_i].grace_ms, &heard, &result, &error), error);
    ck_assert_str_eq(heard.streams[0]->str, programs[_i].out);
    ck_assert_str_eq(heard.streams[1]->str, programs[_i].err);
    ck_assert_int_eq(result.exit_status, programs[_i].status);
    ck_assert_int_eq(result.timed_out, programs[_i].timed_out);
    ck_assert_int_eq(result.signal, programs[_i].signal);
    ck_assert_int_gt(result.guest_duration_ns, 0);
    heard_clear(&heard);
    guest_end(&guest);
}
END_TEST

START_TEST(a_program_that_is_not_there_is_named)
{
    Guest guest = agent_start();
    ExecRequest request = { .argv = (const char *const[]) { "no-such-program", NULL }, .timeout_ms = 5000 };
    ExecResult result;
    g_autoptr(GError) error = NULL;

    ck_assert(!agent_client_exec(guest.client, &request, &result, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "machine 'server': "));
    ck_assert_ptr_nonnull(strstr(error->message, "no-such-program"));
    guest_end(&guest);
}
END_TEST

START_TEST(a_background_program_is_heard_while_others_run)
{
    Guest guest = agent_start();
    Heard behind, front;
    ExecRequest request = { .argv = (const char *const[]) { "/bin/sh", "-c", "echo one; sleep 0.3; echo two; exit 7", NULL },
                            .background = true, .output = hear, .ended = hear_end, .data = &behind };
    ExecResult result = { 0 };
    g_autoptr(GError) error = NULL;
    int64_t started_ns = clock_monotonic_ns();

    heard_init(&behind);
    heard_init(&front);
    ck_assert_ok(agent_client_exec(guest.client, &request, &result, &error), error);
    ck_assert_int_lt(clock_monotonic_ns() - started_ns, 250000000);
    ck_assert_ok(shell(&guest, "echo front", 5000, &front, &result, &error), error);
    ck_assert_str_eq(front.streams[0]->str, "front\n");
    for (unsigned i = 0; i < 200 && !has_ended(&behind); i++)
        g_usleep(20000);
    ck_assert(has_ended(&behind));
    ck_assert_str_eq(behind.streams[0]->str, "one\ntwo\n");
    ck_assert_int_eq(behind.result.exit_status, 7);
    heard_clear(&behind);
    heard_clear(&front);
    guest_end(&guest);
}
END_TEST

START_TEST(a_signal_ends_the_background_program_that_it_is_for)
{
    Guest guest = agent_start();
    Heard heard[2];
    ExecRequest request = { .argv = (const char *const[]) { "/bin/sh", "-c", "trap 'exit 6' TERM; echo up; sleep 60 & wait", NULL },
                            .background = true, .output = hear, .ended = hear_end };
    g_autoptr(GError) error = NULL;

    for (int i = 0; i < 2; i++) {
        heard_init(&heard[i]);
        request.data = &heard[i];
        ck_assert_ok(agent_client_exec(guest.client, &request, NULL, &error), error);
    }
    g_usleep(300000); /* both have set their traps */
    ck_assert_ok(agent_client_signal(guest.client, &heard[1], SIGTERM, &error), error);
    for (unsigned i = 0; i < 500 && !has_ended(&heard[1]); i++)
        g_usleep(20000);
    ck_assert(has_ended(&heard[1]) && !has_ended(&heard[0]));
    ck_assert_int_eq(heard[1].result.exit_status, 6);
    ck_assert_int_eq(heard[1].result.signal, 0);
    ck_assert_ok(agent_client_signal(guest.client, &heard[1], SIGTERM, &error), error); /* nobody is there any more */
    ck_assert_ok(agent_client_signal(guest.client, &heard[0], SIGKILL, &error), error);
    for (unsigned i = 0; i < 500 && !has_ended(&heard[0]); i++)
        g_usleep(20000);
    ck_assert_int_eq(heard[0].result.signal, SIGKILL);
    guest_end(&guest);
    for (int i = 0; i < 2; i++)
        heard_clear(&heard[i]);
}
END_TEST

static void count(void *data, int stream, const char *bytes, size_t size)
{
    (void) stream;
    (void) bytes;
    *(size_t *) data += size;
}

START_TEST(hundreds_of_megabytes_of_output_need_no_memory)
{
    enum { SIZE = 300 << 20, MOST_KIB = 8 << 10 };
    Guest guest = agent_start();
    size_t counted = 0;
    ExecRequest request = { .argv = (const char *const[]) { "/bin/sh", "-c", "head -c 314572800 /dev/zero", NULL }, .timeout_ms = 50000,
                            .output = count, .data = &counted };
    ExecResult result = { 0 };
    struct rusage before, after;
    g_autoptr(GError) error = NULL;

    getrusage(RUSAGE_SELF, &before);
    ck_assert_ok(agent_client_exec(guest.client, &request, &result, &error), error);
    getrusage(RUSAGE_SELF, &after);
    ck_assert_uint_eq(counted, SIZE);
    ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, MOST_KIB);
    guest_end(&guest);
}
END_TEST

START_TEST(a_background_program_that_cannot_start_is_an_error)
{
    Guest guest = agent_start();
    ExecRequest request = { .argv = (const char *const[]) { "no-such-program", NULL }, .background = true };
    ExecResult result;
    g_autoptr(GError) error = NULL;

    ck_assert(!agent_client_exec(guest.client, &request, &result, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "no-such-program"));
    guest_end(&guest);
}
END_TEST

static const size_t file_sizes[] = { 0, 1, 32768, 65536, 5 << 20 };

START_TEST(a_file_comes_back_as_it_went)
{
    Guest guest = agent_start();
    size_t size = file_sizes[_i], back_size = 0;
    g_autofree char *folder = g_dir_make_tmp("trialbed-test-XXXXXX", NULL);
    g_autofree char *there = g_build_filename(folder, "deep", "file", NULL);
    g_autofree char *back = g_build_filename(folder, "back", NULL);
    g_autofree uint8_t *data = g_malloc(size + 1);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    int from, fd = open(back, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t) (i * 2654435761u >> 24);
    from = unit_file_of(data, size);
    ck_assert_ok(agent_client_write_file(guest.client, there, 0640, from, &error), error);
    ck_assert_ok(agent_client_read_file(guest.client, there, fd, &error), error);
    close(from);
    close(fd);
    ck_assert_ok(file_read(back, size + 1, &text, &back_size, &error), error);
    ck_assert_uint_eq(back_size, size);
    ck_assert_int_eq(memcmp(text, data, size), 0);
    ck_assert_ok(folder_remove(folder, &error), error);
    guest_end(&guest);
}
END_TEST

static gpointer count_slowly(gpointer data)
{
    char buffer[65536];
    size_t total = 0;
    ssize_t got;

    g_usleep(300000); /* until everything between us and the guest is full */
    while ((got = read(GPOINTER_TO_INT(data), buffer, sizeof buffer)) > 0)
        total += (size_t) got;
    return GSIZE_TO_POINTER(total);
}

START_TEST(a_slow_host_gets_the_whole_file)
{
    Guest guest = agent_start();
    size_t size = 16 << 20;
    g_autofree uint8_t *data = g_malloc0(size);
    g_autofree char *folder = g_dir_make_tmp("trialbed-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "file", NULL);
    g_autoptr(GError) error = NULL;
    GThread *thread;
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    ck_assert_ok(file_write_atomic(path, data, size, &error), error);
    thread = g_thread_new("slow", count_slowly, GINT_TO_POINTER(ends[0]));
    ck_assert_ok(agent_client_read_file(guest.client, path, ends[1], &error), error);
    close(ends[1]);
    ck_assert_uint_eq(GPOINTER_TO_SIZE(g_thread_join(thread)), size);
    close(ends[0]);
    ck_assert_ok(folder_remove(folder, &error), error);
    guest_end(&guest);
}
END_TEST

START_TEST(files_that_cannot_be_are_named_and_the_guest_goes_on)
{
    Guest guest = agent_start();
    Heard heard;
    ExecResult result;
    g_autoptr(GError) reading = NULL, writing = NULL, full = NULL, error = NULL;
    g_autofree uint8_t *data = g_malloc0(1 << 20);
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

    heard_init(&heard);
    ck_assert(!agent_client_read_file(guest.client, "/no/such/file", fd, &reading));
    ck_assert_ptr_nonnull(strstr(reading->message, "/no/such/file"));
    ck_assert(!agent_client_write_file(guest.client, "/proc/no/file", 0644, unit_file_of(data, 1 << 20), &writing));
    ck_assert_ptr_nonnull(strstr(writing->message, "/proc/no"));
    ck_assert(!agent_client_read_file(guest.client, "/bin/sh", fd, &full)); /* the host's disk is full */
    ck_assert_str_eq(full->message, "could not write the file's copy: No space left on device");
    ck_assert_ok(shell(&guest, "echo alive", 5000, &heard, &result, &error), error);
    ck_assert_str_eq(heard.streams[0]->str, "alive\n");
    close(fd);
    heard_clear(&heard);
    guest_end(&guest);
}
END_TEST

static gpointer shell_in_thread(gpointer data)
{
    Guest *guest = data;
    Heard heard;
    ExecResult result;
    bool ok = true;

    heard_init(&heard);
    for (unsigned i = 0; ok && i < 20; i++)
        ok = shell(guest, "echo x", 5000, &heard, &result, NULL);
    ok = ok && heard.streams[0]->len == 40;
    heard_clear(&heard);
    return GINT_TO_POINTER(ok);
}

START_TEST(several_threads_may_ask_one_machine)
{
    Guest guest = agent_start();
    GThread *threads[4];

    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("asker", shell_in_thread, &guest);
    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
        ck_assert_int_eq(GPOINTER_TO_INT(g_thread_join(threads[i])), true);
    guest_end(&guest);
}
END_TEST

START_TEST(a_guest_that_dies_ends_the_request)
{
    Guest guest = agent_start();
    g_autofree char *text = g_strdup_printf("kill -9 %d", guest.pid);
    Heard heard;
    ExecResult result;
    g_autoptr(GError) error = NULL, later = NULL;

    heard_init(&heard);
    ck_assert(!shell(&guest, text, 0, &heard, &result, &error));
    ck_assert_str_eq(error->message, "machine 'server' closed its channel");
    ck_assert(!shell(&guest, "echo hi", 0, &heard, &result, &later));
    ck_assert_str_eq(later->message, "machine 'server' closed its channel");
    heard_clear(&heard);
    guest_end(&guest);
}
END_TEST

START_TEST(a_guest_that_never_answers_is_late)
{
    Guest guest = puppet_start(100);
    g_autoptr(GError) error = NULL;
    bool late = false;

    ck_assert(!agent_client_wait_ready(guest.client, 200, &late, &error));
    ck_assert_str_eq(error->message, "machine 'server' did not answer within 0.2 s");
    ck_assert(late);
    guest_end(&guest);
}
END_TEST

static void frame_send(Guest *guest, WireType type, uint32_t channel, uint32_t sequence, const void *payload, size_t size)
{
    uint8_t frame[WIRE_HEADER_SIZE + 256];

    wire_encode_header(frame, type, channel, sequence, (uint32_t) size);
    memcpy(frame + WIRE_HEADER_SIZE, payload, size);
    ck_assert_int_eq(send(guest->fd, frame, WIRE_HEADER_SIZE + size, MSG_NOSIGNAL), (ssize_t) (WIRE_HEADER_SIZE + size));
}

static void hello_send(Guest *guest, uint32_t sequence)
{
    static const char hello[] = "1\0" "6.1.0\0" "1000\0" "1";
    g_autoptr(GError) error = NULL;

    frame_send(guest, WIRE_HELLO, 0, sequence, hello, sizeof hello);
    ck_assert_ok(agent_client_wait_ready(guest->client, 5000, NULL, &error), error);
}

START_TEST(what_comes_before_the_first_hello_is_dropped)
{
    Guest guest = puppet_start(100);

    ck_assert_int_eq(write(guest.fd, "TBtail of a frame", 17), 17);
    frame_send(&guest, WIRE_STDOUT, 9, 4, "old", 3);
    hello_send(&guest, 77);
    guest_end(&guest);
}
END_TEST

/* Agents from before there were revisions end with the uptime. */
static const struct {
    const char *hello;
    size_t size;
    const char *message;
} too_old[] = {
#define TOO_OLD(revision) "machine 'server': its agent is of revision " revision ", but this trialbed needs 1: its image was built by an older one\n" \
                          "hint: 'trialbed image build NAME' builds the machine's image anew."
    { "1\0" "6.1.0\0" "1000", 13, TOO_OLD("0") },
    { "1\0" "6.1.0\0" "1000\0" "0", 15, TOO_OLD("0") },
    { "1\0" "6.1.0\0" "1000\0" "what", 18, TOO_OLD("0") },
};

START_TEST(an_agent_that_is_too_old_is_refused_at_its_first_word)
{
    Guest guest = puppet_start(3000);
    g_autoptr(GError) error = NULL;
    bool late = true;

    frame_send(&guest, WIRE_HELLO, 0, 0, too_old[_i].hello, too_old[_i].size);
    ck_assert(!agent_client_wait_ready(guest.client, 5000, &late, &error));
    ck_assert_str_eq(error->message, too_old[_i].message);
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
    ck_assert(!late);
    guest_end(&guest);
}
END_TEST

/* What it can do beyond is not asked of it. */
START_TEST(a_newer_agent_is_taken)
{
    static const char hello[] = "1\0" "6.1.0\0" "1000\0" "99";
    Guest guest = puppet_start(100);
    g_autoptr(GError) error = NULL;

    frame_send(&guest, WIRE_HELLO, 0, 0, hello, sizeof hello);
    ck_assert_ok(agent_client_wait_ready(guest.client, 5000, NULL, &error), error);
    guest_end(&guest);
}
END_TEST

START_TEST(a_guest_that_hangs_is_given_up)
{
    Guest guest = puppet_start(200);
    Heard heard;
    ExecResult result;
    g_autoptr(GError) running = NULL, reading = NULL;
    int64_t started_ns = clock_monotonic_ns();

    heard_init(&heard);
    hello_send(&guest, 0);
    ck_assert(!shell(&guest, "sleep 1", 300, &heard, &result, &running));
    ck_assert_str_eq(running->message, "machine 'server' no longer answers: nothing came for 0.2 s after an answer was due");
    ck_assert_int_ge(clock_monotonic_ns() - started_ns, 500000000);
    ck_assert(!agent_client_read_file(guest.client, "/etc/passwd", 1, &reading));
    ck_assert_int_lt(clock_monotonic_ns() - started_ns, 5000000000);
    ck_assert_str_eq(reading->message, running->message);
    heard_clear(&heard);
    guest_end(&guest);
}
END_TEST

START_TEST(a_guest_that_was_given_up_is_not_waited_for_again)
{
    Guest guest = puppet_start(1000);
    g_autoptr(GError) error = NULL;
    int64_t started_ns = clock_monotonic_ns();

    hello_send(&guest, 0);
    for (int i = 0; i < 20; i++) {
        g_clear_error(&error);
        ck_assert(!agent_client_read_file(guest.client, "/etc/passwd", 1, &error));
    }
    ck_assert_int_lt(clock_monotonic_ns() - started_ns, 5000000000);
    guest_end(&guest);
}
END_TEST

START_TEST(a_guest_that_takes_nothing_is_given_up)
{
    Guest guest = puppet_start(200);
    g_autofree uint8_t *data = g_malloc0(8 << 20);
    g_autoptr(GError) error = NULL;

    hello_send(&guest, 0);
    ck_assert(!agent_client_write_file(guest.client, "/tmp/x", 0644, unit_file_of(data, 8 << 20), &error));
    ck_assert_str_eq(error->message, "machine 'server' did not take what was sent to it within 0.2 s");
    guest_end(&guest);
}
END_TEST

static const struct {
    WireType type;
    uint32_t channel, sequence;
    const char *payload;
    size_t size;
    const char *message;
} nonsense[] = {
    { WIRE_STDOUT, 1, 8, "x", 1, "machine 'server' sent frame 8 where frame 6 was due: something was lost on the way" },
    { WIRE_STDOUT, 5, 6, "x", 1, "machine 'server' answers request 5, which was never made" },
    { WIRE_EXIT, 1, 6, "x", 1, "machine 'server' sent an answer of type 6 that makes no sense" },  /* cut short */
    { WIRE_DATA, 1, 6, "x", 1, "machine 'server' sent an answer of type 9 that makes no sense" },  /* no file was asked for */
    { WIRE_DONE, 1, 6, "", 0, "machine 'server' sent an answer of type 10 that makes no sense" },  /* EXIT is due */
    { WIRE_HELLO, 0, 6, "1", 1, "machine 'server' sent an answer of type 1 that makes no sense" }, /* no end of text */
    { WIRE_FAIL, 0, 6, "\0\0\0\0bad frame", 14, "machine 'server' did not understand its host: bad frame" },
    { WIRE_FAIL, 1, 6, "\2\0\0\0no shell", 13, "machine 'server': no shell" },
};

typedef struct Puppeteer {
    Guest *guest;
    unsigned row;
} Puppeteer;

/* Answers the request once it is there: the PING of the beginning (16 bytes), then the EXEC. */
static gpointer answer_with_nonsense(gpointer data)
{
    Puppeteer *puppeteer = data;
    uint8_t buffer[4096];
    size_t got = 0;

    while (got <= 2 * WIRE_HEADER_SIZE)
        got += (size_t) read(puppeteer->guest->fd, buffer, sizeof buffer);
    frame_send(puppeteer->guest, nonsense[puppeteer->row].type, nonsense[puppeteer->row].channel, nonsense[puppeteer->row].sequence,
               nonsense[puppeteer->row].payload, nonsense[puppeteer->row].size);
    return NULL;
}

START_TEST(an_answer_that_makes_no_sense_is_told)
{
    Guest guest = puppet_start(3000);
    Puppeteer puppeteer = { &guest, (unsigned) _i };
    GThread *thread;
    Heard heard;
    ExecResult result;
    g_autoptr(GError) error = NULL;

    heard_init(&heard);
    hello_send(&guest, 5);
    thread = g_thread_new("puppeteer", answer_with_nonsense, &puppeteer);
    ck_assert(!shell(&guest, "echo hi", 1000, &heard, &result, &error));
    ck_assert_str_eq(error->message, nonsense[_i].message);
    g_thread_join(thread);
    heard_clear(&heard);
    guest_end(&guest);
}
END_TEST

static const struct {
    const char *bytes, *message;
} no_frames[] = {
    { "Kernel panic", "machine 'server' sent what is no frame of the agent: the magic is wrong" },
    { "TB\2\1", "machine 'server' sent what is no frame of the agent: the protocol version is unknown" },
    { "TB\1\1aaaabbbbcccc", "machine 'server' sent what is no frame of the agent: the payload is too long" },
};

START_TEST(what_is_no_frame_ends_the_connection)
{
    Guest guest = puppet_start(3000);
    Heard heard;
    ExecResult result;
    g_autoptr(GError) error = NULL;

    heard_init(&heard);
    hello_send(&guest, 0);
    ck_assert_int_gt(write(guest.fd, no_frames[_i].bytes, strlen(no_frames[_i].bytes)), 0);
    g_usleep(50000);
    ck_assert(!shell(&guest, "echo hi", 1000, &heard, &result, &error));
    ck_assert_str_eq(error->message, no_frames[_i].message);
    heard_clear(&heard);
    guest_end(&guest);
}
END_TEST

enum { FUZZ_ROUNDS = 400 };

/* Frames with a valid header and arbitrary insides, and now and then a flipped byte: whatever comes, a request returns. */
static void fuzz_send(Guest *guest, GRand *rand)
{
    uint32_t sequence = 1;

    for (unsigned i = 0; i < 20; i++) {
        uint8_t frame[WIRE_HEADER_SIZE + 64];
        uint32_t size = (uint32_t) g_rand_int_range(rand, 0, 64);

        wire_encode_header(frame, (WireType) g_rand_int_range(rand, WIRE_HELLO, WIRE_POWEROFF + 1),
                           (uint32_t) g_rand_int_range(rand, 0, 4), sequence++, size);
        for (uint32_t at = 0; at < size; at++)
            frame[WIRE_HEADER_SIZE + at] = (uint8_t) g_rand_int_range(rand, 0, 256);
        if (g_rand_int_range(rand, 0, 10) == 0)
            frame[g_rand_int_range(rand, 0, (gint32) (WIRE_HEADER_SIZE + size))] ^= (uint8_t) (1 << g_rand_int_range(rand, 0, 8));
        if (send(guest->fd, frame, WIRE_HEADER_SIZE + size, MSG_NOSIGNAL) < 0)
            return; /* the client gave us up, rightly */
    }
}

START_TEST(random_answers_end_every_request)
{
    GRand *rand = g_rand_new_with_seed(20261122);
    int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);

    for (unsigned i = 0; i < FUZZ_ROUNDS; i++) {
        Guest guest = puppet_start(20);
        Heard heard;
        ExecResult result;
        bool shell_ok, read_ok;

        heard_init(&heard);
        hello_send(&guest, 0);
        fuzz_send(&guest, rand);
        shell_ok = shell(&guest, "echo hi", 5, &heard, &result, NULL);
        read_ok = agent_client_read_file(guest.client, "/x", nothing, NULL);
        agent_client_stop(guest.client);
        ck_assert_msg(!shell(&guest, "echo hi", 5, &heard, &result, NULL), "a stopped client must refuse (%d %d)", shell_ok, read_ok);
        heard_clear(&heard);
        guest_end(&guest);
    }
    close(nothing);
    g_rand_free(rand);
}
END_TEST

START_TEST(random_bytes_end_every_request)
{
    GRand *rand = g_rand_new_with_seed(42);

    for (unsigned i = 0; i < FUZZ_ROUNDS; i++) {
        Guest guest = puppet_start(20);
        uint8_t bytes[256];
        g_autoptr(GError) error = NULL;

        for (size_t at = 0; at < sizeof bytes; at++)
            bytes[at] = (uint8_t) g_rand_int_range(rand, 0, 256);
        ck_assert_int_eq(write(guest.fd, bytes, sizeof bytes), sizeof bytes);
        shutdown(guest.fd, SHUT_WR);
        ck_assert(!agent_client_wait_ready(guest.client, 2000, NULL, &error));
        ck_assert_str_eq(error->message, "machine 'server' closed its channel");
        guest_end(&guest);
    }
    g_rand_free(rand);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, programs_tell_output_status_and_time, 0, G_N_ELEMENTS(programs));
    tcase_add_test(tcase, a_program_that_is_not_there_is_named);
    tcase_add_test(tcase, a_background_program_is_heard_while_others_run);
    tcase_add_test(tcase, a_background_program_that_cannot_start_is_an_error);
    tcase_add_test(tcase, a_signal_ends_the_background_program_that_it_is_for);
    tcase_add_test(tcase, hundreds_of_megabytes_of_output_need_no_memory);
    tcase_add_loop_test(tcase, a_file_comes_back_as_it_went, 0, G_N_ELEMENTS(file_sizes));
    tcase_add_test(tcase, a_slow_host_gets_the_whole_file);
    tcase_add_test(tcase, files_that_cannot_be_are_named_and_the_guest_goes_on);
    tcase_add_test(tcase, several_threads_may_ask_one_machine);
    tcase_add_test(tcase, a_guest_that_dies_ends_the_request);
    tcase_add_test(tcase, a_guest_that_never_answers_is_late);
    tcase_add_test(tcase, what_comes_before_the_first_hello_is_dropped);
    tcase_add_loop_test(tcase, an_agent_that_is_too_old_is_refused_at_its_first_word, 0, G_N_ELEMENTS(too_old));
    tcase_add_test(tcase, a_newer_agent_is_taken);
    tcase_add_test(tcase, a_guest_that_hangs_is_given_up);
    tcase_add_test(tcase, a_guest_that_was_given_up_is_not_waited_for_again);
    tcase_add_test(tcase, a_guest_that_takes_nothing_is_given_up);
    tcase_add_loop_test(tcase, an_answer_that_makes_no_sense_is_told, 0, G_N_ELEMENTS(nonsense));
    tcase_add_loop_test(tcase, what_is_no_frame_ends_the_connection, 0, G_N_ELEMENTS(no_frames));
    tcase_add_test(tcase, random_answers_end_every_request);
    tcase_add_test(tcase, random_bytes_end_every_request);
}

int main(void)
{
    return unit_run("vm/agent-client", add_tests);
}
