// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/series.h"

#include <math.h>
#include <string.h>

#include "reports/gnuplot.h"
#include "reports/print.h"
#include "reports/published.h"

enum { /* characters */
    LABEL_LIMIT = 36,
    TITLE_WIDTH = 80,
    NARROW_TITLE_WIDTH = 48,
    CAPTION_WIDTH = 102,
    NARROW_CAPTION_WIDTH = 64
};

static size_t other_factor(const FigurePlan *plan, guint index)
{
    return g_array_index(plan->others, size_t, index);
}

const SeriesPoint *series_point(const Series *series, guint index)
{
    return &g_array_index(series->points, SeriesPoint, index);
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

/* Which panel a cell is in, from 0. */
static size_t facet_level(const FigurePlan *plan, const DesignCell *cell)
{
    return plan->facet == FIGURE_NO_FACTOR ? 0 : cell->levels[plan->facet];
}

static gint compare_points(gconstpointer a, gconstpointer b, gpointer data)
{
    const SeriesPoint *left = a, *right = b;
    int series = compare_series(data, left->cell, right->cell);

    if (series != 0)
        return series;
    if (facet_level(data, left->cell) != facet_level(data, right->cell))
        return facet_level(data, left->cell) < facet_level(data, right->cell) ? -1 : 1;
    if (left->x != right->x)
        return left->x < right->x ? -1 : 1;
    return left->row < right->row ? -1 : 1;
}

static void add_points(Series *series)
{
    const FigurePlan *plan = series->plan;

    for (size_t row = 0; row < series->rows->row_count; row++) {
        const DesignCell *cell = design_cell(plan->design, table_integer(series->rows, row, "cell_id"));
        double x = plan->x == FIGURE_NO_FACTOR ? 0 : series->axis.positions[cell->levels[plan->x]];
        SeriesPoint point = { cell, x, row, 0 };

        g_array_append_val(series->points, point);
    }
    g_array_sort_with_data(series->points, compare_points, (gpointer) plan);
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

char *series_name(const FigurePlan *plan, const DesignCell *cell)
{
    GString *name = g_string_new(NULL);

    for (guint i = 0; i < plan->others->len; i++) {
        size_t factor = other_factor(plan, i);
        g_autofree char *level = shortened(level_text(plan, cell, factor));

        g_string_append_printf(name, "%s%s = %s", i == 0 ? "" : ", ", design_factor(plan->design, factor)->name, level);
    }
    return g_string_free(name, FALSE);
}

/* "size = 64, loss = 1% (n = 3)" for the points from `first` to before `end`. */
static char *series_label(const Series *series, guint first, guint end)
{
    g_autofree char *name = series_name(series->plan, series_point(series, first)->cell);
    g_autofree char *count = NULL;
    int64_t low = INT64_MAX, high = 0;

    for (guint i = first; i < end; i++) {
        int64_t n = table_integer(series->rows, series_point(series, i)->row, "n");

        low = MIN(low, n);
        high = MAX(high, n);
    }
    if (low == high)
        count = g_strdup_printf("n = %" G_GINT64_FORMAT, low);
    else
        count = g_strdup_printf("n = %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, low, high);
    return name[0] != '\0' ? g_strdup_printf("%s (%s)", name, count) : g_steal_pointer(&count);
}

static void number_series(Series *series)
{
    for (guint first = 0, end; first < series->points->len; first = end) {
        end = series_end_of_series(series, first);
        g_ptr_array_add(series->labels, series_label(series, first, end));
        for (guint i = first; i < end; i++)
            g_array_index(series->points, SeriesPoint, i).series = series->labels->len;
    }
}

void series_init(Series *series, const FigurePlan *plan, Table *rows)
{
    *series = (Series) { .plan = plan,
                         .rows = rows,
                         .points = g_array_new(FALSE, FALSE, sizeof(SeriesPoint)),
                         .labels = g_ptr_array_new_with_free_func(g_free) };
    if (plan->x != FIGURE_NO_FACTOR)
        axis_init(&series->axis, design_factor(plan->design, plan->x));
    if (plan->x != FIGURE_NO_FACTOR && plan->figure->flags & FIGURE_CATEGORIES)
        axis_make_categories(&series->axis, design_factor(plan->design, plan->x));
    add_points(series);
    number_series(series);
}

void series_clear(Series *series)
{
    g_clear_pointer(&series->rows, table_free);
    g_clear_pointer(&series->points, g_array_unref);
    g_clear_pointer(&series->labels, g_ptr_array_unref);
    axis_clear(&series->axis);
}

guint series_end_of_cell(const Series *series, guint first)
{
    guint end = first + 1;

    while (end < series->points->len && series_point(series, end)->cell == series_point(series, first)->cell)
        end++;
    return end;
}

guint series_end_of_series(const Series *series, guint first)
{
    const DesignCell *cell = series_point(series, first)->cell;
    guint end = first + 1;

    while (end < series->points->len && compare_series(series->plan, cell, series_point(series, end)->cell) == 0)
        end++;
    return end;
}

const char *series_unit(const Series *series)
{
    return series->rows->row_count > 0 ? table_text(series->rows, 0, "unit") : "";
}

/* ---- The .tsv ---- */

void series_append_text(GString *tsv, const char *text)
{
    g_autofree char *line = g_strdelimit(g_strdup(text), "\t\r\n", ' ');

    g_string_append_printf(tsv, "\t%s", line);
}

void series_append_number(GString *tsv, double number)
{
    g_autofree char *digits = isnan(number) ? g_strdup("") : print_number_exact(number);

    g_string_append_printf(tsv, "\t%s", digits);
}

void series_append_header(const FigurePlan *plan, const char *columns, GString *tsv)
{
    g_string_append(tsv, columns);
    if (plan->facet != FIGURE_NO_FACTOR) {
        series_append_text(tsv, "facet");
        series_append_text(tsv, design_factor(plan->design, plan->facet)->name);
    }
    if (plan->x != FIGURE_NO_FACTOR)
        series_append_text(tsv, design_factor(plan->design, plan->x)->name);
    for (guint i = 0; i < plan->others->len; i++)
        series_append_text(tsv, design_factor(plan->design, other_factor(plan, i))->name);
    g_string_append_c(tsv, '\n');
}

void series_append_levels(const FigurePlan *plan, const DesignCell *cell, GString *tsv)
{
    if (plan->facet != FIGURE_NO_FACTOR) {
        series_append_number(tsv, (double) facet_level(plan, cell) + 1);
        series_append_text(tsv, level_text(plan, cell, plan->facet));
    }
    if (plan->x != FIGURE_NO_FACTOR)
        series_append_text(tsv, level_text(plan, cell, plan->x));
    for (guint i = 0; i < plan->others->len; i++)
        series_append_text(tsv, level_text(plan, cell, other_factor(plan, i)));
    g_string_append_c(tsv, '\n');
}

/* ---- What the template reads ---- */

void series_set_panels(const Series *series, GString *variables)
{
    const FigurePlan *plan = series->plan;
    g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free);
    const DesignFactor *factor;

    if (plan->facet == FIGURE_NO_FACTOR)
        return;
    factor = design_factor(plan->design, plan->facet);
    for (guint i = 0; i < factor->levels->len; i++) {
        g_autofree char *level = shortened(factor->levels->pdata[i]);

        g_ptr_array_add(labels, g_strdup_printf("%s = %s", factor->name, level));
    }
    gnuplot_set_texts(variables, "facets", labels);
}

guint series_find(const Series *series, const DesignCell *cell)
{
    for (guint i = 0; i < series->points->len; i = series_end_of_series(series, i)) {
        if (compare_series(series->plan, series_point(series, i)->cell, cell) == 0)
            return series_point(series, i)->series;
    }
    return 0;
}

void series_set_labels(const Series *series, FigureData *data)
{
    gnuplot_set_texts(data->variables, "series", series->labels);
    series_set_panels(series, data->variables);
    series_set_published(series, data);
}

void series_set_published(const Series *series, FigureData *data)
{
    const FigurePlan *plan = series->plan;
    g_autofree guint *numbers = NULL;

    if (data->published == NULL)
        return;
    numbers = g_new(guint, data->published->row_count);
    for (size_t row = 0; row < data->published->row_count; row++) {
        const DesignCell *cell = design_cell(plan->design, table_integer(data->published, row, "cell_id"));

        numbers[row] = series_find(series, cell);
    }
    published_append(plan, data->published, numbers, series->axis.positions, data->variables);
}

static gint compare_numbers(gconstpointer a, gconstpointer b)
{
    const double left = *(const double *) a, right = *(const double *) b;

    return (left > right) - (left < right);
}

static void set_categories(const Series *series, GString *variables)
{
    const GPtrArray *levels = design_factor(series->plan->design, series->plan->x)->levels;
    g_autoptr(GPtrArray) labels = g_ptr_array_new_full(levels->len, g_free);

    g_ptr_array_set_size(labels, (gint) levels->len);
    for (guint i = 0; i < levels->len; i++)
        labels->pdata[(size_t) series->axis.positions[i] - 1] = shortened(levels->pdata[i]);
    gnuplot_set_texts(variables, "categories", labels);
}

/* Where the x axis begins and ends, and how far series stand apart so that their bars do not cover each other: little
 * against the axis, and never so much that neighbouring levels mix. */
void series_set_x_axis(const Series *series, GString *variables)
{
    guint count = design_factor(series->plan->design, series->plan->x)->levels->len;
    g_autofree double *sorted = g_memdup2(series->axis.positions, count * sizeof(double));
    bool numeric = series->axis.numeric;
    double range, gap, margin;

    qsort(sorted, count, sizeof(double), compare_numbers);
    range = sorted[count - 1] - sorted[0];
    gap = numeric ? range : 1;
    for (guint i = 1; i < count; i++) {
        if (sorted[i] > sorted[i - 1])
            gap = MIN(gap, sorted[i] - sorted[i - 1]);
    }
    margin = numeric ? (range > 0 ? 0.05 * range : 1) : 0.5;
    gnuplot_set_number(variables, "x_min", sorted[0] - margin);
    gnuplot_set_number(variables, "x_max", sorted[count - 1] + margin);
    gnuplot_set_number(variables, "dodge", MIN(numeric ? 0.012 * range : 0.12, 0.6 * gap / series->labels->len));
    gnuplot_set_number(variables, "to_scale", numeric);
    if (!numeric)
        set_categories(series, variables);
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

static double count_lines(const char *text)
{
    double count = 1;

    for (; *text != '\0'; text++)
        count += *text == '\n';
    return count;
}

char *series_with_unit(const char *name, const char *unit)
{
    return unit != NULL && unit[0] != '\0' ? g_strdup_printf("%s [%s]", name, unit) : g_strdup(name);
}

static void append_count(GString *text, const char *separator, int64_t count, const char *what)
{
    if (count > 0)
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT " %s", separator, count, what);
}

static bool is_of_one_run(const FigurePlan *plan)
{
    return plan->run_id > 0 || plan->figure->flags & FIGURE_OF_ONE_RUN;
}

static char *caption(const FigurePlan *plan, const char *note, const Table *runs)
{
    GString *text = g_string_new(note);
    int64_t planned = 0, completed = 0, failed = 0, tainted = 0;

    for (size_t row = 0; row < runs->row_count; row++) {
        planned += table_integer(runs, row, "runs");
        completed += table_integer(runs, row, "completed");
        failed += table_integer(runs, row, "failed");
        tainted += table_integer(runs, row, "tainted");
    }
    if (planned == completed || is_of_one_run(plan))
        return g_string_free(text, FALSE);
    g_string_append_printf(text, "; %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " runs completed", completed, planned);
    append_count(text, ", ", failed, "failed");
    append_count(text, ", ", tainted, "tainted");
    append_count(text, ", ", planned - completed - failed - tainted, "left");
    return g_string_free(text, FALSE);
}

bool series_set_texts(Store *store, const FigurePlan *plan, const char *x_label, const char *y_label, const char *note,
                      FigureData *data, GError **error)
{
    const Design *design = plan->design;
    bool narrow = plan->figure->flags & FIGURE_ROWS; /* their names take the room */
    g_autoptr(Table) runs = NULL;
    g_autofree char *published = NULL;
    g_autofree char *full = NULL;
    g_autofree char *title = wrapped(design->description[0] != '\0' ? design->description : design->name,
                                     narrow ? NARROW_TITLE_WIDTH : TITLE_WIDTH);
    g_autofree char *text = NULL;
    g_autofree char *lines = NULL;

    if (!store_read(store, "counted-runs", &runs, error, PARAM_INTEGER(design->experiment_id), PARAM_END))
        return false;
    published = published_note(plan, data->published);
    full = g_strconcat(note, published, NULL);
    text = caption(plan, full, runs);
    lines = wrapped(text, narrow ? NARROW_CAPTION_WIDTH : CAPTION_WIDTH);
    gnuplot_set_text(data->variables, "title", title);
    gnuplot_set_text(data->variables, "x_label", x_label);
    gnuplot_set_text(data->variables, "y_label", y_label);
    gnuplot_set_text(data->variables, "caption", lines);
    gnuplot_set_number(data->variables, "caption_lines", count_lines(lines));
    data->description = g_strdup_printf("%s over %s: %s", y_label, x_label, text);
    return true;
}

bool series_set_usual_texts(Store *store, const Series *series, const char *note, FigureData *data, GError **error)
{
    const FigurePlan *plan = series->plan;
    const char *factor = design_factor(plan->design, plan->x)->name;
    g_autofree char *x_label = series_with_unit(factor, series->axis.numeric ? series->axis.unit : "");
    g_autofree char *y_label = series_with_unit(plan->metric, series_unit(series));

    return series_set_texts(store, plan, x_label, y_label, note, data, error);
}
