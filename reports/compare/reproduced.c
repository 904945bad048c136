// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/compare/reproduced.h"

#include <math.h>
#include <string.h>

#include "reports/compare/side.h"
#include "reports/print.h"
#include "reports/rounding.h"
#include "reports/rows.h"
#include "runner/base/error.h"
#include "stats/correction.h"
#include "stats/equivalence.h"

/* One metric of one cell, and what came of it. */
typedef struct Outcome {
    const SideMetric *metric; /* of the original */
    const char *cell;
    ReproducedMargin margin;
    Moments original, here;
    double low, high; /* bounds of the estimate */
    Equivalence test;
    double p_outside; /* corrected for all outcomes */
    ReproducedVerdict verdict;
} Outcome;

static ReproducedMargin margin_of(const ReproducedOptions *options, const char *metric, bool *ret_named)
{
    for (size_t i = 0; i < options->margin_count; i++) {
        *ret_named = strcmp(options->margins[i].metric, metric) == 0;
        if (*ret_named)
            return options->margins[i];
    }
    *ret_named = false;
    return (ReproducedMargin) { metric, REPRODUCED_MARGIN_PERCENT, true };
}

static double *values_of(const GArray *from)
{
    double *values = g_new(double, from->len + 1);

    for (guint i = 0; i < from->len; i++)
        values[i] = g_array_index(from, SideValue, i).value;
    return values;
}

/* `here` may be NULL: not measured at all. */
static Outcome outcome_of(const SideMetric *metric, const char *cell, ReproducedMargin margin, const GArray *original,
                          const GArray *here)
{
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(SideValue));
    g_autofree double *base_values = values_of(original), *other_values = values_of(here != NULL ? here : none);
    Sample base = { base_values, original->len }, other = { other_values, here != NULL ? here->len : 0 };
    Outcome outcome = { .metric = metric, .cell = cell, .margin = margin, .original = moments_of(base),
                        .here = moments_of(other) };

    outcome.low = margin.is_share ? 1 - margin.value / 100 : -margin.value;
    outcome.high = margin.is_share ? 1 + margin.value / 100 : margin.value;
    outcome.test = (margin.is_share ? equivalence_of_ratio : equivalence_of_difference)(
        base, other, outcome.low, outcome.high, REPRODUCED_ALPHA);
    return outcome;
}

static const GArray *values_in(const Side *side, const char *metric, const char *cell)
{
    const SideMetric *found = side_metric(side, metric);

    for (guint i = 0; found != NULL && i < side->labels->len; i++)
        if (strcmp(side->labels->pdata[i], cell) == 0)
            return found->cells->pdata[i];
    return NULL;
}

static bool has_cell(const Side *side, const char *cell)
{
    for (guint i = 0; i < side->labels->len; i++)
        if (strcmp(side->labels->pdata[i], cell) == 0)
            return true;
    return false;
}

static void add_metric(GArray *outcomes, const Side *original, const Side *here, const SideMetric *metric,
                       ReproducedMargin margin, GPtrArray *notes)
{
    for (guint i = 0; i < original->labels->len; i++) {
        const char *cell = original->labels->pdata[i];
        const GArray *values = metric->cells->pdata[i];
        Outcome outcome;

        if (!has_cell(here, cell))
            continue; /* said once for all metrics */
        if (values->len == 0) {
            g_ptr_array_add(notes, g_strdup_printf("metric '%s', cell '%s': the original has no counted run of it",
                                                   metric->name, cell));
            continue;
        }
        outcome = outcome_of(metric, cell, margin, values, values_in(here, metric->name, cell));
        g_array_append_val(outcomes, outcome);
    }
}

/* What is measured without asking is compared only when it has a margin of its own. */
static bool is_compared(const ReproducedOptions *options, const SideMetric *metric, ReproducedMargin *ret_margin)
{
    bool named;

    *ret_margin = margin_of(options, metric->name, &named);
    return named || !metric->automatic;
}

static GArray *find_outcomes(const ReproducedOptions *options, const Side *original, const Side *here, GPtrArray *notes)
{
    GArray *outcomes = g_array_new(FALSE, FALSE, sizeof(Outcome));

    for (guint i = 0; i < original->labels->len; i++)
        if (!has_cell(here, original->labels->pdata[i]))
            g_ptr_array_add(notes, g_strdup_printf("cell '%s': it was not run again",
                                                   (const char *) original->labels->pdata[i]));
    for (guint i = 0; i < original->metrics->len; i++) {
        const SideMetric *metric = original->metrics->pdata[i];
        ReproducedMargin margin;

        if (is_compared(options, metric, &margin))
            add_metric(outcomes, original, here, metric, margin, notes);
    }
    return outcomes;
}

