// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/base/random.h"
#include "runner/plan/matrix.h"
#include "tests/unit/unit.h"

static Scenario *parse(const char *matrix, const char *run)
{
    g_autofree char *text = g_strconcat("machines: [{name: a, image: tiny}]\n", matrix,
                                        "\nsteps: [{name: s, on: a, run: 'echo ", run, "'}]\n", NULL);
    g_autoptr(Problems) problems = problems_new("x");
    Scenario *scenario = scenario_parse("x", text, strlen(text), NULL, problems);

    if (scenario == NULL)
        problems_print(problems, stderr);
    ck_assert_ptr_nonnull(scenario);
    return scenario;
}

static const struct {
    const char *matrix, *run, *cells;
} cases[] = {
    { "", "", "all" }, /* no factors: one cell */
    { "matrix: {}", "", "all" },
    { "matrix: {factors: {f: [x]}}", "${f}", "f=x" },
    { "matrix: {factors: {f: [x, y], g: [1, 2]}}", "${f}${g}",
      "f=x g=1; f=x g=2; f=y g=1; f=y g=2" }, /* the last varies fastest */
    { "matrix: {factors: {f: [x, y], g: [1, 2]}, exclude: [{f: x, g: 2}]}", "${f}${g}", "f=x g=1; f=y g=1; f=y g=2" },
    { "matrix: {factors: {f: [x, y], g: [1, 2]}, exclude: [{g: 2}]}", "${f}${g}",
      "f=x g=1; f=y g=1" }, /* a part excludes all that has it */
    { "matrix: {factors: {f: [x, y], g: [1, 2]}, exclude: [{g: 2}, {g: 2}, {f: y, g: 2}]}", "${f}${g}",
      "f=x g=1; f=y g=1" },
    { "matrix: {factors: {f: [x, y]}, include: [{f: z}, {f: w}]}", "${f}", "f=x; f=y; f=z; f=w" }, /* in their order */
    { "matrix: {factors: {f: [x], g: [1]}, include: [{g: 2, f: z}]}", "${f}${g}",
      "f=x g=1; f=z g=2" }, /* z is not crossed with 1 */
    { "matrix: {factors: {f: [x, y]}, exclude: [{f: x}], include: [{f: x}]}", "${f}",
      "f=y; f=x" }, /* exclude is for what is crossed */
    { "matrix: {factors: {f: [x, y]}, exclude: [{f: x}, {f: y}], include: [{f: z}]}", "${f}", "f=z" },
    { "matrix: {factors: {f: [0.1, '0.10', 1e-1]}}", "${f}", "f=0.1; f=0.10; f=1e-1" }, /* levels are what was typed */
    { "matrix: {factors: {f: {from: 1, to: 3}, g: [true, false]}}", "${f}${g}",
      "f=1 g=true; f=1 g=false; f=2 g=true; f=2 g=false; f=3 g=true; f=3 g=false" },
    { "matrix: {factors: {f: [x, y], g: [1, 2]}, zip: [f, g]}", "${f}${g}", "f=x g=1; f=y g=2" },
    { "matrix: {factors: {f: [x, y], g: [1, 2]}, zip: [[g, f]]}", "${f}${g}", "f=x g=1; f=y g=2" },
    { "matrix: {factors: {f: [x, y], h: [a, b], g: [1, 2]}, zip: [[g, f]]}", "${f}${g}${h}",
      "f=x h=a g=1; f=x h=b g=1; f=y h=a g=2; f=y h=b g=2" }, /* the group stands where its first factor does */
    { "matrix: {factors: {f: [x, y], g: [1, 2], h: [a, b], i: [3, 4]}, zip: [[f, g], [h, i]]}", "${f}${g}${h}${i}",
      "f=x g=1 h=a i=3; f=x g=1 h=b i=4; f=y g=2 h=a i=3; f=y g=2 h=b i=4" },
    { "matrix: {factors: {f: [x, y], g: [1, 2]}, zip: [f, g], exclude: [{f: x}], include: [{f: x, g: 2}]}", "${f}${g}",
      "f=y g=2; f=x g=2" },
    { "matrix: {factors: {f: [1, 2, 3], g: [1, 2]}, when: '${f} > ${g}'}", "${f}${g}", "f=2 g=1; f=3 g=1; f=3 g=2" },
    { "matrix: {factors: {f: [1, 2, 3], g: [1, 2]}, when: ['${f} > ${g}', '${g} == 2']}", "${f}${g}", "f=3 g=2" },
    { "matrix: {factors: {f: [5ms, 1s]}, when: '${f} > 10ms'}", "${f}", "f=1s" }, /* by value, not by text */
    { "matrix: {factors: {f: [1, 2]}, when: '${f} > 1', include: [{f: 1}]}", "${f}", "f=2; f=1" },
    { "matrix: {factors: {f: [1, 2, 3]}, derived: {d: '${f} * ${f}', e: '${d} + 1'}, when: '${e} > 2'}", "${f}${e}",
      "f=2; f=3" },
    { "matrix: {factors: {f: [0, 2]}, derived: {d: '4 / ${f}'}, when: '${f} > 0'}", "${d}",
      "f=2" }, /* d of 0 is not asked for */
};

