// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/store.h"

#include <glib/gstdio.h>
#include <sys/wait.h>

#include "guest/wire.h"
#include "images/build.h"
#include "images/recipe.h"
#include "runner/base/error.h"
#include "runner/base/log.h"
#include "tests/unit/images/fake-apt.h"

static char *folder;
static ImageStore *store;

static void set_up(void)
{
    g_autofree char *place = NULL;
    GError *error = NULL;

    log_set_level(LOG_QUIET);
    folder = made_folder();
    place = g_build_filename(folder, "store", NULL);
    store = image_store_open(place, &error);
    ck_assert_ok(store != NULL, error);
}

static void tear_down(void)
{
    image_store_close(store);
    ck_assert(folder_remove(folder, NULL));
    g_free(folder);
}

static bool put(ImageStore *to, const char *name, const char *kernel, const char *initrd)
{
    g_autoptr(Image) image = g_new0(Image, 1);
    g_autoptr(GBytes) kernel_bytes = g_bytes_new(kernel, strlen(kernel));
    g_autoptr(GBytes) initrd_bytes = g_bytes_new(initrd, strlen(initrd));
    g_autoptr(GError) error = NULL;
    bool ok;

    image->name = g_strdup(name);
    image->kernel_version = g_strdup("6.1");
    image->packages = g_strsplit("a=1 b=2", " ", -1);
    ok = image_store_put(to, image, &(ImageContent) { kernel_bytes, initrd_bytes, NULL }, &error);
    ck_assert_ok(ok, error);
    return ok;
}

static Image *get(const char *name)
{
    GError *error = NULL;
    Image *image = image_store_get(store, name, &error);

    ck_assert_ok(image != NULL, error);
    return image;
}

static unsigned object_count(void)
{
    g_autoptr(GPtrArray) objects = NULL;
    g_autofree char *path = g_build_filename(folder, "store", "objects", NULL);

    ck_assert(folder_list(path, &objects, NULL));
    return objects->len;
}

START_TEST(what_was_put_comes_back)
{
    g_autoptr(Image) image = NULL;
    g_autofree char *kernel_hash = data_sha256("kernel", 6);
    g_autofree char *content = NULL;
    struct stat info;

    put(store, "tiny", "kernel", "initrd");
    image = get("tiny");
    ck_assert_str_eq(image->name, "tiny");
    ck_assert_str_eq(image->kernel_sha256, kernel_hash);
    ck_assert(g_str_has_suffix(image->kernel_path, kernel_hash) && g_path_is_absolute(image->kernel_path));
    ck_assert(file_read(image->initrd_path, 100, &content, NULL, NULL));
    ck_assert_str_eq(content, "initrd");
    ck_assert_int_eq(image->size_bytes, 12);
    ck_assert_str_eq(image->kernel_version, "6.1");
    ck_assert_str_eq(image->packages[1], "b=2");
    ck_assert_ptr_null(image->packages[2]);
    ck_assert_int_eq(stat(image->kernel_path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 0777, 0444);
}
END_TEST

START_TEST(the_digest_depends_on_the_parts_only)
{
    g_autoptr(Image) one = NULL;
    g_autoptr(Image) same = NULL;
    g_autoptr(Image) other = NULL;

    put(store, "one", "kernel", "initrd");
    put(store, "same", "kernel", "initrd");
    put(store, "other", "initrd", "kernel");
    one = get("one"), same = get("same"), other = get("other");
    ck_assert_uint_eq(strlen(one->digest), 64);
    ck_assert_str_eq(one->digest, same->digest);
    ck_assert_str_ne(one->digest, other->digest);
    ck_assert_uint_eq(object_count(), 2);
}
END_TEST

START_TEST(images_are_listed_by_name)
{
    g_autoptr(GPtrArray) images = NULL;
    GError *error = NULL;

    ck_assert_ok(image_store_list(store, &images, &error), error);
    ck_assert_uint_eq(images->len, 0);
    g_clear_pointer(&images, g_ptr_array_unref);
    put(store, "b", "1", "2");
    put(store, "a", "1", "3");
    ck_assert_ok(image_store_list(store, &images, &error), error);
    ck_assert_uint_eq(images->len, 2);
    ck_assert_str_eq(((Image *) images->pdata[0])->name, "a");
}
END_TEST

START_TEST(removing_a_name_keeps_what_others_use)
{
    g_autoptr(Image) left = NULL;
    g_autoptr(GError) error = NULL;

    put(store, "a", "kernel", "one");
    put(store, "b", "kernel", "two");
    ck_assert_ok(image_store_remove(store, "a", &error), error);
    ck_assert_uint_eq(object_count(), 2);
    left = get("b");
    ck_assert_ok(image_store_remove(store, "b", &error), error);
    ck_assert_uint_eq(object_count(), 0);
    ck_assert(!image_store_remove(store, "b", &error));
    ck_assert(g_str_has_prefix(error->message, "there is no image 'b' in '"));
}
END_TEST

START_TEST(a_missing_image_comes_with_the_command_that_makes_it)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) other = NULL;

    ck_assert_ptr_null(image_store_get(store, "tiny", &error));
    ck_assert(g_str_has_prefix(error->message, "there is no image 'tiny' in '"));
    ck_assert(g_str_has_suffix(error->message, "\nhint: 'trialbed image build tiny' makes it."));
    ck_assert_int_eq(error_kind(error), ERROR_HOST);
    ck_assert_ptr_null(image_store_get(store, "mine", &other));
    ck_assert(g_str_has_suffix(other->message, "\nhint: 'trialbed image list' shows the images that there are."));
}
END_TEST

