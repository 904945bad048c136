// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/stats.h"

#include <Rmath.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef TRIALBED_STATS_EXTENSION
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1
#else
#include <sqlite3.h>
#endif

/* Read an argument as a number. False for NULL, and for what is no number, which fails the whole statement. */
static bool argument_number(sqlite3_context *context, sqlite3_value *argument, double *ret_number)
{
    int type = sqlite3_value_numeric_type(argument);

    if (type == SQLITE_NULL)
        return false;
    if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) {
        sqlite3_result_error(context, "a statistics function got a value that is no number", -1);
        return false;
    }
    *ret_number = sqlite3_value_double(argument);
    return true;
}

/* NaN is how functions below say NULL; SQLite takes it so. */
static void result_number(sqlite3_context *context, double number)
{
    sqlite3_result_double(context, number);
}

/* SQLite's memory for aggregates is aligned to 8 bytes only. */
typedef long double Precise __attribute__((aligned(8)));

/* Aggregates that need moments only. */

typedef struct Moments {
    int64_t n;
    int64_t infinite_up, infinite_down;
    bool undefined; /* a value had no image under the transformation */
    int64_t finite;
    Precise origin, mean, squares; /* the last two of x - origin, the first finite value: no digits go to an offset */
} Moments;

typedef struct MomentFunction {
    const char *name;
    long double (*transform)(double value); /* NULL: as it is */
    double (*final)(const Moments *moments);
} MomentFunction;

static void moments_add(Moments *moments, long double value)
{
    long double delta;

    if (isnan(value))
        moments->undefined = true;
    else if (isinf(value))
        *(value > 0 ? &moments->infinite_up : &moments->infinite_down) += 1;
    moments->n++;
    if (!isfinite(value))
        return;
    if (moments->finite++ == 0)
        moments->origin = value;
    value -= moments->origin;
    delta = value - moments->mean;
    moments->mean += delta / (long double) moments->finite;
    moments->squares += delta * (value - moments->mean);
}

static bool moments_is_finite(const Moments *moments)
{
    return !moments->undefined && moments->infinite_up == 0 && moments->infinite_down == 0;
}

static double moments_mean(const Moments *moments)
{
    if (moments->n == 0 || moments->undefined || (moments->infinite_up > 0 && moments->infinite_down > 0))
        return NAN;
    if (!moments_is_finite(moments))
        return moments->infinite_up > 0 ? INFINITY : -INFINITY;
    return (double) (moments->origin + moments->mean);
}

static long double spread(const Moments *moments)
{
    if (moments->n < 2 || !moments_is_finite(moments))
        return NAN;
    return moments->squares / (long double) (moments->n - 1);
}

static double moments_variance(const Moments *moments)
{
    return (double) spread(moments);
}

static double moments_stddev(const Moments *moments)
{
    return (double) sqrtl(spread(moments));
}

static double moments_sem(const Moments *moments)
{
    return (double) sqrtl(spread(moments) / (long double) moments->n);
}

static double ci95_half(const Moments *moments)
{
    return moments->n < 2 ? NAN : qt(0.975, (double) (moments->n - 1), 1, 0) * moments_sem(moments);
}

static double moments_ci95_low(const Moments *moments)
{
    return moments_mean(moments) - ci95_half(moments);
}

static double moments_ci95_high(const Moments *moments)
{
    return moments_mean(moments) + ci95_half(moments);
}

static long double logarithm(double value)
{
    return value < 0 ? NAN : logl(fabs(value));
}

static double moments_exp_mean(const Moments *moments)
{
    return exp(moments_mean(moments));
}

static long double reciprocal(double value)
{
    return value < 0 ? NAN : 1 / (long double) fabs(value);
}

static double moments_reciprocal_mean(const Moments *moments)
{
    return 1 / moments_mean(moments);
}

static const MomentFunction moment_functions[] = {
    { "mean", NULL, moments_mean },
    { "variance", NULL, moments_variance },
    { "stddev", NULL, moments_stddev },
    { "sem", NULL, moments_sem },
    { "ci95_low", NULL, moments_ci95_low },
    { "ci95_high", NULL, moments_ci95_high },
    { "geomean", logarithm, moments_exp_mean },
    { "harmonic_mean", reciprocal, moments_reciprocal_mean },
};

static void moments_step(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    const MomentFunction *function = sqlite3_user_data(context);
    Moments *moments = sqlite3_aggregate_context(context, sizeof *moments);
    double value;

    (void) count;
    if (moments == NULL)
        sqlite3_result_error_nomem(context);
    else if (argument_number(context, arguments[0], &value))
        moments_add(moments, function->transform != NULL ? function->transform(value) : (long double) value);
}

