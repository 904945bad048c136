// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/apt.h"

#include "runner/base/error.h"
#include "runner/base/log.h"
#include "tests/unit/images/fake-apt.h"

static char *folder, *target;

static void set_up(void)
{
    g_autoptr(FileTree) files = file_tree_new();

    log_set_level(LOG_QUIET);
    folder = made_folder();
    target = g_build_filename(folder, "target", NULL);
    fake_apt(folder);
    file_tree_add_text(files, "etc/x", "x");
    fake_package(folder, "tool", "1:2.0-1+b1", "libc6 (>= 2.34), linux-image-6.1-amd64 (= 6.1) | other", files);
    fake_package(folder, "libtool", "3", "", files);
}

static void tear_down(void)
{
    ck_assert(folder_remove(folder, NULL));
    g_free(folder);
    g_free(target);
}

static GPtrArray *resolved(const char *const *names)
{
    GPtrArray *packages = NULL;
    GError *error = NULL;

    ck_assert_ok(apt_resolve(NULL, names, &packages, &error), error);
    return packages;
}

static const char *const both[] = { "tool", "libtool", NULL };

/* The host's own apt need not know of it: all that apt keeps is below a folder of ours, and is asked for once a day. */
START_TEST(another_architecture_has_lists_of_its_own)
{
    g_autofree char *lists_folder = g_build_filename(folder, "apt-arm64", NULL), *calls = NULL, *more = NULL, *state = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(AptLists) lists = apt_lists_open("arm64", lists_folder, &error), again = NULL;
    g_autoptr(GPtrArray) packages = NULL;

    ck_assert_ok(lists != NULL, error);
    ck_assert_ok(apt_resolve(lists, both, &packages, &error) && apt_download(lists, target, packages, &error), error);
    calls = fake_calls(folder);
    state = g_strdup_printf("-oDir::State::lists=%s/lists ", lists_folder);
    ck_assert_ptr_nonnull(strstr(calls, "apt-get -oAPT::Architecture=arm64 -oAPT::Architectures=arm64 "));
    ck_assert_ptr_nonnull(strstr(calls, state));
    ck_assert_ptr_nonnull(strstr(calls, " -q update\napt-cache -oAPT::Architecture=arm64 "));
    ck_assert_ptr_nonnull(strstr(calls, " show tool libtool\napt-get -oAPT::Architecture=arm64 "));
    again = apt_lists_open("arm64", lists_folder, NULL);
    more = fake_calls(folder);
    ck_assert_str_eq(more, calls); /* they are young */
}
END_TEST

START_TEST(packages_are_resolved_in_the_order_asked)
{
    g_autoptr(GPtrArray) packages = resolved((const char *[]) { "libtool", "tool", NULL });
    const Package *tool = packages->pdata[1];

    ck_assert_uint_eq(packages->len, 2);
    ck_assert_str_eq(((Package *) packages->pdata[0])->name, "libtool");
    ck_assert_str_eq(tool->version, "1:2.0-1+b1");
    ck_assert_uint_eq(strlen(tool->sha256), 64);
    ck_assert_int_gt(tool->size_bytes, 0);
}
END_TEST

static const struct {
    const char *prefix, *expected;
} dependencies[] = {
    { "linux-image-", "linux-image-6.1-amd64" },
    { "libc", "libc6" },
    { "oth", "other" },
    { "gone", NULL },
};

START_TEST(a_dependency_is_found_by_its_beginning)
{
    g_autoptr(GPtrArray) packages = resolved(both);
    g_autofree char *name = package_dependency(packages->pdata[0], dependencies[_i].prefix);

    ck_assert_pstr_eq(name, dependencies[_i].expected);
}
END_TEST

START_TEST(an_unknown_package_is_named_with_a_hint)
{
    GPtrArray *packages = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert(!apt_resolve(NULL, (const char *[]) { "tool", "gone", NULL }, &packages, &error));
    ck_assert_str_eq(error->message, "package 'gone': apt knows no version that can be downloaded\n"
                                     "hint: 'sudo apt-get update' brings apt's lists up to date.");
    ck_assert_int_eq(error_kind(error), ERROR_HOST);
}
END_TEST

/* A version that was installed by hand has no Filename and no SHA-256. */
START_TEST(a_version_that_is_only_installed_is_passed_over)
{
    g_autoptr(GPtrArray) packages = NULL;
    g_autofree char *show = g_build_filename(folder, "show", NULL);
    g_autofree char *old = NULL;
    g_autofree char *text = NULL;

    ck_assert(file_read(show, 1 << 20, &old, NULL, NULL));
    text = g_strconcat("Package: tool\nVersion: 9-local\nStatus: install ok installed\n\n", old, NULL);
    ck_assert(file_write_atomic(show, text, strlen(text), NULL));
    packages = resolved(both);
    ck_assert_str_eq(((Package *) packages->pdata[0])->version, "1:2.0-1+b1");
}
END_TEST

