// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <string.h>

#include "runner/exec/message.h"
#include "tests/unit/unit.h"

/* Write, read back, and write again: the two lines must be the same, so nothing was lost. */
static void *round_trip(MessageKind kind, const void *record, GStringChunk *strings)
{
    g_autofree char *line = message_write(kind, record);
    g_autofree char *again = NULL;
    g_autoptr(GError) error = NULL;
    MessageKind got;
    void *copy;

    ck_assert_ok(message_read(line, strings, &got, &copy, &error), error);
    ck_assert_int_eq(got, kind);
    again = message_write(got, copy);
    ck_assert_str_eq(line, again);
    ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1); /* one line, whatever is in the texts */
    return copy;
}

START_TEST(a_job_comes_back_whole)
{
    g_autoptr(GStringChunk) strings = g_string_chunk_new(256);
    char *levels[] = { (char *) "10ms", (char *) "a \"quoted\"\nlevel", NULL };
    Job job = { .scenario = "/lab/s.yaml", .levels = levels, .lab = "/lab", .folder = "/lab/runs/1/1/1", .images = "/i",
                .cache = "/c", .backend = "libvirt", .accel = "tcg", .pins = "2,3", .worker_cpus = "0-1", .uuid = "u", .run_id = 1LL << 40,
                .seed = INT64_MIN };
    g_autofree Job *copy = round_trip(MESSAGE_JOB, &job, strings);

    ck_assert_str_eq(copy->levels[1], levels[1]);
    ck_assert_ptr_null(copy->levels[2]);
    ck_assert_ptr_null(copy->uri);
    ck_assert_str_eq(copy->pins, "2,3");
    ck_assert_int_eq(copy->run_id, 1LL << 40);
    ck_assert_int_eq(copy->seed, INT64_MIN);
    g_free(copy->levels);
}
END_TEST

static const double values[] = { 0, -1.5, 1e-300, 1.7976931348623157e308, 0.1, 123456789.123456789 };

START_TEST(a_sample_keeps_every_digit)
{
    g_autoptr(GStringChunk) strings = g_string_chunk_new(256);
    SampleRecord sample = { .metric = "rtt", .unit = "ms", .sequence = 7, .value = values[_i], .iteration = 3,
                            .has_offset = true, .offset_ns = 1LL << 50 };
    g_autofree SampleRecord *copy = round_trip(MESSAGE_SAMPLE, &sample, strings);

    ck_assert(copy->value == values[_i]);
    ck_assert_int_eq(copy->iteration, 3);
    ck_assert(copy->has_offset && copy->offset_ns == 1LL << 50);
    ck_assert_ptr_null(copy->direction);
}
END_TEST

START_TEST(what_a_program_printed_need_not_be_text)
{
    g_autoptr(GStringChunk) strings = g_string_chunk_new(256);
    EventRecord event = { .kind = "failure", .text = "bad \xff byte" };
    g_autofree char *line = message_write(MESSAGE_EVENT, &event);
    g_autofree void *copy = NULL;
    g_autoptr(GError) error = NULL;
    MessageKind kind;

    ck_assert_ok(message_read(line, strings, &kind, &copy, &error), error);
    ck_assert(g_utf8_validate(((EventRecord *) copy)->text, -1, NULL));
    ck_assert(g_str_has_prefix(((EventRecord *) copy)->text, "bad "));
}
END_TEST

static const char *const garbage[] = {
    "",                              /* an empty line */
    "{",                             /* cut off */
    "[1, 2]",                        /* JSON, but no object */
    "{}",                            /* no kind */
    "{\"message\": \"nonsense\"}",      /* a kind of nobody */
    "{\"message\": 7}",                 /* a kind that is no text */
    "trialbed: something broke",     /* what a library prints */
};

START_TEST(what_is_no_message_is_refused)
{
    g_autoptr(GStringChunk) strings = g_string_chunk_new(256);
    g_autoptr(GError) error = NULL;
    MessageKind kind = MESSAGE_END;
    void *record = &kind;

    ck_assert(!message_read(garbage[_i], strings, &kind, &record, &error));
    ck_assert_ptr_eq(record, &kind); /* untouched */
    ck_assert(g_str_has_prefix(error->message, "a worker sent"));
}
END_TEST

START_TEST(members_of_a_wrong_type_do_no_harm)
{
    g_autoptr(GStringChunk) strings = g_string_chunk_new(256);
    g_autofree void *record = NULL;
    MessageKind kind;

    ck_assert(message_read("{\"message\": \"phase\", \"name\": [1], \"start_ns\": \"x\", \"duration_ns\": {}}", strings, &kind,
                           &record, NULL));
    ck_assert_ptr_null(((PhaseRecord *) record)->name);
    ck_assert_int_eq(((PhaseRecord *) record)->start_ns, 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, a_job_comes_back_whole);
    tcase_add_loop_test(tcase, a_sample_keeps_every_digit, 0, G_N_ELEMENTS(values));
    tcase_add_test(tcase, what_a_program_printed_need_not_be_text);
    tcase_add_loop_test(tcase, what_is_no_message_is_refused, 0, G_N_ELEMENTS(garbage));
    tcase_add_test(tcase, members_of_a_wrong_type_do_no_harm);
}

int main(void)
{
    return unit_run("exec/message", add_tests);
}
