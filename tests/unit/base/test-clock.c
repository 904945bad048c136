// SPDX-License-Identifier: GPL-3.0-or-later
#include <glib.h>

#include "runner/base/clock.h"
#include "tests/unit/unit.h"

static const struct {
    const char *now, *text, *next; /* local times in Berlin; next NULL: refused */
} times[] = {
    { "2026-11-22T19:00:00+01", "07:00", "2026-11-23T07:00:00+01" },
    { "2026-11-22T06:59:59+01", "07:00", "2026-11-22T07:00:00+01" },
    { "2026-11-22T07:00:00+01", "7:00", "2026-11-23T07:00:00+01" },   /* this very second is over */
    { "2026-12-31T23:30:00+01", "00:00", "2027-01-01T00:00:00+01" },
    { "2026-03-28T19:00:00+01", "07:00", "2026-03-29T07:00:00+02" },  /* the clock goes forward in between */
    { "2026-10-24T19:00:00+02", "07:00", "2026-10-25T07:00:00+01" },  /* and back */
    { "2026-11-22T19:00:00+01", "24:00", NULL },
    { "2026-11-22T19:00:00+01", "07:60", NULL },
    { "2026-11-22T19:00:00+01", "7", NULL },
    { "2026-11-22T19:00:00+01", " 7:00", NULL },
    { "2026-11-22T19:00:00+01", "07:00\n", NULL },
    { "2026-11-22T19:00:00+01", "-1:00", NULL },
    { "2026-11-22T19:00:00+01", "", NULL },
};

static int64_t instant_ns(const char *text)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);

    ck_assert_ptr_nonnull(time);
    return g_date_time_to_unix(time) * 1000000000;
}

START_TEST(a_time_of_day_is_the_next_one)
{
    int64_t next_ns = -1;
    bool ok;

    g_setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", TRUE);
    ok = clock_next_time_of_day(times[_i].text, instant_ns(times[_i].now), &next_ns);
    ck_assert_int_eq(ok, times[_i].next != NULL);
    ck_assert_int_eq(next_ns, ok ? instant_ns(times[_i].next) : -1);
}
END_TEST

START_TEST(times_are_written_in_utc)
{
    g_autofree char *text = clock_format_utc(1795343160123456789);

    ck_assert_str_eq(text, "2026-11-22T10:26:00.123Z");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_time_of_day_is_the_next_one, 0, G_N_ELEMENTS(times));
    tcase_add_test(tcase, times_are_written_in_utc);
}

int main(void)
{
    return unit_run("base/clock", add_tests);
}
