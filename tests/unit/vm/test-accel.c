// SPDX-License-Identifier: GPL-3.0-or-later
/* The emulator is real where TCG is tried, and a small script on PATH where an answer has to be foreseen. */
#include "runner/vm/accel.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "tests/unit/unit.h"

static char *folder;

static void folder_new(void)
{
    folder = g_dir_make_tmp("trialbed-test-XXXXXX", NULL);
    ck_assert_ptr_nonnull(folder);
}

static void folder_end(void)
{
    ck_assert(folder_remove(folder, NULL));
    g_free(folder);
}

/* An emulator that says VERSION, counts its guests in FOLDER/guests, and ends each with `ending`. */
static void emulator_fake(const char *version, const char *ending)
{
    g_autofree char *path = g_build_filename(folder, "qemu-system-x86_64", NULL);
    g_autofree char *search = g_strdup_printf("%s:%s", folder, g_getenv("PATH"));
    g_autofree char *text = g_strdup_printf("#!/bin/sh\n"
                                            "[ \"$1\" = --version ] && { echo '%s'; exit 0; }\n"
                                            "echo guest >>%s/guests\n%s\n",
                                            version, folder, ending);

    ck_assert(file_write_atomic(path, text, strlen(text), NULL));
    ck_assert_int_eq(chmod(path, 0755), 0);
    if (!g_str_has_prefix(g_getenv("PATH"), folder))
        g_setenv("PATH", search, TRUE);
}

static unsigned guests_run(void)
{
    g_autofree char *path = g_build_filename(folder, "guests", NULL);
    g_autofree char *text = NULL;
    size_t size = 0;

    return g_file_get_contents(path, &text, &size, NULL) ? (unsigned) (size / strlen("guest\n")) : 0;
}

START_TEST(the_test_guest_reaches_long_mode_without_kvm)
{
    g_autofree char *reason = NULL;
    g_autoptr(GError) error = NULL;
    bool runs = false;

    ck_assert_ok(accel_probe("tcg", 30000, &runs, &reason, &error), error);
    ck_assert_msg(runs, "%s", reason);
}
END_TEST

static const struct {
    const char *ending;
    bool runs;
    const char *reason;
} endings[] = {
    { "exit 85", true, "a test guest runs with it" },
    { "echo 'qemu: warning: x' >&2; echo 'qemu: error: no MSR' >&2; echo 'Assertion failed.' >&2; exit 134", false, "a test guest did not start: qemu: error: no MSR" },
    { "exit 0", false, "a test guest did not start: it said nothing" },
    { "sleep 30", false, "a test guest hung for 1 s and was ended" },
};

START_TEST(only_a_guest_that_reports_counts)
{
    g_autofree char *reason = NULL;
    g_autoptr(GError) error = NULL;
    bool runs = !endings[_i].runs;

    folder_new();
    emulator_fake("QEMU 1", endings[_i].ending);
    ck_assert_ok(accel_probe("kvm", 1000, &runs, &reason, &error), error);
    ck_assert_int_eq(runs, endings[_i].runs);
    ck_assert_str_eq(reason, endings[_i].reason);
    folder_end();
}
END_TEST

static void assert_choice(const char *wish, const char *expected, const char *reason_start)
{
    const char *accel = NULL;
    g_autofree char *reason = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert_ok(accel_choose(wish, folder, &accel, &reason, &error), error);
    ck_assert_str_eq(accel, expected);
    ck_assert_msg(g_str_has_prefix(reason, reason_start), "%s", reason);
}

START_TEST(tcg_needs_no_trial)
{
    folder_new();
    emulator_fake("QEMU 1", "exit 1");
    assert_choice("tcg", "tcg", "it was asked for");
    ck_assert_uint_eq(guests_run(), 0);
    folder_end();
}
END_TEST

/* Without /dev/kvm nothing is tried, with it once. */
START_TEST(an_answer_is_kept_until_the_emulator_changes)
{
    unsigned tries = access("/dev/kvm", R_OK | W_OK) == 0 ? 1 : 0;

    folder_new();
    emulator_fake("QEMU 1", "echo broken >&2; exit 1");
    for (unsigned i = 0; i < 3; i++)
        assert_choice("auto", "tcg", tries > 0 ? "no KVM: a test guest did not start: broken" : "no KVM: /dev/kvm: ");
    ck_assert_uint_eq(guests_run(), tries);
    emulator_fake("QEMU 2", "exit 85");
    for (unsigned i = 0; i < 3; i++)
        assert_choice("auto", tries > 0 ? "kvm" : "tcg", tries > 0 ? "a test guest runs with it" : "no KVM: ");
    ck_assert_uint_eq(guests_run(), 2 * tries);
    folder_end();
}
END_TEST

