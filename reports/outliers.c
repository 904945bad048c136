// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/outliers.h"

#include <math.h>

#include "reports/compare/side.h"
#include "reports/rows.h"
#include "stats/outliers.h"

typedef struct Outlier {
    const SideMetric *metric;
    size_t cell;
    SideValue value;
    double median, score;
} Outlier;

static void find_in_cell(const SideMetric *metric, size_t cell, GArray *found)
{
    const GArray *values = metric->cells->pdata[cell];
    g_autofree double *numbers = g_new(double, values->len);
    g_autofree double *scores = g_new(double, values->len);
    Sample sample = { numbers, values->len };
    double median;

    for (guint i = 0; i < values->len; i++)
        numbers[i] = g_array_index(values, SideValue, i).value;
    if (outliers_scores(sample, scores) == 0)
        return;
    median = sample_median(sample);
    for (guint i = 0; i < values->len; i++) {
        Outlier outlier = { metric, cell, g_array_index(values, SideValue, i), median, scores[i] };

        if (fabs(scores[i]) > OUTLIER_SCORE)
            g_array_append_val(found, outlier);
    }
}

static Table *outlier_table(const Side *side, const GArray *found)
{
    static const char *const columns[] = { "run_id", "cell", "metric", "unit", "value", "median", "score" };
    Table *table = rows_table(columns, G_N_ELEMENTS(columns), found->len);

    for (guint i = 0; i < found->len; i++) {
        const Outlier *outlier = &g_array_index(found, Outlier, i);
        const Value values[] = {
            rows_integer(outlier->value.run_id), rows_text(side->labels->pdata[outlier->cell]),
            rows_text(outlier->metric->name),    rows_text(outlier->metric->unit),
            rows_real(outlier->value.value),     rows_real(outlier->median),
            rows_real(outlier->score),
        };

        rows_set(table, i, values);
    }
    return table;
}

bool report_outliers(Store *store, int64_t experiment_id, const char *metric, bool all, Table **ret_table,
                     GError **error)
{
    g_autoptr(Side) side = side_read(store, experiment_id, metric, all, error);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Outlier));

    if (side == NULL)
        return false;
    for (guint m = 0; m < side->metrics->len; m++)
        for (guint i = 0; i < side->design->cells->len; i++)
            find_in_cell(side->metrics->pdata[m], i, found);
    *ret_table = outlier_table(side, found);
    return true;
}
