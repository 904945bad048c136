// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <gio/gio.h>
#include <glib.h>
#include <stdio.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "tests/unit/unit.h"

START_TEST(setting_an_error_is_the_return_statement)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!error_set(&error, ERROR_SCENARIO, "key '%s' has %d values", "delay", 0));
    ck_assert_str_eq(error->message, "key 'delay' has 0 values");
    ck_assert_int_eq(error_kind(error), ERROR_SCENARIO);
    ck_assert(!error_set(NULL, ERROR_BUG, "nobody listens"));
    errno = ENOSPC;
    ck_assert(!error_set_errno(NULL, ERROR_HOST, "nobody listens"));
    error_hint(NULL, "nobody listens.");
}
END_TEST

START_TEST(the_reason_of_the_system_comes_last)
{
    g_autoptr(GError) error = NULL;

    errno = ENOSPC;
    error_set_errno(&error, ERROR_HOST, "could not write '%s'", "x");
    ck_assert_str_eq(error->message, "could not write 'x': No space left on device");
}
END_TEST

START_TEST(hints_stay_behind_the_first_line)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *first = NULL;

    error_hint(&error, "there is no error yet.");
    ck_assert_ptr_null(error);
    error_set(&error, ERROR_USAGE, "what");
    error_hint(&error, "try %d.", 1);
    g_prefix_error(&error, "inner: ");
    error_hint(&error, "try 2.");
    g_prefix_error(&error, "outer: ");
    ck_assert_str_eq(error->message, "outer: inner: what\nhint: try 1.\nhint: try 2.");
    first = error_first_line(error);
    ck_assert_str_eq(first, "outer: inner: what");
    ck_assert_int_eq(error_kind(error), ERROR_USAGE);
}
END_TEST

START_TEST(a_report_returns_the_exit_status)
{
    g_autoptr(GError) ours = NULL;
    g_autoptr(GError) theirs = g_error_new(G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "gone");
    g_autofree char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    error_set(&ours, ERROR_INTERRUPTED, "stopped");
    error_hint(&ours, "go on.");
    ck_assert_int_eq(error_report(ours, out), 130);
    ck_assert_int_eq(error_report(theirs, out), 4); /* of other libraries: the host's fault, whatever their number */
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_str_eq(text, "trialbed: stopped\nhint: go on.\ntrialbed: gone\n");
}
END_TEST

static const struct {
    int64_t realtime_ns;
    const char *text;
} times[] = {
    { 0, "1970-01-01T00:00:00.000Z" },
    { 1795343160123999999, "2026-11-22T10:26:00.123Z" },
    { 4102444799999000000, "2099-12-31T23:59:59.999Z" },
};

START_TEST(times_are_written_in_utc)
{
    g_autofree char *text = NULL;

    g_setenv("TZ", "America/New_York", TRUE);
    text = clock_format_utc(times[_i].realtime_ns);
    ck_assert_str_eq(text, times[_i].text);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, setting_an_error_is_the_return_statement);
    tcase_add_test(tcase, the_reason_of_the_system_comes_last);
    tcase_add_test(tcase, hints_stay_behind_the_first_line);
    tcase_add_test(tcase, a_report_returns_the_exit_status);
    tcase_add_loop_test(tcase, times_are_written_in_utc, 0, G_N_ELEMENTS(times));
}

int main(void)
{
    return unit_run("base/error", add_tests);
}
