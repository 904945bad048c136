// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/cmd/estimate.h"

#include <stdio.h>
#include <unistd.h>

#include "runner/cmd/support.h"
#include "runner/exec/admission.h"
#include "runner/exec/preflight.h"
#include "runner/exec/progress.h"

typedef struct Estimate {
    size_t known_cells, known_runs; /* of the plan */
    int64_t judged_by;              /* earlier runs */
    double sum_s, bytes, longest_s;
} Estimate;

/* The row of `history` of every cell of the matrix, plus 1; 0: none. */
static size_t *find_rows(const Table *history, const Matrix *matrix)
{
    g_autoptr(GHashTable) rows = g_hash_table_new(g_str_hash, g_str_equal);
    size_t *found = g_new0(size_t, matrix->cell_count + 1);

    for (size_t row = 0; row < history->row_count; row++)
        g_hash_table_insert(rows, (void *) table_text(history, row, "cell"), GSIZE_TO_POINTER(row + 1));
    for (size_t cell = 0; cell < matrix->cell_count; cell++) {
        g_autofree char *label = matrix_cell_label(matrix, cell);

        found[cell] = GPOINTER_TO_SIZE(g_hash_table_lookup(rows, label));
    }
    return found;
}

static Estimate add_up(const Table *history, const Matrix *matrix, const PlannedRun *runs, size_t count)
{
    g_autofree size_t *rows = find_rows(history, matrix);
    Estimate estimate = { 0 };

    for (size_t cell = 0; cell < matrix->cell_count; cell++) {
        if (rows[cell] == 0)
            continue;
        estimate.known_cells++;
        estimate.judged_by += table_integer(history, rows[cell] - 1, "runs");
    }
    for (size_t i = 0; i < count; i++) {
        size_t row = rows[runs[i].cell];
        double run_s;

        if (row == 0)
            continue;
        run_s = table_real(history, row - 1, "run_s");
        estimate.known_runs++;
        estimate.sum_s += run_s;
        estimate.bytes += table_real(history, row - 1, "run_bytes");
        estimate.longest_s = MAX(estimate.longest_s, run_s);
    }
    return estimate;
}

/* Runs that fit into this host side by side, the largest taken for all. */
static unsigned widest(const Demand *most)
{
    unsigned cpus = (unsigned) sysconf(_SC_NPROCESSORS_ONLN), width = ADMISSION_RUNS_MAX;

    if (most->cpus > 0)
        width = MIN(width, cpus / most->cpus);
    if (most->memory_mb > 0)
        width = MIN(width, environment_free_memory_mb() / most->memory_mb);
    return MAX(width, 1);
}

static void print_head(const Matrix *matrix, const Rounds *rounds, size_t count, unsigned width)
{
    size_t most = matrix->cell_count * (size_t) (rounds->most - rounds->first) + count;

    printf("\n%zu run%s", count, support_plural((int64_t) count));
    if (rounds->precision != NULL)
        printf(", and further ones, %zu at most in all, until '%s' is known to %g %% in every cell", most,
               rounds->precision->metric, rounds->precision->relative_percent);
    else if (most > count)
        printf(", and further ones, %zu at most in all, round by round within the budget", most);
    printf("; %u can go side by side on this host\n", width);
}

static void print_known(const Estimate *estimate, const Matrix *matrix, size_t count, unsigned width)
{
    double scale = (double) count / (double) estimate->known_runs; /* cells that nobody has run are like the others */
    double sum_s = estimate->sum_s * scale;
    g_autofree char *alone = progress_duration(sum_s);
    g_autofree char *together = progress_duration(MAX(sum_s / width, estimate->longest_s));
    g_autofree char *size = g_format_size_full((guint64) (estimate->bytes * scale), G_FORMAT_SIZE_IEC_UNITS);

    printf("about %s", alone);
    if (width > 1 && count > 1)
        printf(" one after the other, %s with %u side by side", together, (unsigned) MIN(width, count));
    printf(", and %s of disk, judging by %lld earlier run%s of ", size, (long long) estimate->judged_by,
           support_plural(estimate->judged_by));
    if (estimate->known_cells == matrix->cell_count)
        printf("%s in this lab\n", matrix->cell_count == 1 ? "the same cell" : "the same cells");
    else
        printf("%zu of the %zu cells in this lab\n", estimate->known_cells, matrix->cell_count);
}

bool estimate_print(Store *store, const Matrix *matrix, const PlannedRun *runs, size_t count, const Settings *settings,
                    GError **error)
{
    Rounds rounds = experiment_rounds(matrix->scenario, settings);
    g_auto(PreflightNeeds) needs = { 0 };
    g_autoptr(Table) history = NULL;
    Estimate estimate = { 0 };
    unsigned width;

    if (!preflight_needs(matrix, &needs, error)
        || (store != NULL && !store_read(store, "cell-history", &history, error, PARAM_TEXT(matrix->scenario->name),
                                         PARAM_TEXT(settings->backend), PARAM_END)))
        return false;
    width = widest(&needs.most);
    if (history != NULL)
        estimate = add_up(history, matrix, runs, count);
    print_head(matrix, &rounds, count, width);
    if (estimate.known_runs > 0)
        print_known(&estimate, matrix, count, width);
    else
        printf("how long that takes is not known before the first one\n");
    return true;
}
