// SPDX-License-Identifier: GPL-3.0-or-later
/* Every scenario in tests/data/scenario: the bad ones must say what is in NAME.expected beside them (REGENERATE=1
 * rewrites it: read the difference), the good ones must be accepted, and each of their cells resolved. */
#include <stdio.h>
#include <string.h>

#include "runner/base/files.h"
#include "runner/plan/keys.h"
#include "runner/plan/matrix.h"
#include "runner/plan/run-spec.h"
#include "runner/plan/scenario.h"
#include "runner/plan/yaml-tree.h"
#include "tests/unit/plan/real-checks.h"
#include "tests/unit/unit.h"

#define BAD "tests/data/scenario/bad"
#define GOOD "tests/data/scenario/good"

static GPtrArray *list_files(const char *folder, const char *suffix)
{
    g_autoptr(GPtrArray) all = NULL;
    GPtrArray *chosen = g_ptr_array_new_with_free_func(g_free);

    ck_assert(folder_list(folder, &all, NULL));
    for (unsigned i = 0; i < all->len; i++)
        if (g_str_has_suffix(g_ptr_array_index(all, i), suffix))
            g_ptr_array_add(chosen, g_strdup(g_ptr_array_index(all, i)));
    return chosen;
}

static char *problems_text(Problems *problems)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    problems_print(problems, out);
    fclose(out);
    return text;
}

static char *read_text(const char *path, size_t *ret_size)
{
    char *text = NULL;
    size_t size;

    if (!file_read(path, 1 << 24, &text, &size, NULL))
        return NULL;
    if (ret_size != NULL)
        *ret_size = size;
    return text;
}

static void check_bad(const char *name)
{
    g_autofree char *path = g_strconcat(BAD "/", name, NULL);
    g_autofree char *expected_path = g_strdup_printf("%.*s.expected", (int) (strlen(path) - strlen(".yaml")), path);
    g_autoptr(Problems) problems = problems_new(name);
    g_autofree char *text = NULL;
    g_autofree char *said = NULL;
    g_autofree char *expected = NULL;
    size_t size = 0;

    text = read_text(path, &size);
    ck_assert_ptr_nonnull(text);
    ck_assert_msg(scenario_parse(name, text, size, &real_checks, problems) == NULL, "%s was accepted", name);
    said = problems_text(problems);
    if (g_getenv("REGENERATE") != NULL)
        ck_assert(file_write_atomic(expected_path, said, strlen(said), NULL));
    expected = read_text(expected_path, NULL);
    ck_assert_msg(expected != NULL, "%s is missing", expected_path);
    ck_assert_msg(strcmp(said, expected) == 0, "%s says\n%sinstead of\n%s", name, said, expected);
    ck_assert_msg(said[0] != '\0', "%s was refused without a word", name);
}

START_TEST(every_bad_scenario_says_what_is_wrong_with_it)
{
    g_autoptr(GPtrArray) files = list_files(BAD, ".yaml");

    ck_assert_uint_ge(files->len, 60);
    for (unsigned i = 0; i < files->len; i++)
        check_bad(g_ptr_array_index(files, i));
}
END_TEST

/* What a line says without its place, and without the names and numbers in it: the kind of mistake. NULL for hints. */
static char *kind_of_mistake(const char *line)
{
    const char *message = strstr(line, "error: ");
    GString *kind;
    bool quoted = false;

    if (message == NULL)
        return NULL;
    kind = g_string_new(NULL);
    for (const char *c = message; *c != '\0'; c++) {
        quoted ^= *c == '\'';
        if (!quoted && !g_ascii_isdigit(*c))
            g_string_append_c(kind, *c);
    }
    return g_string_free(kind, FALSE);
}

START_TEST(the_bad_scenarios_hold_at_least_60_kinds_of_mistakes)
{
    g_autoptr(GPtrArray) files = list_files(BAD, ".expected");
    g_autoptr(GHashTable) kinds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (unsigned i = 0; i < files->len; i++) {
        g_autofree char *path = g_strconcat(BAD "/", g_ptr_array_index(files, i), NULL);
        g_autofree char *text = read_text(path, NULL);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

        for (char **line = lines; *line != NULL; line++) {
            char *kind = kind_of_mistake(*line);

            if (kind != NULL)
                g_hash_table_add(kinds, kind);
        }
    }
    ck_assert_uint_ge(g_hash_table_size(kinds), 60);
}
END_TEST

static void note_keys(const Node *node, const Key *parent, GHashTable *seen);

/* What lies below a key, by the key's own names or by those that its kind has. */
static void note_value(const Node *value, const Key *key, GHashTable *seen)
{
    g_hash_table_add(seen, (void *) key->path);
    if (key->type == KEY_FACTORS) {
        for (size_t i = 0; value->kind == NODE_MAP && i < value->count; i++)
            if (value->values[i]->kind == NODE_MAP)
                note_value(value->values[i], key_find(key, "range"), seen);
    } else if (key->type == KEY_DEFAULTS) {
        note_keys(value, key_find(NULL, key_name(key)), seen);
    } else if (key_next(key, NULL) != NULL) {
        note_keys(value, key, seen);
    }
}