static void moments_final(sqlite3_context *context)
{
    const MomentFunction *function = sqlite3_user_data(context);
    const Moments *moments = sqlite3_aggregate_context(context, 0);

    if (moments != NULL)
        result_number(context, function->final(moments));
}

/* Over a window that grows. Taking a value out again would cost the digits that Welford's way keeps. */
static void moments_inverse(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    (void) count;
    (void) arguments;
    sqlite3_result_error(context, "a statistics function has no moving window, only ROWS UNBOUNDED PRECEDING", -1);
}

/* Aggregates that need all values. */

typedef struct Values {
    double *items;
    size_t count, capacity;
    double percent;
    bool has_percent;
} Values;

typedef struct ValuesFunction {
    const char *name;
    int argument_count;
    double (*final)(Values *values);
} ValuesFunction;

static bool values_add(Values *values, double value)
{
    if (values->count == values->capacity) {
        size_t capacity = values->capacity == 0 ? 16 : values->capacity * 2;
        double *items = sqlite3_realloc64(values->items, capacity * sizeof *items);

        if (items == NULL)
            return false;
        values->items = items;
        values->capacity = capacity;
    }
    values->items[values->count++] = value;
    return true;
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}

/* Between equal or exactly hit values nothing is computed, so that infinities stay what they are. */
static long double sorted_percentile(const double *sorted, size_t count, double percent)
{
    double position = (double) (count - 1) * percent / 100;
    size_t below = (size_t) position;
    long double part = position - (double) below;

    if (part == 0 || below + 1 >= count || sorted[below] == sorted[below + 1])
        return sorted[below];
    return sorted[below] * (1 - part) + sorted[below + 1] * part;
}

static long double values_sort(Values *values)
{
    if (values->count == 0 || !values->has_percent)
        return NAN;
    qsort(values->items, values->count, sizeof *values->items, compare_numbers);
    return sorted_percentile(values->items, values->count, values->percent);
}

static double values_percentile(Values *values)
{
    return (double) values_sort(values);
}

static double values_median(Values *values)
{
    values->percent = 50;
    values->has_percent = true;
    return values_percentile(values);
}

/* The median of an even number of values is kept longer than a double: under a large offset its last digits are the
 * distances' first. */
static double values_mad(Values *values)
{
    long double median;

    values->percent = 50;
    values->has_percent = true;
    median = values_sort(values);
    if (!isfinite(median))
        return NAN;
    for (size_t i = 0; i < values->count; i++)
        values->items[i] = (double) fabsl(values->items[i] - median);
    return values_percentile(values);
}

static const ValuesFunction values_functions[] = {
    { "median", 1, values_median },
    { "percentile", 2, values_percentile },
    { "mad", 1, values_mad },
};

static bool values_set_percent(sqlite3_context *context, Values *values, double percent)
{
    if (!(percent >= 0 && percent <= 100)) {
        sqlite3_result_error(context, "percentile() needs a percentage from 0 to 100", -1);
        return false;
    }
    if (values->has_percent && values->percent != percent) {
        sqlite3_result_error(context, "percentile() needs one percentage for all rows", -1);
        return false;
    }
    values->percent = percent;
    values->has_percent = true;
    return true;
}

static void values_step(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    Values *values = sqlite3_aggregate_context(context, sizeof *values);
    double value, percent;

    if (values == NULL) {
        sqlite3_result_error_nomem(context);
        return;
    }
    if (count == 2
        && (!argument_number(context, arguments[1], &percent) || !values_set_percent(context, values, percent)))
        return;
    if (argument_number(context, arguments[0], &value) && !values_add(values, value))
        sqlite3_result_error_nomem(context);
}

static void values_final(sqlite3_context *context)
{
    const ValuesFunction *function = sqlite3_user_data(context);
    Values *values = sqlite3_aggregate_context(context, 0);

    if (values == NULL)
        return;
    result_number(context, function->final(values));
    sqlite3_free(values->items);
}

/* aggregate(x, how): one of the ways above, chosen by name; how a metric makes one value of a run's samples. */

typedef struct Aggregate {
    enum { HOW_UNKNOWN, HOW_MEAN, HOW_SUM, HOW_MIN, HOW_MAX, HOW_LAST, HOW_PERCENTILE } how;
    Moments moments;
    Values values;
    Precise sum;
    double min, max, last;
} Aggregate;

