// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <string.h>

#include "reports/figure.h"
#include "reports/gnuplot.h"
#include "reports/print.h"
#include "reports/templates.h"

/* One cell's statistics, and where they are drawn. */
typedef struct Point {
    const DesignCell *cell;
    double x;
    size_t row; /* of the table */
} Point;

typedef struct Errorbars {
    const FigurePlan *plan;
    Table *stats;      /* figure-cells.sql */
    GArray *points;    /* Point: series by series, each from left to right */
    GPtrArray *series; /* labels */
    Axis axis;
} Errorbars;

static void errorbars_clear(Errorbars *bars)
{
    g_clear_pointer(&bars->stats, table_free);
    g_array_unref(bars->points);
    g_ptr_array_unref(bars->series);
    axis_clear(&bars->axis);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Errorbars, errorbars_clear)

enum { LABEL_LIMIT = 36, TITLE_WIDTH = 80 }; /* characters */

static size_t other_factor(const FigurePlan *plan, guint index)
{
    return g_array_index(plan->others, size_t, index);
}

/* Whether two cells are of one series: they differ in x only. Otherwise which series comes first. */
static int compare_series(const FigurePlan *plan, const DesignCell *a, const DesignCell *b)
{
    for (guint i = 0; i < plan->others->len; i++) {
        size_t factor = other_factor(plan, i);

        if (a->levels[factor] != b->levels[factor])
            return a->levels[factor] < b->levels[factor] ? -1 : 1;
    }
    return 0;
}

static gint compare_points(gconstpointer a, gconstpointer b, gpointer data)
{
    const Point *left = a, *right = b;
    int series = compare_series(data, left->cell, right->cell);

    if (series != 0)
        return series;
    if (left->x != right->x)
        return left->x < right->x ? -1 : 1;
    return left->row < right->row ? -1 : 1;
}

static void collect_points(Errorbars *bars)
{
    const FigurePlan *plan = bars->plan;

    for (size_t row = 0; row < bars->stats->row_count; row++) {
        const DesignCell *cell = design_cell(plan->design, table_integer(bars->stats, row, "cell_id"));
        Point point = { cell, bars->axis.positions[cell->levels[plan->x]], row };

        g_array_append_val(bars->points, point);
    }
    g_array_sort_with_data(bars->points, compare_points, (gpointer) plan);
}

/* Long levels are cut on the axis and in the key; the .tsv has them whole. */
static char *shortened(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autofree char *start = NULL;

    if (g_utf8_strlen(valid, -1) <= LABEL_LIMIT)
        return g_steal_pointer(&valid);
    start = g_utf8_substring(valid, 0, LABEL_LIMIT - 1);
    return g_strconcat(start, "…", NULL);
}

static const char *level_text(const FigurePlan *plan, const DesignCell *cell, size_t factor)
{
    return design_factor(plan->design, factor)->levels->pdata[cell->levels[factor]];
}

/* "size = 64, loss = 1% (n = 3)" for the points from `first` to before `end`. */
static char *series_label(const Errorbars *bars, guint first, guint end)
{
    const FigurePlan *plan = bars->plan;
    const DesignCell *cell = g_array_index(bars->points, Point, first).cell;
    GString *label = g_string_new(NULL);
    int64_t low = INT64_MAX, high = 0;

    for (guint i = first; i < end; i++) {
        int64_t n = table_integer(bars->stats, g_array_index(bars->points, Point, i).row, "n");

        low = MIN(low, n);
        high = MAX(high, n);
    }
    for (guint i = 0; i < plan->others->len; i++) {
        size_t factor = other_factor(plan, i);
        g_autofree char *level = shortened(level_text(plan, cell, factor));

        g_string_append_printf(label, "%s%s = %s", i == 0 ? "" : ", ", design_factor(plan->design, factor)->name,
                               level);
    }
    g_string_append_printf(label, plan->others->len > 0 ? " (n = %" G_GINT64_FORMAT : "n = %" G_GINT64_FORMAT, low);
    if (high != low)
        g_string_append_printf(label, " to %" G_GINT64_FORMAT, high);
    if (plan->others->len > 0)
        g_string_append_c(label, ')');
    return g_string_free(label, FALSE);
}

