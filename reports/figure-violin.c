// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>

#include "reports/figure-cells.h"
#include "reports/templates.h"

enum { STEPS = 64 }; /* of an outline */

static const double normal_range = 1.34; /* interquartile range of the normal distribution, in standard deviations */

/* The counted values of one cell, in order. */
static GArray *cell_values(const Series *series, guint first, guint end)
{
    GArray *values = g_array_new(FALSE, FALSE, sizeof(double));

    for (guint i = first; i < end; i++) {
        const SeriesPoint *point = series_point(series, i);
        double value = table_real(series->rows, point->row, "value");

        if (table_integer(series->rows, point->row, "tainted") == 0)
            g_array_append_val(values, value);
    }
    return values;
}

/* Silverman 1986, Density Estimation, 3.31. 0 when all values are the same. */
static double bandwidth(const GArray *values)
{
    const double *value = (const double *) values->data;
    guint last = values->len - 1;
    double mean = 0, squares = 0, deviation, range;

    for (guint i = 0; i < values->len; i++)
        mean += value[i] / values->len;
    for (guint i = 0; i < values->len; i++)
        squares += (value[i] - mean) * (value[i] - mean);
    deviation = sqrt(squares / last);
    range = (value[(last * 3 + 2) / 4] - value[last / 4]) / normal_range;
    return 0.9 * (range > 0 ? MIN(deviation, range) : deviation) * pow(values->len, -0.2);
}

static double density(const GArray *values, double width, double at)
{
    double sum = 0;

    for (guint i = 0; i < values->len; i++) {
        double distance = (at - g_array_index(values, double, i)) / width;

        sum += exp(-0.5 * distance * distance);
    }
    return sum;
}

static void append_row(const Series *series, const SeriesPoint *point, const char *what, double share, double value,
                       GString *tsv)
{
    g_string_append_printf(tsv, "%s\t%u", what, point->series);
    series_append_number(tsv, point->x);
    series_append_number(tsv, share);
    series_append_number(tsv, value);
    series_append_levels(series->plan, point->cell, tsv);
}

/* Once around: up on the right, down on the left. It ends at the outermost values, where the data end. */
static void append_outline(const Series *series, const SeriesPoint *point, const GArray *values, GString *tsv)
{
    double low = g_array_index(values, double, 0), high = g_array_index(values, double, values->len - 1);
    double width = bandwidth(values), densities[STEPS + 1], most = 0;

    for (int i = 0; i <= STEPS; i++) {
        densities[i] = density(values, width, low + (high - low) * i / STEPS);
        most = MAX(most, densities[i]);
    }
    for (int i = 0; i <= STEPS; i++)
        append_row(series, point, "outline", densities[i] / most, low + (high - low) * i / STEPS, tsv);
    for (int i = STEPS; i >= 0; i--)
        append_row(series, point, "outline", -densities[i] / most, low + (high - low) * i / STEPS, tsv);
    g_string_append_c(tsv, '\n'); /* ends the outline */
}

static void append_cell(const Series *series, const Marks *marks, guint first, guint end, GString *tsv)
{
    const SeriesPoint *point = series_point(series, first);
    g_autoptr(GArray) values = cell_values(series, first, end);

    if (values->len > 1 && bandwidth(values) > 0)
        append_outline(series, point, values, tsv);
    if (values->len > 0)
        append_row(series, point, "median", 0, table_real(series->rows, point->row, "median"), tsv);
    for (guint i = first; i < end; i++) {
        const SeriesPoint *run = series_point(series, i);
        int64_t run_id = table_integer(series->rows, run->row, "run_id");
        const char *what = marks_is_tainted(marks, run_id) ? "tainted" : marks_is_outlier(marks, run_id) ? "outlier" : "run";

        append_row(series, run, what, 0, table_real(series->rows, run->row, "value"), tsv);
    }
    g_string_append_c(tsv, '\n');
}

static bool collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    g_auto(Series) series = { 0 };
    g_auto(Marks) marks = { 0 };

    if (!runs_read(store, plan, &series, error))
        return false;
    marks_init(&marks, series.rows);
    series_append_header(plan, "what\tseries\tx\tshare\tvalue", data->tsv);
    for (guint first = 0, end; first < series.points->len; first = end) {
        end = series_end_of_cell(&series, first);
        append_cell(&series, &marks, first, end, data->tsv);
    }
    return runs_set_texts(store, &series, &marks, "outline: density of n runs (Gaussian kernel); points: runs; dash: median", data, error);
}

const Figure figure_violin = {
    .name = "violin",
    .description = "density of the runs over a factor, with every run",
    .flags = FIGURE_CATEGORIES,
    .published = PUBLISHED_AT_X,
    .query = FIGURE_QUERY_RUNS,
    .template = template_violin,
    .collect = collect,
};
