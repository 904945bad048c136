// SPDX-License-Identifier: GPL-3.0-or-later
/* The channel of the QEMU guest agent, against a guest that is played here: one that does as it should, and ones that do not. */
#include "runner/vm/channel.h"

#include <json-glib/json-glib.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "tests/unit/unit.h"

enum { PROGRAM_PID = 500, OUT_HANDLE = 1001, ERR_HANDLE = 1002, FILE_HANDLE = 1003 };

/* One guest. Programs of ours (scripts) end at once with status 0; the program under test ends by what is said here. */
typedef struct Guest {
    GMutex lock;
    const char *answer_to, *answer; /* this command's answer is that text, whatever it is; answer NULL: there is none */
    int looks;                      /* how often the program is found running; -1: until a signal ends it */
    int ends_by;                    /* the least signal that ends it */
    int status, signal;             /* how it has ended then */
    const char *out, *err;
    bool out_read, err_read;
    GString *written;               /* to a file */
    size_t takes;                   /* bytes of a write; 0: all */
    GString *kills, *scripts;
    bool inactive;
} Guest;

static JsonObject *arguments_of(JsonParser *parser)
{
    JsonObject *request = json_node_get_object(json_parser_get_root(parser));

    return json_object_has_member(request, "arguments") ? json_object_get_object_member(request, "arguments") : NULL;
}

/* "sh -c TEXT sh FIRST SECOND": a script of the channel's own, or the program. */
static char *start(Guest *guest, JsonObject *arguments)
{
    JsonArray *words = json_object_get_array_member(arguments, "arg");
    const char *text = json_array_get_string_element(words, 1);

    if (strstr(text, "setsid") != NULL)
        return g_strdup_printf("{\"return\":{\"pid\":%d}}", PROGRAM_PID);
    g_string_append_printf(guest->scripts, "%s\n", text);
    if (strncmp(text, "kill", 4) == 0) {
        int number = -atoi(json_array_get_string_element(words, 3)); /* allowed: of a test */

        g_string_append_printf(guest->kills, "%d to %s;", number, json_array_get_string_element(words, 4));
        if (guest->looks < 0 && (number == guest->ends_by || number == SIGKILL)) {
            guest->looks = 0;
            guest->signal = guest->status == 0 ? number : 0;
        }
    }
    return g_strdup("{\"return\":{\"pid\":7}}");
}

static char *look(Guest *guest, JsonObject *arguments)
{
    if (json_object_get_int_member(arguments, "pid") != PROGRAM_PID)
        return g_strdup("{\"return\":{\"exited\":true,\"exitcode\":0}}");
    if (guest->looks != 0) {
        guest->looks -= guest->looks > 0;
        return g_strdup("{\"return\":{\"exited\":false}}");
    }
    return guest->signal > 0 ? g_strdup_printf("{\"return\":{\"exited\":true,\"signal\":%d}}", guest->signal)
                             : g_strdup_printf("{\"return\":{\"exited\":true,\"exitcode\":%d}}", guest->status);
}

static char *read_piece(Guest *guest, JsonObject *arguments)
{
    gint64 handle = json_object_get_int_member(arguments, "handle");
    bool *was_read = handle == ERR_HANDLE ? &guest->err_read : &guest->out_read;
    const char *text = *was_read ? "" : handle == ERR_HANDLE ? guest->err : guest->out;
    g_autofree char *encoded = g_base64_encode((const guchar *) text, strlen(text));

    *was_read = true;
    return g_strdup_printf("{\"return\":{\"count\":%zu,\"buf-b64\":\"%s\",\"eof\":true}}", strlen(text), encoded);
}

static char *write_piece(Guest *guest, JsonObject *arguments)
{
    size_t size;
    g_autofree guchar *bytes = g_base64_decode(json_object_get_string_member(arguments, "buf-b64"), &size);

    size = guest->takes > 0 ? MIN(size, guest->takes) : size;
    g_string_append_len(guest->written, (const char *) bytes, (gssize) size);
    return g_strdup_printf("{\"return\":{\"count\":%zu,\"eof\":false}}", size);
}

