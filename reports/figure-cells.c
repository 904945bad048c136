// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/figure-cells.h"

#include <math.h>
#include <string.h>

#include "reports/gnuplot.h"
#include "reports/ratios.h"

typedef struct Range {
    double low, high;
} Range;

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

/* From the lowest to the highest end of a bar. */
static Range bars_range(const FigurePlan *plan, const Table *cells)
{
    Range range = { INFINITY, -INFINITY };

    for (size_t row = 0; row < cells->row_count; row++) {
        double mean = table_real(cells, row, "mean");
        bool is_interval = strcmp(plan->errors, "ci95") == 0;
        double low = is_interval ? table_real(cells, row, "ci95_low") : mean - table_real(cells, row, plan->errors);
        double high = is_interval ? table_real(cells, row, "ci95_high") : mean + table_real(cells, row, plan->errors);

        range.low = fmin(range.low, fmin(mean, low)); /* fmin() passes over NAN, which is a bar that is not there */
        range.high = fmax(range.high, fmax(mean, high));
    }
    return range;
}

/* ---- Single runs beside the mean ---- */

/* Points as gnuplot numbers them. */
enum { MARK_TAINTED = 2, MARK_OUTLIER = 6, MARK_ABOVE = 8, MARK_BELOW = 10 };

/* A run far off must not press the means together: the axis goes no further than half as far again as the bars do, and
 * what is beyond stands at its end as a triangle. */
static Range axis_range(Range bars, bool from_zero)
{
    double room = (bars.high - (from_zero ? 0 : bars.low)) / 2;

    return (Range) { from_zero ? 0 : bars.low - room, bars.high + room };
}

static bool append_mark(const Series *series, const Table *runs, size_t row, int mark, Range axis, GString *block)
{
    const FigurePlan *plan = series->plan;
    const DesignCell *cell = design_cell(plan->design, table_integer(runs, row, "cell_id"));
    double value = table_real(runs, row, "value");
    guint number = series_find(series, cell);
    bool beyond = value < axis.low || value > axis.high;

    if (number == 0)
        return false;
    if (beyond)
        mark = value < axis.low ? MARK_BELOW : MARK_ABOVE;
    g_string_append_printf(block, "%u\t%zu", number, plan->facet != FIGURE_NO_FACTOR ? cell->levels[plan->facet] + 1 : 1);
    series_append_number(block, series->axis.positions[cell->levels[plan->x]]);
    series_append_number(block, CLAMP(value, axis.low, axis.high));
    g_string_append_printf(block, "\t%d\t%" G_GINT64_FORMAT "\n", mark, table_integer(runs, row, "run_id"));
    return beyond;
}

/* Outlying and tainted runs, in $marks. *ret_note: what the caption says of them. */
static bool append_marks(Store *store, const Series *series, Range axis, FigureData *data, char **ret_note, GError **error)
{
    g_auto(Marks) marks = { 0 };
    g_autoptr(Table) runs = NULL;
    g_autofree char *note = NULL;
    bool beyond = false;

    if (!store_read(store, "figure-runs", &runs, error, PARAM_INTEGER(series->plan->design->experiment_id),
                    PARAM_TEXT(series->plan->metric), PARAM_END))
        return false;
    marks_init(&marks, runs);
    note = marks_note(&marks, "crossed, not counted");
    data->marked = note[0] != '\0';
    if (data->marked)
        g_string_append(data->variables, "$marks << END\nseries\tfacet\tx\tvalue\tmark\trun\n");
    for (size_t row = 0; row < runs->row_count; row++) {
        int64_t run_id = table_integer(runs, row, "run_id");

        if (marks_is_tainted(&marks, run_id))
            beyond |= append_mark(series, runs, row, MARK_TAINTED, axis, data->variables);
        else if (marks_is_outlier(&marks, run_id))
            beyond |= append_mark(series, runs, row, MARK_OUTLIER, axis, data->variables);
    }
    if (data->marked)
        g_string_append(data->variables, "END\n");
    *ret_note = g_strconcat(note, beyond ? "; triangle: such a run beyond the axis" : "", NULL);
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

static bool set_texts(Store *store, const Series *series, const char *marked, FigureData *data, GError **error)
{
    const FigurePlan *plan = series->plan;
    const char *factor = design_factor(plan->design, plan->x)->name;
    g_autofree char *what = note(plan);
    g_autofree char *text = g_strconcat(what, marked, NULL);
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
    g_autofree char *marked = NULL;
    bool from_zero;
    Range bars;
    Table *cells = NULL;

    if (!store_read(store, "figure-cells", &cells, error, PARAM_INTEGER(plan->design->experiment_id),
                    PARAM_TEXT(plan->metric), PARAM_END))
        return false;
    series_init(&series, plan, cells);
    if (is_relative(plan) && !ratios_of_cells(store, plan, cells, &ratios, error))
        return false;
    append_rows(&series, ratios, data->tsv);
    bars = bars_range(plan, cells);
    from_zero = bars.low >= 0;
    if (!is_relative(plan) && !append_marks(store, &series, axis_range(bars, from_zero), data, &marked, error))
        return false;
    if (!set_texts(store, &series, marked, data, error))
        return false;
    gnuplot_set_text(data->variables, "errors", plan->errors);
    gnuplot_set_number(data->variables, "from_zero", from_zero);
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

bool runs_set_texts(Store *store, const Series *runs, const Marks *marks, const char *note, FigureData *data,
                    GError **error)
{
    g_autofree char *marked = marks_note(marks, "crossed, not counted");
    g_autofree char *full = g_strconcat(note, marked, NULL);

    if (!series_set_usual_texts(store, runs, full, data, error))
        return false;
    series_set_labels(runs, data);
    series_set_x_axis(runs, data->variables);
    return true;
}

char *runs_tainted_note(const Table *runs, const char *how)
{
    size_t count = 0;

    for (size_t row = 0; row < runs->row_count; row++)
        count += table_integer(runs, row, "tainted") != 0;
    return count == 0 ? g_strdup("") : g_strdup_printf("; %zu tainted run%s %s", count, count == 1 ? "" : "s", how);
}