static bool aggregate_choose(Aggregate *aggregate, const char *how)
{
    static const struct {
        const char *name;
        int how;
    } ways[] = {
        { "mean", HOW_MEAN }, { "sum", HOW_SUM },   { "min", HOW_MIN },
        { "max", HOW_MAX },   { "last", HOW_LAST }, { "median", HOW_PERCENTILE },
    };
    char *end;

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(how, ways[i].name) == 0)
            aggregate->how = ways[i].how;
    aggregate->values.percent = 50;
    aggregate->values.has_percent = true;
    if (aggregate->how != HOW_UNKNOWN)
        return true;
    if (how[0] != 'p' || how[1] < '0' || how[1] > '9')
        return false;
    aggregate->how = HOW_PERCENTILE;
    aggregate->values.percent = strtod(how + 1, &end);
    return *end == '\0' && aggregate->values.percent <= 100;
}

static bool aggregate_add(Aggregate *aggregate, double value)
{
    bool first = aggregate->moments.n == 0;

    if (aggregate->how == HOW_PERCENTILE && !values_add(&aggregate->values, value))
        return false;
    moments_add(&aggregate->moments, value);
    aggregate->sum += value;
    aggregate->min = first || value < aggregate->min ? value : aggregate->min;
    aggregate->max = first || value > aggregate->max ? value : aggregate->max;
    aggregate->last = value;
    return true;
}

static void aggregate_step(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    Aggregate *aggregate = sqlite3_aggregate_context(context, sizeof *aggregate);
    const char *how = (const char *) sqlite3_value_text(arguments[1]);
    double value;

    (void) count;
    if (aggregate == NULL)
        sqlite3_result_error_nomem(context);
    else if (aggregate->how == HOW_UNKNOWN && (how == NULL || !aggregate_choose(aggregate, how)))
        sqlite3_result_error(context,
                             "aggregate() needs 'mean', 'median', 'min', 'max', 'sum', 'last' or 'p0' to 'p100'", -1);
    else if (argument_number(context, arguments[0], &value) && !aggregate_add(aggregate, value))
        sqlite3_result_error_nomem(context);
}

static double aggregate_value(Aggregate *aggregate)
{
    switch (aggregate->how) {
    case HOW_MEAN:
        return moments_mean(&aggregate->moments);
    case HOW_SUM:
        return (double) aggregate->sum;
    case HOW_MIN:
        return aggregate->min;
    case HOW_MAX:
        return aggregate->max;
    case HOW_LAST:
        return aggregate->last;
    case HOW_PERCENTILE:
        return values_percentile(&aggregate->values);
    case HOW_UNKNOWN:
        break;
    }
    return NAN;
}

static void aggregate_final(sqlite3_context *context)
{
    Aggregate *aggregate = sqlite3_aggregate_context(context, 0);

    if (aggregate == NULL)
        return;
    if (aggregate->moments.n > 0)
        result_number(context, aggregate_value(aggregate));
    sqlite3_free(aggregate->values.items);
}

static void t_quantile(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    double p, df;

    (void) count;
    if (!argument_number(context, arguments[0], &p) || !argument_number(context, arguments[1], &df))
        return;
    if (p >= 0 && p <= 1 && df > 0) /* R's library prints a warning outside */
        result_number(context, qt(p, df, 1, 0));
}

int stats_register(sqlite3 *sqlite)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    int result = sqlite3_create_function_v2(sqlite, "t_quantile", 2, flags, NULL, t_quantile, NULL, NULL, NULL);

    for (size_t i = 0; result == SQLITE_OK && i < sizeof moment_functions / sizeof moment_functions[0]; i++)
        result = sqlite3_create_window_function(sqlite, moment_functions[i].name, 1, flags, (void *) &moment_functions[i],
                                                moments_step, moments_final, moments_final, moments_inverse, NULL);
    for (size_t i = 0; result == SQLITE_OK && i < sizeof values_functions / sizeof values_functions[0]; i++)
        result = sqlite3_create_function_v2(sqlite, values_functions[i].name, values_functions[i].argument_count, flags,
                                            (void *) &values_functions[i], NULL, values_step, values_final, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_create_function_v2(sqlite, "aggregate", 2, flags, NULL, NULL, aggregate_step, aggregate_final,
                                            NULL);
    return result;
}

#ifdef TRIALBED_STATS_EXTENSION
/* SQLite derives this name from the file's: trialbed_stats.so. */
int sqlite3_trialbedstats_init(sqlite3 *sqlite, char **ret_message, const sqlite3_api_routines *api);
int sqlite3_trialbedstats_init(sqlite3 *sqlite, char **ret_message, const sqlite3_api_routines *api)
{
    (void) ret_message;
    SQLITE_EXTENSION_INIT2(api);
    return stats_register(sqlite);
}
#endif
