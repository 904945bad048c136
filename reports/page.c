// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/page.h"

#include "reports/print.h"
#include "reports/templates.h"

/* No script may run and nothing may be loaded, whatever a scenario or a guest wrote into the database. */
static const char policy[] = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

static void append_head(GString *page, const Design *design)
{
    g_autofree char *name = print_html(design->name);
    g_autofree char *description = print_html(design->description);

    g_string_append_printf(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n"
        "<title>%s: trialbed report</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<h1>%s</h1>\n",
        policy, name, template_page, name);
    if (description[0] != '\0')
        g_string_append_printf(page, "<p>%s</p>\n", description);
}

static void append_figure(GString *page, const PageFigure *figure, const char *folder)
{
    g_autofree char *path = g_strdup_printf("%s/%s.svg", folder, figure->name);
    g_autofree char *description = print_html(figure->description);
    g_autofree char *picture = NULL;
    g_autofree char *base64 = NULL;
    gsize size = 0;

    g_string_append(page, "<figure>\n");
    if (g_file_get_contents(path, &picture, &size, NULL)) {
        base64 = g_base64_encode((const guchar *) picture, size);
        g_string_append_printf(page, "<img alt=\"%s\" src=\"data:image/svg+xml;base64,%s\">\n", description, base64);
    } else {
        g_string_append(page, "<p>This figure is not drawn: gnuplot was missing or failed.</p>\n");
    }
    g_string_append_printf(page,
                           "<figcaption>%s. Files: <a href=\"%s.svg\">figure</a>, <a href=\"%s.tsv\">numbers</a>, "
                           "<a href=\"%s.gp\">gnuplot script</a>.</figcaption>\n</figure>\n",
                           description, figure->name, figure->name, figure->name);
}

/* A wide table scrolls by itself, and by keyboard. */
static void append_table(GString *page, const char *heading, const char *explanation, const Table *table)
{
    g_autofree char *html = print_table_text(table, PRINT_HTML);

    g_string_append_printf(page, "<h2>%s</h2>\n<p class=\"faint\">%s</p>\n", heading, explanation);
    if (table->row_count > 0)
        g_string_append_printf(
            page, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">\n%s</div>\n", heading, html);
}

char *page_build(Store *store, const Design *design, const Table *summary, const GPtrArray *figures, const char *folder,
                 GError **error)
{
    Param id = PARAM_INTEGER(design->experiment_id);
    g_autoptr(Table) runs = NULL;
    g_autoptr(Table) failures = NULL;
    g_autoptr(Table) environment = NULL;
    GString *page;

    if (!store_read(store, "counted-runs", &runs, error, id, PARAM_END) ||
        !store_read(store, "failures", &failures, error, id, PARAM_END) ||
        !store_read(store, "environment", &environment, error, id, PARAM_END))
        return NULL;
    page = g_string_new(NULL);
    append_head(page, design);
    g_string_append(page, "<h2>Figures</h2>\n");
    if (figures->len == 0)
        g_string_append(page, "<p class=\"faint\">There is none: nothing that was asked for has been measured.</p>\n");
    for (guint i = 0; i < figures->len; i++)
        append_figure(page, figures->pdata[i], folder);
    append_table(page, "Results",
                 "A row is one cell and metric. Every completed run gives one value, and n is how many there are; "
                 "stddev is the sample standard deviation, sem the standard error of the mean, ci95 the 95 % "
                 "confidence interval of the mean (Student's t).",
                 summary);
    append_table(page, "Runs",
                 "What became of the runs of each cell, without warm-ups; those left are planned or under way.", runs);
    append_table(page, "Failures",
                 failures->row_count > 0 ? "Every attempt that failed, and why." : "No attempt failed.", failures);
    append_table(page, "Environment",
                 environment->row_count > 0 ? "What the experiment ran on." : "Nothing was recorded.", environment);
    g_string_append(page, "</main>\n</body>\n</html>\n");
    return g_string_free(page, FALSE);
}