/* An experiment is accused of not being reproduced only when chance hardly explains it, however many cells it has. That it
 * is reproduced needs every cell, so there is nothing to correct. */
static void judge(GArray *outcomes)
{
    g_autofree double *p = g_new(double, outcomes->len);
    g_autofree double *adjusted = g_new(double, outcomes->len);

    for (guint i = 0; i < outcomes->len; i++)
        p[i] = g_array_index(outcomes, Outcome, i).test.p_outside;
    correction_holm(p, outcomes->len, adjusted);
    for (guint i = 0; i < outcomes->len; i++) {
        Outcome *outcome = &g_array_index(outcomes, Outcome, i);

        outcome->p_outside = adjusted[i];
        outcome->verdict = outcome->test.p_inside < REPRODUCED_ALPHA ? REPRODUCED
                           : adjusted[i] < REPRODUCED_ALPHA          ? REPRODUCED_NOT
                                                                     : REPRODUCED_INCONCLUSIVE;
    }
}

/* ---- Words ---- */

const char *reproduced_name(ReproducedVerdict verdict)
{
    static const char *const names[] = { "reproduced", "not reproduced", "inconclusive" };

    return names[verdict];
}

/* `needed` as Equivalence has it; how many runs of a cell the whole needs is the largest of them. */
static char *verdict_words(ReproducedVerdict verdict, int64_t needed)
{
    if (verdict != REPRODUCED_INCONCLUSIVE)
        return g_strdup(reproduced_name(verdict));
    if (needed == EQUIVALENCE_NEVER)
        return g_strdup("inconclusive (no number of runs here decides it)");
    if (needed == EQUIVALENCE_UNKNOWN)
        return g_strdup("inconclusive (no run here measured it)");
    return g_strdup_printf("inconclusive (n too small: need about %" G_GINT64_FORMAT ")", needed);
}

static char *outcome_words(const Outcome *outcome)
{
    int64_t n = (int64_t) outcome->here.n;

    if (outcome->margin.is_share && moments_mean(&outcome->original) == 0)
        return g_strdup("inconclusive (a share of 0 is nothing: give it a margin in its unit)");
    /* what Holm's correction alone keeps open needs more than one more */
    return verdict_words(outcome->verdict,
                         outcome->test.needed > 0 ? MAX(outcome->test.needed, n + 1) : outcome->test.needed);
}

static char *note_of(const Outcome *outcome)
{
    if (outcome->original.n < 2)
        return g_strdup("the original has one run: nobody knows its spread");
    if (outcome->verdict == REPRODUCED_INCONCLUSIVE && outcome->test.needed == EQUIVALENCE_NEVER)
        return g_strdup("the original's runs are too few for this margin, or the mean is right on it");
    return outcome->test.no_spread ? g_strdup("the same in every run, there and here") : NULL;
}

static char *margin_text(const ReproducedMargin *margin, const char *unit)
{
    g_autofree char *number = print_number(margin->value);

    if (margin->is_share)
        return g_strconcat(number, " %", NULL);
    return g_strconcat(number, unit[0] != '\0' ? " " : "", unit, NULL);
}

/* ---- Tables ---- */

static const char *const cell_columns[] = {
    "metric", "unit", "cell", "n_original", "n", "mean_original", "stddev_original", "mean", "stddev", "method",
    "estimate", "low", "high", "margin_low", "margin_high", "p_reproduced", "p_not_reproduced", "needed", "verdict", "note",
};

static Table *cells_table(const GArray *outcomes)
{
    Table *table = rows_table(cell_columns, G_N_ELEMENTS(cell_columns), outcomes->len);

    for (guint i = 0; i < outcomes->len; i++) {
        const Outcome *outcome = &g_array_index(outcomes, Outcome, i);
        const Value values[] = {
            rows_text(outcome->metric->name),
            rows_text(outcome->metric->unit),
            rows_text(outcome->cell),
            rows_integer((int64_t) outcome->original.n),
            rows_integer((int64_t) outcome->here.n),
            rows_real(moments_mean(&outcome->original)),
            rows_real(sqrt((double) outcome->original.variance)),
            rows_real(moments_mean(&outcome->here)),
            rows_real(sqrt((double) outcome->here.variance)),
            rows_text(outcome->margin.is_share ? "ratio" : "difference"),
            rows_real(outcome->test.estimate),
            rows_real(outcome->test.interval.low),
            rows_real(outcome->test.interval.high),
            rows_real(outcome->low),
            rows_real(outcome->high),
            rows_real(outcome->test.p_inside),
            rows_real(outcome->p_outside),
            outcome->test.needed > 0 ? rows_integer(outcome->test.needed) : rows_real(NAN),
            rows_text_take(outcome_words(outcome)),
            rows_text_take(note_of(outcome)),
        };

        G_STATIC_ASSERT(G_N_ELEMENTS(values) == G_N_ELEMENTS(cell_columns));
        rows_set(table, i, values);
    }
    return table;
}

