// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/explain.h"

#include <string.h>

#include "runner/base/error.h"

enum { FINGERPRINT_SHOWN = 8 };

/* An earlier run of the same cell and repetition. */
typedef struct Past {
    int64_t experiment_id, cell_id, run_id;
    const char *status; /* of `history` */
    bool same;          /* completed, with today's inputs */
    bool recorded;      /* its inputs are: runs of an older trialbed have none */
} Past;

/* An earlier experiment, read when a difference is asked for. */
typedef struct Earlier {
    Scenario *scenario; /* NULL: this trialbed cannot read it */
    Inputs *inputs;
} Earlier;

struct Explain {
    Store *store;
    const Lab *lab;
    const Matrix *matrix;
    Inputs *inputs;
    Table *history;
    char **fingerprints;    /* today's, one a cell; NULL: not computed yet */
    GHashTable *past;       /* of Past, by key_of() */
    GHashTable *earlier;    /* of Earlier, by experiment */
    GHashTable *differences; /* of char *, by the earlier cell's number */
};

static void earlier_free(void *data)
{
    Earlier *earlier = data;

    scenario_free(earlier->scenario);
    inputs_free(earlier->inputs);
    g_free(earlier);
}

static int64_t key_of(size_t cell, bool warmup, unsigned repetition)
{
    return (int64_t) cell << 32 | (int64_t) warmup << 31 | (int64_t) repetition;
}

/* GLib's own takes the lower half alone, in which all cells' first repetitions are alike. */
static guint key_hash(gconstpointer key)
{
    uint64_t value = (uint64_t) *(const int64_t *) key;

    return (guint) (value >> 32) * 2654435761U + (guint) value; /* Knuth's multiplicative hashing */
}

static RunSpec *resolve(const Explain *explain, size_t cell, GError **error)
{
    g_autofree const char **levels = matrix_cell_levels(explain->matrix, cell);

    return scenario_resolve(explain->matrix->scenario, levels, error);
}

static const char *fingerprint_of(Explain *explain, size_t cell, GError **error)
{
    g_autoptr(RunSpec) spec = NULL;

    if (explain->fingerprints[cell] == NULL && (spec = resolve(explain, cell, error)) != NULL)
        explain->fingerprints[cell] = inputs_fingerprint(explain->inputs, spec);
    return explain->fingerprints[cell];
}

/* Later rows are of later experiments. What was done with the same inputs is not forgotten for a later failure. */
static bool take_row(Explain *explain, size_t row, size_t cell, GError **error)
{
    const Table *history = explain->history;
    int64_t key = key_of(cell, table_integer(history, row, "warmup"), (unsigned) table_integer(history, row, "repetition"));
    Past *past = g_hash_table_lookup(explain->past, &key);
    const char *fingerprint = fingerprint_of(explain, cell, error);
    const char *status = table_text(history, row, "status");
    bool same = fingerprint != NULL && strcmp(status, "completed") == 0
                && g_strcmp0(table_text(history, row, "fingerprint"), fingerprint) == 0;

    if (fingerprint == NULL)
        return false;
    if (past != NULL && past->same && !same)
        return true;
    past = g_new(Past, 1);
    *past = (Past) { table_integer(history, row, "experiment_id"), table_integer(history, row, "cell_id"),
                     table_integer(history, row, "run_id"), status, same,
                     table_text(history, row, "fingerprint") != NULL };
    g_hash_table_replace(explain->past, g_memdup2(&key, sizeof key), past);
    return true;
}

static bool read_history(Explain *explain, const char *backend, GError **error)
{
    g_autoptr(GHashTable) cells = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    if (!store_read(explain->store, "plan-history", &explain->history, error,
                    PARAM_TEXT(explain->matrix->scenario->name), PARAM_TEXT(backend), PARAM_END))
        return false;
    for (size_t cell = 0; cell < explain->matrix->cell_count; cell++)
        g_hash_table_insert(cells, matrix_cell_label(explain->matrix, cell), GSIZE_TO_POINTER(cell + 1));
    for (size_t row = 0; row < explain->history->row_count; row++) {
        size_t cell = GPOINTER_TO_SIZE(g_hash_table_lookup(cells, table_text(explain->history, row, "cell")));

        if (cell > 0 && !take_row(explain, row, cell - 1, error))
            return false;
    }
    return true;
}

Explain *explain_new(Store *store, const Lab *lab, const Matrix *matrix, Inputs *inputs, const char *backend, GError **error)
{
    g_autoptr(Explain) explain = g_new0(Explain, 1);

    explain->store = store;
    explain->lab = lab;
    explain->matrix = matrix;
    explain->inputs = inputs;
    explain->fingerprints = g_new0(char *, matrix->cell_count + 1);
    explain->past = g_hash_table_new_full(key_hash, g_int64_equal, g_free, g_free);
    explain->earlier = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, earlier_free);
    explain->differences = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    if (store != NULL && !read_history(explain, backend, error))
        return NULL;
    return g_steal_pointer(&explain);
}

void explain_free(Explain *explain)
{
    if (explain == NULL)
        return;
    for (size_t cell = 0; cell < explain->matrix->cell_count; cell++)
        g_free(explain->fingerprints[cell]);
    g_free(explain->fingerprints);
    g_hash_table_unref(explain->past);
    g_hash_table_unref(explain->earlier);
    g_hash_table_unref(explain->differences);
    table_free(explain->history);
    g_free(explain);
}

static Earlier *earlier_of(Explain *explain, int64_t experiment_id, GError **error)
{
    Earlier *earlier = g_hash_table_lookup(explain->earlier, &experiment_id);
    g_autofree char *folder = lab_experiment_folder(explain->lab, experiment_id);
    g_autofree char *path = g_build_filename(folder, "scenario.yaml", NULL);
    g_autoptr(Problems) problems = problems_new(path);
    g_autoptr(Table) experiment = NULL, environment = NULL;
    ScenarioChecks checks = { .frozen = true };

    if (earlier != NULL)
        return earlier;
    if (!store_read(explain->store, "experiment", &experiment, error, PARAM_INTEGER(experiment_id), PARAM_END)
        || !store_read(explain->store, "environment", &environment, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return NULL;
    earlier = g_new0(Earlier, 1);
    earlier->scenario = scenario_parse(path, table_text(experiment, 0, "scenario_text"),
                                       strlen(table_text(experiment, 0, "scenario_text")), &checks, problems);
    earlier->inputs = inputs_of_record(environment, folder);
    g_hash_table_insert(explain->earlier, g_memdup2(&experiment_id, sizeof experiment_id), earlier);
    return earlier;
}

/* All that an earlier cell's runs depended on; NULL without an error when it cannot be said any more. */
static char *earlier_text(Explain *explain, const Past *past, GError **error)
{
    Earlier *earlier = earlier_of(explain, past->experiment_id, error);
    g_autoptr(Table) table = NULL;
    g_autofree const char **levels = NULL;
    g_autoptr(RunSpec) spec = NULL;

    if (earlier == NULL || !store_read(explain->store, "cell-levels", &table, error, PARAM_INTEGER(past->cell_id), PARAM_END)
        || earlier->scenario == NULL || table->row_count != earlier->scenario->factor_count)
        return NULL;
    levels = g_new0(const char *, table->row_count + 1);
    for (size_t i = 0; i < table->row_count; i++)
        levels[i] = table_text(table, i, "level");
    spec = scenario_resolve(earlier->scenario, levels, NULL);
    return spec != NULL ? inputs_text(earlier->inputs, spec) : NULL;
}

/* What has changed since the earlier run of a cell; the same words for all its repetitions. */
static const char *difference(Explain *explain, const Past *past, size_t cell, GError **error)
{
    char *words = g_hash_table_lookup(explain->differences, &past->cell_id);
    g_autoptr(GError) problem = NULL;
    g_autoptr(RunSpec) spec = NULL;
    g_autofree char *before = NULL;
    g_autofree char *now = NULL;

    if (words != NULL)
        return words;
    before = earlier_text(explain, past, &problem);
    if (problem != NULL) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    if (before == NULL) {
        words = g_strdup("its scenario cannot be read any more");
    } else {
        spec = resolve(explain, cell, error);
        if (spec == NULL)
            return NULL;
        now = inputs_text(explain->inputs, spec);
        words = inputs_difference(before, now);
        if (words == NULL)
            words = g_strdup(past->recorded ? "the content of a kernel's, initramfs' or firmware's file has changed"
                                            : "nothing is recorded of its inputs");
    }
    g_hash_table_insert(explain->differences, g_memdup2(&past->cell_id, sizeof past->cell_id), words);
    return words;
}

static const char *why_again(const char *status)
{
    static const struct {
        const char *status, *why;
    } reasons[] = {
        { "planned", "has not begun" }, { "running", "is under way" }, { "failed", "failed" }, { "tainted", "is tainted" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
        if (strcmp(status, reasons[i].status) == 0)
            return reasons[i].why;
    return NULL;
}

bool explain_run(Explain *explain, const PlannedRun *run, bool *ret_done, char **ret_why, GError **error)
{
    int64_t key = key_of(run->cell, run->warmup, run->repetition);
    const Past *past = g_hash_table_lookup(explain->past, &key);
    const char *again = past != NULL ? why_again(past->status) : NULL, *changed;

    *ret_done = past != NULL && past->same;
    if (past == NULL) {
        *ret_why = g_strdup("run: there is none yet");
    } else if (past->same) {
        *ret_why = g_strdup_printf("done: run %" G_GINT64_FORMAT " of experiment %" G_GINT64_FORMAT " had the same inputs (%.*s)",
                                   past->run_id, past->experiment_id, FINGERPRINT_SHOWN, explain->fingerprints[run->cell]);
    } else if (again != NULL) {
        *ret_why = g_strdup_printf("run: run %" G_GINT64_FORMAT " of experiment %" G_GINT64_FORMAT " %s", past->run_id,
                                   past->experiment_id, again);
    } else {
        changed = difference(explain, past, run->cell, error);
        if (changed == NULL)
            return false;
        *ret_why = g_strdup_printf("run: since run %" G_GINT64_FORMAT " of experiment %" G_GINT64_FORMAT ", %s", past->run_id,
                                   past->experiment_id, changed);
    }
    return true;
}
