// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/reproduce.h"

#include <stdio.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/exec/experiment.h"
#include "runner/exec/preflight.h"

static Table *read_experiment(Store *store, int64_t experiment, GError **error)
{
    Table *table = NULL;

    return store_read(store, "experiment", &table, error, PARAM_INTEGER(experiment), PARAM_END) ? table : NULL;
}

Scenario *reproduce_scenario(Store *store, const Lab *lab, int64_t original, GError **error)
{
    g_autofree char *folder = lab_experiment_folder(lab, original);
    g_autofree char *path = g_build_filename(folder, "scenario.yaml", NULL);
    g_autoptr(Problems) problems = problems_new(path);
    g_autoptr(Table) about = read_experiment(store, original, error);
    Scenario *scenario;

    /* the database's text is what counts, whatever became of the file */
    if (about == NULL || !folder_make(folder, error)
        || !file_write_atomic(path, table_text(about, 0, "scenario_text"), strlen(table_text(about, 0, "scenario_text")),
                              error))
        return NULL;
    scenario = scenario_load(path, &preflight_scenario_checks, problems);
    if (scenario != NULL) {
        g_free(scenario->name); /* without a key `name` it would be called after the folder */
        scenario->name = g_strdup(table_text(about, 0, "name"));
        return scenario;
    }
    problems_print(problems, stderr);
    error_set(error, ERROR_SCENARIO, "the stored scenario of experiment %" G_GINT64_FORMAT
              " is not valid for this trialbed", original);
    error_hint(error, "'trialbed query \"select value from environment where key = 'version.trialbed'\"' says which "
                      "version ran it.");
    return NULL;
}

static unsigned choose_repetitions(const ReproduceOptions *options, unsigned original)
{
    unsigned quick = MAX((original + 3) / 4, REPRODUCE_QUICK_REPETITIONS);

    if (options->repetitions > 0)
        return options->repetitions;
    return options->quick ? MIN(quick, original) : original;
}

static bool choose_settings(const ReproduceOptions *options, const Table *original, Settings *ret_settings, GError **error)
{
    Settings settings;

    if (!settings_read(table_text(original, 0, "settings"), &settings, error))
        return false;
    if (options->machines != NULL) {
        g_free(settings.backend);
        settings.backend = g_strdup(options->machines);
    }
    g_free(settings.uri); /* that was a libvirt of the other host */
    settings.uri = g_strdup(options->uri);
    g_strfreev(settings.only); /* the cells themselves say which were run */
    settings.only = g_strdupv(options->only);
    settings.repetitions = choose_repetitions(options, (unsigned) table_integer(original, 0, "repetitions"));
    g_free(settings.reproduces);
    settings.reproduces = g_strdup(table_text(original, 0, "uuid"));
    *ret_settings = settings;
    return true;
}

/* The original's cells; a bundle may have left some out, and so may have whoever ran it. */
static Matrix *choose_cells(Store *store, int64_t original, const Scenario *scenario, const Settings *settings,
                            GError **error)
{
    const Settings all = { 0 };
    g_autoptr(Table) cells = NULL;
    g_autoptr(GPtrArray) labels = g_ptr_array_new();
    g_autoptr(Matrix) matrix = experiment_matrix(scenario, &all, error);

    if (matrix == NULL || !store_read(store, "cells", &cells, error, PARAM_INTEGER(original), PARAM_END))
        return NULL;
    for (size_t row = 0; row < cells->row_count; row++)
        g_ptr_array_add(labels, (gpointer) table_text(cells, row, "cell"));
    if (!experiment_keep_cells(matrix, labels, error) || !experiment_filter(matrix, settings, error)
        || !experiment_check_repetitions(matrix, settings, error))
        return NULL;
    return g_steal_pointer(&matrix);
}

bool reproduce_prepare(Store *store, const Lab *lab, int64_t original, const Scenario *scenario,
                       const ReproduceOptions *options, int64_t *ret_experiment, GError **error)
{
    g_auto(Settings) settings = { 0 };
    g_autoptr(Table) about = read_experiment(store, original, error);
    g_autoptr(Matrix) matrix = NULL;
    g_autoptr(Environment) environment = NULL;

    if (about == NULL || !choose_settings(options, about, &settings, error))
        return false;
    matrix = choose_cells(store, original, scenario, &settings, error);
    if (matrix == NULL)
        return false;
    environment = environment_gather();
    return preflight_check(lab, matrix, settings.backend, settings.uri, environment, error)
           && experiment_create(store, lab, matrix, &settings, environment, ret_experiment, error);
}

bool reproduce_check(Store *store, int64_t original, int64_t experiment, GError **error)
{
    g_autoptr(Table) of_original = read_experiment(store, original, error);
    g_autoptr(Table) about = of_original != NULL ? read_experiment(store, experiment, error) : NULL;
    g_auto(Settings) settings = { 0 };

    if (about == NULL || !settings_read(table_text(about, 0, "settings"), &settings, error))
        return false;
    if (g_strcmp0(settings.reproduces, table_text(of_original, 0, "uuid")) == 0)
        return true;
    error_set(error, ERROR_USAGE, "experiment %" G_GINT64_FORMAT " does not reproduce experiment %" G_GINT64_FORMAT,
              experiment, original);
    error_hint(error, "'trialbed compare %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "' compares any two.", original,
               experiment);
    return false;
}