/* The verdict over some outcomes: those of `metric`, or all when it is NULL. */
typedef struct Sum {
    size_t count, of[3];
    int64_t needed;
} Sum;

static Sum sum_of(const GArray *outcomes, const SideMetric *metric)
{
    Sum sum = { .needed = EQUIVALENCE_UNKNOWN };

    for (guint i = 0; i < outcomes->len; i++) {
        const Outcome *outcome = &g_array_index(outcomes, Outcome, i);

        if (metric != NULL && outcome->metric != metric)
            continue;
        sum.count++;
        sum.of[outcome->verdict]++;
        if (outcome->verdict != REPRODUCED_INCONCLUSIVE || sum.needed == EQUIVALENCE_NEVER)
            continue;
        if (outcome->test.needed == EQUIVALENCE_NEVER || outcome->test.needed > sum.needed)
            sum.needed = outcome->test.needed;
        if (sum.needed > 0)
            sum.needed = MAX(sum.needed, (int64_t) outcome->here.n + 1);
    }
    return sum;
}

static ReproducedVerdict sum_verdict(const Sum *sum)
{
    if (sum->of[REPRODUCED_NOT] > 0)
        return REPRODUCED_NOT;
    return sum->of[REPRODUCED_INCONCLUSIVE] > 0 ? REPRODUCED_INCONCLUSIVE : REPRODUCED;
}

static Table *metrics_table(const GArray *outcomes)
{
    static const char *const columns[] = { "metric", "unit", "margin", "cells", "reproduced", "not_reproduced",
                                           "inconclusive", "verdict" };
    g_autoptr(GPtrArray) metrics = g_ptr_array_new();
    Table *table;

    for (guint i = 0; i < outcomes->len; i++) {
        const Outcome *outcome = &g_array_index(outcomes, Outcome, i);

        if (metrics->len == 0 || ((const Outcome *) metrics->pdata[metrics->len - 1])->metric != outcome->metric)
            g_ptr_array_add(metrics, (gpointer) outcome);
    }
    table = rows_table(columns, G_N_ELEMENTS(columns), metrics->len);
    for (guint i = 0; i < metrics->len; i++) {
        const Outcome *first = metrics->pdata[i];
        Sum sum = sum_of(outcomes, first->metric);
        const Value values[] = {
            rows_text(first->metric->name),
            rows_text(first->metric->unit),
            rows_text_take(margin_text(&first->margin, first->metric->unit)),
            rows_integer((int64_t) sum.count),
            rows_integer((int64_t) sum.of[REPRODUCED]),
            rows_integer((int64_t) sum.of[REPRODUCED_NOT]),
            rows_integer((int64_t) sum.of[REPRODUCED_INCONCLUSIVE]),
            rows_text_take(verdict_words(sum_verdict(&sum), sum.needed)),
        };

        G_STATIC_ASSERT(G_N_ELEMENTS(values) == G_N_ELEMENTS(columns));
        rows_set(table, i, values);
    }
    return table;
}

static bool check_margins(const ReproducedOptions *options, const Side *original, GError **error)
{
    for (size_t i = 0; i < options->margin_count; i++) {
        if (side_metric(original, options->margins[i].metric) != NULL)
            continue;
        error_set(error, ERROR_USAGE, "experiment '%s' has no metric '%s' to have a margin", original->design->name,
                  options->margins[i].metric);
        error_hint(error, "'trialbed summary %" G_GINT64_FORMAT " --all' shows the metrics there are.",
                   original->experiment_id);
        return false;
    }
    return true;
}

static bool refuse_nothing(const Side *original, GError **error)
{
    error_set(error, ERROR_USAGE, "experiment '%s' has no measured value to be reproduced", original->design->name);
    error_hint(error, "'--margin phase.boot=20%%' compares a metric that is there without asking.");
    return false;
}

