// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <glib.h>
#include <stdio.h>
#include <sys/resource.h>

/* Repeated measurements of one thing, and how they are printed: median, smallest, largest, n. */
typedef struct Measured {
    double values[1024];
    unsigned n;
} Measured;

static inline void measured_add(Measured *measured, double value)
{
    g_assert(measured->n < G_N_ELEMENTS(measured->values));
    measured->values[measured->n++] = value;
}

static inline int measured_compare(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}

static inline double measured_quantile(Measured *measured, double p)
{
    double at = p * (measured->n - 1);
    unsigned low = (unsigned) at;

    qsort(measured->values, measured->n, sizeof *measured->values, measured_compare);
    if (low + 1 >= measured->n)
        return measured->values[low];
    return measured->values[low] + (at - low) * (measured->values[low + 1] - measured->values[low]);
}

static inline void measured_print(const char *what, Measured *measured, const char *unit)
{
    printf("  %-52s %11.4g %-8s [%.4g .. %.4g] n = %u\n", what, measured_quantile(measured, 0.5), unit,
           measured_quantile(measured, 0), measured_quantile(measured, 1), measured->n);
}

/* How ours stands to the floor, against what was promised. */
static inline void ratio_print(const char *what, double ratio, const char *target)
{
    printf("  %-52s %11.3f          target: %s\n", what, ratio, target);
    fflush(stdout);
}

static inline double peak_memory_mib(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double) usage.ru_maxrss / 1024;
}

#endif
