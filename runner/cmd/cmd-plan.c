// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/cmd/support.h"
#include "runner/exec/experiment.h"
#include "runner/exec/preflight.h"
#include "runner/exec/progress.h"

extern const Command cmd_plan;

static gboolean csv;
static int repetitions;
static char **only;

static const GOptionEntry options[] = {
    { "csv", 0, 0, G_OPTION_ARG_NONE, &csv, "print CSV", NULL },
    { "only", 0, 0, G_OPTION_ARG_STRING_ARRAY, &only, "only cells with this level; may be repeated", "FACTOR=LEVEL" },
    { "repetitions", 0, 0, G_OPTION_ARG_INT, &repetitions, "instead of the scenario's", "N" },
    G_OPTION_ENTRY_NULL,
};

static const char *const columns[] = { "position", "cell", "repetition", "block", "warmup", NULL };

static const PrintColumn shown[] = {
    { .name = "position" }, { .name = "cell" }, { .name = "repetition" }, { .name = "block", .dull = "0" },
    { .name = "warmup", .dull = "0" }, { 0 },
};

static Table *plan_table(const Matrix *matrix, const PlannedRun *runs, size_t count)
{
    Table *table = g_new0(Table, 1);

    table->columns = g_strdupv((char **) columns);
    table->column_count = G_N_ELEMENTS(columns) - 1;
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

/* What earlier runs of scenarios of this name took, if this lab has any. */
static bool history(const char *lab_folder, const char *name, double *ret_run_s, double *ret_run_bytes, GError **error)
{
    g_autofree char *path = g_build_filename(lab_folder, "trialbed.db", NULL);
    g_autoptr(Store) store = NULL;
    g_autoptr(Table) table = NULL;

    *ret_run_s = *ret_run_bytes = -1;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return true;
    store = store_open_readonly(path, error);
    if (store == NULL || !store_read(store, "history", &table, error, PARAM_TEXT(name), PARAM_END))
        return false;
    if (table->row_count > 0 && table_integer(table, 0, "runs") > 0) {
        *ret_run_s = table_real(table, 0, "run_s");
        *ret_run_bytes = table_real(table, 0, "run_bytes");
    }
    return true;
}

static bool print_estimate(const Context *context, const Scenario *scenario, size_t count, GError **error)
{
    const char *plural = support_plural((int64_t) count);
    double run_s, run_bytes;
    g_autofree char *duration = NULL;
    g_autofree char *size = NULL;

    if (!history(context->lab, scenario->name, &run_s, &run_bytes, error))
        return false;
    if (run_s < 0) {
        printf("\n%zu run%s; how long that takes is not known before the first one\n", count, plural);
        return true;
    }
    duration = progress_duration(run_s * (double) count);
    size = g_format_size_full((guint64) (run_bytes * (double) count), G_FORMAT_SIZE_IEC_UNITS);
    printf("\n%zu run%s; about %s one after the other and %s of disk, judging by this lab's earlier runs of '%s'\n",
           count, plural, duration, size, scenario->name);
    return true;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autoptr(Scenario) scenario = support_load_scenario(context, argv[0], error);
    Settings settings = { .only = only, .repetitions = (unsigned) MAX(repetitions, 0) };
    g_autoptr(Matrix) matrix = NULL;
    g_autoptr(Table) table = NULL;
    g_autofree PlannedRun *runs = NULL;
    uint64_t seed;
    size_t count;

    (void) argc;
    if (scenario == NULL)
        return false;
    if (repetitions < 0)
        return error_set(error, ERROR_USAGE, "command 'plan': '--repetitions %d' is no number of runs", repetitions);
    matrix = experiment_matrix(scenario, &settings, error);
    if (matrix == NULL)
        return false;
    runs = experiment_runs(matrix, &settings, &seed, &count);
    table = plan_table(matrix, runs, count);
    if (context->json || csv)
        print_table(table, context->json ? PRINT_JSON : PRINT_CSV, stdout);
    else
        print_columns(table, shown, stdout);
    if (!scenario->has_seed)
        log_info("the scenario gives no seed, so each 'run' draws its own order; this is one of them");
    return context->json || csv || print_estimate(context, scenario, count, error);
}

const Command cmd_plan = {
    .name = "plan", .usage = "SCENARIO [--csv] [--only FACTOR=LEVEL]... [--repetitions N]",
    .summary = "list the runs in their order, estimate time and disk",
    .details = "Nothing is started or stored. The estimate comes from this lab's earlier runs of a scenario of\n"
               "that name.",
    .json = "[{\"position\", \"cell\", \"repetition\", \"block\", \"warmup\"}]",
    .exits = "3 when the scenario has problems",
    .options = options, .min_args = 1, .max_args = 1, .run = run,
};
