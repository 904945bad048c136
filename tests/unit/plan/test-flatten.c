// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/base/files.h"
#include "runner/plan/flatten.h"
#include "runner/plan/limits.h"
#include "runner/plan/matrix.h"
#include "runner/plan/run-spec.h"
#include "tests/unit/unit.h"

#define GOOD "tests/data/scenario/good/"

static char *problems_text(Problems *problems)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    problems_print(problems, out);
    fclose(out);
    return text;
}

static Scenario *load(const char *path, const char *const *overrides)
{
    g_autoptr(Problems) problems = problems_new(path);
    Scenario *scenario = scenario_load_set(path, overrides, NULL, problems);
    g_autofree char *said = problems_text(problems);

    ck_assert_msg(scenario != NULL, "%s", said);
    return scenario;
}

static void check_extended(const Scenario *scenario)
{
    static const char *const levels[] = { "2ms", "1", NULL };
    g_autoptr(RunSpec) spec = scenario_resolve(scenario, levels, NULL);

    ck_assert_str_eq(scenario->name, "extended");
    ck_assert_uint_eq(scenario->repetitions, 3);
    ck_assert_uint_eq(scenario->warmup, 2);
    ck_assert_uint_eq(scenario->factor_count, 2);
    ck_assert_ptr_nonnull(spec);
    ck_assert_uint_eq(spec->machine_count, 3);
    ck_assert_str_eq(spec->machines[0].name, "server");
    ck_assert_str_eq(spec->machines[1].image, "tiny");
    ck_assert_uint_eq(spec->machines[1].memory_mb, 32);
    ck_assert_str_eq(spec->machines[2].name, "third");
    ck_assert_uint_eq(spec->capture_count, 0); /* '~' removed them */
    ck_assert_uint_eq(spec->step_count, 2);
    ck_assert_str_eq(spec->steps[0].name, "first");
    ck_assert_str_eq(spec->steps[1].run, "echo 1");
}

START_TEST(an_extended_scenario_is_merged_and_its_text_stands_alone)
{
    g_autoptr(Scenario) scenario = load(GOOD "extends.yaml", NULL);
    g_autoptr(Problems) problems = problems_new("elsewhere/scenario.yaml");
    g_autoptr(Scenario) again =
        scenario_parse("elsewhere/scenario.yaml", scenario->text, strlen(scenario->text), NULL, problems);

    check_extended(scenario);
    ck_assert(g_str_has_prefix(scenario->text, "# Made of " GOOD "extends.yaml " GOOD "../parts/chain.yaml " GOOD
                                               "../parts/base.yaml\n"));
    ck_assert_ptr_null(strstr(scenario->text, "extends:"));
    ck_assert_ptr_nonnull(again);
    check_extended(again);
    ck_assert_str_eq(again->text, scenario->text);
}
END_TEST

START_TEST(overrides_are_applied_and_recorded)
{
    static const char *const overrides[] = {
        "repetitions=7",     "matrix.factors.delay=[5ms]", "machines.client.memory_mb=99",
        "machines.0.cpus=2", "matrix.factors.size",        NULL,
    };
    static const char *const sound[] = {
        "repetitions=7",
        "matrix.factors.delay=[5ms]",
        "machines.client.memory_mb=99",
        "machines.0.cpus=2",
        "warmup=",
        "steps.second.run='echo \"${size}\"'",
        "seed=3",
        NULL,
    };
    static const char *const levels[] = { "5ms", "1", NULL };
    g_autoptr(Problems) problems = problems_new("x");
    g_autoptr(Scenario) none = scenario_load_set(GOOD "extends.yaml", overrides, NULL, problems);
    g_autoptr(Scenario) scenario = load(GOOD "extends.yaml", sound);
    g_autoptr(RunSpec) spec = scenario_resolve(scenario, levels, NULL);

    ck_assert_ptr_null(none);
    ck_assert_uint_eq(scenario->repetitions, 7);
    ck_assert_uint_eq(scenario->warmup, 0); /* removed */
    ck_assert(scenario->has_seed && scenario->seed == 3);
    ck_assert_uint_eq(scenario->factors[0].level_count, 1);
    ck_assert_uint_eq(spec->machines[1].memory_mb, 99);
    ck_assert_uint_eq(spec->machines[0].cpus, 2);
    ck_assert_str_eq(spec->steps[1].run, "echo \"1\"");
    ck_assert_ptr_nonnull(strstr(scenario->text, "; --set repetitions=7; --set matrix.factors.delay=[5ms]; "));
}
END_TEST

