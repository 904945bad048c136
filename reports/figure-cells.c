// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/figure-cells.h"

#include <math.h>
#include <string.h>

#include "reports/gnuplot.h"

static bool is_relative(const FigurePlan *plan)
{
    return plan->base_factor != FIGURE_NO_FACTOR;
}

static const char *base_level(const FigurePlan *plan)
{
    return design_factor(plan->design, plan->base_factor)->levels->pdata[plan->base_level];
}

static bool read_cells(Store *store, const FigurePlan *plan, Table **ret_cells, GError **error)
{
    const Param id = PARAM_INTEGER(plan->design->experiment_id), metric = PARAM_TEXT(plan->metric);
    const DesignFactor *factor = is_relative(plan) ? design_factor(plan->design, plan->base_factor) : NULL;

    if (factor == NULL)
        return store_read(store, "figure-cells", ret_cells, error, id, metric, PARAM_END);
    return store_read(store, "figure-ratios", ret_cells, error, id, metric, PARAM_TEXT(factor->name),
                      PARAM_TEXT(base_level(plan)), PARAM_END);
}

static void append_rows(const Series *series, GString *tsv)
{
    static const char *const columns[] = { "mean", "stddev", "sem", "ci95_low", "ci95_high",
                                           "ratio", "ratio_low", "ratio_high" };
    size_t count = is_relative(series->plan) ? G_N_ELEMENTS(columns) : 5;
    g_autoptr(GString) header = g_string_new("series\tx\tn");

    for (size_t i = 0; i < count; i++)
        series_append_text(header, columns[i]);
    series_append_header(series->plan, header->str, tsv);
    for (guint i = 0; i < series->points->len; i++) {
        const SeriesPoint *point = series_point(series, i);

        g_string_append_printf(tsv, "%u", point->series);
        series_append_number(tsv, point->x);
        g_string_append_printf(tsv, "\t%" G_GINT64_FORMAT, table_integer(series->rows, point->row, "n"));
        for (size_t column = 0; column < count; column++)
            series_append_number(tsv, table_real(series->rows, point->row, columns[column]));
        series_append_levels(series->plan, point->cell, tsv);
    }
}

static bool bars_stay_positive(const FigurePlan *plan, const Table *cells)
{
    for (size_t row = 0; row < cells->row_count; row++) {
        double mean = table_real(cells, row, "mean");
        double low = strcmp(plan->bars, "ci95") == 0 ? table_real(cells, row, "ci95_low")
                                                     : mean - table_real(cells, row, plan->bars);

        if (mean < 0 || low < 0)
            return false;
    }
    return true;
}

/* What the bars are goes into the caption: error bars that do not say it are worth nothing. */
static char *note(const FigurePlan *plan)
{
    const char *what = plan->figure == &figure_lines ? "band" : "bars";

    if (is_relative(plan))
        return g_strdup_printf("ratio of means of n runs to %s = %s; bars: 95 %% confidence interval of the ratio",
                               design_factor(plan->design, plan->base_factor)->name, base_level(plan));
    if (strcmp(plan->bars, "ci95") == 0)
        return g_strdup_printf("mean of n runs; %s: 95 %% confidence interval of the mean", what);
    return g_strdup_printf("mean of n runs; %s: ± %s", what,
                           strcmp(plan->bars, "sem") == 0 ? "standard error of the mean" : "sample standard deviation");
}

static bool set_texts(Store *store, const Series *series, FigureData *data, GError **error)
{
    const FigurePlan *plan = series->plan;
    const char *factor = design_factor(plan->design, plan->x)->name;
    g_autofree char *text = note(plan);
    g_autofree char *y_label = NULL;

    if (!is_relative(plan))
        return series_set_usual_texts(store, series, text, data, error);
    y_label = g_strdup_printf("%s relative to %s = %s", plan->metric,
                              design_factor(plan->design, plan->base_factor)->name, base_level(plan));
    return series_set_texts(store, plan, factor, y_label, text, data, error);
}

bool cells_collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    g_auto(Series) series = { 0 };
    Table *cells = NULL;

    if (!read_cells(store, plan, &cells, error))
        return false;
    series_init(&series, plan, cells);
    append_rows(&series, data->tsv);
    if (!set_texts(store, &series, data, error))
        return false;
    gnuplot_set_text(data->variables, "bars", plan->bars);
    gnuplot_set_number(data->variables, "from_zero", bars_stay_positive(plan, cells));
    gnuplot_set_number(data->variables, "relative", is_relative(plan));
    series_set_labels(&series, data->variables);
    series_set_x_axis(&series, data->variables);
    return true;
}

bool runs_read(Store *store, const FigurePlan *plan, Series *ret_series, GError **error)
{
    Table *runs = NULL;

    if (!store_read(store, "figure-runs", &runs, error, PARAM_INTEGER(plan->design->experiment_id),
                    PARAM_TEXT(plan->metric), PARAM_END))
        return false;
    series_init(ret_series, plan, runs);
    return true;
}

char *runs_tainted_note(const Table *runs, const char *how)
{
    size_t count = 0;

    for (size_t row = 0; row < runs->row_count; row++)
        count += table_integer(runs, row, "tainted") != 0;
    return count == 0 ? g_strdup("") : g_strdup_printf("; %zu tainted run%s %s", count, count == 1 ? "" : "s", how);
}