static const char *const bad_names[] = { "", ".", "..", "../x", "a/b", "-x", ".hidden", "a b", "a\n" };

START_TEST(a_name_that_could_leave_the_store_is_refused)
{
    g_autoptr(GError) get_error = NULL;
    g_autoptr(GError) remove_error = NULL;

    ck_assert_ptr_null(image_store_get(store, bad_names[_i], &get_error));
    ck_assert_int_eq(error_kind(get_error), ERROR_USAGE);
    ck_assert(!image_store_remove(store, bad_names[_i], &remove_error));
    ck_assert_int_eq(error_kind(remove_error), ERROR_USAGE);
}
END_TEST

static const struct {
    const char *text, *message;
} descriptions[] = {
    { "no json", "image 'x': its description is no JSON object" },
    { "[1]", "image 'x': its description is no JSON object" },
    { "", "image 'x': its description is no JSON object" },
    { "{\"format\": 2}", "image 'x': its description has not format 1, the only one that this trialbed knows" },
    { "{\"format\": 1}", "image 'x': it names no kernel" },
    { "{\"format\": 1, \"kernel\": 7, \"packages\": {}}", "image 'x': it names no kernel" },
    { "{\"format\": 1, \"kernel\": {\"sha256\": \"../../etc/passwd\"}}", "image 'x': it names no kernel" },
    { "{\"format\": \"one\"}", "image 'x': its description has not format 1, " },
    { "{\"format\": [1]}", "image 'x': its description has not format 1, " },
    { "{\"format\": 1, \"kernel\": {\"sha256\": 1}, \"packages\": [1, {}, null]}", "image 'x': it names no kernel" },
    { "{\"format\": 1, \"kernel\": {\"sha256\": null}, \"digest\": {}}", "image 'x': it names no kernel" },
};

START_TEST(a_damaged_description_is_refused)
{
    g_autofree char *path = g_build_filename(folder, "store", "names", "x.json", NULL);
    g_autoptr(GError) error = NULL;

    ck_assert(file_write_atomic(path, descriptions[_i].text, strlen(descriptions[_i].text), NULL));
    ck_assert_ptr_null(image_store_get(store, "x", &error));
    ck_assert_msg(g_str_has_prefix(error->message, descriptions[_i].message), "%s", error->message);
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
}
END_TEST

START_TEST(a_part_that_was_cut_is_noticed)
{
    g_autoptr(Image) image = NULL;
    g_autoptr(GError) error = NULL;

    put(store, "x", "kernel", "initrd");
    image = get("x");
    ck_assert_int_eq(truncate(image->initrd_path, 3), 0);
    ck_assert_ptr_null(image_store_get(store, "x", &error));
    ck_assert_ptr_nonnull(strstr(error->message, "has 3 bytes instead of 6"));
    put(store, "x", "kernel", "initrd"); /* and building again mends it */
    g_clear_pointer(&image, image_free);
    image = get("x");
}
END_TEST

/* Writers and a remover at once: afterwards every name is whole, and no object is missing. */
START_TEST(writers_at_the_same_time_do_no_harm)
{
    enum { WRITERS = 4, ROUNDS = 15 };
    g_autofree char *place = g_build_filename(folder, "store", NULL);
    g_autoptr(GPtrArray) images = NULL;
    GError *error = NULL;

    for (unsigned writer = 0; writer < WRITERS; writer++)
        if (fork() == 0) {
            ImageStore *mine = image_store_open(place, NULL);

            for (unsigned round = 0; round < ROUNDS; round++) {
                g_autofree char *name = g_strdup_printf("n%u", writer);

                put(mine, name, round % 2 ? "kernel" : "kernel two", "initrd");
                if (round % 3 == 0 && !image_store_remove(mine, name, NULL))
                    _exit(1);
            }
            _exit(0);
        }
    for (unsigned writer = 0; writer < WRITERS; writer++) {
        int status = -1;

        wait(&status);
        ck_assert_int_eq(status, 0);
    }
    ck_assert_ok(image_store_list(store, &images, &error), error);
    ck_assert_uint_eq(images->len, WRITERS);
    ck_assert_uint_le(object_count(), 3); /* a kernel that was replaced stays until the next removal */
}
END_TEST

