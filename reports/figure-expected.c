// SPDX-License-Identifier: GPL-3.0-or-later
#include <Rmath.h>
#include <math.h>
#include <string.h>

#include "reports/compare/side.h"
#include "reports/expected.h"
#include "reports/gnuplot.h"
#include "reports/ratios.h"
#include "reports/rounding.h"
#include "reports/series.h"
#include "reports/templates.h"
#include "runner/base/error.h"
#include "runner/base/units.h"

/* A sum of means as an estimate. Means of different cells are independent, so their variances add up; the degrees of
 * freedom are Welch and Satterthwaite's. Means of two metrics of one cell are taken as independent, too: the interval is
 * then somewhat too wide or too narrow, as their runs go together or not. */
typedef struct Sum {
    double mean, variance; /* of the mean */
    double shares;         /* sum of (variance of a term)^2 / (n - 1) */
} Sum;

/* What the terms need: a side a metric. */
typedef struct Sources {
    Store *store;
    const FigurePlan *plan;
    GHashTable *sides; /* from a metric's name to its Side */
    const char *unit;  /* of the figure's metric */
} Sources;

static const SideMetric *find_metric(Sources *sources, const char *name, GError **error)
{
    Side *side = g_hash_table_lookup(sources->sides, name);

    if (side == NULL) {
        side = side_read(sources->store, sources->plan->design->experiment_id, name, true, error);
        if (side == NULL)
            return NULL;
        g_hash_table_insert(sources->sides, g_strdup(name), side);
    }
    return side_metric(side, name);
}

/* What a value in `from` is to be multiplied by to be in the figure's unit. */
static bool unit_factor(const Sources *sources, const SideMetric *from, double *ret_factor, GError **error)
{
    g_autofree char *own = g_strconcat("1", sources->unit, NULL);
    g_autofree char *other = g_strconcat("1", from->unit, NULL);
    Quantity to, of;

    if (strcmp(sources->unit, from->unit) == 0) {
        *ret_factor = 1;
        return true;
    }
    if (!units_parse(own, &to) || !units_parse(other, &of) || to.kind != of.kind)
        return error_set(error, ERROR_USAGE, "expected: metric '%s' is in '%s', which cannot be added to '%s'", from->name,
                         from->unit, sources->unit);
    *ret_factor = of.base / to.base;
    return true;
}

/* The cell that is as `cell`, with this level on the x axis. */
static bool find_cell(const Sources *sources, const DesignCell *cell, const char *level, size_t *ret_cell, GError **error)
{
    const Design *design = sources->plan->design;
    const DesignFactor *x = design_factor(design, sources->plan->x);
    g_autofree size_t *levels = g_new(size_t, design->factors->len);
    guint index;

    if (!g_ptr_array_find_with_equal_func(x->levels, level, g_str_equal, &index))
        return error_set(error, ERROR_USAGE, "expected: factor '%s' has no level '%s'", x->name, level);
    for (guint i = 0; i < design->factors->len; i++)
        levels[i] = i == sources->plan->x ? index : FIGURE_NO_FACTOR;
    *ret_cell = ratios_base_cell(design, cell, levels);
    return true;
}

static bool add_term(Sources *sources, const DesignCell *cell, const ExpectedTerm *term, Sum *sum, GError **error)
{
    const SideMetric *metric;
    g_autofree double *values = NULL;
    double factor = 1, variance;
    Moments moments;
    size_t place = 0;

    if (term->metric == NULL) {
        sum->mean += term->factor;
        return true;
    }
    metric = find_metric(sources, term->metric, error);
    if (metric == NULL || !unit_factor(sources, metric, &factor, error) ||
        !find_cell(sources, cell, term->level, &place, error))
        return false;
    if (place == SIZE_MAX) {
        sum->mean = NAN;
        return true;
    }
    moments = moments_of(ratios_sample(metric, place, &values));
    factor *= term->factor;
    variance = factor * factor * (double) moments.variance / (double) moments.n;
    sum->mean += moments.n > 0 ? factor * moments_mean(&moments) : NAN;
    sum->variance += variance;
    sum->shares += variance * variance / (double) (moments.n - 1);
    return true;
}

static const Expected *find_expected(const GPtrArray *items, const char *level)
{
    for (guint i = 0; i < items->len; i++) {
        const Expected *expected = items->pdata[i];

        if (strcmp(expected->level, level) == 0)
            return expected;
    }
    return NULL;
}

