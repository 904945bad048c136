// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "tests/unit/unit.h"

static char folder[] = "/tmp/trialbed-files.XXXXXX";

static char *file(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void world_make(void)
{
    ck_assert_ptr_nonnull(g_mkdtemp(folder));
}

static void world_remove(void)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ok(folder_remove(folder, &error), error);
    ck_assert(!g_file_test(folder, G_FILE_TEST_EXISTS));
}

static void put(const char *name, const char *text)
{
    g_autofree char *path = file(name);
    g_autofree char *parent = g_path_get_dirname(path);
    g_autoptr(GError) error = NULL;

    ck_assert_ok(folder_make(parent, &error), error);
    ck_assert_ok(file_write_atomic(path, text, strlen(text), &error), error);
}

/* All files below the folder, joined by blanks. */
static char *list(void)
{
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert_ok(folder_list(folder, &files, &error), error);
    g_ptr_array_add(files, NULL);
    return g_strjoinv(" ", (char **) files->pdata);
}

START_TEST(what_is_written_is_read)
{
    g_autofree char *path = file("a");
    g_autofree char *data = NULL;
    size_t size = 0;
    struct stat info;
    g_autoptr(GError) error = NULL;

    umask(022);
    ck_assert_ok(file_write_atomic(path, "a\0b", 3, &error), error);
    ck_assert_ok(file_write_atomic(path, "c\0de", 4, &error), error); /* over the first */
    ck_assert_ok(file_read(path, 4, &data, &size, &error), error);
    g_clear_pointer(&data, g_free);
    ck_assert_ok(file_read(path, SIZE_MAX, &data, &size, &error), error); /* no limit at all */
    ck_assert_uint_eq(size, 4);
    ck_assert_int_eq(memcmp(data, "c\0de", 5), 0); /* and a NUL behind it */
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0644);
}
END_TEST

START_TEST(a_write_that_fails_leaves_what_was_there)
{
    g_autofree char *path = file("a");
    g_autofree char *nowhere = file("nowhere/a");
    g_autofree char *large = g_strnfill(100000, 'x');
    g_autofree char *names = NULL;
    g_autofree char *data = NULL;
    g_autoptr(GError) error = NULL;

    put("a", "old");
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit) { 4096, 4096 }), 0);
    ck_assert(!file_write_atomic(path, large, 100000, &error));
    ck_assert_msg(strstr(error->message, "could not write '") != NULL
                  && strstr(error->message, "File too large") != NULL, "%s",
                  error->message);
    g_clear_error(&error);
    ck_assert(!file_write_atomic(nowhere, "x", 1, &error));
    ck_assert_msg(strstr(error->message, "/nowhere/a': No such file or directory") != NULL, "%s", error->message);
    names = list();
    ck_assert_str_eq(names, "a");
    g_clear_error(&error);
    ck_assert_ok(file_read(path, 10, &data, NULL, &error), error);
    ck_assert_str_eq(data, "old");
}
END_TEST

/* A writer that is killed at any moment. */
START_TEST(a_killed_writer_leaves_nothing_half)
{
    g_autofree char *path = file("a");
    g_autofree char *large = g_strnfill(1 << 20, 'x');
    g_autofree char *names = NULL;
    pid_t pid = fork();

    if (pid == 0)
        for (;;)
            if (!file_write_atomic(path, large, 1 << 20, NULL) || unlink(path) != 0)
                _exit(1);
    g_usleep(20000 + (gulong) _i * 7000);
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    names = list();
    ck_assert_msg(strcmp(names, "a") == 0 || names[0] == '\0', "%s", names);
}
END_TEST

START_TEST(a_write_onto_a_folder_leaves_nothing)
{
    g_autofree char *path = file("d");
    g_autofree char *names = NULL;
    g_autoptr(GError) error = NULL;

    put("d/inside", "x");
    ck_assert(!file_write_atomic(path, "x", 1, &error));
    names = list();
    ck_assert_str_eq(names, "d/inside");
}
END_TEST

static const struct {
    const char *name, *message;
} unreadable[] = {
    { "nothing", "could not read '%s': No such file or directory" },
    { ".", "cannot read '%s': it is no ordinary file" },
    { "pipe", "cannot read '%s': it is no ordinary file" }, /* and opening it must not wait for a writer */
    { "five", "cannot read '%s': it has more than 4 bytes" },
    { "growing", "cannot read '%s': it has more than 4 bytes" }, /* says that it has 0 */
};

START_TEST(what_cannot_be_read_says_why)
{
    g_autofree char *path = file(unreadable[_i].name);
    g_autofree char *pipe = file("pipe");
    g_autofree char *growing = file("growing");
    g_auto(GStrv) parts = g_strsplit(unreadable[_i].message, "%s", 2);
    g_autofree char *expected = g_strjoin(path, parts[0], parts[1], NULL);
    char *data = NULL;
    g_autoptr(GError) error = NULL;

    put("five", "12345");
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    ck_assert_int_eq(symlink("/proc/self/status", growing), 0);
    ck_assert(!file_read(path, 4, &data, NULL, &error));
    ck_assert_str_eq(error->message, expected);
    ck_assert_ptr_null(data);
}
END_TEST

