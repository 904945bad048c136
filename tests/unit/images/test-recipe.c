// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/recipe.h"

#include <elf.h>
#include <string.h>

#include "images/blobs.h"
#include "runner/base/error.h"
#include "tests/unit/unit.h"

START_TEST(words_gather_their_values)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Recipe) recipe = recipe_parse("r", "# a comment\n\nkernel  linux\npackages a  b\n  packages\tc\n"
                                                 "line /etc/x a  b\nlink /bin/y x\nspare-modules m\n", image_arch_find(NULL), &error);

    ck_assert_ok(recipe != NULL, error);
    ck_assert_str_eq(recipe->kernel->pdata[0], "linux");
    ck_assert_uint_eq(recipe->packages->len, 3);
    ck_assert_str_eq(recipe->packages->pdata[2], "c");
    ck_assert_str_eq(((RecipePair *) recipe->lines->pdata[0])->path, "/etc/x");
    ck_assert_str_eq(((RecipePair *) recipe->lines->pdata[0])->text, "a  b");
    ck_assert_str_eq(((RecipePair *) recipe->links->pdata[0])->text, "x");
    ck_assert_uint_eq(recipe->modules->len, 0);
    ck_assert_uint_eq(recipe->spare_modules->len, 1);
}
END_TEST

static const struct {
    const char *text, *message;
} mistakes[] = {
    { "kernel a\nprogram x\n", "recipe 'r':2: there is no word 'program'" }, /* only the beginning of a word */
    { "kernel a\nkernels x\n", "recipe 'r':2: there is no word 'kernels'" },
    { "packages a\n", "recipe 'r': it names 0 kernels instead of one" },
    { "kernel a b\n", "recipe 'r': it names 2 kernels instead of one" },
    { "like none\n", "recipe 'r':1: there is no recipe 'none'" },
    { "kernel a\ndisk-packages x\nsuite s\n", "recipe 'r': a disk needs one 'suite' and one 'disk-mib'" },
};

START_TEST(a_mistake_is_named_with_its_line)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(recipe_parse("r", mistakes[_i].text, image_arch_find(NULL), &error));
    ck_assert_str_eq(error->message, mistakes[_i].message);
}
END_TEST

START_TEST(a_recipe_like_another_has_all_of_it_first)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Recipe) tiny = recipe_load("tiny", image_arch_find(NULL), &error);
    g_autoptr(Recipe) recipe = recipe_parse("r", "like tiny\nprograms /bin/more\n", image_arch_find(NULL), &error);

    ck_assert_ok(recipe != NULL, error);
    ck_assert_uint_eq(recipe->programs->len, tiny->programs->len + 1);
    ck_assert_str_eq(recipe->programs->pdata[tiny->programs->len], "/bin/more");
    ck_assert_str_eq(recipe->kernel->pdata[0], tiny->kernel->pdata[0]);
}
END_TEST

START_TEST(every_recipe_that_is_compiled_in_can_be_read)
{
    for (const RecipeBlob *blob = recipe_blobs; blob->name != NULL; blob++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Recipe) recipe = recipe_load(blob->name, image_arch_find(NULL), &error);

        ck_assert_ok(recipe != NULL, error);
        ck_assert_uint_gt(recipe->programs->len + recipe->disk_packages->len, 0);
        ck_assert_uint_gt(recipe->modules->len, 0);
    }
    ck_assert(recipe_exists("tiny"));
    ck_assert(!recipe_exists("tin"));
}
END_TEST

START_TEST(an_unknown_recipe_is_told_with_those_there_are)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(recipe_load("huge", image_arch_find(NULL), &error));
    ck_assert_str_eq(error->message, "there is no recipe 'huge'\nhint: the recipes are: tiny, tiny-access, debian-12.");
    ck_assert_int_eq(error_kind(error), ERROR_USAGE);
}
END_TEST

START_TEST(a_recipe_has_the_packages_of_its_architecture)
{
    g_autofree char *name = NULL;
    const ImageArch *arch = image_arch_of("tiny-aarch64", &name);
    g_autoptr(Recipe) recipe = recipe_load(name, arch, NULL);

    ck_assert_str_eq(name, "tiny");
    ck_assert_str_eq(recipe->kernel->pdata[0], "linux-image-cloud-arm64");
    ck_assert_str_eq(recipe->files->pdata[0], "/usr/lib/aarch64-linux-gnu/tc/normal.dist");
    g_free(name);
    ck_assert_str_eq(image_arch_of("tiny-access", &name)->name, IMAGE_ARCH_HOST);
    ck_assert_str_eq(name, "tiny-access");
    ck_assert_ptr_null(image_arch_find("vax"));
}
END_TEST

/* Whether the compiler for it was there decides; without it that is said, with the way to get it. */
START_TEST(the_agent_of_another_architecture_is_of_it_or_is_missed)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) agent = agent_blob_for(image_arch_find("aarch64"), &error);

    if (agent != NULL)
        ck_assert_uint_eq(((const Elf64_Ehdr *) g_bytes_get_data(agent, NULL))->e_machine, EM_AARCH64);
    else
        ck_assert_str_eq(error->message, "this trialbed has no guest agent for aarch64: its compiler was not there when it was built\n"
                                         "hint: 'sudo apt-get install -y gcc-aarch64-linux-gnu libc6-dev-arm64-cross' and 'make' build it in.");
}
END_TEST

START_TEST(the_agent_that_is_compiled_in_is_a_static_program)
{
    g_autoptr(GBytes) agent = agent_blob();

    ck_assert_uint_gt(g_bytes_get_size(agent), 10000);
    ck_assert_int_eq(memcmp(g_bytes_get_data(agent, NULL), "\177ELF", 4), 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, words_gather_their_values);
    tcase_add_loop_test(tcase, a_mistake_is_named_with_its_line, 0, G_N_ELEMENTS(mistakes));
    tcase_add_test(tcase, a_recipe_like_another_has_all_of_it_first);
    tcase_add_test(tcase, every_recipe_that_is_compiled_in_can_be_read);
    tcase_add_test(tcase, an_unknown_recipe_is_told_with_those_there_are);
    tcase_add_test(tcase, a_recipe_has_the_packages_of_its_architecture);
    tcase_add_test(tcase, the_agent_of_another_architecture_is_of_it_or_is_missed);
    tcase_add_test(tcase, the_agent_that_is_compiled_in_is_a_static_program);
}

int main(void)
{
    return unit_run("images/recipe", add_tests);
}