static void add_made_module(FileTree *kernel, const char *name)
{
    g_autofree char *path = g_strdup_printf("lib/modules/6.1-made/kernel/%s.ko", name);

    made_add(kernel, path, made_module("", ""));
}

/* Packages that hold what the tiny recipe wants, each a few bytes. */
static void fake_distribution(void)
{
    g_autoptr(Recipe) recipe = recipe_load("tiny", image_arch_find(NULL), NULL);
    g_autoptr(FileTree) nothing = file_tree_new();
    g_autoptr(FileTree) kernel = file_tree_new();
    g_autoptr(FileTree) programs = file_tree_new();
    g_autoptr(GBytes) vmlinux = made_vmlinux(true);

    fake_apt(folder);
    made_add(kernel, "boot/vmlinuz-6.1-made", made_bzimage(vmlinux, ARCHIVE_FILTER_GZIP));
    for (unsigned i = 0; i < recipe->modules->len; i++)
        add_made_module(kernel, recipe->modules->pdata[i]);
    for (unsigned i = 0; i < recipe->spare_modules->len; i++)
        add_made_module(kernel, recipe->spare_modules->pdata[i]);
    for (unsigned i = 0; i < recipe->programs->len; i++)
        made_add(programs, (const char *) recipe->programs->pdata[i] + 1, made_program("", NULL));
    for (unsigned i = 0; i < recipe->files->len; i++)
        file_tree_add_text(programs, (const char *) recipe->files->pdata[i] + 1, "data");
    fake_package(folder, recipe->kernel->pdata[0], "6.1", "linux-image-6.1-made (= 6.1)", nothing);
    fake_package(folder, "linux-image-6.1-made", "6.1-9", "", kernel);
    for (unsigned i = 0; i < recipe->packages->len; i++)
        fake_package(folder, recipe->packages->pdata[i], "1", "", i == 0 ? programs : nothing);
}

START_TEST(an_image_is_built_from_packages_and_the_same_again)
{
    g_autofree char *place = g_build_filename(folder, "other-store", NULL);
    g_autoptr(ImageStore) other = image_store_open(place, NULL);
    g_autoptr(Image) first = NULL;
    g_autoptr(Image) second = NULL;
    g_autoptr(Image) third = NULL;
    g_autoptr(FileTree) image = NULL;
    g_autofree char *initrd = NULL;
    g_autoptr(GBytes) bytes = NULL;
    size_t size = 0;
    GError *error = NULL;

    fake_distribution();
    ck_assert_ok(image_build(store, "tiny", &error), error);
    first = get("tiny");
    ck_assert_ok(image_build(store, "tiny", &error), error);
    second = get("tiny");
    ck_assert_ok(image_build(other, "tiny", &error), error);
    third = image_store_get(other, "tiny", &error);
    ck_assert_ok(third != NULL, error);
    ck_assert_uint_eq(first->agent_revision, WIRE_REVISION); /* which says with its description what its agent can do */
    ck_assert_str_eq(first->digest, second->digest);
    ck_assert_str_eq(first->digest, third->digest);
    ck_assert_str_eq(first->kernel_version, "6.1-made");
    ck_assert_str_eq(first->packages[0], "busybox-static=1");
    ck_assert(g_strv_contains((const char *const *) first->packages, "linux-image-6.1-made=6.1-9"));
    ck_assert(!g_strv_contains((const char *const *) first->packages, "linux-image-cloud-amd64=6.1"));

    ck_assert(file_read(first->initrd_path, 1 << 26, &initrd, &size, NULL));
    bytes = g_bytes_new_static(initrd, size);
    image = made_read_cpio(bytes);
    ck_assert(S_ISREG(file_tree_get(image, "usr/bin/iperf3")->mode));
    ck_assert(S_ISREG(file_tree_get(image, "usr/bin/ip")->mode));
    ck_assert_str_eq(file_tree_get(image, "usr/bin/sh")->target, "busybox");
    ck_assert_ptr_nonnull(file_tree_get(image, "usr/lib/modules/6.1-made/modules.dep"));
}
END_TEST

START_TEST(a_build_that_fails_names_the_image_and_changes_nothing)
{
    g_autoptr(FileTree) nothing = file_tree_new();
    g_autofree char *show = g_build_filename(folder, "show", NULL);
    g_autoptr(GError) error = NULL;

    fake_distribution();
    put(store, "tiny", "kernel", "initrd");
    ck_assert_int_eq(unlink(show), 0);
    fake_package(folder, "linux-image-cloud-amd64", "6.1", "", nothing);
    ck_assert(!image_build(store, "tiny", &error));
    ck_assert(g_str_has_prefix(error->message, "image 'tiny': package 'busybox-static': apt knows no version"));
    g_autoptr(Image) before = get("tiny");
    ck_assert_int_eq(before->size_bytes, 12);
}
END_TEST

