// SPDX-License-Identifier: GPL-3.0-or-later
#include <Rmath.h>
#include <math.h>
#include <string.h>

#include "reports/advice.h"
#include "reports/outliers.h"
#include "reports/ratios.h"
#include "stats/outliers.h"

/* Thresholds are conventions, written down here and in docs/reports.md. */
enum { FEW_RUNS = 5, DRIFT_RUNS = 10, SHOWN_CELLS = 3 };
#define WIDE_INTERVAL 0.1   /* half of it, of the mean */
#define LOPSIDED 0.8        /* the smallest n of the largest */
#define DRIFT_P 0.01
#define UNSTEADY_SHARE 0.05 /* of the mean */

/* "delay=1ms, delay=2ms and 7 more" of many cells: advice that fills the screen is not read. */
typedef struct CellList {
    GString *text;
    guint count;
} CellList;

static void cell_list_add(CellList *list, const char *label)
{
    if (list->text == NULL)
        list->text = g_string_new(NULL);
    if (list->count++ < SHOWN_CELLS)
        g_string_append_printf(list->text, "%s%s", list->count > 1 ? ", " : "", label);
}

/* For one metric, or for none. Caller frees. */
static char *cell_list_end(CellList *list, const char *metric)
{
    if (list->count > SHOWN_CELLS)
        g_string_append_printf(list->text, " and %u more", list->count - SHOWN_CELLS);
    if (metric != NULL)
        g_string_append_printf(list->text, ": %s", metric);
    return g_string_free(g_steal_pointer(&list->text), FALSE);
}

static guint value_count(const SideMetric *metric, guint cell)
{
    return ((const GArray *) metric->cells->pdata[cell])->len;
}

/* Cells of a metric that have a number of runs from `low` to `high`; "" when there is none. Caller frees. */
static char *cells_with_runs(const Side *side, const SideMetric *metric, guint low, guint high)
{
    CellList list = { NULL, 0 };

    for (guint cell = 0; cell < metric->cells->len; cell++) {
        if (value_count(metric, cell) >= low && value_count(metric, cell) <= high)
            cell_list_add(&list, side->labels->pdata[cell]);
    }
    return list.count > 0 ? cell_list_end(&list, metric->name) : g_strdup("");
}

static bool look_for_few_runs(Evidence *evidence, const AdviceRule *rule, GError **error)
{
    (void) error;
    for (guint i = 0; i < evidence->side->metrics->len; i++) {
        g_autofree char *where = cells_with_runs(evidence->side, evidence->side->metrics->pdata[i], 2, FEW_RUNS - 1);

        if (where[0] != '\0')
            advice_add(evidence, rule, where, "fewer than %d runs: repeat more often, or say how much the interval leaves open",
                       FEW_RUNS);
    }
    return true;
}

static bool look_for_no_interval(Evidence *evidence, const AdviceRule *rule, GError **error)
{
    (void) error;
    for (guint i = 0; i < evidence->side->metrics->len; i++) {
        g_autofree char *where = cells_with_runs(evidence->side, evidence->side->metrics->pdata[i], 0, 1);

        if (where[0] != '\0')
            advice_add(evidence, rule, where, "one run or none: there is no spread and no interval; repeat them");
    }
    return true;
}

static bool is_wide(const SideMetric *metric, guint cell)
{
    g_autofree double *values = NULL;
    Moments moments = moments_of(ratios_sample(metric, cell, &values));
    double half;

    if (moments.n < 2)
        return false;
    half = qt(0.975, (double) moments.n - 1, 1, 0) * sqrt((double) moments.variance / (double) moments.n);
    return half > WIDE_INTERVAL * fabs(moments_mean(&moments));
}

