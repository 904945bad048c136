// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_DRAWING_H
#define REPORTS_DRAWING_H

#include "reports/figure.h"

/* One figure whose .gp and .tsv are written and which is to be drawn. */
typedef struct Drawing {
    FigurePlan *plan;  /* owned */
    unsigned formats;  /* REPORT_...: as what it is drawn */
    GError *error;     /* why it could not be drawn */
    bool kept;         /* it was not drawn: the old pictures are still right */
} Drawing;

void drawing_free(gpointer drawing);

/* Whether the picture with this ending (".svg") lies in `folder`. */
bool drawing_has(const Drawing *drawing, const char *folder, const char *ending);

/* Draw all (Drawing) in `folder`, as many at a time as there are processors. A figure whose script and numbers are to
 * the byte those in `old`, where whole pictures in all formats lie that the same gnuplot drew, is not drawn: its pictures
 * come from there. `again`: draw those as well. */
void drawing_run(GPtrArray *drawings, const char *folder, const char *old, bool again);

#endif
