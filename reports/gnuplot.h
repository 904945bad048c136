// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_GNUPLOT_H
#define REPORTS_GNUPLOT_H

#include <glib.h>
#include <stdbool.h>

/* Write gnuplot assignments. Texts arrive literally, whatever is in them: nothing is expanded or run. */
void gnuplot_set_text(GString *script, const char *name, const char *text);
void gnuplot_set_number(GString *script, const char *name, double number);
void gnuplot_set_texts(GString *script, const char *name, const GPtrArray *texts); /* at least one */

/* Have gnuplot run FILE in `folder` once for every format (`format = 'pdf'`), without the user's own settings.
 * ERROR_HOST with a hint when there is none. */
bool gnuplot_run(const char *folder, const char *file, const char *const *formats, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif
