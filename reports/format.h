// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_FORMAT_H
#define REPORTS_FORMAT_H

#include <stddef.h>

/* What pictures of a figure can be drawn as. */
typedef struct PictureFormat {
    const char *name; /* as gnuplot's scripts know it */
    unsigned flag;    /* REPORT_... */
    const char *endings[3]; /* of its files, behind the figure's name; NULL at the end */
} PictureFormat;

/* By index until NULL; by name, NULL when there is none. */
const PictureFormat *format_get(size_t index);
const PictureFormat *format_find(const char *name);

/* What gnuplot's cairolatex wrote, with its labels escaped: they are data, not TeX. Numbers of tics stay formulas. Caller
 * frees. */
char *format_latex_labels(const char *picture);

#endif