static bool look_for_wide_intervals(Evidence *evidence, const AdviceRule *rule, GError **error)
{
    (void) error;
    for (guint i = 0; i < evidence->side->metrics->len; i++) {
        const SideMetric *metric = evidence->side->metrics->pdata[i];
        CellList list = { NULL, 0 };

        for (guint cell = 0; cell < metric->cells->len; cell++) {
            if (is_wide(metric, cell))
                cell_list_add(&list, evidence->side->labels->pdata[cell]);
        }
        if (list.count > 0) {
            g_autofree char *where = cell_list_end(&list, metric->name);

            advice_add(evidence, rule, where,
                       "the 95 %% interval is wider than ± %.0f %% of the mean: `convergence` shows whether more runs help",
                       100 * WIDE_INTERVAL);
        }
    }
    return true;
}

static bool look_for_baseline(Evidence *evidence, const AdviceRule *rule, GError **error)
{
    (void) error;
    if (evidence->side->design->cells->len < 2)
        advice_add(evidence, rule, "", "one cell: there is nothing to compare it with; add the baseline as a level");
    return true;
}

static bool look_at_order(Evidence *evidence, const AdviceRule *rule, GError **error)
{
    (void) error;
    if (evidence->side->design->cells->len > 1 &&
        strcmp(table_text(evidence->experiment, 0, "run_order"), "sequential") == 0)
        advice_add(evidence, rule, "",
                   "cells were run one after the other, so what changed over time looks like a difference between them: "
                   "'order: shuffled' or 'interleaved'");
    return true;
}

static bool look_at_environment(Evidence *evidence, const AdviceRule *rule, GError **error)
{
    (void) error;
    for (size_t row = 0; row < evidence->places->row_count; row++)
        advice_add(evidence, rule, table_text(evidence->places, row, "cell"), "%s differs between runs: %s",
                   table_text(evidence->places, row, "what"), table_text(evidence->places, row, "found"));
    return true;
}

/* ---- Drift: are later runs of the same cells higher or lower? ---- */

typedef struct Place {
    double residual, executed, rank;
} Place;

static gint compare_residuals(gconstpointer a, gconstpointer b)
{
    double left = ((const Place *) a)->residual, right = ((const Place *) b)->residual;

    return (left > right) - (left < right);
}

static gint compare_executed(gconstpointer a, gconstpointer b)
{
    double left = ((const Place *) a)->executed, right = ((const Place *) b)->executed;

    return (left > right) - (left < right);
}

/* Ties share their mean rank. */
static void rank_residuals(GArray *places)
{
    g_array_sort(places, compare_residuals);
    for (guint first = 0, end; first < places->len; first = end) {
        end = first + 1;
        while (end < places->len && g_array_index(places, Place, end).residual == g_array_index(places, Place, first).residual)
            end++;
        for (guint i = first; i < end; i++)
            g_array_index(places, Place, i).rank = (first + end - 1) / 2.;
    }
}

/* Spearman's rank correlation of residuals with the order of execution. NAN when all are the same. */
static double rank_correlation(GArray *places)
{
    double middle = (places->len - 1) / 2., product = 0, own = 0, order = 0;

    rank_residuals(places);
    g_array_sort(places, compare_executed);
    for (guint i = 0; i < places->len; i++) {
        double rank = g_array_index(places, Place, i).rank - middle;

        product += rank * (i - middle);
        own += rank * rank;
        order += (i - middle) * (i - middle);
    }
    return product / sqrt(own * order);
}

/* Its two-sided p, from Student's t with n - 2 degrees of freedom. */
static double correlation_p(double correlation, guint n)
{
    if (fabs(correlation) >= 1)
        return 0;
    return 2 * pt(-fabs(correlation) * sqrt((n - 2) / (1 - correlation * correlation)), n - 2., 1, 0);
}

/* What is left of every counted run's value without its cell's median. */
static GArray *residuals(const Side *side, const SideMetric *metric, const Table *order)
{
    GArray *places = g_array_new(FALSE, FALSE, sizeof(Place));
    g_autofree double *medians = g_new(double, metric->cells->len);

    for (guint cell = 0; cell < metric->cells->len; cell++) {
        g_autofree double *values = NULL;

        medians[cell] = sample_median(ratios_sample(metric, cell, &values));
    }
    for (size_t row = 0; row < order->row_count; row++) {
        size_t cell = side_cell_index(side, table_integer(order, row, "cell_id"));
        Place place = { table_real(order, row, "value") - medians[cell], table_real(order, row, "executed"), 0 };

        if (strcmp(table_text(order, row, "status"), "completed") == 0 && value_count(metric, (guint) cell) > 1 &&
            isfinite(place.residual))
            g_array_append_val(places, place);
    }
    return places;
}

static bool look_for_drift(Evidence *evidence, const AdviceRule *rule, GError **error)
{
    for (guint i = 0; i < evidence->side->metrics->len; i++) {
        const SideMetric *metric = evidence->side->metrics->pdata[i];
        g_autoptr(Table) order = NULL;
        g_autoptr(GArray) places = NULL;
        double correlation;

        if (!store_read(evidence->store, "figure-order", &order, error, PARAM_INTEGER(evidence->side->experiment_id),
                        PARAM_TEXT(metric->name), PARAM_END))
            return false;
        places = residuals(evidence->side, metric, order);
        if (places->len < DRIFT_RUNS)
            continue;
        correlation = rank_correlation(places);
        if (correlation_p(correlation, places->len) < DRIFT_P)
            advice_add(evidence, rule, metric->name,
                       "later runs are %s (rank correlation %.2f with the order, p < %.2f): find out what changed; the "
                       "figure 'order' shows it",
                       correlation > 0 ? "higher" : "lower", correlation, DRIFT_P);
    }
    return true;
}

static bool look_for_unsteady_runs(Evidence *evidence, const AdviceRule *rule, GError **error)
{
    g_autoptr(Table) rows = NULL;

    if (!store_read(evidence->store, "advice-steadiness", &rows, error, PARAM_INTEGER(evidence->side->experiment_id),
                    PARAM_END))
        return false;
    for (size_t row = 0; row < rows->row_count; row++) {
        double change = table_real(rows, row, "change"), sem = table_real(rows, row, "sem");
        double mean = table_real(rows, row, "mean"), n = table_real(rows, row, "n");

        if (side_metric(evidence->side, table_text(rows, row, "metric")) != NULL &&
            fabs(change) > UNSTEADY_SHARE * fabs(mean) && fabs(change) > qt(0.995, n - 1, 1, 0) * sem)
            advice_add(evidence, rule, table_text(rows, row, "metric"),
                       "a run's first samples are %.0f %% %s than its last: leave a warm-up out, or measure for longer; "
                       "the figure 'timeseries' shows it",
                       100 * fabs(change / mean), change > 0 ? "higher" : "lower");
    }
    return true;
}

/* What the scenario's `steady` found when the runs ended. */
static bool look_for_no_steady_state(Evidence *evidence, const AdviceRule *rule, GError **error)
{
    g_autoptr(Table) rows = NULL;

    if (!store_read(evidence->store, "flagged-runs", &rows, error, PARAM_TEXT("unsteady"),
                    PARAM_INTEGER(evidence->side->experiment_id), PARAM_END))
        return false;
    if (rows->row_count > 0)
        advice_add(evidence, rule, "",
                   "%zu time%s a run's iterations came to no steady state, as in run %" G_GINT64_FORMAT
                   ": more iterations, or fewer disturbances; 'trialbed summary %" G_GINT64_FORMAT " --unsteady' lists them",
                   rows->row_count, rows->row_count == 1 ? "" : "s", table_integer(rows, 0, "run_id"),
                   evidence->side->experiment_id);
    return true;
}

static bool look_for_kept_machines(Evidence *evidence, const AdviceRule *rule, GError **error)
{
    g_autoptr(Table) rows = NULL;

    if (!store_read(evidence->store, "flagged-runs", &rows, error, PARAM_TEXT("kept"),
                    PARAM_INTEGER(evidence->side->experiment_id), PARAM_END))
        return false;
    if (rows->row_count > 0)
        advice_add(evidence, rule, "",
                   "%zu run%s began on machines that an earlier run had used ('start: keep'): such runs are not independent, so "
                   "intervals are too narrow and say nothing of other machines; 'start: restore' is nearly as fast",
                   rows->row_count, rows->row_count == 1 ? "" : "s");
    return true;
}