START_TEST(every_matrix_has_the_cells_that_it_says)
{
    g_autoptr(Scenario) scenario = parse(cases[_i].matrix, cases[_i].run);
    g_autoptr(Matrix) matrix = matrix_expand(scenario, NULL);
    g_autoptr(GString) cells = g_string_new(NULL);

    for (size_t i = 0; i < matrix->cell_count; i++) {
        g_autofree char *label = matrix_cell_label(matrix, i);

        g_string_append_printf(cells, "%s%s", i > 0 ? "; " : "", label);
    }
    ck_assert_str_eq(cells->str, cases[_i].cells);
}
END_TEST

/* A scenario of `factors` random factors f0.. with levels 0.., and some random excludes; counts[] says the levels. */
static Scenario *random_scenario(Random *random, unsigned factors, unsigned *counts, GString *excludes)
{
    g_autoptr(GString) text = g_string_new("matrix:\n  factors:\n");
    g_autoptr(GString) run = g_string_new(NULL);

    for (unsigned i = 0; i < factors; i++) {
        counts[i] = 1 + random_below(random, 4);
        g_string_append_printf(text, "    f%u: [", i);
        for (unsigned j = 0; j < counts[i]; j++)
            g_string_append_printf(text, "%s%u", j > 0 ? ", " : "", j);
        g_string_append(text, "]\n");
        g_string_append_printf(run, "${f%u}", i);
    }
    g_string_append_printf(text, "  exclude: [%s]", excludes->str);
    g_string_append_printf(text, "\n  include: [{");
    for (unsigned i = 0; i < factors; i++)
        g_string_append_printf(text, "%sf%u: new", i > 0 ? ", " : "", i);
    g_string_append(text, "}]");
    return parse(text->str, run->str);
}

START_TEST(crossing_gives_the_product_of_the_levels_without_duplicates)
{
    Random random;

    random_init(&random, (uint64_t) _i, 1);
    for (unsigned factors = 1; factors <= 5; factors++) {
        unsigned counts[5];
        size_t product = 1;
        g_autoptr(GString) none = g_string_new(NULL);
        g_autoptr(Scenario) scenario = random_scenario(&random, factors, counts, none);
        g_autoptr(Matrix) matrix = matrix_expand(scenario, NULL);
        g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

        for (unsigned i = 0; i < factors; i++)
            product *= counts[i];
        ck_assert_uint_eq(matrix->cell_count, product + 1); /* and the included one */
        for (size_t i = 0; i < matrix->cell_count; i++)
            ck_assert(g_hash_table_add(seen, matrix_cell_label(matrix, i)));
    }
}
END_TEST

START_TEST(excluding_a_level_removes_exactly_the_cells_that_have_it)
{
    Random random;

    random_init(&random, (uint64_t) _i, 2);
    for (unsigned factors = 1; factors <= 5; factors++) {
        unsigned chosen = random_below(&random, factors);
        unsigned counts[5];
        size_t product = 1;
        g_autoptr(GString) exclude = g_string_new(NULL);
        g_autoptr(Scenario) scenario = NULL;
        g_autoptr(Matrix) matrix = NULL;

        g_string_printf(exclude, "{f%u: 0}", chosen);
        scenario = random_scenario(&random, factors, counts, exclude);
        matrix = matrix_expand(scenario, NULL);
        for (unsigned i = 0; i < factors; i++)
            product *= i == chosen ? counts[i] - 1 : counts[i];
        ck_assert_uint_eq(matrix->cell_count, product + 1);
        for (size_t i = 0; i < matrix->cell_count; i++)
            ck_assert_str_ne(matrix_level(matrix, i, chosen)->text, "0");
    }
}
END_TEST

/* A design as a reader of the documentation would work it out: every combination is tried, one after the other. Level j of a factor is
 * written j, and one that only `include` has is 9. */
enum { MODEL_FACTORS = 4, MODEL_RULES = 3, MODEL_ANY = -1 };

typedef struct Model {
    unsigned factors, counts[MODEL_FACTORS];
    bool zips;                                 /* the first two factors go together */
    unsigned excludes, includes;
    int exclude[MODEL_RULES][MODEL_FACTORS];   /* levels, or MODEL_ANY */
    int include[MODEL_RULES][MODEL_FACTORS];   /* levels; one of them is 9 */
    int least;                                 /* when: the sum of the last two levels is at least so much */
} Model;

static Model model_draw(Random *random)
{
    Model model = { .factors = 2 + random_below(random, MODEL_FACTORS - 1) };

    for (unsigned i = 0; i < model.factors; i++)
        model.counts[i] = 1 + random_below(random, 4);
    model.zips = random_below(random, 2) == 1;
    if (model.zips)
        model.counts[1] = model.counts[0];
    model.excludes = random_below(random, MODEL_RULES + 1);
    model.includes = random_below(random, MODEL_RULES + 1);
    for (unsigned rule = 0; rule < MODEL_RULES; rule++) {
        for (unsigned i = 0; i < model.factors; i++) {
            model.exclude[rule][i] = random_below(random, 2) == 1 ? MODEL_ANY : (int) random_below(random, model.counts[i]);
            model.include[rule][i] = (int) random_below(random, model.counts[i]);
        }
        model.exclude[rule][rule % model.factors] = 0; /* one that names no factor would exclude all */
        model.include[rule][rule % model.factors] = 9;
    }
    model.least = (int) random_below(random, 4);
    return model;
}

static void model_write_rule(GString *text, const int *levels, unsigned factors)
{
    const char *comma = "";

    g_string_append(text, "{");
    for (unsigned i = 0; i < factors; i++)
        if (levels[i] != MODEL_ANY) {
            g_string_append_printf(text, "%sf%u: %d", comma, i, levels[i]);
            comma = ", ";
        }
    g_string_append(text, "}, ");
}

static char *model_write(const Model *model)
{
    GString *text = g_string_new("machines: [{name: a, image: tiny}]\nmatrix:\n  factors:\n");

    for (unsigned i = 0; i < model->factors; i++) {
        g_string_append_printf(text, "    f%u: [", i);
        for (unsigned j = 0; j < model->counts[i]; j++)
            g_string_append_printf(text, "%u, ", j);
        g_string_append(text, "]\n");
    }
    g_string_append(text, model->zips ? "  zip: [f0, f1]\n  exclude: [" : "  exclude: [");
    for (unsigned rule = 0; rule < model->excludes; rule++)
        model_write_rule(text, model->exclude[rule], model->factors);
    g_string_append(text, "]\n  include: [");
    for (unsigned rule = 0; rule < model->includes; rule++)
        model_write_rule(text, model->include[rule], model->factors);
    g_string_append_printf(text, "]\n  when: '${f%u} + ${f%u} >= %d'\nsteps: [{name: s, on: a, run: '", model->factors - 2,
                           model->factors - 1, model->least);
    for (unsigned i = 0; i < model->factors; i++)
        g_string_append_printf(text, "${f%u}", i);
    g_string_append(text, "'}]\n");
    return g_string_free(text, FALSE);
}

static bool model_keeps(const Model *model, const int *levels)
{
    if ((model->zips && levels[0] != levels[1]) ||
        levels[model->factors - 2] + levels[model->factors - 1] < model->least)
        return false;
    for (unsigned rule = 0; rule < model->excludes; rule++) {
        unsigned i = 0;

        while (i < model->factors && (model->exclude[rule][i] == MODEL_ANY || model->exclude[rule][i] == levels[i]))
            i++;
        if (i == model->factors)
            return false;
    }
    return true;
}

static void model_add_cell(const Model *model, const int *levels, GString *cells)
{
    for (unsigned i = 0; i < model->factors; i++)
        g_string_append_printf(cells, "%sf%u=%d", i > 0 ? " " : "", i, levels[i]);
    g_string_append(cells, "\n");
}

