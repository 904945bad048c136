// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STATS_COMPONENTS_H
#define STATS_COMPONENTS_H

#include <stdbool.h>
#include <stddef.h>

/* One run's iterations, summed up. */
typedef struct Group {
    size_t n;
    double mean, variance; /* variance divided by n - 1; anything for n = 1 */
} Group;

/* Where the spread comes from: value = mean + of its run + of its iteration. */
typedef struct Components {
    double mean;              /* of the runs' means */
    double between, within;   /* variances: of runs, of iterations within a run */
    double iterations_a_run;  /* mean, weighted as unequal runs need it */
} Components;

/* Estimates by analysis of variance (Searle, Casella and McCulloch 1992, 3.6), at least 0. False when there are fewer
 * than two runs, or no run with two iterations. */
bool components_split(const Group *groups, size_t count, Components *ret_components);

/* How many iterations a run of the next experiment should have when a run costs `run_cost` without its iterations and
 * each iteration costs `iteration_cost` (Kalibera and Jones 2013). 0: runs do not differ, so as many as time allows. */
double components_iterations(const Components *components, double run_cost, double iteration_cost);

/* How many runs of so many iterations make the mean's confidence interval as narrow as mean -/+ `half_width`. At least
 * 2; 0 when more than a million. */
double components_runs(const Components *components, double iterations, double half_width, double confidence);

#endif
