// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/console.h"

#include <string.h>

#include "runner/base/files.h"
#include "tests/unit/unit.h"

static const struct {
    const char *text;
    bool panic;
    const char *told; /* after the path */
} consoles[] = {
    { "", false, NULL },
    { "\r\n \n", false, NULL },
    { "one\r\ntwo\r\n\n", false, "ends with: two" },
    { "no newline", false, "ends with: no newline" },
    { "[ 1.0] Kernel panic - not syncing: no init\n[ 1.1] CPU: 0\n", true, "shows: [ 1.0] Kernel panic - not syncing: no init" },
    { "\033[31mred\033[0m\n", false, "ends with: [31mred [0m" },
};

START_TEST(a_console_tells_its_last_words)
{
    g_autofree char *folder = g_dir_make_tmp("trialbed-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "console", NULL);
    g_autofree char *expected = g_strdup_printf("the console (%s) %s", path, consoles[_i].told);
    g_autofree char *told = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert_ok(file_write_atomic(path, consoles[_i].text, strlen(consoles[_i].text), &error), error);
    told = console_diagnose(path);
    ck_assert_pstr_eq(told, consoles[_i].told != NULL ? expected : NULL);
    ck_assert_int_eq(console_has_panic(path), consoles[_i].panic);
    ck_assert(folder_remove(folder, NULL));
}
END_TEST

START_TEST(only_the_end_of_a_long_console_is_read)
{
    g_autofree char *folder = g_dir_make_tmp("trialbed-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "console", NULL);
    GString *text = g_string_new(NULL);
    g_autofree char *told = NULL;

    for (unsigned i = 0; i < 10000; i++)
        g_string_append_printf(text, "line %u\n", i);
    ck_assert(file_write_atomic(path, text->str, text->len, NULL));
    told = console_diagnose(path);
    ck_assert(g_str_has_suffix(told, " ends with: line 9999"));
    ck_assert(folder_remove(folder, NULL));
    g_string_free(text, TRUE);
}
END_TEST

START_TEST(no_console_tells_nothing)
{
    ck_assert_ptr_null(console_diagnose("/no/console"));
    ck_assert(!console_has_panic("/no/console"));
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_console_tells_its_last_words, 0, G_N_ELEMENTS(consoles));
    tcase_add_test(tcase, only_the_end_of_a_long_console_is_read);
    tcase_add_test(tcase, no_console_tells_nothing);
}

int main(void)
{
    return unit_run("vm/console", add_tests);
}
