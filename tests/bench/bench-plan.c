// SPDX-License-Identifier: GPL-3.0-or-later
/* How long a million runs take to be expanded, ordered and stored, and how much memory; prints n, median and spread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "db/store.h"
#include "runner/plan/matrix.h"

enum { TIMES = 3, FACTORS = 5, REPETITIONS = 10 };

typedef enum { STAGE_READ, STAGE_EXPAND, STAGE_ORDER, STAGE_STORE, STAGES } Stage;

static Scenario *make_scenario(void)
{
    g_autoptr(GString) text =
        g_string_new("machines: [{name: a, image: tiny}]\nrepetitions: 10\nseed: 1\nmatrix:\n  factors:\n");
    g_autoptr(Problems) problems = problems_new("bench.yaml");
    Scenario *scenario;

    for (int i = 0; i < FACTORS; i++)
        g_string_append_printf(text, "    f%d: {from: 0, to: 9}\n", i);
    g_string_append(text, "steps: [{name: s, on: a, run: '${f0}${f1}${f2}${f3}${f4}'}]\n");
    scenario = scenario_parse("bench.yaml", text->str, text->len, NULL, problems);
    problems_print(problems, stderr);
    return scenario;
}

static bool store_plan(const Matrix *matrix, const PlannedRun *planned, size_t count, const char *path, GError **error)
{
    const Scenario *scenario = matrix->scenario;
    g_autofree char *uuid = g_uuid_string_random();
    g_autofree CellRecord *cells = g_new0(CellRecord, matrix->cell_count);
    g_autofree RunRecord *runs = g_new0(RunRecord, count);
    g_autofree FactorRecord *factors = g_new0(FactorRecord, scenario->factor_count);
    g_autofree LevelRecord *levels = g_new0(LevelRecord, FACTORS * 10);
    g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Store) store = store_open(path, error);
    int64_t id;

    for (size_t i = 0; i < scenario->factor_count; i++) {
        for (size_t j = 0; j < 10; j++)
            levels[i * 10 + j].text = scenario->factors[i].levels[j].text;
        factors[i] = (FactorRecord){ scenario->factors[i].name, &levels[i * 10], 10 };
    }
    for (size_t i = 0; i < matrix->cell_count; i++) {
        g_ptr_array_add(labels, matrix_cell_label(matrix, i));
        cells[i] = (CellRecord){ g_ptr_array_index(labels, i), &matrix->level_indices[i * scenario->factor_count] };
    }
    for (size_t i = 0; i < count; i++)
        runs[i] = (RunRecord){ planned[i].cell, planned[i].repetition, planned[i].block, planned[i].warmup };
    return store != NULL && store_experiment_insert(store,
                                                    &(ExperimentRecord){ .uuid = uuid,
                                                                         .name = "bench",
                                                                         .scenario_path = "bench.yaml",
                                                                         .scenario_text = scenario->text,
                                                                         .settings = "{}",
                                                                         .seed = 1,
                                                                         .order = order_name(scenario->order),
                                                                         .repetitions = REPETITIONS,
                                                                         .factors = factors,
                                                                         .factor_count = scenario->factor_count,
                                                                         .cells = cells,
                                                                         .cell_count = matrix->cell_count,
                                                                         .runs = runs,
                                                                         .run_count = count },
                                                    &id, error);
}

static double lap(gint64 *started)
{
    gint64 now = g_get_monotonic_time();
    double seconds = (double) (now - *started) / 1e6;

    *started = now;
    return seconds;
}

static bool measure(double *ret_seconds, GError **error)
{
    g_autofree char *folder = g_dir_make_tmp("trialbed-bench.XXXXXX", error);
    g_autofree char *path = folder != NULL ? g_build_filename(folder, "bench.db", NULL) : NULL;
    gint64 started = g_get_monotonic_time();
    g_autoptr(Scenario) scenario = make_scenario();
    g_autoptr(Matrix) matrix = NULL;
    g_autofree PlannedRun *runs = NULL;
    size_t count;
    bool ok;

    ret_seconds[STAGE_READ] = lap(&started);
    matrix = matrix_expand(scenario, error);
    ret_seconds[STAGE_EXPAND] = lap(&started);
    runs = order_runs(scenario->order, matrix->cell_count, scenario->repetitions, 0, 1, &count);
    ret_seconds[STAGE_ORDER] = lap(&started);
    ok = path != NULL && store_plan(matrix, runs, count, path, error);
    ret_seconds[STAGE_STORE] = lap(&started);
    if (path != NULL)
        unlink(path);
    if (folder != NULL)
        rmdir(folder);
    return ok;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

int main(void)
{
    static const char *const names[] = { "read and check", "expand", "order", "store" };
    double seconds[TIMES][STAGES];
    struct rusage usage;
    GError *error = NULL;

    for (int i = 0; i < TIMES; i++)
        if (!measure(seconds[i], &error)) {
            fprintf(stderr, "bench-plan: %s\n", error->message);
            return EXIT_FAILURE;
        }
    getrusage(RUSAGE_SELF, &usage);
    printf("1000000 runs, n = %d\n", TIMES);
    for (int stage = 0; stage < STAGES; stage++) {
        double sorted[TIMES];

        for (int i = 0; i < TIMES; i++)
            sorted[i] = seconds[i][stage];
        qsort(sorted, TIMES, sizeof *sorted, compare);
        printf("%-15s median %.3f s, from %.3f s to %.3f s\n", names[stage], sorted[TIMES / 2], sorted[0],
               sorted[TIMES - 1]);
    }
    printf("largest memory  %ld MiB\n", usage.ru_maxrss / 1024);
    return EXIT_SUCCESS;
}