static const char *const broken_caches[] = { "", "[", "[]", "{}", "{\"kvm\": true}", "{\"host_kernel\": 5, \"kvm\": \"yes\"}", "null" };

START_TEST(a_broken_memory_is_as_none)
{
    g_autofree char *path = NULL;

    folder_new();
    path = g_build_filename(folder, "accel.json", NULL);
    emulator_fake("QEMU 1", "exit 1");
    ck_assert(file_write_atomic(path, broken_caches[_i], strlen(broken_caches[_i]), NULL));
    assert_choice("auto", "tcg", "no KVM: ");
    folder_end();
}
END_TEST

/* The memory's format is written down here once: an answer of this host and emulator is believed. */
START_TEST(an_answer_of_this_host_is_believed)
{
    struct utsname name;
    g_autofree char *path = NULL, *text = NULL;

    if (access("/dev/kvm", R_OK | W_OK) != 0)
        return; /* nothing is remembered of a host without the device */
    folder_new();
    path = g_build_filename(folder, "accel.json", NULL);
    emulator_fake("QEMU 1", "exit 1");
    ck_assert_int_eq(uname(&name), 0);
    text = g_strdup_printf("{\"host_kernel\": \"%s\", \"emulator_version\": \"QEMU 1\", \"kvm\": true, \"reason\": \"seen\"}", name.release);
    ck_assert(file_write_atomic(path, text, strlen(text), NULL));
    assert_choice("kvm", "kvm", "seen");
    ck_assert_uint_eq(guests_run(), 0);
    folder_end();
}
END_TEST

START_TEST(kvm_where_no_guest_runs_is_an_error_of_the_host)
{
    const char *accel;
    char *reason;
    g_autoptr(GError) error = NULL;

    folder_new();
    emulator_fake("QEMU 1", "exit 1");
    ck_assert(!accel_choose("kvm", folder, &accel, &reason, &error));
    ck_assert_int_eq(error_kind(error), ERROR_HOST);
    ck_assert(g_str_has_prefix(error->message, "KVM was asked for, but cannot be used here: "));
    ck_assert_ptr_nonnull(strstr(error->message, "hint: 'accel: tcg' in the scenario"));
    folder_end();
}
END_TEST

START_TEST(a_missing_emulator_is_told_with_its_package)
{
    const char *accel;
    char *reason;
    g_autoptr(GError) error = NULL;

    g_setenv("PATH", "/nowhere", TRUE);
    ck_assert(!accel_choose("auto", NULL, &accel, &reason, &error));
    ck_assert_str_eq(error->message, "could not start 'qemu-system-x86_64': No such file or directory\n"
                                     "hint: 'sudo apt-get install qemu-system-x86' installs the emulator.");
}
END_TEST

START_TEST(an_unknown_wish_is_refused)
{
    const char *accel;
    char *reason;
    g_autoptr(GError) error = NULL;

    ck_assert(!accel_choose("xen", NULL, &accel, &reason, &error));
    ck_assert_str_eq(error->message, "there is no accelerator 'xen'; it is 'auto', 'kvm' or 'tcg'");
    ck_assert_int_eq(error_kind(error), ERROR_USAGE);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, the_test_guest_reaches_long_mode_without_kvm);
    tcase_add_loop_test(tcase, only_a_guest_that_reports_counts, 0, G_N_ELEMENTS(endings));
    tcase_add_test(tcase, tcg_needs_no_trial);
    tcase_add_test(tcase, an_answer_is_kept_until_the_emulator_changes);
    tcase_add_loop_test(tcase, a_broken_memory_is_as_none, 0, G_N_ELEMENTS(broken_caches));
    tcase_add_test(tcase, an_answer_of_this_host_is_believed);
    tcase_add_test(tcase, kvm_where_no_guest_runs_is_an_error_of_the_host);
    tcase_add_test(tcase, a_missing_emulator_is_told_with_its_package);
    tcase_add_test(tcase, an_unknown_wish_is_refused);
}

int main(void)
{
    return unit_run("vm/accel", add_tests);
}
