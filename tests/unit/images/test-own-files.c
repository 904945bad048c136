// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/kernel.h"
#include "images/own-files.h"

#include <glib/gstdio.h>

#include "guest/wire.h"
#include "images/build.h"
#include "images/packed-root.h"
#include "images/seed.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "tests/unit/images/made.h"

static char *folder, *cache;

static void set_up(void)
{
    log_set_level(LOG_QUIET);
    folder = made_folder();
    cache = g_build_filename(folder, "cache", NULL);
}

static void tear_down(void)
{
    ck_assert(folder_remove(folder, NULL));
    g_free(folder);
    g_free(cache);
}

/* Caller frees. */
static char *put(const char *name, const void *data, size_t size)
{
    char *path = g_build_filename(folder, name, NULL);
    g_autofree char *above = g_path_get_dirname(path);

    ck_assert(folder_make(above, NULL) && file_write_atomic(path, data, size, NULL));
    return path;
}

static char *put_text(const char *name, const char *text)
{
    return put(name, text, strlen(text));
}

static const struct {
    const char *bytes;
    size_t size;
    const char *format; /* NULL: refused */
} disks[] = {
    { "", 0, "raw" },
    { "QFI", 3, "raw" },
    { "QFI\xfb\0\0\0\3\0\0\0\0\0\0\0\0", 16, "qcow2" },
    { "QFI\xfb\0\0\0\3\0\0\0\0\0\0\1\0", 16, NULL }, /* upon another file */
};

START_TEST(a_disk_is_what_its_first_bytes_say)
{
    g_autofree char *path = put("disk", disks[_i].bytes, disks[_i].size);
    g_autoptr(GError) error = NULL;
    const char *format = "none";
    bool ok = disk_format(path, &format, &error);

    ck_assert_int_eq(ok, disks[_i].format != NULL);
    ck_assert_str_eq(format, ok ? disks[_i].format : "none");
    ck_assert(ok || strstr(error->message, "stands upon another file") != NULL);
}
END_TEST

START_TEST(a_digest_is_kept_until_the_file_changes)
{
    g_autofree char *path = put_text("file", "one"), *first = NULL, *kept = NULL, *changed = NULL, *one = data_sha256("one", 3);
    g_autofree char *two = data_sha256("two", 3), *notes = g_build_filename(cache, "digests", NULL), *note = NULL;
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert(cached_sha256(path, cache, &first, NULL));
    ck_assert_str_eq(first, one);
    ck_assert(folder_list(notes, &files, NULL));
    ck_assert_uint_eq(files->len, 1);
    ck_assert(cached_sha256(path, cache, &kept, NULL));
    ck_assert_str_eq(kept, one);
    g_free(put_text("file", "two")); /* the same size; another inode and time */
    ck_assert(cached_sha256(path, cache, &changed, NULL));
    ck_assert_str_eq(changed, two);
    ck_assert(!cached_sha256(folder, cache, &note, &error) && strstr(error->message, "is no file") != NULL);
}
END_TEST

START_TEST(own_files_take_the_place_of_an_image_s_parts)
{
    g_autofree char *place = g_build_filename(folder, "store", NULL), *mine = put_text("mine", "my kernel"), *sha256 = data_sha256("my kernel", 9);
    g_autoptr(ImageStore) store = image_store_open(place, NULL);
    g_autoptr(GBytes) kernel = g_bytes_new("kernel", 6), initrd = g_bytes_new("initrd", 6);
    g_autoptr(Image) image = g_new0(Image, 1), same = NULL, other = NULL, alone = NULL;
    g_autofree char *name = NULL;
    OwnFiles none = { 0 }, files = { .kernel = mine };

    image->name = g_strdup("tiny");
    ck_assert(image_store_put(store, image, &(ImageContent) { kernel, initrd, NULL }, NULL));
    same = image_find(store, "tiny", &none, "x86_64", cache, NULL);
    ck_assert_str_eq(same->digest, image->digest);
    other = image_find(store, "tiny", &files, "x86_64", cache, NULL);
    name = g_strconcat("tiny+", mine, NULL);
    ck_assert_str_eq(other->name, name);
    ck_assert_str_eq(other->kernel_path, mine);
    ck_assert_str_eq(other->kernel_sha256, sha256);
    ck_assert_str_eq(other->initrd_sha256, image->initrd_sha256);
    ck_assert_str_ne(other->digest, image->digest);
    alone = image_find(store, "none", &files, "x86_64", cache, NULL);
    ck_assert_str_eq(alone->name, mine);
    ck_assert_str_eq(alone->digest, sha256); /* of an image of one part */
}
END_TEST

/* The first bytes of kernels' files. */
static const struct {
    size_t at;
    const char *bytes, *arch;
} kernels[] = {
    { 56, "ARM\x64", "aarch64" },                 /* an Image */
    { 0x202, "HdrS", "x86_64" },                  /* a bzImage */
    { 16, "\x02\x01\x3e", "x86_64" },            /* ELF: type, machine */
    { 16, "\x02\x01\xb7", "aarch64" },
    { 0, "kernel", NULL },
};