static void note_keys(const Node *node, const Key *parent, GHashTable *seen)
{
    for (size_t i = 0; node->kind != NODE_SCALAR && i < node->count; i++) {
        const Key *key = node->kind == NODE_MAP ? key_find(parent, node->keys[i].text) : NULL;

        if (node->kind == NODE_LIST)
            note_keys(node->values[i], parent, seen);
        else if (key != NULL)
            note_value(node->values[i], key, seen);
    }
}

START_TEST(every_key_is_in_a_good_scenario)
{
    g_autoptr(GPtrArray) files = list_files(GOOD, ".yaml");
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GString) missing = g_string_new(NULL);

    for (unsigned i = 0; i < files->len; i++) {
        g_autofree char *path = g_strconcat(GOOD "/", g_ptr_array_index(files, i), NULL);
        g_autoptr(Problems) problems = problems_new(path);
        size_t size = 0;
        g_autofree char *text = read_text(path, &size);
        g_autoptr(ScenarioTree) tree = scenario_tree_parse(text, size, problems);

        note_keys(tree->root, NULL, seen);
    }
    for (size_t i = 0; i < key_count; i++)
        if (!g_hash_table_contains(seen, keys[i].path))
            g_string_append_printf(missing, " %s", keys[i].path);
    ck_assert_msg(missing->len == 0, "no scenario in " GOOD " has:%s", missing->str);
}
END_TEST

static void check_good(const char *path, const ScenarioChecks *checks)
{
    g_autoptr(Problems) problems = problems_new(path);
    g_autoptr(Scenario) scenario = scenario_load(path, checks, problems);
    g_autofree char *said = problems_text(problems);
    g_autoptr(Matrix) matrix = NULL;

    ck_assert_msg(scenario != NULL, "%s was refused:\n%s", path, said);
    matrix = matrix_expand(scenario, NULL);
    ck_assert_ptr_nonnull(matrix);
    for (size_t i = 0; i < matrix->cell_count; i++) {
        g_autofree const char **levels = matrix_cell_levels(matrix, i);
        g_autoptr(GError) error = NULL;
        g_autoptr(RunSpec) spec = scenario_resolve(scenario, levels, &error);

        ck_assert_ok(spec != NULL, error);
    }
}

START_TEST(every_good_scenario_is_accepted_and_resolved)
{
    g_autoptr(GPtrArray) files = list_files(GOOD, ".yaml");
    g_autoptr(GPtrArray) ours = list_files("scenarios", "scenario.yaml");

    ck_assert_uint_ge(files->len, 3);
    ck_assert_uint_ge(ours->len, 1);
    for (unsigned i = 0; i < files->len; i++) {
        g_autofree char *path = g_strconcat(GOOD "/", g_ptr_array_index(files, i), NULL);

        check_good(path, &real_checks);
    }
    for (unsigned i = 0; i < ours->len; i++) {
        g_autofree char *path = g_strconcat("scenarios/", g_ptr_array_index(ours, i), NULL);

        check_good(path, &real_checks);
    }
}
END_TEST

START_TEST(the_contracts_example_is_read_in_full)
{
    g_autoptr(Problems) problems = problems_new("product.yaml");
    g_autoptr(Scenario) scenario = scenario_load(GOOD "/product.yaml", NULL, problems);

    ck_assert_ptr_nonnull(scenario);
    ck_assert_str_eq(scenario->name, "rtt-over-delay");
    ck_assert_str_eq(scenario->description, "Round-trip time over link delay and payload");
    ck_assert_str_eq(scenario->folder, GOOD);
    ck_assert_uint_eq(scenario->factor_count, 2);
    ck_assert_str_eq(scenario->factors[0].name, "delay");
    ck_assert_uint_eq(scenario->factors[0].level_count, 4);
    ck_assert(scenario->factors[0].levels[1].numeric && !scenario->factors[0].levels[1].included);
    ck_assert_double_eq_tol(scenario->factors[0].levels[1].quantity.base, 0.01, 1e-12);
    ck_assert(scenario->factors[0].levels[3].included);
    ck_assert_str_eq(scenario->factors[0].levels[3].text, "5ms");
    ck_assert_uint_eq(scenario->repetitions, 20);
    ck_assert_uint_eq(scenario->warmup, 1);
    ck_assert_uint_eq(scenario->retries, 1);
    ck_assert_int_eq(scenario->order, ORDER_SHUFFLED);
    ck_assert(scenario->has_seed && scenario->seed == 42);
    ck_assert_uint_eq(scenario->figure_count, 1);
    ck_assert_str_eq(scenario->figures[0].figure, "errorbars");
    ck_assert_str_eq(scenario->figures[0].by, "size");
    ck_assert_uint_eq(scenario->published_count, 1);
    ck_assert_uint_eq(scenario->published[0].where[0], 1);
    ck_assert_uint_eq(scenario->published[0].where[1], 0);
    ck_assert_uint_eq(scenario->published[0].n, 20);
    ck_assert_double_eq_tol(scenario->published[0].stddev, 0.3, 1e-12);
}
END_TEST

