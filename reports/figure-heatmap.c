// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>

#include "reports/figure-cells.h"
#include "reports/gnuplot.h"
#include "reports/rounding.h"
#include "reports/templates.h"

static void append_rows(const Series *series, FigureData *data)
{
    double low = INFINITY, high = -INFINITY;

    series_append_header(series->plan, "x\trow\tmean\tsem\tn\tlabel", data->tsv);
    for (guint i = 0; i < series->points->len; i++) {
        const SeriesPoint *point = series_point(series, i);
        double mean = table_real(series->rows, point->row, "mean");
        double sem = table_real(series->rows, point->row, "sem");
        g_autofree char *label = rounding_text(mean, sem);
        g_autofree char *x = g_strdup_printf("%g", point->x);

        low = MIN(low, mean);
        high = MAX(high, mean);
        g_string_append_printf(data->tsv, "%s\t%u", x, point->series);
        series_append_number(data->tsv, mean);
        series_append_number(data->tsv, sem);
        series_append_number(data->tsv, table_real(series->rows, point->row, "n"));
        series_append_text(data->tsv, label);
        series_append_levels(series->plan, point->cell, data->tsv);
    }
    gnuplot_set_number(data->variables, "low", low);
    gnuplot_set_number(data->variables, "high", high > low ? high : low + 1);
}

static void set_rows(const Series *series, GString *variables)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) none = g_ptr_array_new();

    for (guint i = 0; i < series->points->len; i = series_end_of_series(series, i)) {
        char *name = series_name(series->plan, series_point(series, i)->cell);

        g_ptr_array_add(names, name);
    }
    g_ptr_array_add(none, (gpointer) "");
    gnuplot_set_number(variables, "lanes", names->len);
    gnuplot_set_texts(variables, "rows", names);
    gnuplot_set_texts(variables, "series", none); /* the rows are labelled, not a key */
    series_set_panels(series, variables);
    series_set_x_axis(series, variables);
}

static bool collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    g_auto(Series) series = { 0 };
    g_autofree char *z_label = NULL;
    Table *cells = NULL;

    if (!store_read(store, "figure-cells", &cells, error, PARAM_INTEGER(plan->design->experiment_id),
                    PARAM_TEXT(plan->metric), PARAM_END))
        return false;
    series_init(&series, plan, cells);
    append_rows(&series, data);
    z_label = series_with_unit(plan->metric, series_unit(&series));
    gnuplot_set_text(data->variables, "z_label", z_label);
    if (!series_set_usual_texts(store, &series, "mean of n runs, rounded by its standard error", data, error))
        return false;
    set_rows(&series, data->variables);
    return true;
}

const Figure figure_heatmap = {
    .name = "heatmap",
    .description = "mean as a colour and a number over two factors",
    .flags = FIGURE_ROWS | FIGURE_CATEGORIES,
    .query = FIGURE_QUERY_CELLS,
    .template = template_heatmap,
    .collect = collect,
};