static char *open_file(JsonObject *arguments)
{
    const char *path = json_object_get_string_member(arguments, "path");

    return g_strdup_printf("{\"return\":%d}", g_str_has_suffix(path, ".out") ? OUT_HANDLE : g_str_has_suffix(path, ".err") ? ERR_HANDLE : FILE_HANDLE);
}

static char *answer(Guest *guest, const char *name, JsonObject *arguments)
{
    if (g_str_equal(name, "guest-exec"))
        return start(guest, arguments);
    if (g_str_equal(name, "guest-exec-status"))
        return look(guest, arguments);
    if (g_str_equal(name, "guest-file-open"))
        return open_file(arguments);
    if (g_str_equal(name, "guest-file-read"))
        return read_piece(guest, arguments);
    return g_str_equal(name, "guest-file-write") ? write_piece(guest, arguments) : g_strdup("{\"return\":{}}");
}

static char *ask(void *data, const char *line, unsigned seconds, GError **error)
{
    Guest *guest = data;
    g_autoptr(JsonParser) parser = json_parser_new();
    const char *name;
    char *text;

    ck_assert_uint_gt(seconds, 0);
    ck_assert(json_parser_load_from_data(parser, line, -1, NULL));
    name = json_object_get_string_member(json_node_get_object(json_parser_get_root(parser)), "execute");
    g_mutex_lock(&guest->lock);
    text = g_strcmp0(guest->answer_to, name) == 0 ? g_strdup(guest->answer) : answer(guest, name, arguments_of(parser));
    g_mutex_unlock(&guest->lock);
    if (text == NULL)
        error_set(error, ERROR_HOST, "libvirt: nobody is there");
    return text;
}

static bool is_active(void *data)
{
    return !((Guest *) data)->inactive;
}

static Guest guest;
static Channel *channel;
static GString *heard;

static void setup(void)
{
    guest = (Guest) { .ends_by = SIGTERM, .out = "", .err = "", .written = g_string_new(NULL), .kills = g_string_new(NULL),
                      .scripts = g_string_new(NULL) };
    heard = g_string_new(NULL);
    channel = channel_qga_new("server", &(QgaPort) { ask, is_active, &guest });
}

static void teardown(void)
{
    channel->kind->free(channel);
    g_string_free(guest.written, TRUE);
    g_string_free(guest.kills, TRUE);
    g_string_free(guest.scripts, TRUE);
    g_string_free(heard, TRUE);
}

static void hear(void *data, int stream, const char *bytes, size_t size)
{
    (void) data;
    g_string_append_printf(heard, "%d:%.*s;", stream, (int) size, bytes);
}

static bool run(unsigned timeout_ms, unsigned grace_ms, ExecResult *ret_result, GError **error)
{
    ExecRequest request = { .argv = (const char *const[]) { "program", NULL }, .timeout_ms = timeout_ms, .grace_ms = grace_ms, .output = hear };

    return channel->kind->exec(channel, &request, ret_result, error);
}

static const struct {
    int looks, ends_by, status; /* as in Guest */
    unsigned timeout_ms, grace_ms;
    int exit_status, signal;
    bool timed_out;
    const char *kills;
} ends[] = {
    { 3, SIGTERM, 3, 5000, 0, 3, 0, false, "" },
    { -1, SIGTERM, 0, 30, 5000, 143, SIGTERM, true, "15 to -500;9 to -500;" }, /* the last one is for what it left behind */
    { -1, SIGTERM, 4, 30, 5000, 4, 0, true, "15 to -500;9 to -500;" },         /* it heard, and ended its own way */
    { -1, SIGKILL, 0, 30, 60, 137, SIGKILL, true, "15 to -500;9 to -500;9 to -500;" },
    { -1, SIGKILL, 0, 30, 0, 137, SIGKILL, true, "9 to -500;9 to -500;" },      /* no grace */
};

