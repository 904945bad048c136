// SPDX-License-Identifier: GPL-3.0-or-later
#include "stats/components.h"

#include <Rmath.h>
#include <math.h>

enum { MOST_RUNS = 1000000 };

typedef struct Totals {
    double values, squared_sizes, mean, within_squares, between_squares;
} Totals;

static Totals totals_of(const Group *groups, size_t count)
{
    Totals totals = { 0 };
    long double mean = 0, weighted = 0, within = 0, between = 0;

    for (size_t i = 0; i < count; i++) {
        double n = (double) groups[i].n;

        totals.values += n;
        totals.squared_sizes += n * n;
        mean += (long double) groups[i].mean - groups[0].mean;
        weighted += n * ((long double) groups[i].mean - groups[0].mean);
        within += groups[i].n > 1 ? (n - 1) * (long double) groups[i].variance : 0;
    }
    weighted /= totals.values;
    for (size_t i = 0; i < count; i++) {
        long double distance = (long double) groups[i].mean - groups[0].mean - weighted;

        between += (double) groups[i].n * distance * distance;
    }
    totals.mean = (double) (groups[0].mean + mean / (long double) count);
    totals.within_squares = (double) within;
    totals.between_squares = (double) between;
    return totals;
}

bool components_split(const Group *groups, size_t count, Components *ret_components)
{
    Totals totals;
    double runs = (double) count, size, within;

    if (count < 2)
        return false;
    totals = totals_of(groups, count);
    if (totals.values <= runs)
        return false;
    size = (totals.values - totals.squared_sizes / totals.values) / (runs - 1);
    within = totals.within_squares / (totals.values - runs);
    *ret_components = (Components) {
        .mean = totals.mean,
        .between = fmax((totals.between_squares / (runs - 1) - within) / size, 0),
        .within = within,
        .iterations_a_run = size,
    };
    return true;
}

double components_iterations(const Components *components, double run_cost, double iteration_cost)
{
    if (!(components->between > 0))
        return 0;
    return fmax(ceil(sqrt(run_cost / iteration_cost * components->within / components->between)), 1);
}

static double half_width_of(double variance, double runs, double confidence)
{
    return qt(0.5 + confidence / 2, runs - 1, 1, 0) * sqrt(variance / runs);
}

double components_runs(const Components *components, double iterations, double half_width, double confidence)
{
    double variance = components->between + components->within / iterations;
    double low = 1, high = 2;

    while (high <= MOST_RUNS && half_width_of(variance, high, confidence) > half_width) {
        low = high;
        high *= 2;
    }
    while (high - low > 1) {
        double middle = floor((low + high) / 2);

        *(half_width_of(variance, middle, confidence) > half_width ? &low : &high) = middle;
    }
    return high > MOST_RUNS ? 0 : high;
}