START_TEST(a_scenario_without_a_name_is_called_after_its_file_or_folder)
{
    static const struct {
        const char *path, *name;
    } cases[] = {
        { "lab/rtt.yaml", "rtt" },
        { "lab/quick start.yml", "quick-start" },
        { "sweep/scenario.yaml", "sweep" },
        { "17.yaml", "scenario-17" }, /* a number would be taken for an experiment's */
        { ".hidden.yaml", "scenario-.hidden" },
    };
    const char *text = "machines: [{name: a, image: tiny}]";

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Problems) problems = problems_new(cases[i].path);
        g_autoptr(Scenario) scenario = scenario_parse(cases[i].path, text, strlen(text), NULL, problems);

        ck_assert_ptr_nonnull(scenario);
        ck_assert_str_eq(scenario->name, cases[i].name);
        ck_assert(!scenario->has_seed);
        ck_assert_int_eq(scenario->order, ORDER_BLOCKS);
    }
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_a_problem_too)
{
    g_autoptr(Problems) problems = problems_new("no/such/file.yaml");
    g_autofree char *said = NULL;

    ck_assert_ptr_null(scenario_load("no/such/file.yaml", NULL, problems));
    said = problems_text(problems);
    ck_assert_str_eq(said, "no/such/file.yaml: error: could not read 'no/such/file.yaml': No such file or directory\n");
}
END_TEST

START_TEST(a_file_over_the_limit_is_refused_before_it_is_read)
{
    g_autoptr(Problems) problems = problems_new("big.yaml");
    size_t size = (16 << 20) + 1;
    g_autofree char *text = g_malloc(size);
    g_autofree char *said = NULL;

    memset(text, ' ', size);
    ck_assert_ptr_null(scenario_parse("big.yaml", text, size, NULL, problems));
    said = problems_text(problems);
    ck_assert_str_eq(said, "big.yaml: error: the file has 16777217 bytes, the limit is 16777216\n");
}
END_TEST

START_TEST(thousands_of_mistakes_end_in_a_thousand_problems_and_a_count)
{
    g_autoptr(GString) text = g_string_new("machines: [{name: a, image: tiny}]\n");
    g_autoptr(Problems) problems = problems_new("x");
    g_autofree char *said = NULL;

    for (int i = 0; i < 1500; i++)
        g_string_append_printf(text, "key%d: 1\n", i);
    ck_assert_ptr_null(scenario_parse("x", text->str, text->len, NULL, problems));
    ck_assert_uint_eq(problems->items->len, 1000);
    said = problems_text(problems);
    ck_assert_ptr_nonnull(strstr(said, "x: error: 500 more problems like these are not shown\n"));
}
END_TEST

START_TEST(a_huge_matrix_still_has_every_level_tried)
{
    g_autoptr(GString) text = g_string_new("machines: [{name: a, image: tiny, cpus: '${c}'}]\n");
    g_autoptr(Problems) problems = problems_new("x");
    g_autofree char *said = NULL;

    g_string_append(text, "matrix:\n  factors:\n    n: [");
    for (int i = 0; i < 20000; i++)
        g_string_append_printf(text, "%s%d", i > 0 ? ", " : "", i);
    g_string_append(text, "]\n    c: [1, 2, 4, none]\nsteps: [{name: s, on: a, run: 'echo ${n}'}]\n");
    ck_assert_ptr_null(scenario_parse("x", text->str, text->len, NULL, problems));
    said = problems_text(problems);
    ck_assert_str_eq(said, "x:1:41: error: key 'cpus' must be a whole number from 1 to 256, not 'none'\n"
                           "x:1:41: hint: this is with c=none.\n");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, every_bad_scenario_says_what_is_wrong_with_it);
    tcase_add_test(tcase, the_bad_scenarios_hold_at_least_60_kinds_of_mistakes);
    tcase_add_test(tcase, every_key_is_in_a_good_scenario);
    tcase_add_test(tcase, every_good_scenario_is_accepted_and_resolved);
    tcase_add_test(tcase, the_contracts_example_is_read_in_full);
    tcase_add_test(tcase, a_scenario_without_a_name_is_called_after_its_file_or_folder);
    tcase_add_test(tcase, a_file_that_cannot_be_read_is_a_problem_too);
    tcase_add_test(tcase, a_file_over_the_limit_is_refused_before_it_is_read);
    tcase_add_test(tcase, thousands_of_mistakes_end_in_a_thousand_problems_and_a_count);
    tcase_add_test(tcase, a_huge_matrix_still_has_every_level_tried);
}

int main(void)
{
    return unit_run("plan/scenario", add_tests);
}
