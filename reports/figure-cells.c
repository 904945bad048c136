// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/figure-cells.h"

#include <math.h>
#include <string.h>

#include "reports/gnuplot.h"
#include "reports/ratios.h"

static bool is_relative(const FigurePlan *plan)
{
    return plan->base_levels != NULL;
}

static void append_ratio(const RatioTest *ratio, GString *tsv)
{
    series_append_number(tsv, ratio->ratio);
    series_append_number(tsv, ratio->interval.low);
    series_append_number(tsv, ratio->interval.high);
}

/* `ratios`: one a row, or NULL. */
static void append_rows(const Series *series, const RatioTest *ratios, GString *tsv)
{
    static const char *const columns[] = { "mean", "stddev", "sem", "ci95_low", "ci95_high" };
    g_autoptr(GString) header = g_string_new("series\tx\tn");

    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
        series_append_text(header, columns[i]);
    if (ratios != NULL)
        g_string_append(header, "\tratio\tratio_low\tratio_high");
    series_append_header(series->plan, header->str, tsv);
    for (guint i = 0; i < series->points->len; i++) {
        const SeriesPoint *point = series_point(series, i);

        g_string_append_printf(tsv, "%u", point->series);
        series_append_number(tsv, point->x);
        g_string_append_printf(tsv, "\t%" G_GINT64_FORMAT, table_integer(series->rows, point->row, "n"));
        for (size_t column = 0; column < G_N_ELEMENTS(columns); column++)
            series_append_number(tsv, table_real(series->rows, point->row, columns[column]));
        if (ratios != NULL)
            append_ratio(&ratios[point->row], tsv);
        series_append_levels(series->plan, point->cell, tsv);
    }
}

static bool bars_stay_positive(const FigurePlan *plan, const Table *cells)
{
    for (size_t row = 0; row < cells->row_count; row++) {
        double mean = table_real(cells, row, "mean");
        double low = strcmp(plan->errors, "ci95") == 0 ? table_real(cells, row, "ci95_low")
                                                     : mean - table_real(cells, row, plan->errors);

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
        return g_strdup_printf("ratio of means of n runs to %s; bars: 95 %% confidence interval of the ratio",
                               plan->baseline);
    if (strcmp(plan->errors, "ci95") == 0)
        return g_strdup_printf("mean of n runs; %s: 95 %% confidence interval of the mean", what);
    return g_strdup_printf("mean of n runs; %s: ± %s", what,
                           strcmp(plan->errors, "sem") == 0 ? "standard error of the mean" : "sample standard deviation");
}

static bool set_texts(Store *store, const Series *series, FigureData *data, GError **error)
{
    const FigurePlan *plan = series->plan;
    const char *factor = design_factor(plan->design, plan->x)->name;
    g_autofree char *text = note(plan);
    g_autofree char *y_label = NULL;

    if (!is_relative(plan))
        return series_set_usual_texts(store, series, text, data, error);
    y_label = g_strdup_printf("%s relative to %s", plan->metric, plan->baseline);
    return series_set_texts(store, plan, factor, y_label, text, data, error);
}

bool cells_collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    g_auto(Series) series = { 0 };
    g_autofree RatioTest *ratios = NULL;
    Table *cells = NULL;

    if (!store_read(store, "figure-cells", &cells, error, PARAM_INTEGER(plan->design->experiment_id),
                    PARAM_TEXT(plan->metric), PARAM_END))
        return false;
    series_init(&series, plan, cells);
    if (is_relative(plan) && !ratios_of_cells(store, plan, cells, &ratios, error))
        return false;
    append_rows(&series, ratios, data->tsv);
    if (!set_texts(store, &series, data, error))
        return false;
    gnuplot_set_text(data->variables, "errors", plan->errors);
    gnuplot_set_number(data->variables, "from_zero", bars_stay_positive(plan, cells));
    gnuplot_set_number(data->variables, "relative", is_relative(plan));
    series_set_labels(&series, data);
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
