// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/cmd/selection.h"

#include <string.h>

#include "runner/base/error.h"

void selection_parse(char **only, Selection *ret_selection)
{
    GPtrArray *cells = g_ptr_array_new();
    Selection selection = { 0 };

    for (char **word = only; word != NULL && *word != NULL; word++) {
        if (strcmp(*word, "failed") == 0)
            selection.failed = true;
        else if (strcmp(*word, "missing") == 0)
            selection.missing = true;
        else if (strcmp(*word, "tainted") == 0)
            selection.tainted = true;
        else
            g_ptr_array_add(cells, g_strdup(*word));
    }
    g_ptr_array_add(cells, NULL);
    selection.cells = (char **) g_ptr_array_free(cells, FALSE);
    *ret_selection = selection;
}

void selection_clear(Selection *selection)
{
    g_strfreev(selection->cells);
    *selection = (Selection) { 0 };
}

bool selection_has_words(const Selection *selection)
{
    return selection->failed || selection->missing || selection->tainted;
}

static bool chooses(const Selection *selection, const char *status)
{
    return (selection->failed && strcmp(status, "failed") == 0) || (selection->tainted && strcmp(status, "tainted") == 0)
           || (selection->missing && (strcmp(status, "planned") == 0 || strcmp(status, "running") == 0));
}

static GHashTable *labels_of(const Matrix *matrix)
{
    GHashTable *labels = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (size_t cell = 0; cell < matrix->cell_count; cell++)
        g_hash_table_add(labels, matrix_cell_label(matrix, cell));
    return labels;
}

/* The runs of an experiment whose scenario is still the same. */
static bool choose_runs(const Selection *selection, const Context *context, const Matrix *matrix, int64_t experiment_id,
                        GHashTable **ret_wanted, GError **error)
{
    g_autoptr(GHashTable) labels = labels_of(matrix);
    g_autoptr(GHashTable) wanted = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(Table) runs = NULL;
    size_t changed;

    if (!store_read(context->store, "runs", &runs, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < runs->row_count; row++) {
        int64_t run_id = table_integer(runs, row, "run_id");

        if (!chooses(selection, table_text(runs, row, "status"))
            || !g_hash_table_contains(labels, table_text(runs, row, "cell")))
            continue;
        g_array_append_val(ids, run_id);
        g_hash_table_add(wanted, g_memdup2(&run_id, sizeof run_id));
    }
    if (!store_runs_reset(context->store, (const int64_t *) (const void *) ids->data, ids->len, &changed, error))
        return false;
    *ret_wanted = g_steal_pointer(&wanted);
    return true;
}

/* Leave the cells that have a run which nobody has done with these inputs. */
static bool keep_missing(const Context *context, const Lab *lab, Matrix *matrix, const Settings *settings,
                         const Environment *environment, GError **error)
{
    g_autoptr(Inputs) inputs = inputs_of_host(environment, matrix->scenario->folder);
    g_autoptr(Explain) explain = explain_new(context->store, lab, matrix, inputs, settings->backend, error);
    g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free);
    g_autofree bool *kept = g_new0(bool, matrix->cell_count + 1);
    g_autofree PlannedRun *runs = NULL;
    uint64_t seed;
    size_t count;

    if (explain == NULL)
        return false;
    runs = experiment_runs(matrix, settings, &seed, &count);
    for (size_t i = 0; i < count; i++) {
        g_autofree char *why = NULL;
        bool done;

        if (!explain_run(explain, &runs[i], &done, &why, error))
            return false;
        if (!done && !kept[runs[i].cell])
            g_ptr_array_add(labels, matrix_cell_label(matrix, runs[i].cell));
        kept[runs[i].cell] |= !done;
    }
    g_clear_pointer(&explain, explain_free); /* it looks into the matrix */
    return experiment_keep_cells(matrix, labels, error);
}

static bool refuse(const Selection *selection, const Scenario *scenario, const Table *newest, GError **error)
{
    const char *word = selection->failed ? "failed" : "tainted";

    if (newest->row_count == 0)
        error_set(error, ERROR_USAGE, "'--only %s': there is no experiment of scenario '%s' yet", word, scenario->name);
    else
        error_set(error, ERROR_USAGE, "'--only %s': scenario '%s' is no longer that of experiment %" G_GINT64_FORMAT, word,
                  scenario->name, table_integer(newest, 0, "experiment_id"));
    error_hint(error, "'trialbed plan --explain %s' says what has changed; 'trialbed run' makes a new experiment.",
               scenario->path);
    return false;
}

bool selection_apply(const Selection *selection, const Context *context, const Lab *lab, Matrix *matrix,
                     const Settings *settings, const Environment *environment, int64_t *ret_experiment,
                     GHashTable **ret_wanted, GError **error)
{
    const Scenario *scenario = matrix->scenario;
    g_autoptr(Table) newest = NULL;

    *ret_experiment = 0;
    *ret_wanted = NULL;
    if (!store_read(context->store, "experiment-newest", &newest, error, PARAM_TEXT(scenario->name),
                    PARAM_TEXT(settings->backend), PARAM_END))
        return false;
    if (newest->row_count > 0 && strcmp(table_text(newest, 0, "scenario_text"), scenario->text) == 0) {
        *ret_experiment = table_integer(newest, 0, "experiment_id");
        return choose_runs(selection, context, matrix, *ret_experiment, ret_wanted, error);
    }
    if (selection->failed || selection->tainted)
        return refuse(selection, scenario, newest, error);
    return keep_missing(context, lab, matrix, settings, environment, error);
}