START_TEST(what_is_for_another_architecture_is_refused)
{
    g_autofree char *place = g_build_filename(folder, "store", NULL), *path = g_build_filename(folder, "kernel", NULL);
    g_autoptr(ImageStore) store = image_store_open(place, NULL);
    g_autoptr(Image) found = NULL;
    g_autoptr(GError) error = NULL;
    char bytes[1024] = { 0 };

    if (kernels[_i].at == 16)
        memcpy(bytes, "\177ELF\2\1\1", 7);
    memcpy(bytes + kernels[_i].at, kernels[_i].bytes, strlen(kernels[_i].bytes));
    if (kernels[_i].at == 16)
        bytes[17] = 0;
    ck_assert(file_write(path, bytes, sizeof bytes, NULL));
    ck_assert_pstr_eq(kernel_arch(path), kernels[_i].arch);
    found = image_find(store, "none", &(OwnFiles) { .kernel = path }, "x86_64", cache, &error);
    ck_assert_int_eq(found == NULL, g_strcmp0(kernels[_i].arch, "aarch64") == 0);
    if (found == NULL)
        ck_assert_ptr_nonnull(strstr(error->message, " is for aarch64, the machine is x86_64\nhint: 'arch: aarch64' makes the machine one."));
}
END_TEST

START_TEST(an_image_with_a_disk_comes_back_with_all_that_it_says)
{
    g_autofree char *place = g_build_filename(folder, "store", NULL), *disk = NULL, *sha256 = data_sha256("a disk", 6);
    g_autoptr(ImageStore) store = image_store_open(place, NULL);
    g_autoptr(Image) image = g_new0(Image, 1), back = NULL;

    disk = put_text("store/new", "a disk");
    *image = (Image) { .name = g_strdup("d"), .arch = g_strdup("aarch64"), .disk_format = g_strdup("raw"), .cmdline = g_strdup("root=/dev/vda"), .channel = g_strdup("qemu-ga"),
                       .cloud_init = true, .memory_mb = 320 };
    ck_assert(image_store_put(store, image, &(ImageContent) { .disk_file = disk }, NULL));
    ck_assert(!g_file_test(disk, G_FILE_TEST_EXISTS)); /* it was moved */
    back = image_store_get(store, "d", NULL);
    ck_assert_ptr_nonnull(back);
    ck_assert_str_eq(back->disk_sha256, sha256);
    ck_assert_str_eq(back->disk_format, "raw");
    ck_assert_str_eq(back->arch, "aarch64");
    ck_assert_str_eq(back->cmdline, "root=/dev/vda");
    ck_assert_str_eq(back->channel, "qemu-ga");
    ck_assert(back->cloud_init && back->memory_mb == 320 && back->size_bytes == 6 && back->kernel_path == NULL);
    ck_assert_str_ne(back->digest, sha256); /* its command line counts */
}
END_TEST

static FileTree *unpack(const char *path)
{
    g_autofree char *data = NULL;
    g_autoptr(GBytes) cpio = NULL;
    size_t size;

    ck_assert(file_read(path, 1 << 26, &data, &size, NULL));
    cpio = g_bytes_new(data, size);
    return made_read_cpio(cpio);
}

START_TEST(a_folder_is_packed_with_the_agent_s_files_of_an_image)
{
    g_autoptr(FileTree) tree = file_tree_new(), packed = NULL, again = NULL;
    g_autoptr(GBytes) bytes = NULL;
    g_autofree char *root = g_build_filename(folder, "root", NULL), *base = g_build_filename(folder, "base", NULL), *path = NULL, *same = NULL;
    g_autofree char *changed = NULL, *link = g_build_filename(root, "link", NULL);

    file_tree_add_text(tree, "init", "the agent");
    file_tree_add_text(tree, "etc/trialbed/modules", "a\n");
    file_tree_add_text(tree, "etc/passwd", "theirs");
    ck_assert(cpio_write(tree, &bytes, NULL) && file_write_atomic(base, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), NULL));
    g_free(put_text("root/etc/mine", "mine"));
    g_free(put_text("root/init", "not this one"));
    ck_assert_int_eq(symlink("etc/mine", link), 0);

    ck_assert(packed_root(base, root, "x86_64", cache, &path, NULL) && packed_root(base, root, "x86_64", cache, &same, NULL));
    ck_assert_str_eq(path, same);
    packed = unpack(path);
    ck_assert_str_eq(made_text(packed, "init"), "the agent");
    ck_assert_str_eq(made_text(packed, "etc/trialbed/modules"), "a\n");
    ck_assert_str_eq(made_text(packed, "etc/mine"), "mine");
    ck_assert_str_eq(file_tree_get(packed, "link")->target, "etc/mine");
    ck_assert_ptr_null(file_tree_get(packed, "etc/passwd"));
    g_free(put_text("root/etc/mine", "changed"));
    ck_assert(packed_root(base, root, "x86_64", cache, &changed, NULL));
    ck_assert_str_ne(changed, path);
    again = unpack(changed);
    ck_assert_str_eq(made_text(again, "etc/mine"), "changed");
}
END_TEST

