// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/plan/yaml-tree.h"
#include "tests/unit/unit.h"

/* A node as one line: {key@line:column=value}, [item, item], 'quoted', plain, ! for what is broken. */
static void show(const Node *node, GString *out)
{
    switch (node->kind) {
    case NODE_BROKEN: g_string_append_c(out, '!'); break;
    case NODE_SCALAR:
        g_string_append_printf(out, node->plain ? "%s@%u:%u" : "'%s'@%u:%u", node->text, node->line, node->column);
        break;
    case NODE_LIST:
        g_string_append_c(out, '[');
        for (size_t i = 0; i < node->count; i++) {
            g_string_append(out, i > 0 ? ", " : "");
            show(node->values[i], out);
        }
        g_string_append_c(out, ']');
        break;
    case NODE_MAP:
        g_string_append_c(out, '{');
        for (size_t i = 0; i < node->count; i++) {
            g_string_append_printf(out, "%s%s@%u:%u=", i > 0 ? ", " : "", node->keys[i].text, node->keys[i].line,
                                   node->keys[i].column);
            show(node->values[i], out);
        }
        g_string_append_c(out, '}');
        break;
    }
}

static const struct {
    const char *text, *tree, *problem;
    bool complete;
} cases[] = {
    { "a: 1\nb: [x, 'y']\n", "{a@1:1=1@1:4, b@2:1=[x@2:5, 'y'@2:8]}", NULL, true },
    { "a:\n  - b: \"\\u00e9\"\n    c: |\n      two\n      lines\n",
      "{a@1:1=[{b@2:5='\303\251'@2:8, c@3:5='two\nlines\n'@3:8}]}", NULL, true },
    { "\303\251: \303\251: x\n", "{\303\251@1:1=\303\251@1:4}", /* columns are characters */
      "1:5: this is no YAML: mapping values are not allowed in this context", false },
    { "a: &x {k: v}\nb: *x\n", "{a@1:1={k@1:8=v@1:11}, b@2:1={k@1:8=v@1:11}}", NULL, true },
    { "a: &x 1\nb: &x 2\nc: *x\n", "{a@1:1=1@1:4, b@2:1=2@2:4, c@3:1=2@2:4}", NULL, true }, /* the last anchor counts */
    { "a: 1\na: 2\nb: 3\n", "{a@1:1=1@1:4, b@3:1=3@3:4}", "2:1: key 'a' is there twice", true },
    { "b: *x\n", "{b@1:1=!}", "1:4: alias '*x' has no anchor '&x' before it", true },
    { "a: &x [*x]\n", "{a@1:1=[!]}", "1:8: alias '*x' stands inside its own anchor", true },
    { "? [q, {r: s}]\n: 1\nb: 2\n", "{b@3:1=2@3:4}", "1:3: a key must be a text", true },
    { "a: &x 1\n*x : 2\nb: 3\n", "{a@1:1=1@1:4, b@3:1=3@3:4}", "2:1: a key must be a text", true },
    { "a: \"x\\0y\"\n", "{a@1:1='x'@1:4}", "1:4: a text cannot have a NUL character", true },
    { "a: 1\nb: [2, 3\nc: 4\n", "{a@1:1=1@1:4, b@2:1=[2@2:5, 3 c@2:8]}",
      "3:2: this is no YAML: did not find expected ',' or ']'", false },
    { "a: 1\n---\nb: 2\n", "{a@1:1=1@1:4}", "2:1: a second document begins here", false },
    { "a: 1\n...\n", "{a@1:1=1@1:4}", NULL, true },
    { "\357\273\277a: 1\n", "{a@1:2=1@1:5}", NULL, true }, /* a byte order mark */
    { "a: 1\r\nb: 2\r\n", "{a@1:1=1@1:4, b@2:1=2@2:4}", NULL, true },
    { "a: 1\nb: \302\205\n", "{a@1:1=1@1:4, b@2:1=@2:3}", NULL, true }, /* YAML 1.1 counts it as a line break */
    { "a: 1\nb: \302\200\n", "{a@1:1=1@1:4}", "2:4: character U+0080 cannot stand here", false },
    { "a: 1\nb: \377\n", "{a@1:1=1@1:4}", "2:4: byte 0xFF is not UTF-8 here", false },
    { "a:\tb\n", "{a@1:1=b@1:4}", NULL, true },                     /* between the two a tab is fine */
    { "a: |\n  x\n  \ty\n", "{a@1:1='x\n\ty\n'@1:4}", NULL, true }, /* and inside a text */
    { "a: [1,\n\t2]\n", "{a@1:1=[1@1:5, 2@2:2]}", NULL, true },     /* and between brackets */
    { "a:\n\tb: 1\n\tc: 2\nd: 3\n", "{a@1:1={b@2:2=1@2:5, c@3:2=2@3:5}, d@4:1=3@4:4}",
      "2:1: a tab cannot be used for indentation", true },
    { "a:\n  - b: 1\n\t c: 2\n", "{a@1:1=[{b@2:5=1@2:8, c@3:3=2@3:6}]}", "3:1: a tab cannot be used for indentation",
      true },
    { "a:\n\t- x\n\t- y\n", "{a@1:1=[x@2:4, y@3:4]}", "2:1: a tab cannot be used for indentation", true },
    { "a: 1\n\tb: 2\n", "{a@1:1=1@1:4, b@2:2=2@2:5}", "2:1: a tab cannot be used for indentation", true },
};