static const struct {
    const char *override, *said;
} mistakes[] = {
    { "repetitions", "--set repetitions: error: this is not of the form KEY=VALUE or KEY.KEY=VALUE\n" },
    { "=1", "--set =1: error: this is not of the form KEY=VALUE or KEY.KEY=VALUE\n" },
    { "a..b=1", "--set a..b=1: error: this is not of the form KEY=VALUE or KEY.KEY=VALUE\n" },
    { "repetitons=1", "--set repetitons=1: error: key 'repetitons' is not known\n"
                      "--set repetitons=1: hint: did you mean 'repetitions'?\n" },
    { "repetitions=none",
      "--set repetitions=none: error: key 'repetitions' must be a whole number from 1 to 10000000, not "
      "'none'\n" },
    { "machines.hbu.cpus=1", "--set machines.hbu.cpus=1: error: there is no item 'hbu'\n"
                             "--set machines.hbu.cpus=1: hint: did you mean 'hub'?\n" },
    { "machines.9.cpus=1", "--set machines.9.cpus=1: error: there is no item '9'\n"
                           "--set machines.9.cpus=1: hint: known items: hub, peer and pair.\n" },
    { "seed=[", "--set seed=[:2:1: error: this is no YAML: did not find expected node content\n" },
};

START_TEST(a_wrong_override_is_named)
{
    const char *overrides[] = { mistakes[_i].override, NULL };
    g_autoptr(Problems) problems = problems_new("x");
    g_autoptr(Scenario) scenario = scenario_load_set(GOOD "counted.yaml", overrides, NULL, problems);
    g_autofree char *said = problems_text(problems);

    ck_assert_ptr_null(scenario);
    ck_assert_str_eq(said, mistakes[_i].said);
}
END_TEST

static void check_same(const Node *a, const Node *b)
{
    ck_assert_int_eq(a->kind, b->kind);
    ck_assert_uint_eq(a->count, b->count);
    if (a->kind == NODE_SCALAR) {
        ck_assert(node_is_null(a) == node_is_null(b));
        ck_assert(node_is_null(a) || (strcmp(a->text, b->text) == 0 && a->plain == b->plain));
    }
    for (size_t i = 0; i < a->count; i++) {
        if (a->kind == NODE_MAP)
            ck_assert_str_eq(a->keys[i].text, b->keys[i].text);
        check_same(a->values[i], b->values[i]);
    }
}

START_TEST(a_written_document_says_the_same_when_it_is_read)
{
    g_autoptr(GPtrArray) files = NULL;

    ck_assert(folder_list("tests/data/scenario", &files, NULL));
    for (unsigned i = 0; i < files->len; i++) {
        g_autofree char *path = g_strconcat("tests/data/scenario/", g_ptr_array_index(files, i), NULL);
        g_autoptr(Problems) problems = problems_new(path);
        g_autoptr(ScenarioTree) tree = NULL;
        g_autoptr(ScenarioTree) again = NULL;
        g_autofree char *text = NULL;
        g_autofree char *written = NULL;
        size_t size;

        ck_assert(file_read(path, 1 << 24, &text, &size, NULL));
        tree = g_str_has_suffix(path, ".yaml") ? scenario_tree_parse(text, size, problems) : NULL;
        if (tree == NULL || !tree->is_complete || tree->root == NULL || problems->items->len > 0)
            continue;
        written = tree_write(tree);
        ck_assert_ptr_nonnull(written);
        again = scenario_tree_parse(written, strlen(written), problems);
        ck_assert_msg(problems->items->len == 0, "%s:\n%s", path, written);
        check_same(tree->root, again->root);
    }
}
END_TEST