static const SeedCard cards[] = { { "eth0", "52:54:00:00:00:01", "10.0.0.1/24" }, { "eth1", "52:54:00:00:00:02", NULL } };
static const SeedHost hosts[] = { { "server", "10.0.0.1/24" } };
static const Seed seed = { "run-1", "server", cards, 2, hosts, 1, "debian", "ssh-ed25519 AAAA" };

START_TEST(a_seed_says_who_a_machine_is)
{
    g_autofree char *meta = seed_meta_data(&seed), *user = seed_user_data(&seed), *network = seed_network_config(&seed);

    ck_assert_str_eq(meta, "instance-id: run-1\nlocal-hostname: server\n");
    ck_assert_str_eq(user, "#cloud-config\npreserve_hostname: false\ndisable_root: false\nusers:\n  - name: debian\n    shell: /bin/sh\n"
                           "    lock_passwd: true\n    sudo: ALL=(ALL) NOPASSWD:ALL\n    ssh_authorized_keys: ['ssh-ed25519 AAAA']\n"
                           "write_files:\n  - path: /etc/hosts\n    append: true\n    content: |\n      10.0.0.1\tserver\n");
    ck_assert_str_eq(network, "version: 2\nethernets:\n  eth0:\n    match: {macaddress: '52:54:00:00:00:01'}\n    set-name: eth0\n"
                              "    optional: true\n    addresses: ['10.0.0.1/24']\n  eth1:\n    match: {macaddress: '52:54:00:00:00:02'}\n"
                              "    set-name: eth1\n    optional: true\n    dhcp4: false\n");
}
END_TEST

START_TEST(a_seed_is_a_cd_with_the_name_that_cloud_init_looks_for)
{
    g_autofree char *path = g_build_filename(folder, "seed", NULL), *again = g_build_filename(folder, "again", NULL);
    g_autofree char *bytes = NULL, *others = NULL;
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    unsigned files = 0;
    size_t size, other_size;

    ck_assert(seed_write(&seed, path, NULL) && seed_write(&seed, again, NULL));
    ck_assert(file_read(path, 1 << 20, &bytes, &size, NULL) && file_read(again, 1 << 20, &others, &other_size, NULL));
    ck_assert(memcmp(bytes + 16 * 2048 + 40, "CIDATA ", 7) == 0); /* the volume's identifier, ECMA-119 8.4.7 */
    ck_assert_uint_eq(size, other_size);
    archive_read_support_format_iso9660(archive);
    ck_assert_int_eq(archive_read_open_filename(archive, path, 2048), ARCHIVE_OK);
    while (archive_read_next_header(archive, &entry) == ARCHIVE_OK)
        files += strstr("meta-data user-data network-config", archive_entry_pathname(entry)) != NULL && archive_entry_size(entry) > 0;
    archive_read_free(archive);
    ck_assert_uint_eq(files, 3);
}
END_TEST

static const struct {
    unsigned revision;
    const char *channel;
    bool fits;
} agents[] = {
    { WIRE_REVISION, NULL, true },
    { WIRE_REVISION + 1, NULL, true }, /* of a newer trialbed: it can do more than it is asked */
    { WIRE_REVISION_NEEDED - 1, NULL, false },
    { WIRE_REVISION_NEEDED - 1, "agent", false },
    { 0, "qemu-ga", true }, /* which is not ours */
};

START_TEST(an_image_with_an_agent_that_is_too_old_is_to_be_built_anew)
{
    Image image = { .name = (char *) "tiny", .channel = (char *) agents[_i].channel, .agent_revision = agents[_i].revision };
    g_autoptr(GError) error = NULL;
    g_autofree char *message = g_strdup_printf("image 'tiny' was built by an older trialbed: its agent is of revision %u, this one needs %d\n"
                                               "hint: 'trialbed image build tiny' builds it anew.", agents[_i].revision, WIRE_REVISION_NEEDED);

    ck_assert_int_eq(image_agent_fits(&image, &error), agents[_i].fits);
    ck_assert(agents[_i].fits == (error == NULL));
    if (error != NULL)
        ck_assert_str_eq(error->message, message);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, an_image_with_an_agent_that_is_too_old_is_to_be_built_anew, 0, G_N_ELEMENTS(agents));
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, a_disk_is_what_its_first_bytes_say, 0, G_N_ELEMENTS(disks));
    tcase_add_test(tcase, a_digest_is_kept_until_the_file_changes);
    tcase_add_test(tcase, own_files_take_the_place_of_an_image_s_parts);
    tcase_add_loop_test(tcase, what_is_for_another_architecture_is_refused, 0, G_N_ELEMENTS(kernels));
    tcase_add_test(tcase, an_image_with_a_disk_comes_back_with_all_that_it_says);
    tcase_add_test(tcase, a_folder_is_packed_with_the_agent_s_files_of_an_image);
    tcase_add_test(tcase, a_seed_says_who_a_machine_is);
    tcase_add_test(tcase, a_seed_is_a_cd_with_the_name_that_cloud_init_looks_for);
}

int main(void)
{
    return unit_run("images/own-files", add_tests);
}
