// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STATS_STEADY_H
#define STATS_STEADY_H

#include "stats/sample.h"

/* Whether the iterations of one run came to a steady state, by the rule of Georges, Buytaert and Eeckhout 2007, section
 * 4.3: the first `window` iterations in a row whose coefficient of variation (standard deviation over mean) is at most
 * `variation`. Of the published rules it is the one that needs no more than some ten iterations and no eye on a plot:
 * change points (Barrett and others 2017) want hundreds, and lag plots (Kalibera and Jones 2013) a person. */
typedef struct SteadyRule {
    size_t window;    /* 2 or more */
    double variation; /* as a share: 0.02 */
} SteadyRule;

typedef struct Steadiness {
    bool is_steady;
    size_t from;      /* where the first steady window begins, from 0; without one, where the steadiest begins */
    double variation; /* of that window; INFINITY: fewer values than a window, or a mean of 0 with a spread */
} Steadiness;

/* `iterations` has one value an iteration, in their order. Takes n times `window` steps. */
Steadiness steadiness_of(Sample iterations, const SteadyRule *rule);

/* Standard deviation (n - 1) over the size of the mean. 0 for values that are all the same; INFINITY for a mean of 0 with
 * a spread; NAN for fewer than two values. */
double coefficient_of_variation(Sample sample);

#endif
