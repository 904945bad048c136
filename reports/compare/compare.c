// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/compare/compare.h"

#include <math.h>
#include <string.h>

#include "reports/compare/baseline.h"
#include "reports/compare/pair.h"
#include "reports/rounding.h"
#include "reports/rows.h"
#include "runner/base/error.h"

/* Both sides; one and the same when cells are compared within an experiment. */
typedef struct Sides {
    Side *base, *other;
} Sides;

static void sides_clear(Sides *sides)
{
    if (sides->base != sides->other)
        side_free(sides->base);
    side_free(sides->other);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sides, sides_clear)

static bool sides_read(const CompareOptions *options, Sides *sides, GError **error)
{
    bool one = options->base_store == options->store && options->base_experiment == options->experiment;

    sides->other = side_read(options->store, options->experiment, options->metric, options->all, error);
    if (sides->other == NULL)
        return false;
    sides->base = one ? sides->other
                      : side_read(options->base_store, options->base_experiment, options->metric, options->all, error);
    return sides->base != NULL;
}

/* ---- Which pairs there are ---- */

static void leave_out(GPtrArray *left_out, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void leave_out(GPtrArray *left_out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(left_out, g_strdup_vprintf(format, args));
    va_end(args);
}

static size_t value_count(const SideMetric *metric, size_t cell)
{
    return ((const GArray *) metric->cells->pdata[cell])->len;
}

static void add_pair(GArray *pairs, const Sides *sides, const SideMetric *metric, size_t base_cell, size_t cell,
                     bool medians)
{
    const SideMetric *base = side_metric(sides->base, metric->name);
    bool paired = sides->base == sides->other && sides->other->blocked && !medians;
    Pair pair;

    if (value_count(base, base_cell) == 0 && value_count(metric, cell) == 0)
        return;
    pair = pair_compute(base, base_cell, metric, cell, paired, medians);
    g_array_append_val(pairs, pair);
}

static bool is_comparable(const Sides *sides, const SideMetric *metric, GPtrArray *left_out)
{
    const SideMetric *base = side_metric(sides->base, metric->name);

    if (base == NULL)
        leave_out(left_out, "metric '%s': the baseline does not have it", metric->name);
    else if (strcmp(base->unit, metric->unit) != 0)
        leave_out(left_out, "metric '%s': the baseline's unit is '%s', not '%s'", metric->name, base->unit,
                  metric->unit);
    else if (strcmp(base->aggregate, metric->aggregate) != 0)
        leave_out(left_out, "metric '%s': a run's value is the %s in the baseline, not the %s", metric->name,
                  base->aggregate, metric->aggregate);
    else
        return true;
    return false;
}

static void leave_out_unused(const Sides *sides, const int *partners, GPtrArray *left_out)
{
    for (guint base = 0; base < sides->base->design->cells->len; base++) {
        bool used = false;

        for (guint i = 0; i < sides->other->design->cells->len; i++)
            used |= partners[i] == (int) base;
        if (!used)
            leave_out(left_out, "cell '%s' of the baseline: nothing is compared with it",
                      (const char *) sides->base->labels->pdata[base]);
    }
}

static void partners_error(const Sides *sides, GError **error)
{
    if (sides->base == sides->other) {
        error_set(error, ERROR_USAGE, "experiment '%s': no cell has another to be compared with",
                  sides->base->design->name);
        error_hint(error, "'trialbed compare EXPERIMENT EXPERIMENT' compares two experiments, cell by cell.");
    } else {
        error_set(error, ERROR_USAGE, "experiments '%s' and '%s' have no cell in common", sides->base->design->name,
                  sides->other->design->name);
        error_hint(error, "'--baseline FACTOR=LEVEL' says which level of the first stands for each of the second.");
    }
}

/* The partner of every cell of the other side. */
static int *find_partners(const Sides *sides, const CompareOptions *options, GPtrArray *left_out, GError **error)
{
    size_t count = sides->other->design->cells->len;
    g_autofree size_t *levels = baseline_levels(sides->base, sides->base == sides->other, options->baseline, error);
    g_autofree int *partners = g_new(int, count);
    size_t found = 0;

    if (levels == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        partners[i] = baseline_find(sides->base, levels, sides->other, i);
        found += partners[i] >= 0;
        if (partners[i] == BASELINE_NOT_FOUND)
            leave_out(left_out, "cell '%s': it has no partner in the baseline",
                      (const char *) sides->other->labels->pdata[i]);
    }
    if (found == 0) {
        partners_error(sides, error);
        return NULL;
    }
    if (sides->base != sides->other)
        leave_out_unused(sides, partners, left_out);
    return g_steal_pointer(&partners);
}

static GArray *find_pairs(const Sides *sides, const int *partners, bool medians, GPtrArray *left_out)
{
    GArray *pairs = g_array_new(FALSE, FALSE, sizeof(Pair));

    for (guint m = 0; m < sides->other->metrics->len; m++) {
        const SideMetric *metric = sides->other->metrics->pdata[m];

        if (!is_comparable(sides, metric, left_out))
            continue;
        for (guint i = 0; i < sides->other->design->cells->len; i++)
            if (partners[i] >= 0)
                add_pair(pairs, sides, metric, (size_t) partners[i], i, medians);
    }
    return pairs;
}

/* ---- Tables ---- */

static const char *const columns[] = {
    "metric",         "unit",    "baseline_experiment_id", "baseline",       "experiment_id", "cell",
    "method",         "n_baseline", "n",                   "value_baseline", "value",         "difference",
    "difference_low", "difference_high", "ratio",          "ratio_low",      "ratio_high",    "p",
    "p_holm",         "rank_p",  "rank_p_holm",            "cliffs_delta",   "detectable",    "verdict",
    "note",
};

static const char *method(const Pair *pair)
{
    if (pair->medians)
        return "medians";
    return pair->paired ? "means, paired" : "means";
}

static void fill_row(Table *table, size_t row, const Sides *sides, const Pair *pair)
{
    const Value values[] = {
        rows_text(pair->metric->name),
        rows_text(pair->metric->unit),
        rows_integer(sides->base->experiment_id),
        rows_text(sides->base->labels->pdata[pair->base_cell]),
        rows_integer(sides->other->experiment_id),
        rows_text(sides->other->labels->pdata[pair->cell]),
        rows_text(method(pair)),
        rows_integer((int64_t) pair->base_n),
        rows_integer((int64_t) pair->n),
        rows_real(pair->base_centre),
        rows_real(pair->centre),
        rows_real(pair->difference),
        rows_real(pair->difference_interval.low),
        rows_real(pair->difference_interval.high),
        rows_real(pair->ratio),
        rows_real(pair->ratio_interval.low),
        rows_real(pair->ratio_interval.high),
        rows_real(pair->p),
        rows_real(pair->p_holm),
        rows_real(pair->ranks.p),
        rows_real(pair->rank_p_holm),
        rows_real(pair->ranks.cliffs_delta),
        rows_real(pair->detectable),
        rows_text_take(pair_verdict(pair)),
        rows_text_take(pair_note(pair)),
    };

    G_STATIC_ASSERT(G_N_ELEMENTS(values) == G_N_ELEMENTS(columns));
    rows_set(table, row, values);
}

bool compare_experiments(const CompareOptions *options, Table **ret_table, GPtrArray **ret_left_out, GError **error)
{
    g_auto(Sides) sides = { 0 };
    g_autoptr(GPtrArray) left_out = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) pairs = NULL;
    g_autofree int *partners = NULL;

    if (!sides_read(options, &sides, error))
        return false;
    partners = find_partners(&sides, options, left_out, error);
    if (partners == NULL)
        return false;
    pairs = find_pairs(&sides, partners, options->medians, left_out);
    pairs_correct((Pair *) (void *) pairs->data, pairs->len);
    *ret_table = rows_table(columns, G_N_ELEMENTS(columns), pairs->len);
    for (guint i = 0; i < pairs->len; i++)
        fill_row(*ret_table, i, &sides, &g_array_index(pairs, Pair, i));
    *ret_left_out = g_steal_pointer(&left_out);
    return true;
}

