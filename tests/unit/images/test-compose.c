// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/compose.h"

#include "images/elf-file.h"
#include "images/kernel.h"
#include "images/libraries.h"
#include "images/modules.h"
#include "runner/base/error.h"
#include "tests/unit/images/made.h"

#define MODULES "usr/lib/modules/6.1-test/"

static const char recipe_text[] = "kernel linux\nprograms /bin/busybox /sbin/tc\nfiles /etc/data\napplets cat tc\n"
                                  "modules virtio_net builtin-thing\nspare-modules sch_netem\nfolder /opt/x\n"
                                  "link /bin/ping6 busybox\nline /etc/hosts 127.0.0.1 localhost\n"
                                  "line /etc/hosts ::1 localhost\n";

static void add_module(FileTree *tree, const char *path, const char *depends, const char *alias)
{
    g_autofree char *full = g_strconcat(MODULES "kernel/", path, NULL);

    made_add(tree, full, made_module(depends, alias));
}

/* Two libraries deep, a link between, modules that need modules. */
static FileTree *some_packages(void)
{
    FileTree *tree = file_tree_new();
    g_autoptr(GBytes) vmlinux = made_vmlinux(true);

    made_add(tree, "boot/vmlinuz-6.1-test", made_bzimage(vmlinux, ARCHIVE_FILTER_XZ));
    file_tree_add_text(tree, MODULES "modules.builtin", "kernel/lib/builtin-thing.ko\n");
    add_module(tree, "virtio_net.ko", "net_failover,virtio", "virtio:d00000001v*");
    add_module(tree, "net_failover.ko", "failover", "");
    add_module(tree, "failover.ko", "", "");
    add_module(tree, "virtio.ko", "virtio_ring", "");
    add_module(tree, "virtio_ring.ko", "", "");
    add_module(tree, "sch-netem.ko", "", "sch_netem_alias");
    add_module(tree, "unwanted.ko", "", "");
    made_add(tree, "usr/bin/busybox", made_program("", NULL));
    made_add(tree, "usr/bin/tc", made_program("liba.so.1 libc.so.6", "/lib64/ld.so"));
    file_tree_add_link(tree, "usr/lib/x86_64-linux-gnu/liba.so.1", "liba.so.1.2");
    made_add(tree, "usr/lib/x86_64-linux-gnu/liba.so.1.2", made_program("libb.so.1 libc.so.6", NULL));
    made_add(tree, "usr/lib/libb.so.1", made_program("libc.so.6", NULL));
    made_add(tree, "usr/lib/x86_64-linux-gnu/libc.so.6", made_program("ld.so", NULL));
    file_tree_add_link(tree, "usr/lib64/ld.so", "/lib/x86_64-linux-gnu/ld.so");
    made_add(tree, "usr/lib/x86_64-linux-gnu/ld.so", made_program("", NULL));
    file_tree_add_text(tree, "etc/data", "data\n");
    return tree;
}

static bool compose(const FileTree *packages, Composition *composition, GError **error)
{
    g_autoptr(Recipe) recipe = recipe_parse("r", recipe_text, image_arch_find(NULL), NULL);
    g_autoptr(GBytes) agent = g_bytes_new_static("agent", 5);

    return image_compose(recipe, packages, agent, composition, error);
}

static FileTree *composed(void)
{
    g_autoptr(FileTree) packages = some_packages();
    g_auto(Composition) composition = { 0 };
    GError *error = NULL;

    ck_assert_ok(compose(packages, &composition, &error), error);
    ck_assert_str_eq(composition.kernel_version, "6.1-test");
    ck_assert(elf_has_pvh_entry(composition.kernel));
    return made_read_cpio(composition.initrd);
}

static const char *const wanted[] = {
    "init", "usr/bin/busybox", "usr/bin/tc", "usr/lib/x86_64-linux-gnu/liba.so.1", "usr/lib/libb.so.1",
    "usr/lib/x86_64-linux-gnu/libc.so.6", "usr/lib64/ld.so", "etc/data", "etc/hosts", "dev", "proc", "sys", "tmp", "bin",
    "usr/sbin", "lib64", "opt/x", "usr/bin/ping6", "usr/bin/cat", MODULES "kernel/virtio_net.ko",
    MODULES "kernel/sch-netem.ko",
};

static const char *const unwanted[] = {
    MODULES "kernel/unwanted.ko", "usr/lib/x86_64-linux-gnu/liba.so.1.2", "usr/lib/x86_64-linux-gnu/ld.so",
    "boot/vmlinuz-6.1-test",
};

