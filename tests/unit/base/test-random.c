// SPDX-License-Identifier: GPL-3.0-or-later
#include <glib.h>

#include "runner/base/random.h"
#include "tests/unit/unit.h"

START_TEST(the_numbers_are_those_of_the_reference_implementation)
{
    static const uint32_t published[] = { 0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e };
    Random random;

    random_init(&random, 42, 54); /* as the demonstration program of pcg-c-basic */
    for (size_t i = 0; i < G_N_ELEMENTS(published); i++)
        ck_assert_uint_eq(random_next(&random), published[i]);
}
END_TEST

START_TEST(every_result_below_a_bound_comes_about_equally_often)
{
    enum { BOUND = 7, DRAWS = 70000 };
    unsigned counts[BOUND] = { 0 };
    double chi_square = 0;
    Random random;

    random_init(&random, 1, 54);
    for (int i = 0; i < DRAWS; i++) {
        uint32_t drawn = random_below(&random, BOUND);

        ck_assert_uint_lt(drawn, BOUND);
        counts[drawn]++;
    }
    for (int i = 0; i < BOUND; i++)
        chi_square += (counts[i] - DRAWS / 7.) * (counts[i] - DRAWS / 7.) / (DRAWS / 7.);
    ck_assert_double_lt(chi_square, 22.46); /* 6 degrees of freedom: one fair generator in a thousand is above */
}
END_TEST

START_TEST(a_bound_near_two_to_the_32_is_not_biased)
{
    /* 3/4 of 2^32: plain multiplication would give every third result twice as often as the others. */
    uint32_t bound = 0xC0000000;
    unsigned thirds[3] = { 0 };
    Random random;

    random_init(&random, 2, 54);
    for (int i = 0; i < 30000; i++)
        thirds[random_below(&random, bound) % 3]++;
    for (int i = 0; i < 3; i++)
        ck_assert(thirds[i] > 9600 && thirds[i] < 10400);
}
END_TEST

START_TEST(seeds_and_streams_give_sequences_of_their_own)
{
    Random a, b, c;
    unsigned same = 0;

    random_init(&a, 1, 1);
    random_init(&b, 2, 1);
    random_init(&c, 1, 2);
    for (int i = 0; i < 1000; i++) {
        uint32_t drawn = random_next(&a);

        same += drawn == random_next(&b);
        same += drawn == random_next(&c);
    }
    ck_assert_uint_le(same, 2);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, the_numbers_are_those_of_the_reference_implementation);
    tcase_add_test(tcase, every_result_below_a_bound_comes_about_equally_often);
    tcase_add_test(tcase, a_bound_near_two_to_the_32_is_not_biased);
    tcase_add_test(tcase, seeds_and_streams_give_sequences_of_their_own);
}

int main(void)
{
    return unit_run("base/random", add_tests);
}
