// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/impairment.h"

#include <glib.h>
#include <math.h>

#include "tests/unit/unit.h"

static const struct {
    Impairment impairment;
    const char *text;
    bool is_none;
} cases[] = {
    { { 0 }, "nothing", true },
    { { .queue = 7 }, "nothing", true }, /* nothing ever waits in it */
    { { .delay_s = 0.01, .jitter_s = 0.0005, .loss_percent = 2.5 }, "delay 10ms jitter 0.5ms loss 2.5%", false },
    { { .duplicate_percent = 1, .reorder_percent = 2, .corrupt_percent = 3 }, "duplicate 1% reorder 2% corrupt 3%", false },
    { { .rate_bit_s = 1e8, .burst_bytes = 15000 }, "rate 100000000bit burst 15000B", false },
};

START_TEST(an_impairment_can_be_told)
{
    g_autofree char *text = impairment_text(&cases[_i].impairment);

    ck_assert_str_eq(text, cases[_i].text);
    ck_assert(impairment_is_none(&cases[_i].impairment) == cases[_i].is_none);
}
END_TEST

START_TEST(a_change_leaves_alone_what_it_does_not_say)
{
    Impairment base = { .delay_s = 1, .loss_percent = 5, .rate_bit_s = 9, .queue = 3 };
    const Impairment change = { .delay_s = NAN, .jitter_s = NAN, .loss_percent = 0, .duplicate_percent = 8, .reorder_percent = NAN,
                                .corrupt_percent = NAN, .rate_bit_s = NAN, .burst_bytes = NAN };

    impairment_overlay(&base, &change);
    ck_assert_double_eq(base.delay_s, 1);
    ck_assert_double_eq(base.loss_percent, 0);
    ck_assert_double_eq(base.duplicate_percent, 8);
    ck_assert_double_eq(base.rate_bit_s, 9);
    ck_assert_uint_eq(base.queue, 3);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, an_impairment_can_be_told, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tcase, a_change_leaves_alone_what_it_does_not_say);
}

int main(void)
{
    return unit_run("base/impairment", add_tests);
}
