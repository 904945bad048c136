// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_TEMPLATES_H
#define REPORTS_TEMPLATES_H

/* The files of reports/templates/, compiled in by template-blob.c, as texts. */
extern const char template_style[];
extern const char template_errorbars[];
extern const char template_lines[];
extern const char template_bars[];
extern const char template_box[];
extern const char template_violin[];
extern const char template_cdf[];
extern const char template_ccdf[];
extern const char template_histogram[];
extern const char template_scatter[];
extern const char template_heatmap[];
extern const char template_order[];
extern const char template_convergence[];
extern const char template_timeseries[];
extern const char template_phases[];
extern const char template_gantt[];
extern const char template_panels_begin[];
extern const char template_panels[];
extern const char template_panels_end[];
extern const char template_panels_published[];
extern const char template_published_at_x[];
extern const char template_published_on_x[];
extern const char template_published_on_y[];
extern const char template_marks_at_x[];
extern const char template_expected[];
extern const char template_reproduction[];
extern const char template_page[];   /* its style sheet */
extern const char template_script[]; /* its script */

#endif
