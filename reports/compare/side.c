// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/compare/side.h"

#include <string.h>

#include "runner/base/error.h"

static void metric_free(gpointer data)
{
    SideMetric *metric = data;

    g_free(metric->name);
    g_free(metric->unit);
    g_free(metric->aggregate);
    g_ptr_array_unref(metric->cells);
    g_free(metric);
}

static void values_free(gpointer data)
{
    g_array_unref(data);
}

static Direction direction_of(const char *text)
{
    if (text == NULL)
        return DIRECTION_NONE;
    return strcmp(text, "lower") == 0 ? DIRECTION_LOWER : DIRECTION_HIGHER;
}

static SideMetric *metric_new(const Table *metrics, size_t row, size_t cell_count)
{
    SideMetric *metric = g_new0(SideMetric, 1);

    *metric = (SideMetric) {
        .id = table_integer(metrics, row, "metric_id"),
        .name = g_strdup(table_text(metrics, row, "metric")),
        .unit = g_strdup(table_text(metrics, row, "unit")),
        .aggregate = g_strdup(table_text(metrics, row, "aggregate")),
        .direction = direction_of(table_text(metrics, row, "direction")),
        .automatic = table_integer(metrics, row, "automatic") != 0,
        .cells = g_ptr_array_new_full((guint) cell_count, values_free),
    };
    for (size_t i = 0; i < cell_count; i++)
        g_ptr_array_add(metric->cells, g_array_new(FALSE, FALSE, sizeof(SideValue)));
    return metric;
}

size_t side_cell_index(const Side *side, int64_t cell_id)
{
    return design_cell_index(side->design, cell_id);
}

/* Keys are IDs: rows are many, and cells and metrics may be, too. */
static void add_values(Side *side, const Table *rows)
{
    g_autoptr(GHashTable) metrics = g_hash_table_new(g_int64_hash, g_int64_equal);

    for (guint i = 0; i < side->metrics->len; i++)
        g_hash_table_insert(metrics, &((SideMetric *) side->metrics->pdata[i])->id, side->metrics->pdata[i]);
    for (size_t row = 0; row < rows->row_count; row++) {
        int64_t metric_id = table_integer(rows, row, "metric_id"), cell_id = table_integer(rows, row, "cell_id");
        SideMetric *metric = g_hash_table_lookup(metrics, &metric_id);
        SideValue value = { table_integer(rows, row, "run_id"), table_integer(rows, row, "block"),
                            table_real(rows, row, "value") };

        g_array_append_val(metric->cells->pdata[side_cell_index(side, cell_id)], value);
    }
}

static int compare_blocks(gconstpointer a, gconstpointer b)
{
    const SideValue *x = a, *y = b;

    return (x->block > y->block) - (x->block < y->block);
}

static void sort_values(Side *side)
{
    for (guint m = 0; m < side->metrics->len; m++) {
        const SideMetric *metric = side->metrics->pdata[m];

        for (guint i = 0; i < metric->cells->len; i++)
            g_array_sort(metric->cells->pdata[i], compare_blocks);
    }
}

static void add_labels(Side *side, const Table *cells)
{
    side->labels = g_ptr_array_new_with_free_func(g_free);
    for (size_t row = 0; row < cells->row_count; row++)
        g_ptr_array_add(side->labels, g_strdup(table_text(cells, row, "cell")));
}

static void add_experiment(Side *side, const Table *experiment)
{
    const char *order = table_text(experiment, 0, "run_order");

    side->uuid = g_strdup(table_text(experiment, 0, "uuid"));
    side->blocked = strcmp(order, "interleaved") == 0 || strcmp(order, "blocks") == 0;
}

Side *side_read(Store *store, int64_t experiment_id, const char *metric, bool all, GError **error)
{
    g_autoptr(Side) side = g_new0(Side, 1);
    g_autoptr(Table) experiment = NULL;
    g_autoptr(Table) cells = NULL;
    g_autoptr(Table) metrics = NULL;
    g_autoptr(Table) values = NULL;

    side->experiment_id = experiment_id;
    side->design = design_read(store, experiment_id, error);
    if (side->design == NULL
        || !store_read(store, "experiment", &experiment, error, PARAM_INTEGER(experiment_id), PARAM_END)
        || !store_read(store, "cells", &cells, error, PARAM_INTEGER(experiment_id), PARAM_END)
        || !store_read(store, "compared-metrics", &metrics, error, PARAM_INTEGER(experiment_id), PARAM_TEXT(metric),
                       PARAM_INTEGER(all), PARAM_END)
        || !store_read(store, "compared-values", &values, error, PARAM_INTEGER(experiment_id), PARAM_TEXT(metric),
                       PARAM_INTEGER(all), PARAM_END))
        return NULL;
    if (metric != NULL && metrics->row_count == 0) {
        error_set(error, ERROR_USAGE, "experiment '%s' has no metric '%s'", side->design->name, metric);
        error_hint(error, "'trialbed summary %" G_GINT64_FORMAT " --all' shows the metrics there are.", experiment_id);
        return NULL;
    }
    add_experiment(side, experiment);
    add_labels(side, cells);
    side->metrics = g_ptr_array_new_with_free_func(metric_free);
    for (size_t row = 0; row < metrics->row_count; row++)
        g_ptr_array_add(side->metrics, metric_new(metrics, row, cells->row_count));
    add_values(side, values);
    sort_values(side);
    return g_steal_pointer(&side);
}

void side_free(Side *side)
{
    if (side == NULL)
        return;
    g_clear_pointer(&side->design, design_free);
    g_clear_pointer(&side->labels, g_ptr_array_unref);
    g_clear_pointer(&side->metrics, g_ptr_array_unref);
    g_free(side->uuid);
    g_free(side);
}

const SideMetric *side_metric(const Side *side, const char *name)
{
    for (guint i = 0; i < side->metrics->len; i++) {
        const SideMetric *metric = side->metrics->pdata[i];

        if (strcmp(metric->name, name) == 0)
            return metric;
    }
    return NULL;
}
