// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/marks.h"

#include <math.h>

#include "stats/outliers.h"

/* The counted runs of a cell. */
typedef struct Cell {
    GArray *runs;   /* int64_t */
    GArray *values; /* double */
} Cell;

static void cell_free(gpointer data)
{
    Cell *cell = data;

    g_array_unref(cell->runs);
    g_array_unref(cell->values);
    g_free(cell);
}

static Cell *find_cell(GHashTable *cells, int64_t cell_id)
{
    Cell *cell = g_hash_table_lookup(cells, &cell_id);

    if (cell == NULL) {
        cell = g_new0(Cell, 1);
        *cell = (Cell) { g_array_new(FALSE, FALSE, sizeof(int64_t)), g_array_new(FALSE, FALSE, sizeof(double)) };
        g_hash_table_insert(cells, g_memdup2(&cell_id, sizeof cell_id), cell);
    }
    return cell;
}

static void add_run(GHashTable *set, int64_t run_id)
{
    g_hash_table_add(set, g_memdup2(&run_id, sizeof run_id));
}

static void find_outliers(const Cell *cell, GHashTable *outliers)
{
    Sample sample = { (const double *) cell->values->data, cell->values->len };
    g_autofree double *scores = g_new(double, sample.n);

    if (outliers_scores(sample, scores) == 0)
        return;
    for (guint i = 0; i < cell->runs->len; i++) {
        if (fabs(scores[i]) > OUTLIER_SCORE)
            add_run(outliers, g_array_index(cell->runs, int64_t, i));
    }
}

void marks_init(Marks *marks, const Table *runs)
{
    g_autoptr(GHashTable) cells = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, cell_free);
    GHashTableIter iter;
    gpointer cell;

    *marks = (Marks) { g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
                       g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL) };
    for (size_t row = 0; row < runs->row_count; row++) {
        int64_t run_id = table_integer(runs, row, "run_id");
        double value = table_real(runs, row, "value");
        Cell *own = find_cell(cells, table_integer(runs, row, "cell_id"));

        if (table_integer(runs, row, "tainted") != 0) {
            add_run(marks->tainted, run_id);
            continue;
        }
        g_array_append_val(own->runs, run_id);
        g_array_append_val(own->values, value);
    }
    g_hash_table_iter_init(&iter, cells);
    while (g_hash_table_iter_next(&iter, NULL, &cell))
        find_outliers(cell, marks->outliers);
}

void marks_clear(Marks *marks)
{
    g_clear_pointer(&marks->outliers, g_hash_table_unref);
    g_clear_pointer(&marks->tainted, g_hash_table_unref);
}

bool marks_read(Store *store, const FigurePlan *plan, Marks *ret_marks, GError **error)
{
    g_autoptr(Table) runs = NULL;

    if (!store_read(store, "figure-runs", &runs, error, PARAM_INTEGER(plan->design->experiment_id),
                    PARAM_TEXT(plan->metric), PARAM_END))
        return false;
    marks_init(ret_marks, runs);
    return true;
}

int marks_is_outlier(const Marks *marks, int64_t run_id)
{
    return g_hash_table_contains(marks->outliers, &run_id);
}

int marks_is_tainted(const Marks *marks, int64_t run_id)
{
    return g_hash_table_contains(marks->tainted, &run_id);
}

static void append_note(GString *note, guint count, const char *kind, const char *how)
{
    if (count > 0)
        g_string_append_printf(note, "; %u %s run%s %s %s", count, kind, count == 1 ? "" : "s", count == 1 ? "is" : "are", how);
}

char *marks_note(const Marks *marks, const char *tainted_how)
{
    GString *note = g_string_new(NULL);

    append_note(note, g_hash_table_size(marks->outliers), "outlying", "circled");
    append_note(note, g_hash_table_size(marks->tainted), "tainted", tainted_how);
    return g_string_free(note, FALSE);
}
