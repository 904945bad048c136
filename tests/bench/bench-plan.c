// SPDX-License-Identifier: GPL-3.0-or-later
/* How long 10^4 to 10^6 runs take to be expanded, ordered and stored, and how much memory; prints n, median and spread of wall
 * time and of processor time, which says more on a busy host. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "db/store.h"
#include "runner/plan/matrix.h"

enum { TIMES = 3, LEVELS = 10, REPETITIONS = 10, FEWEST_FACTORS = 3, MOST_FACTORS = 5 };

typedef enum { STAGE_READ, STAGE_EXPAND, STAGE_ORDER, STAGE_STORE, STAGES } Stage;

static Scenario *make_scenario(int factors)
{
    g_autoptr(GString) text =
        g_string_new("machines: [{name: a, image: tiny}]\nrepetitions: 10\nseed: 1\nmatrix:\n  factors:\n");
    g_autoptr(Problems) problems = problems_new("bench.yaml");
    Scenario *scenario;

    for (int i = 0; i < factors; i++)
        g_string_append_printf(text, "    f%d: {from: 0, to: 9}\n", i);
    g_string_append(text, "steps: [{name: s, on: a, run: '");
    for (int i = 0; i < factors; i++)
        g_string_append_printf(text, "${f%d}", i);
    g_string_append(text, "'}]\n");
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
    g_autofree LevelRecord *levels = g_new0(LevelRecord, MOST_FACTORS * LEVELS);
    g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Store) store = store_open(path, error);
    int64_t id;

    for (size_t i = 0; i < scenario->factor_count; i++) {
        for (size_t j = 0; j < LEVELS; j++)
            levels[i * LEVELS + j].text = scenario->factors[i].levels[j].text;
        factors[i] = (FactorRecord){ scenario->factors[i].name, &levels[i * LEVELS], LEVELS };
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

typedef struct Seconds {
    double wall, processor;
} Seconds;

static Seconds now(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (Seconds){ (double) g_get_monotonic_time() / 1e6,
                      (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
                          + (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6 };
}

static Seconds lap(Seconds *started)
{
    Seconds end = now(), lap = { end.wall - started->wall, end.processor - started->processor };

    *started = end;
    return lap;
}

static bool measure(int factors, Seconds *ret_seconds, size_t *ret_count, GError **error)
{
    g_autofree char *folder = g_dir_make_tmp("trialbed-bench.XXXXXX", error);
    g_autofree char *path = folder != NULL ? g_build_filename(folder, "bench.db", NULL) : NULL;
    Seconds started = now();
    g_autoptr(Scenario) scenario = make_scenario(factors);
    g_autoptr(Matrix) matrix = NULL;
    g_autofree PlannedRun *runs = NULL;
    bool ok;

    ret_seconds[STAGE_READ] = lap(&started);
    matrix = matrix_expand(scenario, error);
    ret_seconds[STAGE_EXPAND] = lap(&started);
    runs = order_runs(scenario->order, matrix->cell_count, scenario->repetitions, 0, 1, ret_count);
    ret_seconds[STAGE_ORDER] = lap(&started);
    ok = path != NULL && store_plan(matrix, runs, *ret_count, path, error);
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

static void print_spread(double *values)
{
    qsort(values, TIMES, sizeof *values, compare);
    printf("  %7.3f s [%.3f .. %.3f]", values[TIMES / 2], values[0], values[TIMES - 1]);
}

static bool measure_size(int factors, GError **error)
{
    static const char *const names[STAGES] = { "read and check", "expand", "order", "store" };
    Seconds seconds[TIMES][STAGES];
    struct rusage usage;
    size_t count = 0;

    for (int i = 0; i < TIMES; i++)
        if (!measure(factors, seconds[i], &count, error))
            return false;
    printf("%zu runs, n = %d: wall time, processor time; median [smallest .. largest]\n", count, TIMES);
    for (int stage = 0; stage < STAGES; stage++) {
        double wall[TIMES], processor[TIMES];

        for (int i = 0; i < TIMES; i++) {
            wall[i] = seconds[i][stage].wall;
            processor[i] = seconds[i][stage].processor;
        }
        printf("  %-14s", names[stage]);
        print_spread(wall);
        print_spread(processor);
        putchar('\n');
    }
    getrusage(RUSAGE_SELF, &usage);
    printf("  largest memory so far  %ld MiB\n", usage.ru_maxrss / 1024);
    return true;
}

int main(void)
{
    GError *error = NULL;

    for (int factors = FEWEST_FACTORS; factors <= MOST_FACTORS; factors++)
        if (!measure_size(factors, &error)) {
            fprintf(stderr, "bench-plan: %s\n", error->message);
            return EXIT_FAILURE;
        }
    return EXIT_SUCCESS;
}
