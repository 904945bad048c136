// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_PAGE_H
#define REPORTS_PAGE_H

#include "reports/design.h"

typedef struct PageFigure {
    char *name;        /* its files are NAME.svg, NAME.tsv and NAME.gp */
    char *description; /* for those who do not see it */
    char *query;       /* SQL for what it shows */
    const char *ending; /* of the picture that the page shows: ".svg" or ".png"; static */
} PageFigure;

/* The whole report as one HTML text that needs nothing else: no network, and it can be read without its script, which
 * sorts and filters. `summary` is rounded for people. `figures` holds PageFigures, and
 * `folder` their files; one without its .svg is said to be missing. NULL and *error on failure. Caller frees. */
char *page_build(Store *store, const Design *design, const Table *summary, const GPtrArray *figures, const char *folder,
                 GError **error);

#endif