START_TEST(programs_end_by_themselves_or_are_told_to)
{
    ExecResult result = { 0 };
    g_autoptr(GError) error = NULL;

    guest.looks = ends[_i].looks;
    guest.ends_by = ends[_i].ends_by;
    guest.status = ends[_i].status;
    guest.out = "said";
    guest.err = "moaned";
    ck_assert_ok(run(ends[_i].timeout_ms, ends[_i].grace_ms, &result, &error), error);
    ck_assert_str_eq(heard->str, "1:said;2:moaned;");
    ck_assert_int_eq(result.exit_status, ends[_i].exit_status);
    ck_assert_int_eq(result.signal, ends[_i].signal);
    ck_assert_int_eq(result.timed_out, ends[_i].timed_out);
    ck_assert_str_eq(guest.kills->str, ends[_i].kills);
}
END_TEST

static void note_end(void *data, const ExecResult *result)
{
    g_atomic_int_set((gint *) data, result->signal);
}

START_TEST(a_signal_ends_a_program_in_the_background)
{
    gint ended = 0;
    ExecRequest request = { .argv = (const char *const[]) { "program", NULL }, .background = true, .ended = note_end, .data = &ended };
    g_autoptr(GError) error = NULL;

    guest.looks = -1;
    guest.ends_by = SIGINT;
    ck_assert_ok(channel->kind->exec(channel, &request, NULL, &error), error);
    ck_assert_ok(channel->kind->signal(channel, "of somebody else", SIGINT, &error), error);
    ck_assert_str_eq(guest.kills->str, "");
    ck_assert_ok(channel->kind->signal(channel, &ended, SIGINT, &error), error);
    for (int i = 0; i < 500 && g_atomic_int_get(&ended) == 0; i++)
        g_usleep(10000);
    ck_assert_int_eq(g_atomic_int_get(&ended), SIGINT);
    ck_assert(g_str_has_prefix(guest.kills->str, "2 to -500;"));
}
END_TEST

/* What a guest may say instead of an answer, and to what. None is understood, none does harm, and every one is told. */
static const struct {
    const char *to, *answer;
} nonsense[] = {
    { "guest-exec", "" },
    { "guest-exec", "{" },
    { "guest-exec", "[]" },
    { "guest-exec", "7" },
    { "guest-exec", "{\"return\":" },
    { "guest-exec", "{\"error\":{\"desc\":\"not allowed\"}}" },
    { "guest-exec", "{\"return\":7}" },
    { "guest-exec", "{\"return\":{\"pid\":\"many\"}}" },
    { "guest-exec", "{\"return\":{\"pid\":-1}}" },
    { "guest-exec", "\xff\xfe{{{{" },
    { "guest-exec", NULL },
    { "guest-file-open", "{\"retu" },
    { "guest-file-open", NULL },
    { "guest-file-read", "{}" },
    { "guest-exec-status", "{\"return\"" },
    { "guest-exec-status", NULL },
};

START_TEST(nonsense_is_an_error_of_the_machine)
{
    ExecResult result = { 0 };
    g_autoptr(GError) error = NULL;

    guest.answer_to = nonsense[_i].to;
    guest.answer = nonsense[_i].answer;
    ck_assert(!run(200, 0, &result, &error));
    ck_assert_msg(strstr(error->message, "machine 'server': ") != NULL && g_utf8_validate(error->message, -1, NULL), "%s", error->message);
}
END_TEST

START_TEST(an_answer_of_megabytes_is_named_in_short)
{
    g_autofree char *endless = g_strnfill(8 << 20, '[');
    g_autoptr(GError) error = NULL;
    ExecResult result;

    guest.answer_to = "guest-exec";
    guest.answer = endless;
    ck_assert(!run(200, 0, &result, &error));
    ck_assert_uint_lt(strlen(error->message), 300);
}
END_TEST

START_TEST(outputs_that_are_no_base64_are_as_good_as_they_can_be)
{
    ExecResult result = { .exit_status = -1 };
    g_autoptr(GError) error = NULL;

    guest.answer_to = "guest-file-read";
    guest.answer = "{\"return\":{\"count\":5,\"buf-b64\":[5]}}";
    ck_assert_ok(run(1000, 0, &result, &error), error);
    ck_assert_int_eq(result.exit_status, 0);
    ck_assert_str_eq(heard->str, "");
}
END_TEST