START_TEST(an_unknown_recipe_is_not_built)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!image_build(store, "huge", &error));
    ck_assert(g_str_has_prefix(error->message, "there is no recipe 'huge'"));
}
END_TEST

START_TEST(a_copy_is_the_same_and_overwrites_nothing)
{
    g_autofree char *place = g_build_filename(folder, "other", NULL);
    g_autofree char *description = g_build_filename(place, "names", "tiny.json", NULL);
    g_autoptr(ImageStore) other = image_store_open(place, NULL);
    g_autoptr(Image) here = NULL, there = NULL, kept = NULL;
    g_autofree char *first = NULL, *second = NULL;
    ImageCopy what;

    put(store, "tiny", "kernel", "initrd");
    ck_assert(image_store_copy(store, other, "tiny", &what, NULL) && what == IMAGE_COPIED);
    here = get("tiny");
    there = image_store_get(other, "tiny", NULL);
    ck_assert_str_eq(there->digest, here->digest);
    ck_assert_str_eq(there->packages[1], "b=2");
    ck_assert(file_read(description, 10000, &first, NULL, NULL));
    ck_assert(strstr(first, "built") == NULL);
    ck_assert(image_store_copy(store, other, "tiny", &what, NULL) && what == IMAGE_THERE);
    put(store, "tiny", "another kernel", "initrd");
    ck_assert(image_store_copy(store, other, "tiny", &what, NULL) && what == IMAGE_ANOTHER_THERE);
    kept = image_store_get(other, "tiny", NULL);
    ck_assert_str_eq(kept->digest, there->digest);
    ck_assert(file_read(description, 10000, &second, NULL, NULL));
    ck_assert_str_eq(first, second);
    ck_assert(!image_store_copy(store, other, "nothing", &what, NULL));
}
END_TEST

/* As a stranger's bundle may have it. */
START_TEST(a_copy_of_what_lies_is_refused)
{
    g_autofree char *place = g_build_filename(folder, "other", NULL);
    g_autoptr(ImageStore) other = image_store_open(place, NULL);
    g_autoptr(Image) image = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL, *path = g_build_filename(folder, "store", "names", "tiny.json", NULL);
    ImageCopy what;
    char *digest;

    put(store, "tiny", "kernel", "initrd");
    image = get("tiny");
    ck_assert(g_chmod(image->kernel_path, 0644) == 0 && file_write_atomic(image->kernel_path, "KERNEL", 6, NULL));
    ck_assert(!image_store_copy(store, other, "tiny", &what, &error));
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
    ck_assert(strstr(error->message, "has another SHA-256") != NULL);
    ck_assert(image_store_get(other, "tiny", NULL) == NULL);
    g_clear_error(&error);
    ck_assert(file_write_atomic(image->kernel_path, "kernel", 6, NULL) && file_read(path, 10000, &text, NULL, NULL));
    digest = strstr(text, image->digest);
    digest[0] = digest[0] == '0' ? '1' : '0';
    ck_assert(file_write_atomic(path, text, strlen(text), NULL));
    ck_assert(!image_store_copy(store, other, "tiny", &what, &error));
    ck_assert(strstr(error->message, "does not follow from its parts") != NULL);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_copy_is_the_same_and_overwrites_nothing);
    tcase_add_test(tcase, a_copy_of_what_lies_is_refused);
    tcase_add_test(tcase, what_was_put_comes_back);
    tcase_add_test(tcase, the_digest_depends_on_the_parts_only);
    tcase_add_test(tcase, images_are_listed_by_name);
    tcase_add_test(tcase, removing_a_name_keeps_what_others_use);
    tcase_add_test(tcase, a_missing_image_comes_with_the_command_that_makes_it);
    tcase_add_loop_test(tcase, a_name_that_could_leave_the_store_is_refused, 0, G_N_ELEMENTS(bad_names));
    tcase_add_loop_test(tcase, a_damaged_description_is_refused, 0, G_N_ELEMENTS(descriptions));
    tcase_add_test(tcase, a_part_that_was_cut_is_noticed);
    tcase_add_test(tcase, writers_at_the_same_time_do_no_harm);
    tcase_add_test(tcase, an_image_is_built_from_packages_and_the_same_again);
    tcase_add_test(tcase, a_build_that_fails_names_the_image_and_changes_nothing);
    tcase_add_test(tcase, an_unknown_recipe_is_not_built);
}

int main(void)
{
    return unit_run("images/store", add_tests);
}