START_TEST(every_document_gives_its_tree_and_its_first_problem)
{
    const char *text = cases[_i].text;
    g_autoptr(Problems) problems = problems_new("x");
    g_autoptr(ScenarioTree) tree = scenario_tree_parse(text, strlen(text), problems);
    g_autoptr(GString) shown = g_string_new(NULL);
    g_autofree char *problem = NULL;

    problems_sort(problems);
    if (problems->items->len > 0) {
        const Problem *first = &g_array_index(problems->items, Problem, 0);

        problem = g_strdup_printf("%u:%u: %s", first->line, first->column, first->message);
    }
    show(tree->root, shown);
    ck_assert_pstr_eq(problem, cases[_i].problem);
    ck_assert_str_eq(shown->str, cases[_i].tree);
    ck_assert(tree->is_complete == cases[_i].complete);
}
END_TEST

START_TEST(the_deepest_document_is_64_levels_and_one_more_is_refused)
{
    for (int depth = 63; depth <= 65; depth++) {
        g_autofree char *opening = g_strnfill((gsize) depth, '[');
        g_autofree char *closing = g_strnfill((gsize) depth, ']');
        g_autofree char *text = g_strconcat(opening, closing, NULL);
        g_autoptr(Problems) problems = problems_new("x");
        g_autoptr(ScenarioTree) tree = scenario_tree_parse(text, strlen(text), problems);

        ck_assert_uint_eq(problems->items->len, depth > 64);
        ck_assert(tree->is_complete == (depth <= 64));
    }
}
END_TEST

START_TEST(aliases_cannot_make_a_document_deeper_than_the_limit)
{
    g_autoptr(GString) text = g_string_new("a0: &a0 [x]\n");
    g_autoptr(Problems) problems = problems_new("x");
    g_autoptr(ScenarioTree) tree = NULL;

    for (int i = 1; i < 70; i++)
        g_string_append_printf(text, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    tree = scenario_tree_parse(text->str, text->len, problems);
    ck_assert_uint_eq(problems->items->len, 1);
    ck_assert_str_eq(g_array_index(problems->items, Problem, 0).message, "lists and maps are more than 64 levels deep");
    ck_assert_uint_eq(g_array_index(problems->items, Problem, 0).line, 64); /* map + 62 lists + [x] are 64 */
}
END_TEST

START_TEST(two_hundred_thousand_brackets_are_refused_at_once)
{
    g_autofree char *text = g_strnfill(200000, '[');
    g_autoptr(Problems) problems = problems_new("x");
    gint64 started = g_get_monotonic_time();
    g_autoptr(ScenarioTree) tree = scenario_tree_parse(text, 200000, problems);

    ck_assert(!tree->is_complete);
    ck_assert_uint_eq(problems->items->len, 1);
    ck_assert_int_lt(g_get_monotonic_time() - started, G_USEC_PER_SEC);
}
END_TEST

START_TEST(a_million_values_are_accepted_and_one_more_is_refused)
{
    g_autoptr(GString) text = g_string_new("[");

    for (int i = 0; i < 999999; i++) /* and the list itself */
        g_string_append(text, "1,");
    for (int more = 0; more <= 1; more++) {
        g_autoptr(GString) whole = g_string_new(text->str);
        g_autoptr(Problems) problems = problems_new("x");
        g_autoptr(ScenarioTree) tree = NULL;

        g_string_append(whole, more ? "1]" : "]");
        tree = scenario_tree_parse(whole->str, whole->len, problems);
        ck_assert_uint_eq(problems->items->len, (unsigned) more);
        ck_assert(tree->is_complete == !more);
    }
}
END_TEST

START_TEST(thousands_of_tabs_do_not_take_long)
{
    g_autoptr(GString) text = g_string_new("a:\n");
    g_autoptr(Problems) problems = problems_new("x");
    g_autoptr(ScenarioTree) tree = NULL;
    gint64 started = g_get_monotonic_time();

    for (int i = 0; i < 20000; i++)
        g_string_append_printf(text, "\tk%d: 1\n", i);
    tree = scenario_tree_parse(text->str, text->len, problems);
    ck_assert_uint_gt(problems->items->len, 10);
    ck_assert(!tree->is_complete);
    ck_assert_int_lt(g_get_monotonic_time() - started, 10 * G_USEC_PER_SEC);
}
END_TEST

START_TEST(an_empty_file_has_no_root)
{
    g_autoptr(Problems) problems = problems_new("x");
    g_autoptr(ScenarioTree) tree = scenario_tree_parse("", 0, problems);

    ck_assert_ptr_null(tree->root);
    ck_assert(tree->is_complete);
    ck_assert_uint_eq(problems->items->len, 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, every_document_gives_its_tree_and_its_first_problem, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tcase, the_deepest_document_is_64_levels_and_one_more_is_refused);
    tcase_add_test(tcase, aliases_cannot_make_a_document_deeper_than_the_limit);
    tcase_add_test(tcase, two_hundred_thousand_brackets_are_refused_at_once);
    tcase_add_test(tcase, a_million_values_are_accepted_and_one_more_is_refused);
    tcase_add_test(tcase, thousands_of_tabs_do_not_take_long);
    tcase_add_test(tcase, an_empty_file_has_no_root);
}

int main(void)
{
    return unit_run("plan/yaml-tree", add_tests);
}
