// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_FIGURE_H
#define REPORTS_FIGURE_H

#include "reports/design.h"
#include "reports/report.h"

#define FIGURE_NO_FACTOR G_MAXSIZE

enum {
    FIGURE_WITHOUT_METRIC = 1, /* it shows times, and every report has it once at most */
    FIGURE_WITHOUT_X = 2,      /* no factor is on its x axis: all of them make series */
    FIGURE_CATEGORIES = 4,     /* its x axis is never to scale */
    FIGURE_RELATIVE = 8,       /* it can show cells relative to a baseline */
    FIGURE_OF_RUNS = 16,       /* it can show one run alone */
    FIGURE_OF_ONE_RUN = 32,    /* and no more than one */
    FIGURE_WITH_BARS = 64,     /* it has error bars, or a band */
    FIGURE_ROWS = 128,         /* it has named rows instead of a y axis */
    FIGURE_EXPECTED = 256,     /* it needs what was expected */
    FIGURE_ONE_PANEL = 512,    /* it has no panels */
    FIGURE_METRICS = 1024,     /* it can show several metrics side by side */
};

/* Where a figure shows what was published elsewhere. */
typedef enum {
    PUBLISHED_NOWHERE,
    PUBLISHED_AT_X, /* beside the cell's own value: the metric is on the y axis, the factor on the x axis */
    PUBLISHED_ON_X, /* along the x axis, which is the metric's */
    PUBLISHED_ON_Y, /* at the right end of the y axis, which is the metric's */
} PublishedPlace;

/* A request with every choice made. */
typedef struct FigurePlan {
    const struct Figure *figure;
    const Design *design;
    char *metric;   /* NULL: none, or several */
    char **metrics; /* of several, which are then on the x axis; NULL: one */
    size_t x;       /* the factor on the x axis, or FIGURE_NO_FACTOR */
    size_t facet;   /* the factor whose levels have a panel each, or FIGURE_NO_FACTOR */
    GArray *others; /* size_t: all other factors, `by` first. Cells never share a point: their runs are not pooled. */
    const char *errors;  /* what error bars are: "stddev", "sem" or "ci95" */
    size_t *base_levels; /* NULL: values. Otherwise cells are shown relative to the cell that has these levels, one a
                          * factor, and where they say FIGURE_NO_FACTOR the same as the cell itself. */
    char *baseline;      /* the same for people: "platform = bare" */
    char *expected;      /* as requested; NULL: nothing */
    int64_t run_id;      /* the only run to show; 0: all */
    char *name;          /* of its files: "errorbars-rtt-by-delay-size" */
} FigurePlan;

/* What a figure is drawn from. */
typedef struct FigureData {
    GString *tsv;       /* a header row, then the numbers at full precision */
    GString *variables; /* gnuplot assignments that its template reads */
    char *description;  /* one sentence for people who do not see it */
    Table *published;   /* figure-published.sql */
    bool marked;        /* $marks has single runs beside their cell's value */
} FigureData;

/* To add a kind of figure: a file with its record, a template in reports/templates/, a line in figure.c's table. */
typedef struct Figure {
    const char *name;        /* "errorbars" */
    const char *description; /* one line for help and docs */
    unsigned flags;          /* FIGURE_... */
    const char *errors;      /* the error bars it has without a wish */
    PublishedPlace published;
    const char *query;       /* SQL over views for what it shows; figure_query() fills in {experiment}, {metric} and {run} */
    const char *template;    /* gnuplot commands behind the style that all figures share; the last is its `plot` */
    bool (*collect)(Store *store, const FigurePlan *plan, FigureData *data, GError **error);
} Figure;

/* Queries that several kinds share. */
#define FIGURE_QUERY_CELLS                                                                         \
    "SELECT cell, metric, unit, n, mean, stddev, sem, ci95_low, ci95_high FROM cell_summary "      \
    "WHERE experiment_id = {experiment} AND metric IN ({metric}) ORDER BY position, metric"
#define FIGURE_QUERY_RUNS                                                        \
    "SELECT cell, run_id, value, counted FROM run_values "                       \
    "WHERE experiment_id = {experiment} AND metric = {metric} AND warmup = 0 ORDER BY cell_id, value, run_id"

extern const Figure figure_errorbars;
extern const Figure figure_lines;
extern const Figure figure_bars;
extern const Figure figure_box;
extern const Figure figure_violin;
extern const Figure figure_cdf;
extern const Figure figure_ccdf;
extern const Figure figure_histogram;
extern const Figure figure_scatter;
extern const Figure figure_heatmap;
extern const Figure figure_order;
extern const Figure figure_convergence;
extern const Figure figure_timeseries;
extern const Figure figure_phases;
extern const Figure figure_gantt;
extern const Figure figure_expected;

/* By index until NULL; by name, ERROR_USAGE with the names there are. */
const Figure *figure_get(size_t index);
const Figure *figure_find(const char *name, GError **error);

/* The metrics of a request, which are given; NULL at the end. Caller frees. */
char **figure_metrics(const FigureRequest *request);

/* Choose what the request leaves open; its metric must be given, and measured. NULL and *error (ERROR_USAGE) for a
 * figure or factor that is not there. */
FigurePlan *figure_plan(const Design *design, const FigureRequest *request, GError **error);
void figure_plan_free(FigurePlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FigurePlan, figure_plan_free)

/* The query whose rows a reader can compare with the figure. Caller frees. */
char *figure_query(const FigurePlan *plan);

/* Write NAME.tsv and NAME.gp into `folder`. *ret_description as FigureData's; caller frees. *ret_rows: of the
 * .tsv. */
bool figure_write(Store *store, const FigurePlan *plan, const char *folder, char **ret_description, size_t *ret_rows,
                  GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Have gnuplot draw NAME.FORMAT from them, for each of the formats ("svg", "latex": reports/format.h; the last is NULL). ERROR_HOST
 * without gnuplot. */
bool figure_draw(const FigurePlan *plan, const char *folder, const char *const *formats, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif
