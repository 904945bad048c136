// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/scenario.h"

#include <string.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/plan/derive.h"
#include "runner/plan/flatten.h"
#include "runner/plan/limits.h"
#include "runner/plan/matrix.h"
#include "runner/plan/reading.h"
#include "runner/plan/run-spec.h"

/* "rtt" for "rtt.yaml"; for "rtt/scenario.yaml" the folder's name. Characters that a name cannot have become '-'. */
static char *name_from_path(const char *path)
{
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    g_autofree char *folder = g_path_get_dirname(absolute);
    char *name = g_path_get_basename(absolute);

    if (g_str_has_suffix(name, ".yaml") || g_str_has_suffix(name, ".yml"))
        *strrchr(name, '.') = '\0';
    if (strcmp(name, "scenario") == 0) {
        g_free(name);
        name = g_path_get_basename(folder);
    }
    g_strcanon(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.", '-');
    if (!g_ascii_isalnum(name[0]) || strspn(name, G_CSET_DIGITS) == strlen(name)) {
        char *longer = g_strconcat("scenario-", name, NULL);

        g_free(name);
        name = longer;
    }
    if (strlen(name) > 64)
        name[64] = '\0';
    return name;
}

static bool some_step_has(const Node *steps, const char *variable)
{
    for (size_t i = 0; steps != NULL && steps->kind == NODE_LIST && i < steps->count; i++) {
        const Node *run = node_get(steps->values[i], "run");

        if (run != NULL && run->kind == NODE_SCALAR && strstr(run->text, variable) != NULL)
            return true;
    }
    return false;
}

/* Factors may also be used by their variable, which a command reads inside the machine. */
static bool is_used_by_variable(const Scenario *scenario, const char *factor)
{
    static const char *const lists[] = { "setup", "steps", "teardown" };
    g_autofree char *variable = factor_variable(factor);

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        if (some_step_has(node_get(scenario->tree->root, lists[i]), variable))
            return true;
    return false;
}

/* Whether a factor or derived value is used anywhere; otherwise it is a problem. */
static bool check_used(Reading *reading, NameKind kind, const char *name)
{
    Declared *declared = names_find(reading->names, kind, name);
    g_autofree char *variable = factor_variable(name);

    declared->used |= is_used_by_variable(reading->scenario, name);
    if (!declared->used)
        problems_add(
            reading->problems, declared->line, declared->column,
            g_strdup_printf("%s '%s' is never used", name_kind_text(kind), name),
            g_strdup_printf("write ${%s} where it shall matter, use $%s in a step, or remove it.", name, variable));
    return declared->used;
}

static void check_factors_used(Reading *reading)
{
    const Scenario *scenario = reading->scenario;

    if (!reading->tree->is_complete)
        return;
    for (size_t i = scenario->derived_count; i-- > 0;) /* the last first, as they look upwards */
        if (check_used(reading, NAME_DERIVED, scenario->derived[i].name))
            derived_mark_used(reading, i);
    for (size_t i = 0; i < scenario->factor_count; i++)
        check_used(reading, NAME_FACTOR, scenario->factors[i].name);
}

enum { MACHINE_WEIGHT = 10 }; /* values of a counted machine, about */

/* What `scenario_resolve()` does, for its problems. Returns how much work the machines were. */
static size_t try_cell(Reading *reading, const char *const *levels)
{
    g_autoptr(RunSpec) spec = g_new0(RunSpec, 1);

    reading->levels = levels;
    reading_derive(reading);
    reading_fill(reading, reading->tree->root, NULL, IN_RUN, spec);
    run_spec_add_macs(spec);
    run_spec_expand_targets(spec);
    cross_check(reading, spec);
    reading_forget_derived(reading);
    reading->levels = NULL;
    return spec->machine_count * MACHINE_WEIGHT;
}

/* How many levels a cell has that none before it had. `seen` has the levels of all factors one behind the other. */
static size_t count_new_levels(const Matrix *matrix, size_t cell, bool *seen)
{
    size_t width = matrix->scenario->factor_count;
    const uint32_t *levels = matrix->level_indices + cell * width;
    size_t count = 0;

    for (size_t i = 0; i < width; i++) {
        count += !seen[levels[i]];
        seen[levels[i]] = true;
        seen += matrix->scenario->factors[i].level_count;
    }
    return count;
}

static size_t count_levels(const Scenario *scenario)
{
    size_t count = 0;

    for (size_t i = 0; i < scenario->factor_count; i++)
        count += scenario->factors[i].level_count;
    return count;
}

/* Every cell of a matrix of usual size; of a huge one as many as it takes to have seen every level. */
static void try_cells(Reading *reading, const Matrix *matrix, const Node *place)
{
    bool all = matrix->cell_count <= CHECK_CELLS_MAX;
    const Node *root = reading->tree->root;
    const Node *levels_node = node_get(root, "matrix");
    size_t each = root->weight - (levels_node != NULL ? levels_node->weight : 0);
    size_t unseen = count_levels(matrix->scenario);
    g_autofree bool *seen = g_new0(bool, unseen + 1);
    size_t work = 0;

    for (size_t i = 0; i < matrix->cell_count && (all || unseen > 0); i++) {
        g_autofree const char **levels = NULL;
        size_t fresh = all ? 0 : count_new_levels(matrix, i, seen);

        unseen -= fresh;
        if (!all && fresh == 0)
            continue;
        if (work > CHECK_WORK_MAX) {
            reading_problem(reading, place, g_strdup("split it into several scenarios."),
                            "%zu cells are too many for a scenario with %zu values", matrix->cell_count, each);
            return;
        }
        levels = matrix_cell_levels(matrix, i);
        work += each + try_cell(reading, levels);
    }
}

/* Where the matrix as a whole is complained about. */
static const Node *matrix_place(const Node *root)
{
    const Node *matrix = node_get(root, "matrix");
    const Node *when = node_get(matrix, "when");
    const Node *exclude = node_get(matrix, "exclude");

    return when != NULL ? when : exclude != NULL ? exclude : matrix != NULL ? matrix : root;
}

static void check_cells(Reading *reading)
{
    const Scenario *scenario = reading->scenario;
    const Node *place = matrix_place(reading->tree->root);
    const Node *when = node_get(node_get(reading->tree->root, "matrix"), "when");
    g_autoptr(Matrix) matrix = NULL;
    GError *error = NULL;

    for (size_t i = 0; i < scenario->factor_count; i++)
        if (scenario->factors[i].level_count == 0 || scenario->factors[i].levels[0].included)
            return; /* reported; there is no matrix to speak of */
    for (size_t i = 0; i < scenario->derived_count; i++)
        if (scenario->derived[i].expression == NULL)
            return;
    if (when != NULL && scenario->condition_count != (when->kind == NODE_LIST ? when->count : 1))
        return; /* a condition could not be read: nobody knows which cells there are */
    if (scenario->repetitions == 0 || !reading->tree->is_complete)
        return;
    matrix = matrix_expand(scenario, &error);
    if (matrix == NULL)
        reading_problem_error(reading, NULL, place, error);
    else
        try_cells(reading, matrix, place);
}

static void read_document(Reading *reading)
{
    const Node *root = reading->tree->root;
    g_autoptr(RunSpec) spec = g_new0(RunSpec, 1);

    names_collect(reading->names, root, reading->problems);
    reading_fill(reading, root, NULL, IN_SCENARIO, reading->scenario);
    reading->scenario->has_seed = node_get(root, "seed") != NULL;
    reading_fill(reading, root, NULL, IN_RUN, spec);
    run_spec_add_macs(spec);
    run_spec_expand_targets(spec);
    cross_check(reading, spec);
    check_factors_used(reading);
    check_cells(reading);
}

/* Whether there is something to read at all. */
static bool check_root(const ScenarioTree *tree, Problems *problems)
{
    const Node *root = tree->root;

    if (root != NULL && root->kind == NODE_MAP)
        return true;
    if (!tree->is_complete)
        return false;
    if (root == NULL || node_is_null(root))
        problems_add(problems, 1, 1, g_strdup("the scenario is empty"),
                     g_strdup("it needs at least the key 'machines'."));
    else
        problems_add(problems, root->line, root->column,
                     g_strdup_printf("a scenario is a map of keys, not %s", node_kind_name(root)),
                     g_strdup("begin with 'machines:'."));
    return false;
}

static Scenario *scenario_new(const char *path, const char *text, size_t size)
{
    Scenario *scenario = g_new0(Scenario, 1);

    scenario->path = g_strdup(path);
    scenario->folder = g_path_get_dirname(path);
    scenario->text = g_malloc(size + 1);
    if (size > 0)
        memcpy(scenario->text, text, size);
    scenario->text[size] = '\0';
    scenario->names = names_new();
    return scenario;
}

/* The document with all that belongs to it: `text` becomes what it needs no other file for. */
static void read_tree(Scenario *scenario, const char *text, size_t size, const char *const *overrides,
                      Problems *problems)
{
    char *flat;

    scenario->tree = scenario_tree_parse(text, size, problems);
    flat = tree_flatten(scenario->tree, scenario->path, overrides, problems);
    if (flat != NULL) {
        g_free(scenario->text);
        scenario->text = flat;
    }
    if (scenario->tree->root != NULL && scenario->tree->root->kind == NODE_MAP)
        tree_apply_defaults(scenario->tree);
}

static Scenario *parse(const char *path, const char *text, size_t size, const char *const *overrides,
                       const ScenarioChecks *checks, Problems *problems)
{
    g_autoptr(Scenario) scenario = scenario_new(path, text, size);
    g_autoptr(GString) with = g_string_new(NULL);
    Reading reading = {
        .scenario = scenario, .names = scenario->names, .checks = checks, .problems = problems, .with = with
    };
    unsigned before = problems->items->len;

    read_tree(scenario, text, size, overrides, problems);
    reading.tree = scenario->tree;
    reading.look_for_files = checks == NULL || !checks->frozen;
    if (check_root(scenario->tree, problems))
        read_document(&reading);
    problems_sort(problems);
    if (problems->items->len > before)
        return NULL;
    if (scenario->name == NULL)
        scenario->name = name_from_path(path);
    return g_steal_pointer(&scenario);
}

Scenario *scenario_parse(const char *path, const char *text, size_t size, const ScenarioChecks *checks,
                         Problems *problems)
{
    return parse(path, text, size, NULL, checks, problems);
}

Scenario *scenario_load(const char *path, const ScenarioChecks *checks, Problems *problems)
{
    return scenario_load_set(path, NULL, checks, problems);
}

Scenario *scenario_load_set(const char *path, const char *const *overrides, const ScenarioChecks *checks,
                            Problems *problems)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    size_t size = 0;

    if (file_read(path, SCENARIO_BYTES_MAX, &text, &size, &error))
        return parse(path, text, size, overrides, checks, problems);
    problems_add(problems, 0, 0, error_first_line(error), NULL);
    return NULL;
}

void scenario_free(Scenario *scenario)
{
    if (scenario == NULL)
        return;
    reading_clear(NULL, IN_SCENARIO, scenario);
    for (size_t i = 0; i < scenario->factor_count; i++) {
        for (size_t j = 0; j < scenario->factors[i].level_count; j++)
            g_free(scenario->factors[i].levels[j].text);
        g_free(scenario->factors[i].levels);
        g_free(scenario->factors[i].name);
    }
    g_free(scenario->factors);
    scenario_free_derived(scenario);
    names_free(scenario->names);
    scenario_tree_free(scenario->tree);
    g_free(scenario->path);
    g_free(scenario->folder);
    g_free(scenario->text);
    g_free(scenario);
}