static const struct {
    const char *text;
    unsigned repeat;
    const char *digest;
} digests[] = { /* FIPS 180-2 */
    { "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
};

START_TEST(digests_are_those_of_the_standard)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *path = file("a");
    g_autofree char *of_file = NULL;
    g_autofree char *of_data = NULL;
    int64_t size = -1;
    g_autoptr(GError) error = NULL;

    for (unsigned i = 0; i < digests[_i].repeat; i++)
        g_string_append(text, digests[_i].text);
    put("a", text->str);
    ck_assert_ok(file_sha256(path, &of_file, &size, &error), error);
    of_data = data_sha256(text->str, text->len);
    ck_assert_str_eq(of_file, digests[_i].digest);
    ck_assert_str_eq(of_data, digests[_i].digest);
    ck_assert_int_eq(size, (int64_t) text->len);
}
END_TEST

START_TEST(a_digest_of_what_cannot_be_read_is_an_error)
{
    g_autofree char *nothing = file("nothing");
    char *digest = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert(!file_sha256(nothing, &digest, NULL, &error));
    g_clear_error(&error);
    ck_assert(!file_sha256(folder, &digest, NULL, &error));
    ck_assert_msg(g_str_has_suffix(error->message, "Is a directory"), "%s", error->message);
    ck_assert_ptr_null(digest);
}
END_TEST

START_TEST(files_are_listed_in_the_order_of_their_bytes)
{
    g_autofree char *names = NULL;
    g_autofree char *link = file("link");
    g_autofree char *folder_link = file("folder-link");
    g_autofree char *pipe = file("pipe");
    g_autofree char *nowhere = file("nowhere");
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(GError) error = NULL;

    put("b", ""), put("a/z", ""), put("a-b", ""), put("B", ""), put(".hidden", ""), put("a/b/c", "");
    ck_assert_int_eq(symlink("b", link), 0);          /* links, devices and pipes are no ordinary files */
    ck_assert_int_eq(symlink("/etc", folder_link), 0);
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    names = list();
    ck_assert_str_eq(names, ".hidden B a-b a/b/c a/z b");
    ck_assert(!folder_list(nowhere, &files, &error));
    ck_assert_msg(g_str_has_suffix(error->message, "/nowhere': No such file or directory"), "%s", error->message);
}
END_TEST

START_TEST(removing_does_not_follow_links)
{
    g_autofree char *kept = file("kept/a");
    g_autofree char *top = file("gone");
    g_autofree char *inside = file("gone/link");
    g_autofree char *top_link = file("top-link");
    g_autofree char *names = NULL;
    g_autoptr(GError) error = NULL;

    put("kept/a", "x");
    put("gone/deep/er/b", "x");
    ck_assert_int_eq(symlink("../kept", inside), 0);
    ck_assert_int_eq(symlink("kept", top_link), 0);
    ck_assert_ok(folder_remove(top, &error), error);
    ck_assert_ok(folder_remove(top_link, &error), error);
    ck_assert_ok(folder_remove(top, &error), error); /* there is none any more, and that is fine */
    names = list();
    ck_assert_str_eq(names, "kept/a");
    ck_assert(g_file_test(kept, G_FILE_TEST_EXISTS));
}
END_TEST

static gpointer remove_files(gpointer data)
{
    char **paths = data;

    for (; *paths != NULL; paths++)
        unlink(*paths);
    return NULL;
}

START_TEST(removing_ends_well_when_somebody_else_removes_too)
{
    g_autofree char *top = file("gone");
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    GThread *rivals[4];

    ck_assert_ok(folder_make(top, &error), error);
    for (unsigned i = 0; i < 3000; i++) {
        g_autofree char *name = g_strdup_printf("gone/%u", i);
        g_autofree char *path = file(name);

        close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        g_ptr_array_add(paths, g_steal_pointer(&path));
    }
    g_ptr_array_add(paths, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(rivals); i++)
        rivals[i] = g_thread_new("rival", remove_files, paths->pdata + i * 750);
    ck_assert_ok(folder_remove(top, &error), error);
    for (unsigned i = 0; i < G_N_ELEMENTS(rivals); i++)
        g_thread_join(rivals[i]);
    ck_assert(!g_file_test(top, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(folders_are_made_with_those_above_them)
{
    g_autofree char *deep = file("a/b/c");
    g_autofree char *below_file = file("f/x");
    g_autoptr(GError) error = NULL;

    ck_assert_ok(folder_make(deep, &error), error);
    ck_assert_ok(folder_make(deep, &error), error);
    ck_assert(g_file_test(deep, G_FILE_TEST_IS_DIR));
    put("f", "");
    ck_assert(!folder_make(below_file, &error));
    ck_assert_msg(g_str_has_suffix(error->message, "/f/x': Not a directory"), "%s", error->message);
    ck_assert_int_gt(folder_free_bytes(deep), 0);
    ck_assert_int_eq(folder_free_bytes(below_file), -1);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, world_make, world_remove);
    tcase_add_test(tcase, what_is_written_is_read);
    tcase_add_test(tcase, a_write_that_fails_leaves_what_was_there);
    tcase_add_test(tcase, a_write_onto_a_folder_leaves_nothing);
    tcase_add_loop_test(tcase, a_killed_writer_leaves_nothing_half, 0, 8);
    tcase_add_loop_test(tcase, what_cannot_be_read_says_why, 0, G_N_ELEMENTS(unreadable));
    tcase_add_loop_test(tcase, digests_are_those_of_the_standard, 0, G_N_ELEMENTS(digests));
    tcase_add_test(tcase, a_digest_of_what_cannot_be_read_is_an_error);
    tcase_add_test(tcase, files_are_listed_in_the_order_of_their_bytes);
    tcase_add_test(tcase, removing_does_not_follow_links);
    tcase_add_test(tcase, removing_ends_well_when_somebody_else_removes_too);
    tcase_add_test(tcase, folders_are_made_with_those_above_them);
}

int main(void)
{
    return unit_run("base/files", add_tests);
}
