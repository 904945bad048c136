// SPDX-License-Identifier: GPL-3.0-or-later
#include "stats/correction.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>

static int compare_pointed(const void *a, const void *b)
{
    double x = **(const double *const *) a, y = **(const double *const *) b;

    return (x > y) - (x < y);
}

size_t correction_count(const double *p, size_t count)
{
    size_t known = 0;

    for (size_t i = 0; i < count; i++)
        known += !isnan(p[i]);
    return known;
}

void correction_holm(const double *p, size_t count, double *ret_adjusted)
{
    g_autofree const double **rising = g_new(const double *, count);
    size_t known = 0;
    double largest = 0;

    for (size_t i = 0; i < count; i++) {
        ret_adjusted[i] = NAN;
        if (!isnan(p[i]))
            rising[known++] = &p[i];
    }
    if (known > 1)
        qsort(rising, known, sizeof *rising, compare_pointed);
    for (size_t i = 0; i < known; i++) {
        largest = fmax(largest, *rising[i] * (double) (known - i));
        ret_adjusted[rising[i] - p] = fmin(largest, 1);
    }
}