/* The last factor varies fastest; what is included comes behind. */
static char *model_cells(const Model *model)
{
    GString *cells = g_string_new(NULL);
    int levels[MODEL_FACTORS] = { 0 };
    unsigned place;

    do {
        if (model_keeps(model, levels))
            model_add_cell(model, levels, cells);
        for (place = model->factors; place > 0 && ++levels[place - 1] == (int) model->counts[place - 1]; place--)
            levels[place - 1] = 0;
    } while (place > 0);
    for (unsigned rule = 0; rule < model->includes; rule++)
        model_add_cell(model, model->include[rule], cells);
    return g_string_free(cells, FALSE);
}

static char *matrix_cells(const Matrix *matrix)
{
    GString *cells = g_string_new(NULL);

    for (size_t i = 0; i < matrix->cell_count; i++) {
        g_autofree char *label = matrix_cell_label(matrix, i);

        g_string_append_printf(cells, "%s\n", label);
    }
    return g_string_free(cells, FALSE);
}

static bool model_repeats_itself(const Model *model)
{
    for (unsigned i = 0; i < model->includes; i++)
        for (unsigned j = 0; j < i; j++)
            if (memcmp(model->include[i], model->include[j], sizeof *model->include[i] * model->factors) == 0)
                return true;
    return false;
}

START_TEST(every_design_has_the_cells_that_trying_all_combinations_leaves)
{
    unsigned empty = 0, tried = 0;
    Random random;

    random_init(&random, (uint64_t) _i, 3);
    while (tried < 50) {
        Model model = model_draw(&random);
        g_autofree char *text = model_write(&model);
        g_autofree char *expected = model_cells(&model);
        g_autofree char *found = NULL;
        g_autoptr(Problems) problems = problems_new("x");
        g_autoptr(Scenario) scenario = NULL;
        g_autoptr(Matrix) matrix = NULL;

        if (model_repeats_itself(&model)) /* is refused */
            continue;
        tried++;
        scenario = scenario_parse("x", text, strlen(text), NULL, problems);
        empty += expected[0] == '\0';
        ck_assert_msg((scenario == NULL) == (expected[0] == '\0'), "%s", text); /* no cell at all is refused */
        if (scenario == NULL)
            continue;
        matrix = matrix_expand(scenario, NULL);
        found = matrix_cells(matrix);
        ck_assert_msg(strcmp(found, expected) == 0, "%s\nexpected:\n%s\nfound:\n%s", text, expected, found);
    }
    ck_assert_uint_lt(empty, tried / 2);
}
END_TEST

/* How many cells a matrix of three factors of 5, 5 and 4 levels has; 0 when that is refused. */
static size_t count_cells(const char *more)
{
    g_autofree char *text = g_strdup_printf("machines: [{name: a, image: tiny}]\nmatrix:\n  factors:\n"
                                            "    f: {from: 1, to: 5}\n    g: {from: 11, to: 15}\n"
                                            "    h: {from: 1, to: 8, scale: log2}\n%s"
                                            "steps: [{name: s, on: a, run: '${f}${g}${h}'}]\n",
                                            more);
    g_autoptr(Problems) problems = problems_new("x");
    g_autoptr(Scenario) scenario = scenario_parse("x", text, strlen(text), NULL, problems);
    g_autoptr(Matrix) matrix = scenario != NULL ? matrix_expand(scenario, NULL) : NULL;

    return matrix != NULL ? matrix->cell_count : 0;
}

START_TEST(a_condition_and_its_opposite_share_the_cells)
{
    static const char *const zips[] = { "", "  zip: [f, g]\n" };
    static const size_t totals[] = { 100, 20 };

    for (size_t zip = 0; zip < 2; zip++)
        for (int limit = 0; limit <= 60; limit += 5) {
            g_autofree char *when =
                g_strdup_printf("%s  derived: {d: '${f} * ${h} + ${g}'}\n  when: '${d} > %d'\n", zips[zip], limit);
            g_autofree char *other = g_strdup_printf(
                "%s  derived: {d: '${f} * ${h} + ${g}'}\n  when: 'not (${d} > %d)'\n", zips[zip], limit);

            ck_assert_uint_eq(count_cells(when) + count_cells(other), totals[zip]);
        }
}
END_TEST