static bool has_compared_value(const ReproducedOptions *options, const Side *original)
{
    for (guint i = 0; i < original->metrics->len; i++) {
        const SideMetric *metric = original->metrics->pdata[i];
        ReproducedMargin margin;

        for (guint cell = 0; cell < metric->cells->len && is_compared(options, metric, &margin); cell++)
            if (((const GArray *) metric->cells->pdata[cell])->len > 0)
                return true;
    }
    return false;
}

bool reproduced_check(const ReproducedOptions *options, GError **error)
{
    g_autoptr(Side) original = side_read(options->store, options->original, NULL, true, error);

    return original != NULL && (has_compared_value(options, original) || refuse_nothing(original, error))
           && check_margins(options, original, error);
}

bool reproduced_compare(const ReproducedOptions *options, Reproduced *ret_reproduced, GError **error)
{
    g_autoptr(Side) original = side_read(options->store, options->original, NULL, true, error);
    g_autoptr(Side) here = original != NULL ? side_read(options->store, options->experiment, NULL, true, error) : NULL;
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) outcomes = NULL;
    Sum sum;

    if (here == NULL || !check_margins(options, original, error))
        return false;
    outcomes = find_outcomes(options, original, here, notes);
    if (outcomes->len == 0)
        return refuse_nothing(original, error);
    judge(outcomes);
    sum = sum_of(outcomes, NULL);
    *ret_reproduced = (Reproduced) { sum_verdict(&sum), verdict_words(sum_verdict(&sum), sum.needed),
                                     cells_table(outcomes), metrics_table(outcomes), g_steal_pointer(&notes) };
    return true;
}

void reproduced_clear(Reproduced *reproduced)
{
    g_clear_pointer(&reproduced->words, g_free);
    g_clear_pointer(&reproduced->cells, table_free);
    g_clear_pointer(&reproduced->metrics, table_free);
    g_clear_pointer(&reproduced->notes, g_ptr_array_unref);
}

/* "20.31 -/+ 0.12": a mean with its standard deviation, rounded by it. */
static Value mean_text(const Table *cells, size_t row, const char *mean_name, const char *stddev_name)
{
    double mean = table_real(cells, row, mean_name), stddev = table_real(cells, row, stddev_name);
    g_autofree char *number = rounding_text(mean, stddev);
    g_autofree char *spread = rounding_text(stddev, stddev);

    if (isnan(mean))
        return rows_real(NAN);
    return isnan(stddev) ? rows_text(number) : rows_text_take(g_strdup_printf("%s -/+ %s", number, spread));
}

static Value estimate_text(const Table *cells, size_t row)
{
    double low = table_real(cells, row, "low"), high = table_real(cells, row, "high");
    double half = (high - low) / 2;
    g_autofree char *estimate = rounding_text(table_real(cells, row, "estimate"), half);
    g_autofree char *low_text = rounding_text(low, half), *high_text = rounding_text(high, half);

    if (isnan(table_real(cells, row, "estimate")))
        return rows_real(NAN);
    if (isnan(low))
        return rows_text(estimate);
    return rows_text_take(g_strdup_printf("%s [%s, %s]", estimate, low_text, high_text));
}

Table *reproduced_for_people(const Reproduced *reproduced)
{
    static const char *const columns[] = { "metric", "cell", "n", "original", "here", "method", "estimate", "verdict" };
    const Table *cells = reproduced->cells;
    Table *table = rows_table(columns, G_N_ELEMENTS(columns), cells->row_count);

    for (size_t row = 0; row < cells->row_count; row++) {
        const char *unit = table_text(cells, row, "unit"), *metric = table_text(cells, row, "metric");
        const Value values[] = {
            unit[0] == '\0' ? rows_text(metric) : rows_text_take(g_strdup_printf("%s (%s)", metric, unit)),
            rows_text(table_text(cells, row, "cell")),
            rows_text_take(g_strdup_printf("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT,
                                           table_integer(cells, row, "n_original"), table_integer(cells, row, "n"))),
            mean_text(cells, row, "mean_original", "stddev_original"),
            mean_text(cells, row, "mean", "stddev"),
            rows_text(table_text(cells, row, "method")),
            estimate_text(cells, row),
            rows_text(table_text(cells, row, "verdict")),
        };

        G_STATIC_ASSERT(G_N_ELEMENTS(values) == G_N_ELEMENTS(columns));
        rows_set(table, row, values);
    }
    return table;
}