/* The standard error of the difference rounds what was compared, too; that of the ratio, the ratio. */
static double uncertainty(const Table *table, size_t row, const char *name)
{
    g_autofree char *low = g_strconcat(name, "_low", NULL), *high = g_strconcat(name, "_high", NULL);

    return rounding_uncertainty(table_real(table, row, low), table_real(table, row, high));
}

static Value compared_value(const Table *table, size_t row, const char *name)
{
    double value = table_real(table, row, name);

    return isnan(value) ? rows_real(NAN) : rows_text_take(rounding_text(value, uncertainty(table, row, "difference")));
}

/* "-1.2 [-1.4, -1.0]" */
static Value with_interval(const Table *table, size_t row, const char *name)
{
    g_autofree char *low_name = g_strconcat(name, "_low", NULL), *high_name = g_strconcat(name, "_high", NULL);
    double error = uncertainty(table, row, name);
    g_autofree char *value = rounding_text(table_real(table, row, name), error);
    g_autofree char *low = rounding_text(table_real(table, row, low_name), error);
    g_autofree char *high = rounding_text(table_real(table, row, high_name), error);

    if (isnan(table_real(table, row, name)))
        return (Value) { .type = VALUE_NULL };
    if (isnan(table_real(table, row, low_name)))
        return rows_text(value);
    return rows_text_take(g_strdup_printf("%s [%s, %s]", value, low, high));
}

