// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/error.h"
#include "runner/plan/reading.h"
#include "runner/plan/run-spec.h"

void run_spec_add_macs(RunSpec *spec)
{
    for (size_t i = 0; i < spec->machine_count; i++) {
        MachineSpec *machine = &spec->machines[i];

        for (size_t j = 0; j < machine->interface_count; j++)
            if (machine->interfaces[j].mac == NULL)
                machine->interfaces[j].mac = g_strdup_printf("52:54:00:%02x:%02x:%02x", (unsigned) (i >> 8) & 0xff,
                                                             (unsigned) i & 0xff, (unsigned) j & 0xff);
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
    cross_check(&reading, spec);
    is_fine = is_clean(problems, error);
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
