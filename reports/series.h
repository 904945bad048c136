// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_SERIES_H
#define REPORTS_SERIES_H

#include "reports/figure.h"

/* What nearly every figure does with the rows of a query: sort them into series (a line or colour each) of cells that
 * differ in the factor of the x axis only, find their places on that axis, and write both down. */

typedef struct SeriesPoint {
    const DesignCell *cell;
    double x;     /* on the axis; 0 when no factor is on it */
    size_t row;   /* of the table */
    guint series; /* from 1 */
} SeriesPoint;

typedef struct Series {
    const FigurePlan *plan;
    Table *rows;       /* with a column cell_id, and n: how many runs count in the cell */
    GArray *points;    /* SeriesPoint: series by series, panel by panel, from left to right, then in the table's order */
    GPtrArray *labels; /* "size = 64 (n = 3)", one a series */
    Axis axis;         /* of the factor of the x axis */
} Series;

/* Takes `rows`. */
void series_init(Series *series, const FigurePlan *plan, Table *rows);
void series_clear(Series *series);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Series, series_clear)

const SeriesPoint *series_point(const Series *series, guint index);

/* Where the points of the cell (`cell`) or the series of point `first` end: the index behind its last one. */
guint series_end_of_cell(const Series *series, guint first);
guint series_end_of_series(const Series *series, guint first);

/* The number of the series that a cell belongs to; 0 when it is in none. */
guint series_find(const Series *series, const DesignCell *cell);

/* The unit of the metric: "" when it has none. */
const char *series_unit(const Series *series);

/* Write the .tsv: the header (`columns`, with tabs between them, then the factors); at the end of a row, the levels of
 * its cell. */
void series_append_header(const FigurePlan *plan, const char *columns, GString *tsv);
void series_append_levels(const FigurePlan *plan, const DesignCell *cell, GString *tsv);

/* A field behind a tab. What is no number is left empty, and of a text tabs and line ends become spaces. */
void series_append_number(GString *tsv, double number);
void series_append_text(GString *tsv, const char *text);

/* What the template reads: the labels, those of the panels, and what was published of the cells, in the series that
 * they belong to; the latter two alone; where the factor's levels stand on the x axis. */
void series_set_labels(const Series *series, FigureData *data);
void series_set_panels(const Series *series, GString *variables);
void series_set_published(const Series *series, FigureData *data);
void series_set_x_axis(const Series *series, GString *variables);

/* "delay [ms]"; the name alone without unit. Caller frees. */
char *series_with_unit(const char *name, const char *unit);

/* "size = 64, loss = 1%" of a cell, without the factors of x axis and panels; "" when there is no other. Caller
 * frees. */
char *series_name(const FigurePlan *plan, const DesignCell *cell);

/* Title, axis labels and caption, and the sentence that describes the figure. The caption is `note` and, when not every
 * run was completed, what became of the others. */
bool series_set_texts(Store *store, const FigurePlan *plan, const char *x_label, const char *y_label, const char *note,
                      FigureData *data, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same with the metric on the y axis and the factor on the x axis. */
bool series_set_usual_texts(Store *store, const Series *series, const char *note, FigureData *data, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif
