// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/base/log.h"
#include "runner/cmd/estimate.h"
#include "runner/cmd/support.h"
#include "runner/exec/explain.h"
#include "runner/exec/preflight.h"

extern const Command cmd_plan;

static gboolean csv, explain;
static int repetitions;
static char *machines;
static char **only, **set;

static const GOptionEntry options[] = {
    { "csv", 0, 0, G_OPTION_ARG_NONE, &csv, "print CSV", NULL },
    { "explain", 0, 0, G_OPTION_ARG_NONE, &explain, "say of each run whether this lab has it already, or why not", NULL },
    { "only", 0, 0, G_OPTION_ARG_STRING_ARRAY, &only, "only cells with this level (or these: A,B); may be repeated",
      "FACTOR=LEVEL" },
    { "repetitions", 0, 0, G_OPTION_ARG_INT, &repetitions, "instead of the scenario's", "N" },
    SUPPORT_SET_OPTION(set),
    { "machines", 0, 0, G_OPTION_ARG_STRING, &machines, "whose earlier runs are looked at: 'libvirt' (default) or 'fake'",
      "KIND" },
    G_OPTION_ENTRY_NULL,
};

static const char *const columns[] = { "position", "cell", "repetition", "block", "warmup", NULL };
static const char *const explained[] = { "position", "cell", "repetition", "block", "warmup", "done", "why", NULL };

static const PrintColumn shown[] = {
    { .name = "position" }, { .name = "cell" }, { .name = "repetition" }, { .name = "block", .dull = "0" },
    { .name = "warmup", .dull = "0" }, { 0 },
};
static const PrintColumn shown_explained[] = {
    { .name = "position" }, { .name = "cell" }, { .name = "repetition" }, { .name = "warmup", .dull = "0" }, { .name = "why" },
    { 0 },
};

static Table *plan_table(const Matrix *matrix, const PlannedRun *runs, size_t count)
{
    Table *table = g_new0(Table, 1);

    table->columns = g_strdupv((char **) (explain ? explained : columns));
    table->column_count = g_strv_length(table->columns);
    table->row_count = count;
    table->values = g_new0(Value, count * table->column_count);
    for (size_t i = 0; i < count; i++) {
        Value *row = &table->values[i * table->column_count];

        row[0] = (Value) { .type = VALUE_INTEGER, .integer = (int64_t) i + 1 };
        row[1] = (Value) { .type = VALUE_TEXT, .text = matrix_cell_label(matrix, runs[i].cell) };
        row[2] = (Value) { .type = VALUE_INTEGER, .integer = runs[i].repetition };
        row[3] = (Value) { .type = VALUE_INTEGER, .integer = runs[i].block };
        row[4] = (Value) { .type = VALUE_INTEGER, .integer = runs[i].warmup };
    }
    return table;
}

/* The lab's database, if it has one. */
static bool open_lab(const Context *context, Store **ret_store, Lab *ret_lab, GError **error)
{
    g_autofree char *path = g_build_filename(context->lab, "trialbed.db", NULL);

    *ret_store = NULL;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return true;
    return lab_open(context->lab, ret_lab, error) && (*ret_store = store_open_readonly(path, error)) != NULL;
}

/* The columns `done` and `why`. */
static bool explain_rows(Store *store, const Lab *lab, const Matrix *matrix, const Settings *settings, const PlannedRun *runs,
                         Table *table, size_t *ret_done, GError **error)
{
    g_autoptr(Environment) environment = environment_gather();
    g_autoptr(Inputs) inputs = NULL;
    g_autoptr(Explain) explanation = NULL;

    *ret_done = 0;
    if (store != NULL && strcmp(settings->backend, "fake") != 0)
        preflight_note_images(lab, matrix, environment);
    inputs = inputs_of_host(environment, matrix->scenario->folder);
    explanation = explain_new(store, lab, matrix, inputs, settings->backend, error);
    if (explanation == NULL)
        return false;
    for (size_t i = 0; i < table->row_count; i++) {
        Value *row = &table->values[i * table->column_count];
        char *why;
        bool done;

        if (!explain_run(explanation, &runs[i], &done, &why, error))
            return false;
        row[5] = (Value) { .type = VALUE_INTEGER, .integer = done };
        row[6] = (Value) { .type = VALUE_TEXT, .text = why };
        *ret_done += done;
    }
    return true;
}

static void print_rows(const Context *context, const Table *table)
{
    if (context->json || csv)
        print_table(table, context->json ? PRINT_JSON : PRINT_CSV, stdout);
    else
        print_columns(table, explain ? shown_explained : shown, stdout);
}

/* After the table, for people. */
static bool print_tail(Store *store, const Matrix *matrix, const PlannedRun *runs, const Table *table, const Settings *settings,
                       size_t done, GError **error)
{
    if (explain)
        printf("\n%zu of %zu run%s done with these inputs; 'trialbed run --only missing' does the others", done,
               table->row_count, table->row_count == 1 ? " is" : "s are");
    return estimate_print(store, matrix, runs, table->row_count, settings, error);
}

static bool check_options(GError **error)
{
    if (repetitions < 0)
        return error_set(error, ERROR_USAGE, "command 'plan': '--repetitions %d' is no number of runs", repetitions);
    if (machines != NULL && strcmp(machines, "libvirt") != 0 && strcmp(machines, "fake") != 0)
        return error_set(error, ERROR_USAGE, "'--machines %s' is neither 'libvirt' nor 'fake'", machines);
    return true;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    Settings settings = { .backend = machines != NULL ? machines : (char *) "libvirt", .only = only,
                          .repetitions = (unsigned) MAX(repetitions, 0) };
    g_auto(Lab) lab = { 0 };
    g_autoptr(Scenario) scenario = NULL;
    g_autoptr(Matrix) matrix = NULL;
    g_autoptr(Store) store = NULL;
    g_autoptr(Table) table = NULL;
    g_autofree PlannedRun *runs = NULL;
    size_t count, done = 0;
    uint64_t seed;

    (void) argc;
    if (!check_options(error) || (scenario = support_load_scenario(context, argv[0], set, error)) == NULL
        || (matrix = experiment_matrix(scenario, &settings, error)) == NULL || !open_lab(context, &store, &lab, error))
        return false;
    runs = experiment_runs(matrix, &settings, &seed, &count);
    table = plan_table(matrix, runs, count);
    if (explain && !explain_rows(store, &lab, matrix, &settings, runs, table, &done, error))
        return false;
    print_rows(context, table);
    if (!scenario->has_seed && (scenario->order == ORDER_BLOCKS || scenario->order == ORDER_SHUFFLED))
        log_info("the scenario gives no seed, so each 'run' draws its own order; this is one of them");
    return context->json || csv || print_tail(store, matrix, runs, table, &settings, done, error);
}

const Command cmd_plan = {
    .name = "plan",
    .usage = "SCENARIO [--csv] [--explain] [--only FACTOR=LEVEL]... [--set KEY=VALUE]...",
    .summary = "list the runs in their order, estimate time and disk",
    .details = "Nothing is started or stored. The estimate comes from what the same cells took in this lab. With\n"
               "'--explain' a run is done when this lab has completed one of the same cell and repetition of an\n"
               "experiment of that name with the same inputs: the scenario with the cell's levels put in, the\n"
               "content of its files, the digests of its images, the versions of trialbed, libvirt and QEMU. Where\n"
               "one of them is another, it says which.",
    .json = "[{\"position\", \"cell\", \"repetition\", \"block\", \"warmup\"}]; with --explain also \"done\"\n"
            "(0 or 1) and \"why\"",
    .exits = "3 when the scenario has problems",
    .options = options, .min_args = 1, .max_args = 1, .run = run,
};
