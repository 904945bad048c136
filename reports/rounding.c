// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/rounding.h"

#include <math.h>
#include <string.h>

#include "reports/print.h"

char *rounding_text(double value, double uncertainty)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE], format[16];
    double step;
    int decimals;

    if (!isfinite(value) || !isfinite(uncertainty) || uncertainty <= 0)
        return print_number(value);
    decimals = 1 - (int) floor(log10(uncertainty));
    if (decimals > 15 || decimals < -15 || fabs(value) >= 1e15)
        return print_number(value);
    if (decimals < 0) {
        step = pow(10, -decimals);
        value = round(value / step) * step;
        decimals = 0;
    }
    g_snprintf(format, sizeof(format), "%%.%df", decimals);
    g_ascii_formatd(digits, sizeof(digits), format, value);
    return g_strdup(strspn(digits, "-0.") == strlen(digits) && digits[0] == '-' ? digits + 1 : digits); /* no "-0" */
}

double rounding_uncertainty(double low, double high)
{
    return (high - low) / 4;
}

/* ---- Units ---- */

typedef struct Scale {
    const char *unit;
    double factor; /* what was in the metric's unit is to be multiplied by this */
} Scale;

/* Each has 1000 of the one before. */
static const char *const ladders[][5] = {
    { "ns", "us", "ms", "s", NULL },
    { "B", "KB", "MB", "GB", NULL },
    { "bit", "kbit", "mbit", "gbit", NULL },
};

static const char *const *find_ladder(const char *unit, int *ret_step)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ladders); i++) {
        for (int step = 0; ladders[i][step] != NULL; step++) {
            if (strcmp(ladders[i][step], unit) == 0) {
                *ret_step = step;
                return ladders[i];
            }
        }
    }
    return NULL;
}

/* The unit in which `largest` is at least 1 and, if there is one, below 1000. */
static Scale choose_scale(const char *unit, double largest)
{
    Scale scale = { unit, 1 };
    int step = 0;
    const char *const *ladder = find_ladder(unit, &step);

    if (ladder == NULL || !(largest > 0) || isinf(largest))
        return scale;
    for (; largest < 1 && step > 0; largest *= 1000, scale.factor *= 1000)
        step--;
    for (; largest >= 1000 && ladder[step + 1] != NULL; largest /= 1000, scale.factor /= 1000)
        step++;
    scale.unit = ladder[step];
    return scale;
}

/* ---- A summary ---- */

/* Metric (a text of the summary) -> its Scale. */
static GHashTable *metric_scales(const Table *summary)
{
    GHashTable *scales = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    GHashTableIter all;
    Scale *scale;

    for (size_t row = 0; row < summary->row_count; row++) {
        const char *metric = table_text(summary, row, "metric");

        scale = g_hash_table_lookup(scales, metric);
        if (scale == NULL) {
            scale = g_new(Scale, 1);
            *scale = (Scale) { table_text(summary, row, "unit"), 0 };
            g_hash_table_insert(scales, (gpointer) metric, scale);
        }
        scale->factor = fmax(scale->factor, fabs(table_real(summary, row, "mean"))); /* so far the largest mean */
    }
    g_hash_table_iter_init(&all, scales);
    while (g_hash_table_iter_next(&all, NULL, (gpointer *) &scale))
        *scale = choose_scale(scale->unit, scale->factor);
    return scales;
}

static Value copy_value(const Value *value)
{
    Value copy = *value;

    if (value->type == VALUE_TEXT)
        copy.text = g_strdup(value->text);
    return copy;
}

static Value round_value(const Table *summary, size_t row, size_t column, const Scale *scale)
{
    const Value *value = table_value(summary, row, column);

    if (strcmp(summary->columns[column], "unit") == 0)
        return (Value) { .type = VALUE_TEXT, .text = g_strdup(scale->unit) };
    if (value->type != VALUE_REAL)
        return copy_value(value);
    return (Value) { .type = VALUE_TEXT,
                     .text = rounding_text(value->real * scale->factor,
                                           table_real(summary, row, "sem") * scale->factor) };
}

Table *rounding_summary(const Table *summary)
{
    g_autoptr(GHashTable) scales = metric_scales(summary);
    Table *rounded = g_new0(Table, 1);

    *rounded = (Table) { g_strdupv(summary->columns), summary->column_count, summary->row_count,
                         g_new0(Value, summary->column_count * summary->row_count) };
    for (size_t row = 0; row < summary->row_count; row++) {
        const Scale *scale = g_hash_table_lookup(scales, table_text(summary, row, "metric"));

        for (size_t column = 0; column < summary->column_count; column++)
            rounded->values[row * summary->column_count + column] = round_value(summary, row, column, scale);
    }
    return rounded;
}
