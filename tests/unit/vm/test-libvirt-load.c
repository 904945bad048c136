// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/libvirt-load.h"

#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <string.h>

#include "runner/vm/libvirt-version.h"
#include "tests/unit/unit.h"

static bool is_mapped(void)
{
    g_autofree char *maps = NULL;

    ck_assert(g_file_get_contents("/proc/self/maps", &maps, NULL, NULL));
    return strstr(maps, "/libvirt") != NULL;
}

static void load(void)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ok(libvirt_load(&error), error);
}

START_TEST(it_is_not_there_before_somebody_wants_it)
{
    ck_assert(!is_mapped());
    load();
    ck_assert(is_mapped());
}
END_TEST

START_TEST(the_files_tell_the_version_that_the_library_tells)
{
    g_autofree char *seen = libvirt_library_version(), *told = NULL;
    unsigned long version;

    load();
    ck_assert_int_eq(virGetVersion(&version, NULL, NULL), 0);
    told = g_strdup_printf("%lu.%lu.%lu", version / 1000000, version / 1000 % 1000, version % 1000);
    ck_assert_str_eq(seen, told);
}
END_TEST

static gpointer load_in_thread(gpointer data)
{
    (void) data;
    load();
    return GINT_TO_POINTER(virInitialize() == 0);
}

START_TEST(threads_may_want_it_at_the_same_time)
{
    GThread *threads[4];

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("loader", load_in_thread, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        ck_assert(GPOINTER_TO_INT(g_thread_join(threads[i])));
}
END_TEST

/* Of libvirt and of libvirt-qemu, with results of several types. */
START_TEST(its_functions_do_what_they_are_called)
{
    virConnectPtr connection;
    virDomainPtr domain;

    load();
    connection = virConnectOpen("test:///default");
    ck_assert_ptr_nonnull(connection);
    domain = virDomainLookupByName(connection, "test");
    ck_assert_ptr_nonnull(domain);
    ck_assert_str_eq(virDomainGetName(domain), "test");
    ck_assert_int_eq(virDomainIsActive(domain), 1);
    ck_assert_ptr_null(virDomainQemuAgentCommand(domain, "{}", 1, 0)); /* the test driver has no agent */
    ck_assert_int_ne(virGetLastErrorCode(), VIR_ERR_OK);
    ck_assert_ptr_nonnull(strstr(virGetLastErrorMessage(), "virDomainQemuAgentCommand"));
    virDomainFree(domain);
    virConnectClose(connection);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, it_is_not_there_before_somebody_wants_it);
    tcase_add_test(tcase, the_files_tell_the_version_that_the_library_tells);
    tcase_add_test(tcase, threads_may_want_it_at_the_same_time);
    tcase_add_test(tcase, its_functions_do_what_they_are_called);
}

int main(void)
{
    return unit_run("vm/libvirt-load", add_tests);
}