START_TEST(packages_are_downloaded_once)
{
    g_autoptr(GPtrArray) packages = resolved(both);
    g_autoptr(GPtrArray) files = NULL;
    g_autofree char *calls = NULL;
    GError *error = NULL;

    ck_assert_ok(apt_download(NULL, target, packages, &error), error);
    ck_assert_ok(apt_download(NULL, target, packages, &error), error);
    calls = fake_calls(folder);
    ck_assert_ptr_nonnull(strstr(calls, "download tool=1:2.0-1+b1 libtool=3\n"));
    ck_assert_ptr_eq(strstr(calls, "apt-get"), g_strrstr(calls, "apt-get"));
    ck_assert(folder_list(target, &files, NULL));
    ck_assert_uint_eq(files->len, 2);
    ck_assert_str_eq(files->pdata[1], "tool_1%3a2.0-1+b1_amd64.deb");
    ck_assert(g_str_has_suffix(((Package *) packages->pdata[0])->path, files->pdata[1]));
}
END_TEST

START_TEST(a_package_with_other_bytes_than_the_list_says_is_refused)
{
    g_autoptr(GPtrArray) packages = resolved(both);
    g_autoptr(GPtrArray) files = NULL;
    g_autofree char *path = g_build_filename(folder, "debs", "libtool_3_amd64.deb", NULL);
    g_autoptr(GError) error = NULL;

    ck_assert(file_write_atomic(path, "other", 5, NULL));
    ck_assert(!apt_download(NULL, target, packages, &error));
    ck_assert(g_str_has_prefix(error->message, "package 'libtool': file '"));
    ck_assert_ptr_nonnull(strstr(error->message, "but apt's list says"));
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
    ck_assert(folder_list(target, &files, NULL)); /* the good one may stay, the bad one and the scratch folder do not */
    ck_assert_uint_eq(files->len, 1);
    ck_assert_str_eq(files->pdata[0], "tool_1%3a2.0-1+b1_amd64.deb");
}
END_TEST

START_TEST(a_stored_package_that_was_damaged_is_refused)
{
    g_autoptr(GPtrArray) packages = resolved(both);
    g_autoptr(GError) error = NULL;

    ck_assert(apt_download(NULL, target, packages, NULL));
    ck_assert(file_write_atomic(((Package *) packages->pdata[0])->path, "other", 5, NULL));
    ck_assert(!apt_download(NULL, target, packages, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "\nhint: remove the file and try again."));
}
END_TEST

START_TEST(a_download_that_fails_says_why)
{
    g_autoptr(GPtrArray) packages = resolved(both);
    g_autoptr(GError) error = NULL;

    fake_program(folder, "apt-get", "echo 'E: Failed to fetch x  404  Not Found' >&2; exit 100\n");
    ck_assert(!apt_download(NULL, target, packages, &error));
    ck_assert_str_eq(error->message, "program 'apt-get' ended with status 100: E: Failed to fetch x  404  Not Found\n"
                                     "hint: 'sudo apt-get update' helps when apt's lists are older than its server.");
}
END_TEST

START_TEST(a_download_that_brings_nothing_is_an_error)
{
    g_autoptr(GPtrArray) packages = resolved(both);
    g_autoptr(GError) error = NULL;

    fake_program(folder, "apt-get", "exit 0\n");
    ck_assert(!apt_download(NULL, target, packages, &error));
    ck_assert_str_eq(error->message, "package 'tool': apt-get did not bring 'tool_1%3a2.0-1+b1_amd64.deb'");
}
END_TEST

START_TEST(a_host_without_apt_is_told_so)
{
    GPtrArray *packages = NULL;
    g_autoptr(GError) error = NULL;

    g_setenv("PATH", folder, TRUE);
    ck_assert(!apt_resolve(NULL, both, &packages, &error));
    ck_assert_str_eq(error->message, "could not start 'apt-cache': No such file or directory\n"
                                     "hint: images are built from packages of Debian, so this host or container needs apt.");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, another_architecture_has_lists_of_its_own);
    tcase_add_test(tcase, packages_are_resolved_in_the_order_asked);
    tcase_add_loop_test(tcase, a_dependency_is_found_by_its_beginning, 0, G_N_ELEMENTS(dependencies));
    tcase_add_test(tcase, an_unknown_package_is_named_with_a_hint);
    tcase_add_test(tcase, a_version_that_is_only_installed_is_passed_over);
    tcase_add_test(tcase, packages_are_downloaded_once);
    tcase_add_test(tcase, a_package_with_other_bytes_than_the_list_says_is_refused);
    tcase_add_test(tcase, a_stored_package_that_was_damaged_is_refused);
    tcase_add_test(tcase, a_download_that_fails_says_why);
    tcase_add_test(tcase, a_download_that_brings_nothing_is_an_error);
    tcase_add_test(tcase, a_host_without_apt_is_told_so);
}

int main(void)
{
    return unit_run("images/apt", add_tests);
}