static void append_tsv_text(GString *tsv, const char *text)
{
    g_autofree char *line = g_strdelimit(g_strdup(text), "\t\r\n", ' ');

    g_string_append_printf(tsv, "\t%s", line);
}

static void append_tsv_header(const FigurePlan *plan, GString *tsv)
{
    g_string_append(tsv, "series\tx\tn\tmean\tstddev\tsem\tci95_low\tci95_high");
    append_tsv_text(tsv, design_factor(plan->design, plan->x)->name);
    for (guint i = 0; i < plan->others->len; i++)
        append_tsv_text(tsv, design_factor(plan->design, other_factor(plan, i))->name);
    g_string_append_c(tsv, '\n');
}

static void append_tsv_point(const Errorbars *bars, const Point *point, GString *tsv)
{
    static const char *const columns[] = { "mean", "stddev", "sem", "ci95_low", "ci95_high" };
    const FigurePlan *plan = bars->plan;
    g_autofree char *x = print_number_exact(point->x);

    g_string_append_printf(tsv, "%u\t%s\t%" G_GINT64_FORMAT, bars->series->len, x,
                           table_integer(bars->stats, point->row, "n"));
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
        double value = table_real(bars->stats, point->row, columns[i]);
        g_autofree char *number = isnan(value) ? g_strdup("") : print_number_exact(value);

        g_string_append_printf(tsv, "\t%s", number);
    }
    append_tsv_text(tsv, level_text(plan, point->cell, plan->x));
    for (guint i = 0; i < plan->others->len; i++)
        append_tsv_text(tsv, level_text(plan, point->cell, other_factor(plan, i)));
    g_string_append_c(tsv, '\n');
}

static void collect_series(Errorbars *bars, GString *tsv)
{
    append_tsv_header(bars->plan, tsv);
    for (guint first = 0, end; first < bars->points->len; first = end) {
        const DesignCell *cell = g_array_index(bars->points, Point, first).cell;

        for (end = first; end < bars->points->len; end++) {
            if (compare_series(bars->plan, cell, g_array_index(bars->points, Point, end).cell) != 0)
                break;
        }
        g_ptr_array_add(bars->series, series_label(bars, first, end));
        for (guint i = first; i < end; i++)
            append_tsv_point(bars, &g_array_index(bars->points, Point, i), tsv);
    }
}

/* A title of a sentence's length goes into lines that fit. */
static char *wrapped(const char *text, size_t width)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \n\t", -1);
    GString *lines = g_string_new(NULL);
    size_t used = 0;

    for (size_t i = 0; words[i] != NULL; i++) {
        size_t length = strlen(words[i]);

        if (length == 0)
            continue;
        if (used > 0 && used + 1 + length > width)
            used = 0;
        if (lines->len > 0)
            g_string_append_c(lines, used == 0 ? '\n' : ' ');
        g_string_append(lines, words[i]);
        used += length + 1;
    }
    return g_string_free(lines, FALSE);
}

static char *with_unit(const char *name, const char *unit)
{
    return unit != NULL && unit[0] != '\0' ? g_strdup_printf("%s [%s]", name, unit) : g_strdup(name);
}

static char *caption(const Table *runs)
{
    int64_t planned = 0, completed = 0;

    for (size_t row = 0; row < runs->row_count; row++) {
        planned += table_integer(runs, row, "runs");
        completed += table_integer(runs, row, "completed");
    }
    if (planned == completed)
        return g_strdup("mean of n runs; bars: ± sample standard deviation");
    return g_strdup_printf("mean of n runs; bars: ± sample standard deviation; "
                           "%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " runs completed",
                           completed, planned);
}

static gint compare_numbers(gconstpointer a, gconstpointer b)
{
    const double left = *(const double *) a, right = *(const double *) b;

    return (left > right) - (left < right);
}

