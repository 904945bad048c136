// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/design.h"

#include <string.h>

#include "runner/base/error.h"

static void factor_free(gpointer data)
{
    DesignFactor *factor = data;

    g_free(factor->name);
    g_ptr_array_unref(factor->levels);
    g_free(factor);
}

static void cell_free(gpointer data)
{
    DesignCell *cell = data;

    g_free(cell->levels);
    g_free(cell);
}

void design_free(Design *design)
{
    g_free(design->name);
    g_free(design->description);
    g_free(design->uuid);
    g_ptr_array_unref(design->factors);
    g_hash_table_unref(design->cell_places);
    g_ptr_array_unref(design->cells);
    g_free(design);
}

static DesignFactor *factor_add(Design *design, const char *name)
{
    DesignFactor *factor = g_new0(DesignFactor, 1);

    factor->name = g_strdup(name);
    factor->levels = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(design->factors, factor);
    return factor;
}

/* Rows come factor by factor. */
static void add_factors(Design *design, const Table *levels)
{
    DesignFactor *factor = NULL;

    for (size_t row = 0; row < levels->row_count; row++) {
        const char *name = table_text(levels, row, "factor");

        if (factor == NULL || strcmp(factor->name, name) != 0)
            factor = factor_add(design, name);
        g_ptr_array_add(factor->levels, g_strdup(table_text(levels, row, "level")));
    }
}

static size_t level_index(const DesignFactor *factor, const char *text)
{
    guint index = 0;

    g_return_val_if_fail(g_ptr_array_find_with_equal_func(factor->levels, text, g_str_equal, &index), 0);
    return index;
}

/* Rows come cell by cell, and within a cell in the order of the factors. */
static void add_cells(Design *design, const Table *rows)
{
    DesignCell *cell = NULL;
    size_t factor = 0;

    for (size_t row = 0; row < rows->row_count; row++) {
        int64_t id = table_integer(rows, row, "cell_id");

        if (cell == NULL || cell->id != id) {
            cell = g_new0(DesignCell, 1);
            *cell = (DesignCell) { id, g_new0(size_t, design->factors->len) };
            g_ptr_array_add(design->cells, cell);
            factor = 0;
        }
        cell->levels[factor] = level_index(design_factor(design, factor), table_text(rows, row, "level"));
        factor++;
    }
}

/* Without factors, which cell it is is all there is to write on an axis. */
static void add_cell_factor(Design *design, const Table *rows)
{
    DesignFactor *factor = factor_add(design, "cell");

    for (size_t row = 0; row < rows->row_count; row++) {
        DesignCell *cell = g_new0(DesignCell, 1);

        *cell = (DesignCell) { table_integer(rows, row, "cell_id"), g_new0(size_t, 1) };
        cell->levels[0] = row;
        g_ptr_array_add(design->cells, cell);
        g_ptr_array_add(factor->levels, g_strdup(table_text(rows, row, "cell")));
    }
}

static void find_places(Design *design)
{
    for (guint i = 0; i < design->cells->len; i++) {
        DesignCell *cell = design->cells->pdata[i];

        g_hash_table_insert(design->cell_places, &cell->id, GSIZE_TO_POINTER(i));
    }
}

Design *design_read(Store *store, int64_t experiment_id, GError **error)
{
    g_autoptr(Table) experiment = NULL;
    g_autoptr(Table) levels = NULL;
    g_autoptr(Table) cells = NULL;
    const char *description;
    Design *design;

    if (!store_read(store, "experiment", &experiment, error, PARAM_INTEGER(experiment_id), PARAM_END) ||
        !store_read(store, "levels", &levels, error, PARAM_INTEGER(experiment_id), PARAM_END) ||
        !store_read(store, "design-cells", &cells, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return NULL;
    if (experiment->row_count == 0) {
        error_set(error, ERROR_USAGE, "there is no experiment %" G_GINT64_FORMAT, experiment_id);
        error_hint(error, "'trialbed status' lists the experiments.");
        return NULL;
    }
    description = table_text(experiment, 0, "description");
    design = g_new0(Design, 1);
    *design = (Design) { experiment_id, g_strdup(table_text(experiment, 0, "uuid")), g_strdup(table_text(experiment, 0, "name")),
                        g_strdup(description != NULL ? description : ""), g_ptr_array_new_with_free_func(factor_free),
                        g_ptr_array_new_with_free_func(cell_free), g_hash_table_new(g_int64_hash, g_int64_equal) };
    add_factors(design, levels);
    if (design->factors->len == 0)
        add_cell_factor(design, cells);
    else
        add_cells(design, cells);
    find_places(design);
    return design;
}

const DesignFactor *design_factor(const Design *design, size_t index)
{
    return design->factors->pdata[index];
}

const DesignCell *design_cell(const Design *design, int64_t cell_id)
{
    return design->cells->pdata[design_cell_index(design, cell_id)];
}

size_t design_cell_index(const Design *design, int64_t cell_id)
{
    gpointer place = NULL;

    if (!g_hash_table_lookup_extended(design->cell_places, &cell_id, NULL, &place))
        g_error("there is no cell %" G_GINT64_FORMAT, cell_id);
    return GPOINTER_TO_SIZE(place);
}

static char *factor_names(const Design *design)
{
    GString *names = g_string_new(NULL);

    for (guint i = 0; i < design->factors->len; i++) {
        if (i > 0)
            g_string_append(names, i + 1 == design->factors->len ? " and " : ", ");
        g_string_append(names, design_factor(design, i)->name);
    }
    return g_string_free(names, FALSE);
}

bool design_factor_find(const Design *design, const char *name, size_t *ret_index, GError **error)
{
    g_autofree char *names = factor_names(design);

    for (guint i = 0; i < design->factors->len; i++) {
        if (strcmp(design_factor(design, i)->name, name) == 0) {
            *ret_index = i;
            return true;
        }
    }
    error_set(error, ERROR_USAGE, "experiment '%s' has no factor '%s'", design->name, name);
    error_hint(error, design->factors->len == 1 ? "its factor is %s." : "its factors are %s.", names);
    return false;
}

size_t design_factor_for_x(const Design *design)
{
    size_t best = 0;
    guint most = 0;

    for (guint i = 0; i < design->factors->len; i++) {
        const DesignFactor *factor = design_factor(design, i);
        g_auto(Axis) axis = { 0 };

        axis_init(&axis, factor);
        if (axis.numeric && factor->levels->len > most) {
            most = factor->levels->len;
            best = i;
        }
    }
    return best;
}
