// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/plan/problems.h"
#include "tests/unit/unit.h"

static char *print(Problems *problems)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    problems_print(problems, out);
    fclose(out);
    return text;
}

static void add(Problems *problems, unsigned line, unsigned column, const char *message, const char *hint)
{
    problems_add(problems, line, column, g_strdup(message), g_strdup(hint));
}

START_TEST(problems_are_printed_by_place_and_once)
{
    g_autoptr(Problems) problems = problems_new("a.yaml");
    g_autofree char *text = NULL;

    add(problems, 10, 1, "ten", NULL);
    add(problems, 2, 7, "two", "do this.");
    add(problems, 2, 7, "two", "do that."); /* the same message at the same place */
    add(problems, 2, 7, "two more", NULL);
    add(problems, 2, 3, "left of it", NULL);
    add(problems, 0, 0, "all of it", NULL);
    text = print(problems);
    ck_assert_str_eq(text, "a.yaml: error: all of it\n"
                           "a.yaml:2:3: error: left of it\n"
                           "a.yaml:2:7: error: two\n"
                           "a.yaml:2:7: hint: do this.\n"
                           "a.yaml:2:7: error: two more\n"
                           "a.yaml:10:1: error: ten\n");
}
END_TEST

START_TEST(what_a_terminal_would_act_upon_is_not_printed)
{
    g_autoptr(Problems) problems = problems_new("a.yaml");
    g_autofree char *text = NULL;

    add(problems, 1, 1, "key '\033[31mred\nline' is not known", "x\a.");
    text = print(problems);
    ck_assert_str_eq(text, "a.yaml:1:1: error: key '?[31mred line' is not known\na.yaml:1:1: hint: x?.\n");
}
END_TEST

START_TEST(long_texts_are_cut_between_characters)
{
    g_autoptr(Problems) problems = problems_new("a.yaml");
    g_autoptr(GString) message = g_string_new("x");
    const char *kept;

    for (int i = 0; i < 1000; i++)
        g_string_append(message, "\303\251");
    add(problems, 1, 1, message->str, NULL);
    kept = g_array_index(problems->items, Problem, 0).message;
    ck_assert(g_utf8_validate(kept, -1, NULL));
    ck_assert(g_str_has_suffix(kept, "\303\251..."));
    ck_assert_uint_le(strlen(kept), 403);
}
END_TEST

START_TEST(one_place_can_take_eight_problems)
{
    g_autoptr(Problems) problems = problems_new("a.yaml");
    g_autofree char *text = NULL;

    for (int i = 0; i < 20; i++)
        problems_add(problems, 3, 4, g_strdup_printf("number %d", i), NULL);
    ck_assert_uint_eq(problems->items->len, 8);
    text = print(problems);
    ck_assert(g_str_has_suffix(
        text, "a.yaml:3:4: error: number 7\na.yaml: error: 12 more problems like these are not shown\n"));
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, problems_are_printed_by_place_and_once);
    tcase_add_test(tcase, what_a_terminal_would_act_upon_is_not_printed);
    tcase_add_test(tcase, long_texts_are_cut_between_characters);
    tcase_add_test(tcase, one_place_can_take_eight_problems);
}

int main(void)
{
    return unit_run("plan/problems", add_tests);
}
