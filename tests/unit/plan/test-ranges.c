// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/ranges.h"
#include "tests/unit/unit.h"

static const struct {
    struct {
        const char *from, *to, *step;
        unsigned count;
        const char *scale;
        bool whole;
    } range;
    const char *levels; /* or the error's message */
} cases[] = {
    { { "1", "4", NULL, 0, "linear", false }, "1 2 3 4" },
    { { "0", "10", "5", 0, "linear", false }, "0 5 10" },
    { { "0", "9", "5", 0, "linear", false }, "0 5" }, /* never above the end */
    { { "0.1", "0.5", "0.1", 0, "linear", false }, "0.1 0.2 0.3 0.4 0.5" },
    { { "-1", "1", "0.5", 0, "linear", false }, "-1 -0.5 0 0.5 1" },
    { { "0", "30ms", "10ms", 0, "linear", false }, "0ms 10ms 20ms 30ms" }, /* a bare 0 takes the other's unit */
    { { "500us", "2ms", "500us", 0, "linear", false }, "500us 1000us 1500us 2000us" },
    { { "1", "10", NULL, 4, "linear", false }, "1 4 7 10" },
    { { "0", "1", NULL, 5, "linear", false }, "0 0.25 0.5 0.75 1" },
    { { "1", "64", NULL, 0, "log2", false }, "1 2 4 8 16 32 64" },
    { { "64KiB", "1MiB", NULL, 0, "log2", false }, "64KiB 128KiB 256KiB 512KiB 1024KiB" },
    { { "3", "20", NULL, 0, "log2", false }, "3 6 12" },
    { { "1ms", "1s", NULL, 0, "log10", false }, "1ms 10ms 100ms 1000ms" },
    { { "0.001", "10", NULL, 0, "log10", false }, "0.001 0.01 0.1 1 10" },
    { { "1", "100", NULL, 3, "log10", false }, "1 10 100" },
    { { "64", "1400", NULL, 5, "log2", true }, "64 138 299 647 1400" },
    { { "1", "3", NULL, 9, "linear", true }, "1 2 3" }, /* each is there once */
    { { "1", "1", NULL, 0, "linear", false },
      "has a range from '1' to '1', which goes nowhere\nhint: 'from' must be less than 'to'; 'order' says in which "
      "order "
      "cells are run." },
    { { "0", "8", NULL, 0, "log2", false }, "has a logarithmic range that does not begin above 0" },
    { { "1", "8", "2", 2, "linear", false }, "has a range with both 'step' and 'count'\nhint: remove one of them." },
    { { "1", "8", "2", 0, "log2", false },
      "has a logarithmic range with 'step'\nhint: without it every level is 2 times the "
      "one before; or give a 'count'." },
    { { "1", "8", "0", 0, "linear", false }, "has a range with a step that is not above 0" },
    { { "1", "8", "-1", 0, "linear", false }, "has a range with a step that is not above 0" },
    { { "1ms", "8MB", NULL, 0, "linear", false }, "has a range of different units: '8MB' does not go with ms" },
    { { "1", "8s", NULL, 0, "linear", false }, "has a range of different units: '8s' does not go with a bare number" },
    { { "0", "1", "0.000001", 0, "linear", false }, "has a range of more than 100000 levels" },
    { { "0", "1e300", "1e-300", 0, "linear", false }, "has a range of more than 100000 levels" },
};

START_TEST(every_range_has_the_levels_that_it_says)
{
    g_autoptr(GError) error = NULL;
    Range range = { (char *) cases[_i].range.from, (char *) cases[_i].range.to,    (char *) cases[_i].range.step,
                    cases[_i].range.count,         (char *) cases[_i].range.scale, cases[_i].range.whole };
    g_autoptr(GPtrArray) levels = range_levels(&range, &error);
    g_autofree char *joined = NULL;

    if (levels == NULL) {
        ck_assert_str_eq(error->message, cases[_i].levels);
        return;
    }
    g_ptr_array_add(levels, NULL);
    joined = g_strjoinv(" ", (char **) levels->pdata);
    ck_assert_str_eq(joined, cases[_i].levels);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, every_range_has_the_levels_that_it_says, 0, G_N_ELEMENTS(cases));
}

int main(void)
{
    return unit_run("plan/ranges", add_tests);
}