START_TEST(a_file_is_written_beside_and_then_renamed)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *data = g_strnfill(100000, 'x');
    int fd = unit_file_of(data, 100000);

    guest.takes = 7001; /* agents may take less than they got */
    ck_assert_ok(channel->kind->write_file(channel, "/etc/x", 0644, fd, &error), error);
    close(fd);
    ck_assert_str_eq(guest.written->str, data);
    ck_assert_ptr_nonnull(strstr(guest.scripts->str, "mv -f"));
    ck_assert_ptr_null(strstr(guest.scripts->str, "rm -f"));
}
END_TEST

static const struct {
    const char *answer, *says;
} bad_writes[] = {
    { "{\"return\":{\"count\":0}}", "wrote 0 of 1 bytes" },
    { "{\"return\":{\"count\":2}}", "wrote 2 of 1 bytes" },
    { "{\"return\":{}}", "wrote -1 of 1 bytes" },
    { NULL, "nobody is there" }, /* as for a disk that is full: libvirt has the agent's words */
};

START_TEST(a_file_that_cannot_be_written_is_named_and_leaves_nothing)
{
    g_autoptr(GError) error = NULL;
    int fd = unit_file_of("x", 1);

    guest.answer_to = "guest-file-write";
    guest.answer = bad_writes[_i].answer;
    ck_assert(!channel->kind->write_file(channel, "/etc/x", 0644, fd, &error));
    close(fd);
    ck_assert_msg(strstr(error->message, "'/etc/x'") != NULL && strstr(error->message, bad_writes[_i].says) != NULL, "%s", error->message);
    ck_assert_ptr_nonnull(strstr(guest.scripts->str, "rm -f"));
    ck_assert_ptr_null(strstr(guest.scripts->str, "mv -f"));
}
END_TEST

START_TEST(a_script_that_fails_says_why)
{
    g_autoptr(GError) error = NULL;
    int fd = unit_file_of("x", 1);

    guest.answer_to = "guest-exec-status";
    guest.answer = "{\"return\":{\"exited\":true,\"exitcode\":1,\"err-data\":\"bWtkaXI6IGZ1bGwK\"}}";
    ck_assert(!channel->kind->write_file(channel, "/etc/x", 0644, fd, &error));
    close(fd);
    ck_assert_str_eq(error->message, "machine 'server': mkdir: full");
}
END_TEST

START_TEST(a_guest_that_is_gone_or_late_is_told_apart)
{
    bool late = false;
    int64_t started_ns = clock_monotonic_ns();
    g_autoptr(GError) waiting = NULL, gone = NULL;

    guest.answer_to = "guest-ping";
    ck_assert(!channel->kind->wait_ready(channel, 250, &late, &waiting));
    ck_assert(late);
    ck_assert_int_lt(clock_monotonic_ns() - started_ns, INT64_C(20000000000));
    guest.inactive = true;
    ck_assert(!channel->kind->wait_ready(channel, 250, &late, &gone));
    ck_assert(!late);
    ck_assert_str_eq(gone->message, "machine 'server' has ended");
}
END_TEST

START_TEST(after_stop_nothing_is_asked)
{
    ExecResult result;
    g_autoptr(GError) error = NULL;

    channel->kind->stop(channel);
    ck_assert(!run(1000, 0, &result, &error));
    ck_assert_str_eq(error->message, "machine 'server' was stopped");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, programs_end_by_themselves_or_are_told_to, 0, G_N_ELEMENTS(ends));
    tcase_add_test(tcase, a_signal_ends_a_program_in_the_background);
    tcase_add_loop_test(tcase, nonsense_is_an_error_of_the_machine, 0, G_N_ELEMENTS(nonsense));
    tcase_add_test(tcase, an_answer_of_megabytes_is_named_in_short);
    tcase_add_test(tcase, outputs_that_are_no_base64_are_as_good_as_they_can_be);
    tcase_add_test(tcase, a_file_is_written_beside_and_then_renamed);
    tcase_add_loop_test(tcase, a_file_that_cannot_be_written_is_named_and_leaves_nothing, 0, G_N_ELEMENTS(bad_writes));
    tcase_add_test(tcase, a_script_that_fails_says_why);
    tcase_add_test(tcase, a_guest_that_is_gone_or_late_is_told_apart);
    tcase_add_test(tcase, after_stop_nothing_is_asked);
}

int main(void)
{
    return unit_run("vm/channel-qga", add_tests);
}
