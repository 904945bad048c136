// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>

#include "reports/figure-cells.h"
#include "reports/gnuplot.h"
#include "reports/templates.h"

enum { MOST_BINS = 60 };

/* All series have the same bins, otherwise they could not be compared. */
typedef struct Bins {
    double low, width;
    guint count;
} Bins;

static double value_at(const Series *series, guint index)
{
    return table_real(series->rows, series_point(series, index)->row, "value");
}

/* Values come in order, so quartiles are places in the list. */
static double cell_range(const Series *series, guint first, guint end)
{
    guint last = end - first - 1;

    return value_at(series, first + (last * 3 + 2) / 4) - value_at(series, first + last / 4);
}

/* Freedman and Diaconis 1981: 2 IQR / cube root of n, of the narrowest cell with any width. */
static Bins choose_bins(const Series *series)
{
    double low = INFINITY, high = -INFINITY, width = INFINITY;

    for (guint first = 0, end; first < series->points->len; first = end) {
        double range;

        end = series_end_of_cell(series, first);
        range = cell_range(series, first, end);
        low = MIN(low, value_at(series, first));
        high = MAX(high, value_at(series, end - 1));
        if (range > 0)
            width = MIN(width, 2 * range / cbrt(end - first));
    }
    if (!(high > low))
        return (Bins) { low - 0.5, 1, 1 };
    width = MIN(width, high - low);
    return (Bins) { low, (high - low) / CLAMP(ceil((high - low) / width), 1, MOST_BINS),
                    (guint) CLAMP(ceil((high - low) / width), 1, MOST_BINS) };
}

static void append_bins(const Series *series, const Bins *bins, const guint *counts, guint first, GString *tsv)
{
    const SeriesPoint *point = series_point(series, first);

    for (guint i = 0; i < bins->count; i++) {
        g_string_append_printf(tsv, "%u", point->series);
        series_append_number(tsv, bins->low + i * bins->width);
        series_append_number(tsv, bins->low + (i + 1) * bins->width);
        g_string_append_printf(tsv, "\t%u", counts[i]);
        series_append_levels(series->plan, point->cell, tsv);
    }
}

static void append_cell(const Series *series, const Bins *bins, guint first, guint end, GString *tsv)
{
    g_autofree guint *counts = g_new0(guint, bins->count);

    for (guint i = first; i < end; i++) {
        double place = floor((value_at(series, i) - bins->low) / bins->width);

        if (table_integer(series->rows, series_point(series, i)->row, "tainted") == 0)
            counts[(guint) CLAMP(place, 0, bins->count - 1.)]++;
    }
    append_bins(series, bins, counts, first, tsv);
}

static bool collect(Store *store, const FigurePlan *plan, FigureData *data, GError **error)
{
    g_auto(Series) series = { 0 };
    g_autofree char *tainted = NULL;
    g_autofree char *note = NULL;
    g_autofree char *x_label = NULL;
    Bins bins;

    if (!runs_read(store, plan, &series, error))
        return false;
    bins = choose_bins(&series);
    series_append_header(plan, "series\tfrom\tto\truns", data->tsv);
    for (guint first = 0, end; first < series.points->len; first = end) {
        end = series_end_of_cell(&series, first);
        append_cell(&series, &bins, first, end, data->tsv);
    }
    x_label = series_with_unit(plan->metric, series_unit(&series));
    tainted = runs_tainted_note(series.rows, "left out");
    note = g_strdup_printf("%u bins of equal width, the same for all; n runs%s", bins.count, tainted);
    if (!series_set_texts(store, plan, x_label, "runs", note, data, error))
        return false;
    series_set_labels(&series, data);
    return true;
}

const Figure figure_histogram = {
    .name = "histogram",
    .description = "how many runs have which value",
    .flags = FIGURE_WITHOUT_X,
    .published = PUBLISHED_ON_X,
    .query = FIGURE_QUERY_RUNS,
    .template = template_histogram,
    .collect = collect,
};