/* A number as a text, so that columns beside it look alike. */
static Value short_value(const Table *table, size_t row, const char *name, const char *format)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    double number = table_real(table, row, name);

    if (isnan(number))
        return rows_real(NAN);
    return rows_text(g_ascii_formatd(digits, sizeof digits, format, number == 0 ? 0 : number));
}

static Value run_counts(const Table *table, size_t row)
{
    int64_t base = table_integer(table, row, "n_baseline"), n = table_integer(table, row, "n");

    if (strcmp(table_text(table, row, "method"), "means, paired") == 0)
        return rows_text_take(g_strdup_printf("%" G_GINT64_FORMAT " pairs", n));
    return rows_text_take(g_strdup_printf("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, base, n));
}

static Value metric_with_unit(const Table *table, size_t row)
{
    const char *unit = table_text(table, row, "unit"), *metric = table_text(table, row, "metric");

    return unit[0] == '\0' ? rows_text(metric) : rows_text_take(g_strdup_printf("%s (%s)", metric, unit));
}

Table *compare_for_people(const Table *comparison)
{
    static const char *const names[] = { "metric", "baseline",     "cell", "n",     "from",   "to",
                                         "difference", "ratio", "p_holm", "delta", "verdict" };
    Table *table = rows_table(names, G_N_ELEMENTS(names), comparison->row_count);

    for (size_t row = 0; row < comparison->row_count; row++) {
        const Value values[] = {
            metric_with_unit(comparison, row),
            rows_text(table_text(comparison, row, "baseline")),
            rows_text(table_text(comparison, row, "cell")),
            run_counts(comparison, row),
            compared_value(comparison, row, "value_baseline"),
            compared_value(comparison, row, "value"),
            with_interval(comparison, row, "difference"),
            with_interval(comparison, row, "ratio"),
            short_value(comparison, row, "p_holm", "%.2g"),
            short_value(comparison, row, "cliffs_delta", "%.2f"),
            rows_text(table_text(comparison, row, "verdict")),
        };

        G_STATIC_ASSERT(G_N_ELEMENTS(values) == G_N_ELEMENTS(names));
        rows_set(table, row, values);
    }
    return table;
}

GPtrArray *compare_notes(const Table *comparison)
{
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) counts = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) order = g_ptr_array_new();

    for (size_t row = 0; row < comparison->row_count; row++) {
        const char *note = table_text(comparison, row, "note");
        guint count = note != NULL ? GPOINTER_TO_UINT(g_hash_table_lookup(counts, note)) : 0;

        if (note == NULL)
            continue;
        if (count == 0)
            g_ptr_array_add(order, (gpointer) note);
        g_hash_table_insert(counts, (gpointer) note, GUINT_TO_POINTER(count + 1));
    }
    for (guint i = 0; i < order->len; i++) {
        guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, order->pdata[i]));

        g_ptr_array_add(notes, g_strdup_printf("%s (%u row%s)", (const char *) order->pdata[i], count,
                                               count == 1 ? "" : "s"));
    }
    return notes;
}