START_TEST(counted_machines_count_up)
{
    static const char *const levels[] = { "4", "pair1", NULL };
    static const char *const none[] = { "0", "hub", NULL };
    g_autoptr(Scenario) scenario = load(GOOD "counted.yaml", NULL);
    g_autoptr(RunSpec) spec = scenario_resolve(scenario, levels, NULL);
    g_autoptr(RunSpec) least = scenario_resolve(scenario, none, NULL);

    ck_assert_uint_eq(spec->machine_count, 7);
    ck_assert_str_eq(spec->machines[0].name, "hub");
    ck_assert_ptr_null(spec->machines[0].group);
    ck_assert_uint_eq(spec->machines[0].memory_mb, 64);
    ck_assert_str_eq(spec->machines[1].name, "peer0");
    ck_assert_str_eq(spec->machines[4].name, "peer3");
    ck_assert_str_eq(spec->machines[4].group, "peer");
    ck_assert_uint_eq(spec->machines[4].memory_mb, 160);
    ck_assert_str_eq(spec->machines[1].interfaces[0].address, "10.0.0.10/24");
    ck_assert_str_eq(spec->machines[4].interfaces[0].address, "10.0.0.13/24");
    ck_assert_str_eq(spec->machines[4].interfaces[1].address, "fd00::102/64");
    ck_assert_str_ne(spec->machines[1].interfaces[0].mac, spec->machines[4].interfaces[0].mac);
    ck_assert_str_eq(spec->machines[6].name, "pair1");
    ck_assert_str_eq(spec->steps[0].run, "ping 10.0.0.1");
    ck_assert_str_eq(spec->steps[0].on, "hub");
    ck_assert_int_eq(spec->steps[0].timeout_ms, 10000);
    ck_assert_int_eq(spec->steps[1].timeout_ms, 20000);
    ck_assert_str_eq(spec->steps[1].on, "pair1");
    ck_assert_uint_eq(least->machine_count, 3);
}
END_TEST

/* LENGTH scenarios that extend each other, in a folder of their own: what is said of the first, "" for nothing. */
static char *extend_each_other(unsigned length)
{
    g_autofree char *folder = g_dir_make_tmp("trialbed-test.XXXXXX", NULL);
    g_autofree char *first = g_strdup_printf("%s/1.yaml", folder);
    g_autoptr(Problems) problems = problems_new("1.yaml");
    g_autoptr(Scenario) scenario = NULL;

    for (unsigned i = 1; i <= length; i++) {
        g_autofree char *path = g_strdup_printf("%s/%u.yaml", folder, i);
        g_autofree char *text = i < length ? g_strdup_printf("extends: %u.yaml\n", i + 1)
                                           : g_strdup("machines: [{name: a, image: tiny}]\n"
                                                      "steps: [{name: s, on: a, run: 'true'}]\n");

        ck_assert(file_write_atomic(path, text, strlen(text), NULL));
    }
    scenario = scenario_load_set(first, NULL, NULL, problems);
    ck_assert(folder_remove(folder, NULL));
    ck_assert((scenario != NULL) == (problems->items->len == 0));
    return problems_text(problems);
}

START_TEST(so_many_scenarios_can_extend_each_other_and_no_more)
{
    g_autofree char *most = extend_each_other(EXTENDS_MAX + 1);
    g_autofree char *more = extend_each_other(EXTENDS_MAX + 2);

    ck_assert_str_eq(most, "");
    ck_assert_msg(strstr(more, "error: more than 8 scenarios extend each other\n") != NULL, "%s", more);
}
END_TEST

START_TEST(there_is_an_end_of_overrides)
{
    const char *overrides[OVERRIDES_MAX + 2] = { NULL };
    g_autoptr(Problems) problems = problems_new("x");
    g_autoptr(Scenario) scenario = NULL;
    g_autofree char *said = NULL;

    for (size_t i = 0; i <= OVERRIDES_MAX; i++)
        overrides[i] = "seed=3";
    scenario = scenario_load_set(GOOD "counted.yaml", overrides, NULL, problems);
    said = problems_text(problems);
    ck_assert_str_eq(said, "x: error: there are more than 100 overrides\n");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, an_extended_scenario_is_merged_and_its_text_stands_alone);
    tcase_add_test(tcase, overrides_are_applied_and_recorded);
    tcase_add_test(tcase, so_many_scenarios_can_extend_each_other_and_no_more);
    tcase_add_test(tcase, there_is_an_end_of_overrides);
    tcase_add_loop_test(tcase, a_wrong_override_is_named, 0, G_N_ELEMENTS(mistakes));
    tcase_add_test(tcase, a_written_document_says_the_same_when_it_is_read);
    tcase_add_test(tcase, counted_machines_count_up);
}

int main(void)
{
    return unit_run("plan/flatten", add_tests);
}
