// SPDX-License-Identifier: GPL-3.0-or-later
/* libvirt's test driver stands in for a daemon that others use too; links are made in a network namespace of the test's own. */
#include "runner/vm/outside.h"

#include <glib/gstdio.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/vm/domain-xml.h"
#include "runner/vm/libvirt-load.h"
#include "runner/vm/network.h"
#include "tests/unit/namespace.h"

#define URI "test:///default"
#define UUID "d7a2b1f0-0000-4000-8000-000000000001"

static char *owner, *other; /* the other one is of the same experiment in a copied lab */

static void owners_make(void)
{
    owner = outside_owner(UUID, "/home/lab");
    other = outside_owner(UUID, "/home/lab2");
}

/* While it is open, every other connection to the test driver sees the same domains. */
static virConnectPtr world_open(void)
{
    g_autoptr(GError) error = NULL;
    virConnectPtr connection;

    ck_assert_ok(libvirt_load(&error), error);
    connection = virConnectOpen(URI);
    ck_assert_ptr_nonnull(connection);
    return connection;
}

static void domain_add(virConnectPtr connection, const char *name, const char *whose, int64_t run_id)
{
    MachineConfig config = { .name = "a", .domain = name, .kernel = "/k", .cmdline = "", .memory_mb = 64, .cpus = 1,
                             .console_path = "/c", .run_uuid = whose != NULL ? UUID : NULL, .owner = whose, .run_id = run_id };
    g_autofree char *qemu = domain_xml(&config, &(DomainXmlHost) { "tcg", "/usr/bin/qemu-system-x86_64", "/s", false, false });
    const char *rest = strchr(qemu, '>');
    g_autofree char *xml = g_strconcat("<domain type='test'", rest, NULL);
    virDomainPtr domain = virDomainCreateXML(connection, xml, 0);

    ck_assert_msg(domain != NULL, "%s", virGetLastErrorMessage());
    virDomainFree(domain);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Names of all domains but the driver's own. */
static char *domains(virConnectPtr connection)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    virDomainPtr *list;
    int count = virConnectListAllDomains(connection, &list, VIR_CONNECT_LIST_DOMAINS_ACTIVE);

    for (int i = 0; i < count; i++) {
        if (strcmp(virDomainGetName(list[i]), "test") != 0)
            g_ptr_array_add(names, g_strdup(virDomainGetName(list[i])));
        virDomainFree(list[i]);
    }
    free(list);
    g_ptr_array_sort(names, compare);
    g_ptr_array_add(names, NULL);
    return g_strjoinv(" ", (char **) names->pdata);
}

static Network *network_in_new_namespace(void)
{
    g_autoptr(GError) error = NULL;
    Network *network;

    ck_assert_int_eq(unshare(CLONE_NEWNET | CLONE_NEWNS | (geteuid() != 0 ? CLONE_NEWUSER : 0)), 0);
    network = network_open(&error);
    ck_assert_ok(network != NULL, error);
    return network;
}

static void assert_found(GPtrArray *found, const char *expected)
{
    g_autofree char *text = NULL;

    g_ptr_array_sort(found, compare);
    g_ptr_array_add(found, NULL);
    text = g_strjoinv(", ", (char **) found->pdata);
    ck_assert_str_eq(text, expected);
}

START_TEST(names_tell_experiments_and_labs_apart)
{
    g_autofree char *link = outside_link_name(owner, (1 << 28) - 1, 9);

    ck_assert_uint_eq(strlen(owner), 16);
    ck_assert_str_ne(owner, other);
    ck_assert_uint_eq(strlen(link), IFNAMSIZ - 1);
    ck_assert(strncmp(link + 2, owner, 4) == 0 && strcmp(link + 6, "fffffffb9") == 0);
}
END_TEST

START_TEST(only_our_domains_are_ended)
{
    g_autoptr(Network) network = network_in_new_namespace(); /* first: a process with threads gets no user namespace */
    virConnectPtr connection = world_open();
    g_autoptr(GPtrArray) dry = g_ptr_array_new_with_free_func(g_free), one = g_ptr_array_new_with_free_func(g_free),
                         all = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *before = NULL, *after_one = NULL, *after_all = NULL;
    g_autoptr(GError) error = NULL;

    domain_add(connection, "ours-1", owner, 1);
    domain_add(connection, "ours-11", owner, 11);
    domain_add(connection, "copied", other, 1);
    domain_add(connection, "trialbed-d7a2b1f0-1-a", NULL, 0); /* the name alone says nothing */
    ck_assert_ok(outside_remove(URI, owner, 0, true, dry, &error), error);
    before = domains(connection);
    ck_assert_str_eq(before, "copied ours-1 ours-11 trialbed-d7a2b1f0-1-a");
    assert_found(dry, "domain ours-1, domain ours-11");
    ck_assert_ok(outside_remove(URI, owner, 1, false, one, &error), error);
    after_one = domains(connection);
    ck_assert_str_eq(after_one, "copied ours-11 trialbed-d7a2b1f0-1-a");
    ck_assert_ok(outside_remove(URI, owner, 0, false, all, &error), error);
    after_all = domains(connection);
    ck_assert_str_eq(after_all, "copied trialbed-d7a2b1f0-1-a");
    assert_found(all, "domain ours-11");
    virConnectClose(connection);
}
END_TEST