static bool look_for_outliers(Evidence *evidence, const AdviceRule *rule, GError **error)
{
    for (guint i = 0; i < evidence->side->metrics->len; i++) {
        const SideMetric *metric = evidence->side->metrics->pdata[i];
        g_autoptr(Table) outliers = NULL;

        if (!report_outliers(evidence->store, evidence->side->experiment_id, metric->name, true, &outliers, error))
            return false;
        if (outliers->row_count > 0)
            advice_add(evidence, rule, metric->name,
                       "%zu run%s far from the median of %s: say so, and show the distribution ('box', 'cdf') beside the mean",
                       outliers->row_count, outliers->row_count == 1 ? " is" : "s are",
                       outliers->row_count == 1 ? "its cell" : "their cells");
    }
    return true;
}

static int64_t sum_of(const Table *table, const char *column)
{
    int64_t sum = 0;

    for (size_t row = 0; row < table->row_count; row++)
        sum += table_integer(table, row, column);
    return sum;
}

static bool look_for_what_was_left_out(Evidence *evidence, const AdviceRule *rule, GError **error)
{
    int64_t failed = sum_of(evidence->runs, "failed"), tainted = sum_of(evidence->runs, "tainted");

    (void) error;
    if (failed + tainted > 0)
        advice_add(evidence, rule, "",
                   "%" G_GINT64_FORMAT " failed and %" G_GINT64_FORMAT " tainted runs do not count: say so, and why; their "
                   "reasons are in the report's page",
                   failed, tainted);
    return true;
}

static bool look_for_what_is_left(Evidence *evidence, const AdviceRule *rule, GError **error)
{
    int64_t left = sum_of(evidence->runs, "left");

    (void) error;
    if (left > 0)
        advice_add(evidence, rule, "", "%" G_GINT64_FORMAT " runs are planned and not done: 'trialbed resume'", left);
    return true;
}

static bool look_for_lopsided_cells(Evidence *evidence, const AdviceRule *rule, GError **error)
{
    int64_t most = 0;
    CellList list = { NULL, 0 };

    (void) error;
    for (size_t row = 0; row < evidence->runs->row_count; row++)
        most = MAX(most, table_integer(evidence->runs, row, "completed"));
    for (size_t row = 0; row < evidence->runs->row_count; row++) {
        if ((double) table_integer(evidence->runs, row, "completed") < LOPSIDED * (double) most)
            cell_list_add(&list, table_text(evidence->runs, row, "cell"));
    }
    if (list.count > 0) {
        g_autofree char *where = cell_list_end(&list, NULL);

        advice_add(evidence, rule, where,
                   "these have far fewer runs that count than the others: what fails there may be what is interesting");
    }
    return true;
}

const AdviceRule advice_rules[] = {
    { "unfinished", "sufficient number of trials", look_for_what_is_left },
    { "no-interval", "sufficient number of trials", look_for_no_interval },
    { "few-runs", "sufficient number of trials", look_for_few_runs },
    { "wide-interval", "sufficient number of trials", look_for_wide_intervals },
    { "no-baseline", "appropriate baseline for comparison", look_for_baseline },
    { "order", "fair comparison", look_at_order },
    { "environment", "fair comparison", look_at_environment },
    { "lopsided", "fair comparison", look_for_lopsided_cells },
    { "drift", "fair comparison", look_for_drift },
    { "kept", "sufficient number of trials", look_for_kept_machines },
    { "unsteady", "appropriate summary statistics", look_for_unsteady_runs },
    { "no-steady-state", "appropriate summary statistics", look_for_no_steady_state },
    { "outliers", "report data distribution", look_for_outliers },
    { "left-out", "acknowledges limitations", look_for_what_was_left_out },
    { NULL, NULL, NULL },
};
