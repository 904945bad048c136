// SPDX-License-Identifier: GPL-3.0-or-later
#include <glib.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/base/units.h"
#include "tests/unit/unit.h"

static const struct {
    const char *text;
    UnitKind kind;
    double number;
    const char *unit;
    double base; /* must be this very double */
} quantities[] = {
    { "0", UNIT_NONE, 0, "", 0 },
    { "-1.5", UNIT_NONE, -1.5, "", -1.5 },
    { "+.5", UNIT_NONE, 0.5, "", 0.5 },
    { "1e3", UNIT_NONE, 1000, "", 1000 },
    { "7ns", UNIT_TIME, 7, "ns", 7e-9 },
    { "59us", UNIT_TIME, 59, "us", 59e-6 },
    { "9ms", UNIT_TIME, 9, "ms", 0.009 }, /* 9 * 1e-3 is not 0.009 */
    { "2.5s", UNIT_TIME, 2.5, "s", 2.5 },
    { "1.5min", UNIT_TIME, 1.5, "min", 90 },
    { "2h", UNIT_TIME, 2, "h", 7200 },
    { "1e3ms", UNIT_TIME, 1000, "ms", 1 },
    { "3B", UNIT_SIZE, 3, "B", 3 },
    { "1KB", UNIT_SIZE, 1, "KB", 1000 },
    { "1KiB", UNIT_SIZE, 1, "KiB", 1024 },
    { "2MB", UNIT_SIZE, 2, "MB", 2e6 },
    { "64MiB", UNIT_SIZE, 64, "MiB", 67108864 },
    { "1GB", UNIT_SIZE, 1, "GB", 1e9 },
    { "0.5GiB", UNIT_SIZE, 0.5, "GiB", 536870912 },
    { "1bit", UNIT_RATE, 1, "bit", 1 },
    { "10kbit", UNIT_RATE, 10, "kbit", 1e4 },
    { "100mbit", UNIT_RATE, 100, "mbit", 1e8 },
    { "1.5gbit", UNIT_RATE, 1.5, "gbit", 1.5e9 },
    { "0.1%", UNIT_PERCENT, 0.1, "%", 0.1 },
};

START_TEST(every_unit_has_its_base)
{
    Quantity quantity;

    ck_assert(units_parse(quantities[_i].text, &quantity));
    ck_assert_int_eq(quantity.kind, quantities[_i].kind);
    ck_assert_str_eq(quantity.unit, quantities[_i].unit);
    ck_assert_msg(quantity.number == quantities[_i].number, "number %.17g", quantity.number);
    ck_assert_msg(quantity.base == quantities[_i].base, "base %.17g", quantity.base);
}
END_TEST

static const char *const not_quantities[] = {
    "", " ", "ms", "10 ms", " 10ms", "10ms ", "10MS", "10msec", "10kb", "0x10", "0x1p3", "inf", "-inf", "nan", "+nan", "1e999",
    ".", "-", "1.2.3", "1,5", "10ms5", "1e308GiB", "1e", "5 %", "10%%",
};

START_TEST(what_is_no_quantity_is_refused)
{
    Quantity quantity = { .number = -7 };

    ck_assert_msg(!units_parse(not_quantities[_i], &quantity), "'%s' was read as %g", not_quantities[_i],
                  quantity.number);
    ck_assert_double_eq(quantity.number, -7);
}
END_TEST

static const struct {
    const char *text;
    UnitKind kind;
    const char *message; /* NULL: it is one */
} kinds[] = {
    { "10ms", UNIT_TIME, NULL },
    { "0", UNIT_TIME, NULL }, /* nothing is nothing in every unit */
    { "0", UNIT_PERCENT, NULL },
    { "5", UNIT_NONE, NULL },
    { "5", UNIT_TIME, "'5' has not one of the units ns, us, ms, s, min or h" },
    { "5ms", UNIT_RATE, "'5ms' has not one of the units bit, kbit, mbit or gbit" },
    { "5GiB", UNIT_PERCENT, "'5GiB' has not one of the units %" },
    { "5ms", UNIT_NONE, "'5ms' is no number without a unit" },
    { "0ms", UNIT_NONE, "'0ms' is no number without a unit" },
    { "much", UNIT_NONE, "'much' is no number" },
    { "much", UNIT_SIZE, "'much' is no number with one of the units B, KB, KiB, MB, MiB, GB or GiB" },
};

START_TEST(a_quantity_of_another_kind_is_an_error_that_names_the_units)
{
    Quantity quantity = { .kind = UNIT_NONE };
    g_autoptr(GError) error = NULL;
    bool ok = units_parse_kind(kinds[_i].text, kinds[_i].kind, &quantity, &error);

    if (kinds[_i].message == NULL) {
        ck_assert_ok(ok, error);
        ck_assert_int_eq(quantity.kind, kinds[_i].kind);
    } else {
        ck_assert(!ok);
        ck_assert_str_eq(error->message, kinds[_i].message);
        ck_assert_int_eq(error_kind(error), ERROR_SCENARIO);
    }
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, every_unit_has_its_base, 0, G_N_ELEMENTS(quantities));
    tcase_add_loop_test(tcase, what_is_no_quantity_is_refused, 0, G_N_ELEMENTS(not_quantities));
    tcase_add_loop_test(tcase, a_quantity_of_another_kind_is_an_error_that_names_the_units, 0, G_N_ELEMENTS(kinds));
}

int main(void)
{
    return unit_run("base/units", add_tests);
}