START_TEST(only_our_links_are_removed)
{
    g_autoptr(Network) network = network_in_new_namespace();
    virConnectPtr connection = world_open();
    g_autofree char *ours = outside_link_name(owner, 1, 0), *later = outside_link_name(owner, 17, 0),
                    *foreign = outside_link_name(owner, 2, 0), *copied = outside_link_name(other, 1, 0), *expected = NULL;
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free), all = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    ck_assert_ok(network_bridge_add_owned(network, ours, owner, &error), error);
    ck_assert_ok(network_bridge_add_owned(network, later, owner, &error), error); /* 0x11: begins like run 1 */
    ck_assert_ok(network_bridge_add(network, foreign, &error), error);             /* our name, but not our MAC */
    ck_assert_ok(network_bridge_add_owned(network, copied, other, &error), error);
    ck_assert_ok(outside_remove(URI, owner, 1, false, found, &error), error);
    expected = g_strdup_printf("link %s", ours);
    assert_found(found, expected);
    ck_assert_ok(outside_remove(URI, owner, 0, false, all, &error), error);
    ck_assert(if_nametoindex(ours) == 0 && if_nametoindex(later) == 0);
    ck_assert(if_nametoindex(foreign) != 0 && if_nametoindex(copied) != 0);
    virConnectClose(connection);
}
END_TEST

START_TEST(only_our_folders_are_removed)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *ours = outside_scratch_name(owner), *copied = outside_scratch_name(other);
    g_autofree char *inside = g_strconcat(ours, "/0.agent", NULL);
    g_autoptr(GPtrArray) dry = g_ptr_array_new_with_free_func(g_free), found = g_ptr_array_new_with_free_func(g_free);
    struct stat info;

    ck_assert_ok(outside_scratch_make(ours, &error) && outside_scratch_make(copied, &error), error);
    ck_assert(!outside_scratch_make(ours, NULL)); /* somebody else's is not taken */
    ck_assert_int_eq(stat(ours, &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0700);
    ck_assert_uint_lt(strlen(inside), 60); /* a socket's path has 107 bytes */
    ck_assert(g_file_set_contents(inside, "", 0, NULL));
    ck_assert_ok(outside_scratch_remove(owner, true, dry, &error), error);
    ck_assert(g_file_test(inside, G_FILE_TEST_EXISTS));
    ck_assert_ok(outside_scratch_remove(owner, false, found, &error), error);
    ck_assert(dry->len == 1 && found->len == 1 && !g_file_test(ours, G_FILE_TEST_EXISTS));
    ck_assert(g_file_test(copied, G_FILE_TEST_IS_DIR));
    ck_assert_ok(outside_folder_remove(copied, true, dry, &error), error);
    ck_assert(dry->len == 2 && g_file_test(copied, G_FILE_TEST_IS_DIR));
    ck_assert_ok(outside_folder_remove(copied, false, found, &error), error);
    ck_assert(found->len == 2 && !g_file_test(copied, G_FILE_TEST_EXISTS));
    ck_assert_ok(outside_folder_remove("/tmp", false, found, &error), error); /* a note that somebody spoilt */
    ck_assert_uint_eq(found->len, 2);
}
END_TEST

static const struct {
    const char *uri, *message;
} refused[] = {
    { "qemu+ssh://root@elsewhere/system", "cannot use 'qemu+ssh://root@elsewhere/system': it is on another host" },
    { "qemu+tcp://[::1]:5/system", "cannot use 'qemu+tcp://[::1]:5/system': it is on another host" }, /* who knows */
    { "nonsense:///x", "could not connect to 'nonsense:///x': libvirt: " },
};

START_TEST(what_cannot_be_used_is_refused)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!outside_check(refused[_i].uri, false, &error));
    ck_assert_msg(g_str_has_prefix(error->message, refused[_i].message), "%s", error->message);
    ck_assert_int_eq(error_kind(error), ERROR_HOST);
    g_clear_error(&error);
    ck_assert_ok(outside_check(URI, false, &error), error);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, owners_make, NULL);
    tcase_add_test(tcase, names_tell_experiments_and_labs_apart);
    tcase_add_test(tcase, only_our_domains_are_ended);
    tcase_add_test(tcase, only_our_links_are_removed);
    tcase_add_test(tcase, only_our_folders_are_removed);
    tcase_add_loop_test(tcase, what_cannot_be_used_is_refused, 0, G_N_ELEMENTS(refused));
}

int main(void)
{
    return unit_run("vm/outside", add_tests);
}
