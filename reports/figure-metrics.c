// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/figure-metrics.h"

#include <math.h>
#include <string.h>

#include "reports/gnuplot.h"
#include "reports/print.h"
#include "reports/ratios.h"
#include "reports/series.h"
#include "runner/base/error.h"

/* A figure in the making. */
typedef struct Benchmarks {
    const FigurePlan *plan;
    GPtrArray *sides;    /* Side, one a metric; empty without a baseline */
    bool some_inverse;   /* the ratios of metrics of which higher is better are turned round */
    int64_t base_n_low, base_n_high; /* runs of the baseline's cells */
} Benchmarks;

static const SideMetric *metric_at(const Benchmarks *benchmarks, guint place)
{
    return side_metric(benchmarks->sides->pdata[place], benchmarks->plan->metrics[place]);
}

static bool is_inverse(const Benchmarks *benchmarks, guint place)
{
    return benchmarks->some_inverse && metric_at(benchmarks, place)->direction == DIRECTION_HIGHER;
}

static bool has_direction(const Benchmarks *benchmarks, Direction direction)
{
    for (guint i = 0; i < benchmarks->sides->len; i++) {
        if (metric_at(benchmarks, i)->direction == direction)
            return true;
    }
    return false;
}

static bool read_sides(Store *store, Benchmarks *benchmarks, GError **error)
{
    const FigurePlan *plan = benchmarks->plan;

    for (size_t i = 0; plan->base_levels != NULL && plan->metrics[i] != NULL; i++) {
        Side *side = side_read(store, plan->design->experiment_id, plan->metrics[i], true, error);

        if (side == NULL)
            return false;
        g_ptr_array_add(benchmarks->sides, side);
    }
    benchmarks->some_inverse = has_direction(benchmarks, DIRECTION_HIGHER) && has_direction(benchmarks, DIRECTION_LOWER);
    return true;
}

static size_t base_of(const FigurePlan *plan, const DesignCell *cell)
{
    return plan->base_levels != NULL ? ratios_base_cell(plan->design, cell, plan->base_levels) : SIZE_MAX;
}

/* All cells but those of the baseline, as a JSON array. */
static char *shown_cells(const FigurePlan *plan)
{
    GString *json = g_string_new("[");

    for (guint i = 0; i < plan->design->cells->len; i++) {
        const DesignCell *cell = plan->design->cells->pdata[i];

        if (base_of(plan, cell) != i)
            g_string_append_printf(json, "%s%" G_GINT64_FORMAT, json->len > 1 ? "," : "", cell->id);
    }
    g_string_append_c(json, ']');
    return g_string_free(json, FALSE);
}

static char *metric_names(const FigurePlan *plan)
{
    GString *json = g_string_new("[");

    for (size_t i = 0; plan->metrics[i] != NULL; i++) {
        g_autofree char *name = print_json(plan->metrics[i]);

        g_string_append_printf(json, "%s%s", i > 0 ? "," : "", name);
    }
    g_string_append_c(json, ']');
    return g_string_free(json, FALSE);
}

static bool check_units(const FigurePlan *plan, const Table *rows, GError **error)
{
    for (size_t row = 1; plan->base_levels == NULL && row < rows->row_count; row++) {
        const char *first = table_text(rows, 0, "unit"), *unit = table_text(rows, row, "unit");

        if (strcmp(first, unit) == 0)
            continue;
        error_set(error, ERROR_USAGE, "metric '%s' is in '%s' and '%s' in '%s', which have no axis in common",
                  table_text(rows, 0, "metric"), first, table_text(rows, row, "metric"), unit);
        error_hint(error, "'normalize_to' shows them relative to a baseline.");
        return false;
    }
    return true;
}

static RatioTest ratio_of_point(Benchmarks *benchmarks, const SeriesPoint *point, guint place)
{
    const FigurePlan *plan = benchmarks->plan;
    const SideMetric *metric = metric_at(benchmarks, place);
    size_t base = base_of(plan, point->cell), own = design_cell_index(plan->design, point->cell->id);

    if (base == SIZE_MAX)
        return (RatioTest) { NAN, INTERVAL_NONE };
    benchmarks->base_n_low = MIN(benchmarks->base_n_low, ((GArray *) metric->cells->pdata[base])->len);
    benchmarks->base_n_high = MAX(benchmarks->base_n_high, ((GArray *) metric->cells->pdata[base])->len);
    return is_inverse(benchmarks, place) ? ratios_of_pair(metric, base, own) : ratios_of_pair(metric, own, base);
}

