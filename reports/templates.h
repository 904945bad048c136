// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_TEMPLATES_H
#define REPORTS_TEMPLATES_H

/* The files of reports/templates/, compiled in by template-blob.c, as texts. */
extern const char template_style[];
extern const char template_errorbars[];
extern const char template_page[];

#endif