START_TEST(a_kernel_for_aarch64_comes_back_as_it_is)
{
    char bytes[4096] = { 0 };
    g_autoptr(GBytes) image = NULL, again = NULL;
    g_autoptr(GError) error = NULL;

    memcpy(bytes + 56, "ARM\x64", 4);
    image = g_bytes_new(bytes, sizeof bytes);
    ck_assert_ok(kernel_extract(image, &again, &error), error);
    ck_assert(g_bytes_equal(image, again));
}
END_TEST

START_TEST(an_image_has_what_its_recipe_wants_and_no_more)
{
    g_autoptr(FileTree) image = composed();

    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
        ck_assert_msg(file_tree_get(image, wanted[i]) != NULL, "%s is missing", wanted[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(unwanted); i++)
        ck_assert_msg(file_tree_get(image, unwanted[i]) == NULL, "%s is there", unwanted[i]);
    ck_assert_str_eq(made_text(image, "init"), "agent");
    ck_assert_uint_eq(file_tree_get(image, "init")->mode, S_IFREG | 0755);
    ck_assert_str_eq(made_text(image, "etc/hosts"), "127.0.0.1 localhost\n::1 localhost\n");
}
END_TEST

START_TEST(a_real_program_wins_over_the_applet)
{
    g_autoptr(FileTree) image = composed();

    ck_assert(S_ISREG(file_tree_get(image, "usr/bin/tc")->mode));
    ck_assert_str_eq(file_tree_get(image, "usr/bin/cat")->target, "busybox");
}
END_TEST

START_TEST(modules_come_after_what_they_need)
{
    g_autoptr(FileTree) image = composed();

    ck_assert_str_eq(made_text(image, "etc/trialbed/modules"),
                     "/" MODULES "kernel/failover.ko\n/" MODULES "kernel/net_failover.ko\n"
                     "/" MODULES "kernel/virtio_ring.ko\n/" MODULES "kernel/virtio.ko\n"
                     "/" MODULES "kernel/virtio_net.ko\n");
    ck_assert_str_eq(made_text(image, MODULES "modules.dep"),
                     "kernel/failover.ko:\n"
                     "kernel/net_failover.ko: kernel/failover.ko\n"
                     "kernel/virtio_ring.ko:\n"
                     "kernel/virtio.ko: kernel/virtio_ring.ko\n"
                     "kernel/virtio_net.ko: kernel/net_failover.ko kernel/virtio.ko kernel/failover.ko"
                     " kernel/virtio_ring.ko\n"
                     "kernel/sch-netem.ko:\n");
    ck_assert_ptr_nonnull(strstr(made_text(image, MODULES "modules.alias"), "alias virtio:d00000001v* virtio_net\n"));
    ck_assert_ptr_nonnull(strstr(made_text(image, MODULES "modules.alias"), "alias sch_netem_alias sch_netem\n"));
}
END_TEST

START_TEST(the_same_packages_give_the_same_bytes)
{
    g_autoptr(FileTree) one = some_packages();
    g_autoptr(FileTree) two = some_packages();
    g_auto(Composition) first = { 0 };
    g_auto(Composition) second = { 0 };

    ck_assert(compose(one, &first, NULL) && compose(two, &second, NULL));
    ck_assert(g_bytes_equal(first.kernel, second.kernel));
    ck_assert(g_bytes_equal(first.initrd, second.initrd));
}
END_TEST

START_TEST(modules_are_stored_uncompressed)
{
    g_autoptr(FileTree) packages = some_packages();
    g_autoptr(FileTree) image = NULL;
    g_autoptr(GBytes) plain = made_module("virtio", "");
    g_auto(Composition) composition = { 0 };
    GError *error = NULL;

    /* The same module once more; this one sorts behind the other and so wins. */
    made_add(packages, MODULES "kernel/sch_netem.ko.xz", made_compressed(plain, ARCHIVE_FILTER_XZ));
    ck_assert_ok(compose(packages, &composition, &error), error);
    image = made_read_cpio(composition.initrd);
    ck_assert(g_bytes_equal(file_tree_get(image, MODULES "kernel/sch_netem.ko")->data, plain));
}
END_TEST

/* What a package lacks or has broken, and the words for it. */
static void break_library(FileTree *packages)
{
    made_add(packages, "usr/lib/libb.so.1", made_program("libmissing.so.3", NULL));
}

static void break_program(FileTree *packages)
{
    file_tree_add_text(packages, "usr/bin/tc", "\177ELF but no more");
}

static void break_module(FileTree *packages)
{
    add_module(packages, "virtio.ko", "virtio_gone", "");
}

static void break_module_file(FileTree *packages)
{
    made_add(packages, MODULES "kernel/virtio.ko", made_program("", NULL));
}

static void break_kernel(FileTree *packages)
{
    file_tree_add_text(packages, "boot/vmlinuz-6.1-test", "no kernel");
}

static void break_kernel_entry(FileTree *packages)
{
    g_autoptr(GBytes) vmlinux = made_vmlinux(false);

    made_add(packages, "boot/vmlinuz-6.1-test", made_bzimage(vmlinux, ARCHIVE_FILTER_XZ));
}

static const struct {
    void (*damage)(FileTree *packages);
    const char *message;
} damages[] = {
    { break_library, "'/usr/bin/tc': '/usr/lib/x86_64-linux-gnu/liba.so.1': '/usr/lib/libb.so.1': needs library "
                     "'libmissing.so.3', which is in none of the packages" },
    { break_program, "'/usr/bin/tc': cannot read it as ELF: " },
    { break_module, "kernel module 'virtio_net': kernel module 'virtio': kernel module 'virtio_gone' is in none of the "
                    "packages" },
    { break_module_file, "kernel module 'virtio_net': kernel module 'virtio': it has no .modinfo" },
    { break_kernel, "kernel: it is no bzImage with a payload field" },
    { break_kernel_entry, "kernel: it has no PVH entry, so QEMU cannot start it uncompressed" },
};

START_TEST(what_is_missing_is_named)
{
    g_autoptr(FileTree) packages = some_packages();
    g_auto(Composition) composition = { 0 };
    g_autoptr(GError) error = NULL;

    damages[_i].damage(packages);
    ck_assert(!compose(packages, &composition, &error));
    ck_assert_msg(g_str_has_prefix(error->message, damages[_i].message), "%s", error->message);
    ck_assert_ptr_null(composition.initrd);
}
END_TEST

static const int kernel_filters[] = { ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_ZSTD, ARCHIVE_FILTER_LZ4 };

START_TEST(a_kernel_is_unpacked_whatever_packed_it)
{
    g_autoptr(GBytes) vmlinux = made_vmlinux(true);
    g_autoptr(GBytes) bzimage = made_bzimage(vmlinux, kernel_filters[_i]);
    g_autoptr(GBytes) again = NULL;
    GError *error = NULL;

    ck_assert_ok(kernel_extract(bzimage, &again, &error), error);
    ck_assert(g_bytes_equal(vmlinux, again));
}
END_TEST

START_TEST(a_kernel_cut_or_changed_anywhere_is_refused_or_the_same)
{
    g_autoptr(GBytes) vmlinux = made_vmlinux(true);
    g_autoptr(GBytes) bzimage = made_bzimage(vmlinux, ARCHIVE_FILTER_XZ);
    size_t size = g_bytes_get_size(bzimage);

    for (size_t at = 0x1f0; at < size; at += at < 0x260 ? 1 : 5) {
        uint8_t *copy = g_memdup2(g_bytes_get_data(bzimage, NULL), size);
        g_autoptr(GBytes) changed = (copy[at] ^= 0x5a, g_bytes_new_take(copy, size));
        g_autoptr(GBytes) cut = g_bytes_new_from_bytes(bzimage, 0, at);
        g_autoptr(GBytes) again = NULL;

        ck_assert(!kernel_extract(cut, &again, NULL));
        if (kernel_extract(changed, &again, NULL))
            ck_assert(g_bytes_equal(vmlinux, again));
    }
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, a_kernel_for_aarch64_comes_back_as_it_is);
    tcase_add_test(tcase, an_image_has_what_its_recipe_wants_and_no_more);
    tcase_add_test(tcase, a_real_program_wins_over_the_applet);
    tcase_add_test(tcase, modules_come_after_what_they_need);
    tcase_add_test(tcase, the_same_packages_give_the_same_bytes);
    tcase_add_test(tcase, modules_are_stored_uncompressed);
    tcase_add_loop_test(tcase, what_is_missing_is_named, 0, G_N_ELEMENTS(damages));
    tcase_add_loop_test(tcase, a_kernel_is_unpacked_whatever_packed_it, 0, G_N_ELEMENTS(kernel_filters));
    tcase_add_test(tcase, a_kernel_cut_or_changed_anywhere_is_refused_or_the_same);
}

int main(void)
{
    return unit_run("images/compose", add_tests);
}
