// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_FIGURE_H
#define REPORTS_FIGURE_H

#include "reports/design.h"
#include "reports/report.h"

/* A request with every choice made. */
typedef struct FigurePlan {
    const struct Figure *figure;
    const Design *design;
    char *metric;
    size_t x;       /* the factor on the x axis */
    GArray *others; /* size_t: all other factors, `by` first. Cells never share a point: their runs are not pooled. */
    char *name;     /* of its files: "errorbars-rtt-by-delay-size" */
} FigurePlan;

/* What a figure is drawn from. */
typedef struct FigureData {
    GString *tsv;       /* a header row, then the numbers at full precision */
    GString *variables; /* gnuplot assignments that its template reads */
    char *description;  /* one sentence for people who do not see it */
} FigureData;

/* To add a kind of figure: a file with its record, a template in reports/templates/, a line in figure.c's table. */
typedef struct Figure {
    const char *name;        /* "errorbars" */
    const char *description; /* one line for help and docs */
    const char *template;    /* gnuplot commands behind the style that all figures share */
    bool (*collect)(Store *store, const FigurePlan *plan, FigureData *data, GError **error);
} Figure;

extern const Figure figure_errorbars;

/* By index until NULL; by name, ERROR_USAGE with the names there are. */
const Figure *figure_get(size_t index);
const Figure *figure_find(const char *name, GError **error);

/* Choose what the request leaves open; its metric must be given, and measured. NULL and *error (ERROR_USAGE) for a
 * figure or factor that is not there. */
FigurePlan *figure_plan(const Design *design, const FigureRequest *request, GError **error);
void figure_plan_free(FigurePlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FigurePlan, figure_plan_free)

/* Write NAME.tsv and NAME.gp into `folder`. *ret_description as FigureData's; caller frees. */
bool figure_write(Store *store, const FigurePlan *plan, const char *folder, char **ret_description, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Have gnuplot draw NAME.svg from them. ERROR_HOST without gnuplot. */
bool figure_draw(const FigurePlan *plan, const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