START_TEST(zipping_divides_the_cells_and_excluding_a_level_takes_its_pair)
{
    ck_assert_uint_eq(count_cells(""), 100);
    ck_assert_uint_eq(count_cells("  zip: [g, f]\n"), 20);
    ck_assert_uint_eq(count_cells("  zip: [f, g]\n  exclude: [{f: 1}]\n"), 16);
    ck_assert_uint_eq(count_cells("  zip: [f, g]\n  exclude: [{f: 1}, {g: 11}]\n"), 16); /* the same pairs */
    ck_assert_uint_eq(count_cells("  zip: [f, g]\n  exclude: [{f: 1, g: 12}]\n"), 20);   /* no such pair */
    ck_assert_uint_eq(count_cells("  zip: [f, g]\n  include: [{f: 1, g: 12, h: 1}]\n"), 21);
    ck_assert_uint_eq(count_cells("  zip: [f, h]\n"), 0); /* 5 and 4 levels */
    ck_assert_uint_eq(count_cells("  when: ['${f} > 2', '${g} > 13']\n"),
                      count_cells("  when: '${f} > 2 and ${g} > 13'\n"));
}
END_TEST

START_TEST(included_levels_are_known_as_such_and_never_crossed)
{
    static const char text[] = "matrix: {factors: {f: [x, y], g: [1]}, include: [{f: x, g: 2}, {f: z, g: 2}]}";
    g_autoptr(Scenario) scenario = parse(text, "${f}${g}");
    g_autoptr(Matrix) matrix = matrix_expand(scenario, NULL);
    uint32_t crossed[] = { 1, 0 };
    uint32_t included[] = { 0, 1 };

    ck_assert_uint_eq(matrix->cell_count, 4);
    ck_assert_uint_eq(scenario->factors[0].level_count, 3);
    ck_assert_uint_eq(scenario->factors[1].level_count, 2);
    ck_assert(!scenario->factors[0].levels[1].included && scenario->factors[0].levels[2].included);
    ck_assert(!scenario->factors[1].levels[0].included && scenario->factors[1].levels[1].included);
    ck_assert(scenario_crosses(scenario, crossed));
    ck_assert(!scenario_crosses(scenario, included));
}
END_TEST

START_TEST(a_million_cells_are_expanded_quickly)
{
    g_autoptr(GString) text = g_string_new("matrix:\n  factors:\n");
    g_autoptr(Scenario) scenario = NULL;
    g_autoptr(Matrix) matrix = NULL;
    gint64 started = g_get_monotonic_time();

    for (int i = 0; i < 6; i++)
        g_string_append_printf(text, "    f%d: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n", i);
    scenario = parse(text->str, "${f0}${f1}${f2}${f3}${f4}${f5}");
    matrix = matrix_expand(scenario, NULL);
    ck_assert_uint_eq(matrix->cell_count, 1000000);
    ck_assert_int_lt(g_get_monotonic_time() - started, 5 * G_USEC_PER_SEC);
}
END_TEST

START_TEST(a_cells_levels_come_as_texts)
{
    g_autoptr(Scenario) scenario = parse("matrix: {factors: {f: [x, y], g: [1, 2]}}", "${f}${g}");
    g_autoptr(Matrix) matrix = matrix_expand(scenario, NULL);
    g_autofree const char **levels = matrix_cell_levels(matrix, 2);

    ck_assert_str_eq(levels[0], "y");
    ck_assert_str_eq(levels[1], "1");
    ck_assert_ptr_null(levels[2]);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, every_matrix_has_the_cells_that_it_says, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(tcase, crossing_gives_the_product_of_the_levels_without_duplicates, 0, 20);
    tcase_add_loop_test(tcase, excluding_a_level_removes_exactly_the_cells_that_have_it, 0, 20);
    tcase_add_loop_test(tcase, every_design_has_the_cells_that_trying_all_combinations_leaves, 0, 10);
    tcase_add_test(tcase, a_condition_and_its_opposite_share_the_cells);
    tcase_add_test(tcase, zipping_divides_the_cells_and_excluding_a_level_takes_its_pair);
    tcase_add_test(tcase, included_levels_are_known_as_such_and_never_crossed);
    tcase_add_test(tcase, a_million_cells_are_expanded_quickly);
    tcase_add_test(tcase, a_cells_levels_come_as_texts);
}

int main(void)
{
    return unit_run("plan/matrix", add_tests);
}
