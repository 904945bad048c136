// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/file-tree.h"

#include <string.h>

#include "tests/unit/unit.h"

static const struct {
    const char *path, *expected;
} paths[] = {
    { "./bin/ip", "usr/bin/ip" },
    { "/sbin/tc", "usr/bin/tc" },
    { "usr/sbin/tc", "usr/bin/tc" },
    { "./usr/bin/iperf3", "usr/bin/iperf3" },
    { "./lib/x86_64-linux-gnu/libc.so.6", "usr/lib/x86_64-linux-gnu/libc.so.6" },
    { "/lib64/ld-linux-x86-64.so.2", "usr/lib64/ld-linux-x86-64.so.2" },
    { "./libexec/thing", "libexec/thing" }, /* only begins like lib */
    { "./etc//a/./b", "etc/a/b" },
    { "./", NULL },
    { "/", NULL },
    { "../../etc/passwd", NULL },
    { "./usr/../../etc/passwd", NULL },
};

START_TEST(paths_become_those_of_an_image)
{
    g_autofree char *path = file_tree_path(paths[_i].path);

    if (paths[_i].expected == NULL)
        ck_assert_ptr_null(path);
    else
        ck_assert_str_eq(path, paths[_i].expected);
}
END_TEST

START_TEST(folders_above_a_file_are_made)
{
    g_autoptr(FileTree) tree = file_tree_new();

    file_tree_add_text(tree, "a/b/c", "text");
    ck_assert(S_ISDIR(file_tree_get(tree, "a")->mode));
    ck_assert(S_ISDIR(file_tree_get(tree, "a/b")->mode));
    ck_assert_uint_eq(file_tree_get(tree, "a/b/c")->mode, S_IFREG | 0644);
    ck_assert_ptr_null(file_tree_get(tree, "a/b/d"));
}
END_TEST

START_TEST(a_file_replaces_a_link_but_a_link_no_file)
{
    g_autoptr(FileTree) tree = file_tree_new();

    file_tree_add_link(tree, "ip", "/bin/ip");
    file_tree_add_text(tree, "ip", "program");
    file_tree_add_link(tree, "ip", "busybox");
    ck_assert(S_ISREG(file_tree_get(tree, "ip")->mode));
}
END_TEST

static const struct {
    const char *at, *target;
    bool found;
} links[] = {
    { "usr/lib/libx.so.1", "libx.so.1.2", true },
    { "usr/lib/libx.so.1", "./sub/../libx.so.1.2", true },
    { "usr/lib64/ld.so", "/lib/libx.so.1.2", true },
    { "usr/lib/libx.so", "libx.so.2", false },
    { "usr/lib/loop", "loop", false },
    { "usr/lib/folder", "/usr/lib", false },
};

START_TEST(links_are_followed_as_the_guest_would)
{
    g_autoptr(FileTree) tree = file_tree_new();

    file_tree_add_text(tree, "usr/lib/libx.so.1.2", "the library");
    file_tree_add_link(tree, links[_i].at, links[_i].target);
    ck_assert(links[_i].found == (file_tree_resolve(tree, links[_i].at) == file_tree_get(tree, "usr/lib/libx.so.1.2")));
    ck_assert(links[_i].found == (file_tree_resolve(tree, links[_i].at) != NULL));
}
END_TEST

static bool join(const char *path, const FileEntry *entry, void *data)
{
    (void) entry;
    g_string_append_printf(data, "%s ", path);
    return strcmp(path, "b") != 0;
}

START_TEST(entries_are_visited_in_bytewise_order_until_told_to_stop)
{
    g_autoptr(FileTree) tree = file_tree_new();
    g_autoptr(GString) seen = g_string_new(NULL);

    file_tree_add_text(tree, "c", "");
    file_tree_add_text(tree, "b", "");
    file_tree_add_text(tree, "a/x", "");
    file_tree_add_text(tree, "a-1", "");
    file_tree_foreach(tree, join, seen);
    ck_assert_str_eq(seen->str, "a a-1 a/x b ");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, paths_become_those_of_an_image, 0, G_N_ELEMENTS(paths));
    tcase_add_test(tcase, folders_above_a_file_are_made);
    tcase_add_test(tcase, a_file_replaces_a_link_but_a_link_no_file);
    tcase_add_loop_test(tcase, links_are_followed_as_the_guest_would, 0, G_N_ELEMENTS(links));
    tcase_add_test(tcase, entries_are_visited_in_bytewise_order_until_told_to_stop);
}

int main(void)
{
    return unit_run("images/file-tree", add_tests);
}