/* Where the x axis begins and ends, and how far series stand apart so that their bars do not cover each other: little
 * against the axis, and never so much that neighbouring levels mix. */
static void set_x_axis(const Errorbars *bars, GString *variables)
{
    guint count = design_factor(bars->plan->design, bars->plan->x)->levels->len;
    g_autofree double *sorted = g_memdup2(bars->axis.positions, count * sizeof(double));
    double range, gap, margin;

    qsort(sorted, count, sizeof(double), compare_numbers);
    range = sorted[count - 1] - sorted[0];
    gap = bars->axis.numeric ? range : 1;
    for (guint i = 1; i < count; i++) {
        if (sorted[i] > sorted[i - 1])
            gap = MIN(gap, sorted[i] - sorted[i - 1]);
    }
    margin = bars->axis.numeric ? (range > 0 ? 0.05 * range : 1) : 0.5;
    gnuplot_set_number(variables, "x_min", sorted[0] - margin);
    gnuplot_set_number(variables, "x_max", sorted[count - 1] + margin);
    gnuplot_set_number(variables, "dodge",
                       MIN(bars->axis.numeric ? 0.012 * range : 0.12, 0.6 * gap / bars->series->len));
}

static void set_categories(const Errorbars *bars, GString *variables)
{
    const GPtrArray *levels = design_factor(bars->plan->design, bars->plan->x)->levels;
    g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < levels->len; i++)
        g_ptr_array_add(labels, shortened(levels->pdata[i]));
    gnuplot_set_texts(variables, "categories", labels);
}

static bool bars_stay_positive(const Table *stats)
{
    for (size_t row = 0; row < stats->row_count; row++) {
        double deviation = table_real(stats, row, "stddev");

        if (table_real(stats, row, "mean") - (isnan(deviation) ? 0 : deviation) < 0)
            return false;
    }
    return true;
}

static void set_variables(const Errorbars *bars, const Table *runs, FigureData *data)
{
    const Design *design = bars->plan->design;
    const char *factor = design_factor(design, bars->plan->x)->name;
    g_autofree char *title = wrapped(design->description[0] != '\0' ? design->description : design->name, TITLE_WIDTH);
    g_autofree char *x_label = with_unit(factor, bars->axis.unit);
    g_autofree char *y_label = with_unit(bars->plan->metric, table_text(bars->stats, 0, "unit"));
    g_autofree char *note = caption(runs);

    gnuplot_set_text(data->variables, "title", title);
    gnuplot_set_text(data->variables, "x_label", x_label);
    gnuplot_set_text(data->variables, "y_label", y_label);
    gnuplot_set_text(data->variables, "caption", note);
    set_x_axis(bars, data->variables);
    gnuplot_set_number(data->variables, "from_zero", bars_stay_positive(bars->stats));
    gnuplot_set_number(data->variables, "to_scale", bars->axis.numeric);
    if (!bars->axis.numeric)
        set_categories(bars, data->variables);
    gnuplot_set_texts(data->variables, "series", bars->series);
    data->description = g_strdup_printf("%s over %s: %s", y_label, x_label, note);
}

static bool collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    g_auto(Errorbars) bars = { .plan = plan,
                               .points = g_array_new(FALSE, FALSE, sizeof(Point)),
                               .series = g_ptr_array_new_with_free_func(g_free) };
    g_autoptr(Table) runs = NULL;
    int64_t experiment_id = plan->design->experiment_id;

    if (!store_read(store, "figure-cells", &bars.stats, error, PARAM_INTEGER(experiment_id), PARAM_TEXT(plan->metric),
                    PARAM_END) ||
        !store_read(store, "counted-runs", &runs, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    axis_init(&bars.axis, design_factor(plan->design, plan->x));
    collect_points(&bars);
    collect_series(&bars, data->tsv);
    set_variables(&bars, runs, data);
    return true;
}

const Figure figure_errorbars = {
    .name = "errorbars",
    .description = "mean with the sample standard deviation, over a factor, a line for every combination of the others",
    .template = template_errorbars,
    .collect = collect,
};