static void append_rows(Benchmarks *benchmarks, const Series *series, GString *tsv)
{
    static const char *const columns[] = { "mean", "stddev", "sem", "ci95_low", "ci95_high" };
    bool relative = benchmarks->plan->base_levels != NULL;

    series_append_header(series->plan,
                         relative ? "series\tx\tmetric\tunit\tn\tmean\tstddev\tsem\tci95_low\tci95_high\tratio\tratio_low\tratio_high"
                                  : "series\tx\tmetric\tunit\tn\tmean\tstddev\tsem\tci95_low\tci95_high",
                         tsv);
    for (guint i = 0; i < series->points->len; i++) {
        const SeriesPoint *point = series_point(series, i);
        int64_t place = table_integer(series->rows, point->row, "place");

        g_string_append_printf(tsv, "%u\t%" G_GINT64_FORMAT, point->series, place);
        series_append_text(tsv, table_text(series->rows, point->row, "metric"));
        series_append_text(tsv, table_text(series->rows, point->row, "unit"));
        series_append_number(tsv, table_real(series->rows, point->row, "n"));
        for (size_t column = 0; column < G_N_ELEMENTS(columns); column++)
            series_append_number(tsv, table_real(series->rows, point->row, columns[column]));
        if (relative) {
            RatioTest ratio = ratio_of_point(benchmarks, point, (guint) place - 1);

            series_append_number(tsv, ratio.ratio);
            series_append_number(tsv, ratio.interval.low);
            series_append_number(tsv, ratio.interval.high);
        }
        series_append_levels(series->plan, point->cell, tsv);
    }
}

static char *note(const Benchmarks *benchmarks)
{
    const FigurePlan *plan = benchmarks->plan;
    GString *text;

    if (plan->base_levels == NULL)
        return g_strdup_printf("mean of n runs; bars: %s",
                               strcmp(plan->errors, "ci95") == 0  ? "95 % confidence interval of the mean"
                               : strcmp(plan->errors, "sem") == 0 ? "± standard error of the mean"
                                                                  : "± sample standard deviation");
    text = g_string_new("ratio of means of n runs to ");
    g_string_append_printf(text, "%s (n = %" G_GINT64_FORMAT, plan->baseline, benchmarks->base_n_low);
    if (benchmarks->base_n_high > benchmarks->base_n_low)
        g_string_append_printf(text, " to %" G_GINT64_FORMAT, benchmarks->base_n_high);
    g_string_append(text, "); bars: 95 % confidence interval of the ratio");
    if (benchmarks->some_inverse)
        g_string_append(text, "; above 1 is worse for all: of metrics with a *, where higher is better, the ratio is turned round");
    return g_string_free(text, FALSE);
}

static void set_axis(const Benchmarks *benchmarks, GString *variables)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; benchmarks->plan->metrics[i] != NULL; i++)
        g_ptr_array_add(names, g_strconcat(benchmarks->plan->metrics[i],
                                           benchmarks->sides->len > 0 && is_inverse(benchmarks, i) ? "*" : "", NULL));
    gnuplot_set_number(variables, "x_min", 0.5);
    gnuplot_set_number(variables, "x_max", names->len + 0.5);
    gnuplot_set_number(variables, "to_scale", false);
    gnuplot_set_texts(variables, "categories", names);
}

static bool all_positive(const Table *rows)
{
    for (size_t row = 0; row < rows->row_count; row++) {
        if (table_real(rows, row, "mean") < 0 || table_real(rows, row, "ci95_low") < 0)
            return false;
    }
    return true;
}

static bool set_texts(Store *store, const Benchmarks *benchmarks, const Series *series, FigureData *data, GError **error)
{
    const FigurePlan *plan = benchmarks->plan;
    bool relative = plan->base_levels != NULL;
    g_autofree char *text = note(benchmarks);
    g_autofree char *y_label =
        relative ? g_strdup_printf("relative to %s", plan->baseline) : series_with_unit("mean", series_unit(series));

    if (!series_set_texts(store, plan, "metric", y_label, text, data, error))
        return false;
    gnuplot_set_text(data->variables, "errors", plan->errors);
    gnuplot_set_number(data->variables, "from_zero", all_positive(series->rows));
    gnuplot_set_number(data->variables, "relative", relative);
    series_set_labels(series, data);
    set_axis(benchmarks, data->variables);
    return true;
}

bool metrics_collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    g_autoptr(GPtrArray) sides = g_ptr_array_new_with_free_func((GDestroyNotify) side_free);
    Benchmarks benchmarks = { plan, sides, false, INT64_MAX, 0 };
    g_auto(Series) series = { 0 };
    g_autofree char *metrics = metric_names(plan);
    g_autofree char *cells = shown_cells(plan);
    Table *rows = NULL;

    if (!read_sides(store, &benchmarks, error) ||
        !store_read(store, "figure-metrics", &rows, error, PARAM_INTEGER(plan->design->experiment_id),
                    PARAM_TEXT(metrics), PARAM_TEXT(cells), PARAM_END))
        return false;
    series_init(&series, plan, rows);
    if (rows->row_count == 0)
        return error_set(error, ERROR_USAGE, "all cells are of the baseline %s: nothing is left to show", plan->baseline);
    if (!check_units(plan, rows, error))
        return false;
    append_rows(&benchmarks, &series, data->tsv);
    return set_texts(store, &benchmarks, &series, data, error);
}
