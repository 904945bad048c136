// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/base/error.h"
#include "runner/plan/reading.h"
#include "runner/plan/run-spec.h"

static void add_macs(InterfaceSpec *interfaces, size_t count, unsigned kind, size_t owner)
{
    for (size_t i = 0; i < count; i++)
        if (interfaces[i].mac == NULL)
            interfaces[i].mac = g_strdup_printf("52:54:%02x:%02x:%02x:%02x", kind, (unsigned) (owner >> 8) & 0xff,
                                                (unsigned) owner & 0xff, (unsigned) i & 0xff);
}

void run_spec_add_macs(RunSpec *spec)
{
    for (size_t i = 0; i < spec->machine_count; i++)
        add_macs(spec->machines[i].interfaces, spec->machines[i].interface_count, 0, i);
    for (size_t i = 0; i < spec->router_count; i++)
        add_macs(spec->routers[i].interfaces, spec->routers[i].interface_count, 1, i);
}

/* Machines that a word of `on` names. */
static void add_targets(const RunSpec *spec, const char *word, GPtrArray *machines)
{
    for (size_t i = 0; i < spec->machine_count; i++) {
        const MachineSpec *machine = &spec->machines[i];
        bool is_it = machine->name != NULL && (strcmp(word, machine->name) == 0 || strcmp(word, "all") == 0 ||
                                               (machine->group != NULL && strcmp(word, machine->group) == 0));

        if (is_it && !g_ptr_array_find_with_equal_func(machines, machine->name, g_str_equal, NULL))
            g_ptr_array_add(machines, g_strdup(machine->name));
    }
}

/* The words become machines; one machine alone is also `on`. */
static void expand_targets(const RunSpec *spec, char **on, char ***words)
{
    GPtrArray *machines = g_ptr_array_new();

    for (char **word = *words; word != NULL && *word != NULL; word++)
        add_targets(spec, *word, machines);
    if (machines->len == 0 && *words != NULL && g_strv_contains((const char *const *) *words, "host"))
        *on = g_strdup("host");
    if (machines->len == 1)
        *on = g_strdup(g_ptr_array_index(machines, 0));
    g_ptr_array_add(machines, NULL);
    g_strfreev(*words);
    *words = (char **) g_ptr_array_free(machines, FALSE);
}

void run_spec_expand_targets(RunSpec *spec)
{
    struct {
        StepSpec *steps;
        size_t count;
    } lists[] = { { spec->setups, spec->setup_count },
                  { spec->steps, spec->step_count },
                  { spec->teardowns, spec->teardown_count } };

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        for (size_t j = 0; j < lists[i].count; j++)
            expand_targets(spec, &lists[i].steps[j].on, &lists[i].steps[j].machines);
    for (size_t i = 0; i < spec->file_count; i++)
        expand_targets(spec, &spec->files[i].on, &spec->files[i].machines);
}

/* One image has a name for each architecture, so that only the architecture need be a factor. */
static void name_images(RunSpec *spec)
{
    for (size_t i = 0; i < spec->machine_count; i++) {
        MachineSpec *machine = &spec->machines[i];
        g_autofree char *suffix = g_strconcat("-", machine->arch, NULL);
        char *name;

        if (strcmp(machine->arch, RUN_SPEC_ARCH) == 0 || strcmp(machine->image, "none") == 0 || g_str_has_suffix(machine->image, suffix))
            continue;
        name = g_strconcat(machine->image, suffix, NULL);
        g_free(machine->image);
        machine->image = name;
    }
}

static void add_environment(RunSpec *spec, const Scenario *scenario, const char *const *levels, char *const *derived)
{
    spec->environment = g_new0(char *, scenario->factor_count + scenario->derived_count + 1);
    for (size_t i = 0; i < scenario->factor_count; i++) {
        g_autofree char *variable = factor_variable(scenario->factors[i].name);

        spec->environment[i] = g_strconcat(variable, "=", levels[i], NULL);
    }
    for (size_t i = 0; i < scenario->derived_count; i++) {
        g_autofree char *variable = factor_variable(scenario->derived[i].name);

        spec->environment[scenario->factor_count + i] = g_strconcat(variable, "=", derived[i], NULL);
    }
}

static bool is_clean(Problems *problems, GError **error)
{
    const Problem *first;
    g_autofree char *place = NULL;

    if (problems->items->len == 0)
        return true;
    problems_sort(problems);
    first = &g_array_index(problems->items, Problem, 0);
    place = problems_place(problems, first->line, first->column);
    error_set(error, ERROR_SCENARIO, "%s: %s", place, first->message);
    if (first->hint != NULL)
        error_hint(error, "%s", first->hint);
    return false;
}

RunSpec *scenario_resolve(const Scenario *scenario, const char *const *levels, GError **error)
{
    static const char *const no_levels[] = { NULL };
    g_autoptr(Problems) problems = problems_new(scenario->path);
    g_autoptr(RunSpec) spec = g_new0(RunSpec, 1);
    g_autoptr(GString) with = g_string_new(NULL);
    Reading reading = {
        .scenario = (Scenario *) scenario, /* only the first walk writes there */
        .tree = scenario->tree,
        .names = scenario->names,
        .problems = problems,
        .levels = levels != NULL ? levels : no_levels,
        .with = with,
    };
    bool is_fine;

    reading_derive(&reading);
    reading_fill(&reading, scenario->tree->root, NULL, IN_RUN, spec);
    run_spec_add_macs(spec);
    run_spec_expand_targets(spec);
    cross_check(&reading, spec);
    is_fine = is_clean(problems, error);
    if (is_fine)
        name_images(spec);
    if (is_fine)
        add_environment(spec, scenario, reading.levels, reading.derived);
    reading_forget_derived(&reading);
    return !is_fine ? NULL : g_steal_pointer(&spec);
}

void run_spec_free(RunSpec *spec)
{
    if (spec == NULL)
        return;
    reading_clear(NULL, IN_RUN, spec);
    g_strfreev(spec->environment);
    g_free(spec);
}