/* Nothing is expected of a level that is not named: NAN. */
static bool sum_of_cell(Sources *sources, const GPtrArray *items, const DesignCell *cell, Sum *ret_sum, GError **error)
{
    const DesignFactor *x = design_factor(sources->plan->design, sources->plan->x);
    const Expected *expected = find_expected(items, x->levels->pdata[cell->levels[sources->plan->x]]);
    Sum sum = { expected != NULL ? 0 : (double) NAN, 0, 0 };

    for (guint i = 0; expected != NULL && i < expected->terms->len; i++) {
        if (!add_term(sources, cell, &g_array_index(expected->terms, ExpectedTerm, i), &sum, error))
            return false;
    }
    *ret_sum = sum;
    return true;
}

static double half_width(const Sum *sum)
{
    if (!(sum->variance > 0) || !(sum->shares > 0))
        return NAN;
    return qt(0.975, sum->variance * sum->variance / sum->shares, 1, 0) * sqrt(sum->variance);
}

/* "-27.0": how far what was measured is off, rounded by the uncertainty of the difference. */
static char *difference_text(const Sum *sum, double mean, double sem)
{
    double difference = mean - sum->mean;
    g_autofree char *digits = NULL;

    if (!isfinite(difference))
        return g_strdup("");
    digits = rounding_text(fabs(difference), sqrt(sum->variance + (isnan(sem) ? 0 : sem * sem)));
    return g_strconcat(difference < 0 ? "−" : "+", digits, NULL);
}

static bool append_row(Sources *sources, const GPtrArray *items, const Series *series, const SeriesPoint *point,
                       GString *tsv, GError **error)
{
    static const char *const columns[] = { "mean", "stddev", "sem", "ci95_low", "ci95_high" };
    double mean = table_real(series->rows, point->row, "mean"), sem = table_real(series->rows, point->row, "sem");
    g_autofree char *difference = NULL;
    Sum sum;

    if (!sum_of_cell(sources, items, point->cell, &sum, error))
        return false;
    difference = difference_text(&sum, mean, sem);
    g_string_append_printf(tsv, "%u", point->series);
    series_append_number(tsv, point->x);
    series_append_number(tsv, table_real(series->rows, point->row, "n"));
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
        series_append_number(tsv, table_real(series->rows, point->row, columns[i]));
    series_append_number(tsv, sum.mean);
    series_append_number(tsv, sum.mean - half_width(&sum));
    series_append_number(tsv, sum.mean + half_width(&sum));
    series_append_text(tsv, difference);
    series_append_levels(series->plan, point->cell, tsv);
    return true;
}

/* Two entries a series. */
static void set_pairs(const Series *series, FigureData *data)
{
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < series->points->len; i = series_end_of_series(series, i)) {
        g_autofree char *name = series_name(series->plan, series_point(series, i)->cell);
        const char *label = series->labels->pdata[series_point(series, i)->series - 1];

        g_ptr_array_add(pairs, g_strdup_printf("expected%s%s", name[0] != '\0' ? ": " : "", name));
        g_ptr_array_add(pairs, g_strdup_printf("measured: %s", label));
    }
    series_set_published(series, data);
    gnuplot_set_number(data->variables, "series_count", series->labels->len);
    gnuplot_set_texts(data->variables, "series", pairs);
}

static bool fill(Sources *sources, const Series *series, FigureData *data, GError **error)
{
    g_autoptr(GPtrArray) items = expected_parse(sources->plan->expected, error);

    if (items == NULL)
        return false;
    series_append_header(series->plan,
                         "series\tx\tn\tmean\tstddev\tsem\tci95_low\tci95_high\texpected\texpected_low\texpected_high\t"
                         "difference",
                         data->tsv);
    for (guint i = 0; i < series->points->len; i++) {
        if (!append_row(sources, items, series, series_point(series, i), data->tsv, error))
            return false;
    }
    return true;
}

static bool collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    g_auto(Series) series = { 0 };
    g_autoptr(GHashTable) sides =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) side_free);
    Sources sources = { store, plan, sides, "" };
    Table *cells = NULL;

    if (!store_read(store, "figure-cells", &cells, error, PARAM_INTEGER(plan->design->experiment_id),
                    PARAM_TEXT(plan->metric), PARAM_END))
        return false;
    series_init(&series, plan, cells);
    sources.unit = series_unit(&series);
    if (!fill(&sources, &series, data, error) ||
        !series_set_usual_texts(store, &series,
                                "mean of n runs and what was expected of it; bars: 95 % confidence intervals; numbers: "
                                "measured less expected",
                                data, error))
        return false;
    set_pairs(&series, data);
    series_set_x_axis(&series, data->variables);
    return true;
}

const Figure figure_expected = {
    .name = "expected-vs-measured",
    .description = "mean as a bar beside what was expected of it",
    .flags = FIGURE_CATEGORIES | FIGURE_EXPECTED | FIGURE_ONE_PANEL,
    .errors = "ci95",
    .published = PUBLISHED_AT_X,
    .query = FIGURE_QUERY_CELLS,
    .template = template_expected,
    .collect = collect,
};
