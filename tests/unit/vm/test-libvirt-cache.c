// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/libvirt-cache.h"

#include <string.h>
#include <sys/stat.h>

#include "runner/base/files.h"
#include "tests/unit/unit.h"

static char *cache, *old_root, *new_root;
static char *folder;

static void folders_new(void)
{
    folder = g_dir_make_tmp("trialbed-test-XXXXXX", NULL);
    cache = g_build_filename(folder, "cache", NULL);
    old_root = g_build_filename(folder, "old", NULL);
    new_root = g_build_filename(folder, "new", NULL);
}

static void folders_end(void)
{
    ck_assert(folder_remove(folder, NULL));
    g_free(cache);
    g_free(old_root);
    g_free(new_root);
    g_free(folder);
}

static char *answer_path(const char *root, const char *name)
{
    return g_build_filename(root, "cache", "qemu", "capabilities", name, NULL);
}

static void answer_write(const char *root, const char *name, const char *text)
{
    g_autofree char *path = answer_path(root, name);
    g_autofree char *above = g_path_get_dirname(path);

    ck_assert(folder_make(above, NULL) && file_write_atomic(path, text, strlen(text), NULL));
}

static void assert_answer(const char *root, const char *name, const char *expected)
{
    g_autofree char *path = answer_path(root, name);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        text = NULL;
    ck_assert_pstr_eq(text, expected);
}

START_TEST(an_answer_goes_from_one_root_to_the_next)
{
    folders_new();
    answer_write(old_root, "a.xml", "<one/>");
    answer_write(old_root, "lock", "x"); /* no answer */
    libvirt_cache_store(cache, old_root);
    libvirt_cache_load(cache, new_root);
    assert_answer(new_root, "a.xml", "<one/>");
    assert_answer(new_root, "lock", NULL);
    folders_end();
}
END_TEST

START_TEST(a_newer_answer_replaces_the_kept_one_and_the_same_is_left_alone)
{
    g_autofree char *kept = NULL;
    struct stat before, after;

    folders_new();
    kept = g_build_filename(cache, "libvirt-capabilities", "a.xml", NULL);
    answer_write(old_root, "a.xml", "<one/>");
    libvirt_cache_store(cache, old_root);
    ck_assert_int_eq(stat(kept, &before), 0);
    libvirt_cache_store(cache, old_root);
    ck_assert_int_eq(stat(kept, &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino); /* nobody who reads it now is disturbed */
    answer_write(old_root, "a.xml", "<two/>");
    libvirt_cache_store(cache, old_root);
    libvirt_cache_load(cache, new_root);
    assert_answer(new_root, "a.xml", "<two/>");
    folders_end();
}
END_TEST

START_TEST(nothing_kept_is_nothing_loaded)
{
    folders_new();
    libvirt_cache_load(cache, new_root);
    libvirt_cache_store(cache, old_root);
    assert_answer(new_root, "a.xml", NULL);
    ck_assert(!g_file_test(cache, G_FILE_TEST_EXISTS));
    folders_end();
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, an_answer_goes_from_one_root_to_the_next);
    tcase_add_test(tcase, a_newer_answer_replaces_the_kept_one_and_the_same_is_left_alone);
    tcase_add_test(tcase, nothing_kept_is_nothing_loaded);
}

int main(void)
{
    return unit_run("vm/libvirt-cache", add_tests);
}
