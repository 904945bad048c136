// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/archives.h"

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "tests/unit/images/made.h"

static char *folder;

static void set_up(void)
{
    folder = made_folder();
}

static void tear_down(void)
{
    ck_assert(folder_remove(folder, NULL));
    g_free(folder);
}

static bool all(const char *path)
{
    (void) path;
    return true;
}

static bool no_documentation(const char *path)
{
    return !g_str_has_prefix(path, "usr/share/doc/");
}

static FileTree *some_files(void)
{
    FileTree *tree = file_tree_new();

    file_tree_add_text(tree, "usr/share/doc/readme", "long");
    file_tree_add_text(tree, "etc/name", "value\n");
    made_add(tree, "bin/program", g_bytes_new_take(g_strnfill(200000, 'x'), 200000));
    file_tree_add_link(tree, "sbin/link", "/bin/program");
    file_tree_add_text(tree, "usr/share/empty", "");
    return tree;
}

static const struct {
    int filter;
    const char *name;
} debs[] = {
    { ARCHIVE_FILTER_XZ, "data.tar.xz" },
    { ARCHIVE_FILTER_ZSTD, "data.tar.zst" },
    { ARCHIVE_FILTER_GZIP, "data.tar.gz" },
    { ARCHIVE_FILTER_NONE, "data.tar" },
};

START_TEST(a_package_is_unpacked_into_a_tree)
{
    g_autoptr(FileTree) files = some_files();
    g_autoptr(FileTree) tree = file_tree_new();
    g_autofree char *path = g_build_filename(folder, "p.deb", NULL);
    GError *error = NULL;

    made_deb(path, files, debs[_i].filter, debs[_i].name);
    ck_assert_ok(deb_unpack(path, no_documentation, tree, &error), error);
    ck_assert_str_eq(made_text(tree, "etc/name"), "value\n");
    ck_assert_uint_eq(g_bytes_get_size(file_tree_get(tree, "usr/bin/program")->data), 200000);
    ck_assert_uint_eq(file_tree_get(tree, "usr/bin/program")->mode & 0777, 0755);
    ck_assert_str_eq(file_tree_get(tree, "usr/bin/link")->target, "/bin/program");
    ck_assert_ptr_eq(file_tree_resolve(tree, "usr/bin/link"), file_tree_get(tree, "usr/bin/program"));
    ck_assert_uint_eq(g_bytes_get_size(file_tree_get(tree, "usr/share/empty")->data), 0);
    ck_assert_ptr_null(file_tree_get(tree, "usr/share/doc/readme"));
}
END_TEST

START_TEST(what_is_no_package_is_named)
{
    g_autoptr(FileTree) tree = file_tree_new();
    g_autofree char *path = g_build_filename(folder, "p.deb", NULL);
    g_autofree char *start = g_strdup_printf("could not unpack '%s': ", path);
    g_autoptr(GError) error = NULL;

    ck_assert(file_write_atomic(path, "nothing of the kind", 19, NULL));
    ck_assert(!deb_unpack(path, all, tree, &error));
    ck_assert(g_str_has_prefix(error->message, start));
}
END_TEST

START_TEST(a_package_without_data_is_refused)
{
    g_autoptr(FileTree) files = some_files();
    g_autoptr(FileTree) tree = file_tree_new();
    g_autofree char *path = g_build_filename(folder, "p.deb", NULL);
    g_autoptr(GError) error = NULL;

    made_deb(path, files, ARCHIVE_FILTER_XZ, "other.tar.xz");
    ck_assert(!deb_unpack(path, all, tree, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "it has no data.tar"));
}
END_TEST

/* Wherever a download broke off, it is an error or a tree, and never harm. */
START_TEST(a_cut_package_is_refused)
{
    g_autoptr(FileTree) files = some_files();
    g_autofree char *path = g_build_filename(folder, "p.deb", NULL);
    g_autofree char *data = NULL;
    size_t size = 0;

    made_deb(path, files, ARCHIVE_FILTER_XZ, "data.tar.xz");
    ck_assert(file_read(path, 1 << 20, &data, &size, NULL));
    for (size_t there = 0; there + 20 < size; there += 37) {
        g_autoptr(FileTree) tree = file_tree_new();
        g_autoptr(GError) error = NULL;

        ck_assert(file_write_atomic(path, data, there, NULL));
        ck_assert(!deb_unpack(path, all, tree, &error));
        ck_assert_ptr_nonnull(error);
    }
}
END_TEST

static const int filters[] = {
    ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_XZ,    ARCHIVE_FILTER_ZSTD, ARCHIVE_FILTER_LZ4,
    ARCHIVE_FILTER_LZMA, ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_NONE,
};

START_TEST(bytes_come_out_as_they_went_in)
{
    g_autoptr(GBytes) plain = g_bytes_new_take(g_strnfill(150000, 'm'), 150000);
    g_autoptr(GBytes) packed = made_compressed(plain, filters[_i]);
    g_autoptr(GBytes) again = NULL;
    GError *error = NULL;

    ck_assert_ok(bytes_uncompress(packed, &again, &error), error);
    ck_assert(g_bytes_equal(plain, again));
}
END_TEST

START_TEST(a_cpio_archive_holds_the_tree_and_nothing_else)
{
    g_autoptr(FileTree) files = some_files();
    g_autoptr(FileTree) again = NULL;
    g_autoptr(GBytes) cpio = NULL;
    GError *error = NULL;

    file_tree_add_folder(files, "tmp", 01777);
    ck_assert_ok(cpio_write(files, &cpio, &error), error);
    again = made_read_cpio(cpio);
    ck_assert_str_eq(made_text(again, "etc/name"), "value\n");
    ck_assert_uint_eq(g_bytes_get_size(file_tree_get(again, "bin/program")->data), 200000);
    ck_assert_str_eq(file_tree_get(again, "sbin/link")->target, "/bin/program");
    ck_assert_uint_eq(file_tree_get(again, "tmp")->mode, S_IFDIR | 01777);
    ck_assert_int_eq(memcmp(g_bytes_get_data(cpio, NULL), "070701", 6), 0);
}
END_TEST

START_TEST(the_same_tree_gives_the_same_bytes_however_it_was_made)
{
    g_autoptr(FileTree) one = file_tree_new();
    g_autoptr(FileTree) two = file_tree_new();
    g_autoptr(GBytes) first = NULL;
    g_autoptr(GBytes) second = NULL;

    file_tree_add_text(one, "a/b", "1");
    file_tree_add_text(one, "c", "2");
    file_tree_add_text(two, "c", "overwritten");
    file_tree_add_text(two, "c", "2");
    file_tree_add_text(two, "a/b", "1");
    ck_assert(cpio_write(one, &first, NULL) && cpio_write(two, &second, NULL));
    ck_assert(g_bytes_equal(first, second));
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, a_package_is_unpacked_into_a_tree, 0, G_N_ELEMENTS(debs));
    tcase_add_test(tcase, what_is_no_package_is_named);
    tcase_add_test(tcase, a_package_without_data_is_refused);
    tcase_add_test(tcase, a_cut_package_is_refused);
    tcase_add_loop_test(tcase, bytes_come_out_as_they_went_in, 0, G_N_ELEMENTS(filters));
    tcase_add_test(tcase, a_cpio_archive_holds_the_tree_and_nothing_else);
    tcase_add_test(tcase, the_same_tree_gives_the_same_bytes_however_it_was_made);
}

int main(void)
{
    return unit_run("images/archives", add_tests);
}
