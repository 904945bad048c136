// SPDX-License-Identifier: GPL-3.0-or-later
/* What a run depends on: what changes its fingerprint, in which words that is said, and which image it really booted. */
#include <string.h>

#include "runner/base/files.h"
#include "runner/exec/fingerprint.h"
#include "tests/unit/unit.h"

static char *folder;

static void setup(void)
{
    folder = g_dir_make_tmp("trialbed-fingerprint-XXXXXX", NULL);
}

static void teardown(void)
{
    ck_assert(folder_remove(folder, NULL));
    g_free(folder);
}

static char *write_file(const char *name, const char *content)
{
    char *path = g_build_filename(folder, name, NULL);

    ck_assert(g_file_set_contents(path, content, -1, NULL));
    return path;
}

static Inputs *inputs_with(const char *image)
{
    g_autoptr(Environment) environment = environment_gather();

    environment_add(environment, "image.tiny", image);
    return inputs_of_host(environment, folder);
}

static char *text_of(const char *kernel, const char *image)
{
    g_autofree char *yaml =
        g_strdup_printf("machines: [{name: a, image: tiny%s%s}]\nfiles: [{source: data, on: a, path: /data}]\n",
                        kernel != NULL ? ", kernel: " : "", kernel != NULL ? kernel : "");
    g_autoptr(Problems) problems = problems_new("t.yaml");
    g_autoptr(Scenario) scenario = scenario_parse("t.yaml", yaml, strlen(yaml), &(ScenarioChecks) { .frozen = true }, problems);
    g_autoptr(RunSpec) spec = NULL;
    g_autoptr(Inputs) inputs = inputs_with(image);

    problems_print(problems, stderr);
    ck_assert_ptr_nonnull(scenario);
    spec = scenario_resolve(scenario, NULL, NULL);
    return inputs_text(inputs, spec);
}

START_TEST(what_a_run_is_given_makes_its_inputs)
{
    g_autofree char *data = write_file("data", "one");
    g_autofree char *kernel = write_file("kernel", "first");
    g_autofree char *plain = text_of(NULL, "0123456789ab"), *again = text_of(NULL, "0123456789ab");
    g_autofree char *before = text_of(kernel, "0123456789ab"), *after = NULL, *image = text_of(kernel, "ab0123456789");
    g_autofree char *words = inputs_difference(before, image), *file_words = NULL, *kernel_words = NULL;

    ck_assert_str_eq(plain, again);
    ck_assert_ptr_null(inputs_difference(plain, again));
    ck_assert(strstr(plain, "host.") == NULL && strstr(plain, "version.trialbed\t") != NULL);
    ck_assert_str_eq(words, "image 'tiny' was '01234567', is 'ab012345'");

    g_free(write_file("data", "two"));
    after = text_of(kernel, "0123456789ab");
    file_words = inputs_difference(before, after);
    ck_assert_msg(g_str_has_prefix(file_words, "file 'data' was '"), "%s", file_words);

    g_free(write_file("data", "one"));
    g_free(write_file("kernel", "second")); /* under the same name */
    g_free(after);
    after = text_of(kernel, "0123456789ab");
    kernel_words = inputs_difference(before, after);
    ck_assert_msg(g_str_has_prefix(kernel_words, "file '/") && strstr(kernel_words, "/kernel' was '") != NULL, "%s", kernel_words);
}
END_TEST

static const struct {
    const char *image, *digest, *words; /* NULL: nothing to be said */
} booted[] = {
    { "tiny", "0123456789ab", NULL },
    { "tiny", "ab0123456789", "image 'tiny' is ab012345, but the experiment began with 01234567" },
    { "other", "ab0123456789", NULL }, /* nobody noted which one it was */
    { "tiny", NULL, NULL },            /* fake machines have none */
    { NULL, NULL, NULL },
};

START_TEST(an_image_that_was_replaced_is_noticed)
{
    MachineRecord machines[] = { { .name = "a", .image = "tiny", .image_digest = "0123456789ab" },
                                 { .name = "b", .image = booted[_i].image, .image_digest = booted[_i].digest } };
    AttemptRecord attempt = { .machines = machines, .machine_count = G_N_ELEMENTS(machines) };
    g_autoptr(Inputs) inputs = inputs_with("0123456789ab");
    g_autofree char *words = inputs_other_image(inputs, &attempt);

    ck_assert_msg(g_strcmp0(words, booted[_i].words) == 0, "%s", words);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, what_a_run_is_given_makes_its_inputs);
    tcase_add_loop_test(tcase, an_image_that_was_replaced_is_noticed, 0, G_N_ELEMENTS(booted));
}

int main(void)
{
    return unit_run("exec/fingerprint", add_tests);
}
