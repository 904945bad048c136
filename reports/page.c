// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/page.h"

#include <string.h>

#include "reports/print.h"
#include "reports/templates.h"

enum { MOST_LEFT_OUT = 200 }; /* attempts that are listed one by one */

/* Only our own script may run and nothing may be loaded, whatever a scenario or a guest wrote into the database. */
static const char policy[] = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-%s'";

static char *script_policy(void)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 digest[32];
    gsize size = sizeof(digest);
    g_autofree char *base64 = NULL;

    g_checksum_update(checksum, (const guchar *) template_script, -1);
    g_checksum_get_digest(checksum, digest, &size);
    base64 = g_base64_encode(digest, size);
    return g_strdup_printf(policy, base64);
}

static void append_head(GString *page, const Design *design)
{
    g_autofree char *name = print_html(design->name);
    g_autofree char *description = print_html(design->description);
    g_autofree char *allowed = script_policy();

    g_string_append_printf(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n"
        "<title>%s: trialbed report</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<h1>%s</h1>\n",
        allowed, name, template_page, name);
    if (description[0] != '\0')
        g_string_append_printf(page, "<p>%s</p>\n", description);
}

/* Which levels each cell has, for the script. */
static void append_cells(GString *page, const Design *design, const Table *runs)
{
    g_string_append(page, "<ul id=\"cells\" hidden>\n");
    for (guint i = 0; i < design->cells->len && i < runs->row_count; i++) {
        const DesignCell *cell = design->cells->pdata[i];
        g_autofree char *label = print_html(table_text(runs, i, "cell"));

        g_string_append(page, "<li data-levels=\"");
        for (guint factor = 0; factor < design->factors->len; factor++)
            g_string_append_printf(page, "%s%zu", factor == 0 ? "" : " ", cell->levels[factor]);
        g_string_append_printf(page, "\">%s</li>\n", label);
    }
    g_string_append(page, "</ul>\n");
}

static void append_choice(GString *page, const DesignFactor *factor)
{
    g_autofree char *name = print_html(factor->name);

    g_string_append_printf(page, "<label>%s <select>\n<option value=\"\">all</option>\n", name);
    for (guint i = 0; i < factor->levels->len; i++) {
        g_autofree char *level = print_html(factor->levels->pdata[i]);

        g_string_append_printf(page, "<option value=\"%u\">%s</option>\n", i, level);
    }
    g_string_append(page, "</select></label>\n");
}

/* Shown by the script, which makes it work. */
static void append_factors(GString *page, const Design *design)
{
    g_string_append(page, "<fieldset id=\"factors\" hidden>\n<legend>Cells in the tables</legend>\n");
    for (guint i = 0; i < design->factors->len; i++)
        append_choice(page, design_factor(design, i));
    g_string_append(page, "</fieldset>\n");
}

/* The text as a word of a shell, in double quotes, as SQL has single ones. */
static char *shell_word(const char *text)
{
    GString *word = g_string_new("\"");

    for (; *text != '\0'; text++) {
        if (strchr("\"\\$`", *text) != NULL)
            g_string_append_c(word, '\\');
        g_string_append_c(word, *text);
    }
    g_string_append_c(word, '"');
    return g_string_free(word, FALSE);
}

/* A command to paste. What it belongs to is said to those who hear the page. */
static void append_sql(GString *page, const char *sql, const char *of)
{
    g_autofree char *word = shell_word(sql);
    g_autofree char *html = print_html(word);
    g_autofree char *name = print_html(of);

    g_string_append_printf(page,
                           "<details><summary>Query<span class=\"hidden\"> of %s</span></summary>\n"
                           "<pre tabindex=\"0\">trialbed query %s</pre></details>\n",
                           name, html);
}

static void append_figure(GString *page, const PageFigure *figure, const char *folder)
{
    g_autofree char *path = g_strdup_printf("%s/%s%s", folder, figure->name, figure->ending);
    const char *type = strcmp(figure->ending, ".png") == 0 ? "png" : "svg+xml";
    g_autofree char *description = print_html(figure->description);
    g_autofree char *picture = NULL;
    g_autofree char *base64 = NULL;
    gsize size = 0;

    g_string_append(page, "<figure>\n");
    if (g_file_get_contents(path, &picture, &size, NULL)) {
        base64 = g_base64_encode((const guchar *) picture, size);
        g_string_append_printf(page, "<img alt=\"%s\" src=\"data:image/%s;base64,%s\">\n", description, type, base64);
    } else {
        g_string_append(page, "<p>This figure is not drawn: gnuplot was missing or failed.</p>\n");
    }
    g_string_append_printf(page,
                           "<figcaption>%s. Files: <a href=\"%s.svg\">figure</a>, <a href=\"%s.tsv\">numbers</a>, "
                           "<a href=\"%s.gp\">gnuplot script</a>.</figcaption>\n",
                           description, figure->name, figure->name, figure->name);
    append_sql(page, figure->query, figure->name);
    g_string_append(page, "</figure>\n");
}

/* `query`: SQL behind which "= (the experiment)" is to be added. By its UUID, which is the same in every lab. */
static void append_query(GString *page, const char *heading, const char *query, const char *uuid, const char *order)
{
    g_autofree char *sql = g_strdup_printf("%s = (SELECT experiment_id FROM experiment WHERE uuid = '%s') ORDER BY %s",
                                           query, uuid, order);

    append_sql(page, sql, heading);
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

static void append_results(GString *page, const Table *summary, const char *uuid)
{
    append_table(page, "Results",
                 "A row is one cell and metric. Every completed run gives one value, and n is how many there are; "
                 "stddev is the sample standard deviation, sem the standard error of the mean, ci95 the 95 % "
                 "confidence interval of the mean (Student's t). Numbers are rounded by their standard error; "
                 "<a href=\"summary.csv\">summary.csv</a> has all digits.",
                 summary);
    append_query(page, "Results",
                 "SELECT cell, metric, unit, n, mean, stddev, sem, ci95_low, ci95_high, median, min, max "
                 "FROM cell_summary c WHERE automatic = (SELECT min(automatic) FROM cell_summary s "
                 "WHERE s.experiment_id = c.experiment_id) AND experiment_id",
                 uuid, "automatic, position, metric");
}

static void append_runs(GString *page, const Table *runs, const char *uuid)
{
    append_table(page, "Runs",
                 "What became of the runs of each cell, without warm-ups; those left are planned or under way.", runs);
    append_query(page, "Runs", "SELECT cell, run_id, repetition, status FROM run_facts WHERE warmup = 0 AND experiment_id", uuid,
                 "position");
}

/* Only where there are some: most experiments do not ask for a steady state. */
static void append_unsteady(GString *page, const Table *unsteady, const char *uuid)
{
    if (unsteady->row_count == 0)
        return;
    append_table(page, "No steady state",
                 "Counted runs whose iterations came to no steady state. They count like all others.", unsteady);
    append_query(page, "No steady state",
                 "SELECT run_id, cell, text FROM run_facts JOIN event USING (run_id, attempt) "
                 "WHERE kind = 'unsteady' AND counted = 1 AND experiment_id",
                 uuid, "cell_id, repetition");
}

/* All kinds, but only so many of the single ones: thousands of the same failure would say nothing more. */
static void append_left_out(GString *page, const Table *kinds, const Table *attempts, const char *uuid)
{
    int64_t count = 0;
    g_autofree char *shown = NULL;

    for (size_t row = 0; row < kinds->row_count; row++)
        count += table_integer(kinds, row, "attempts");
    append_table(page, "Failed and tainted, by kind",
                 count > 0 ? "Why runs do not count, and why attempts were repeated: a failed run has no values; a tainted "
                             "one has, from a host that was not quiet, and figures mark it without counting it."
                           : "No attempt failed, and no run is tainted.",
                 kinds);
    if (count == 0)
        return;
    shown = attempts->row_count < (size_t) count
                ? g_strdup_printf("The first %zu of %" G_GINT64_FORMAT "; the query has all.", attempts->row_count, count)
                : g_strdup("Every one, in planned order.");
    append_table(page, "Failed and tainted attempts", shown, attempts);
    append_query(page, "Failed and tainted attempts",
                 "SELECT r.run_id, r.cell, r.repetition, r.warmup, r.status, a.attempt, a.class, a.phase, a.reason "
                 "FROM run_facts r LEFT JOIN attempt a ON a.run_id = r.run_id AND a.class IS NOT NULL "
                 "WHERE (a.class IS NOT NULL OR r.status IN ('failed', 'tainted')) AND r.experiment_id",
                 uuid, "r.position, a.attempt");
}

static void append_environment(GString *page, const Table *environment, const char *uuid)
{
    append_table(page, "Environment",
                 environment->row_count > 0 ? "What the experiment ran on." : "Nothing was recorded.", environment);
    append_query(page, "Environment", "SELECT key, value FROM environment WHERE experiment_id", uuid, "key");
}

char *page_build(Store *store, const Design *design, const Table *summary, const GPtrArray *figures, const char *folder,
                 GError **error)
{
    Param id = PARAM_INTEGER(design->experiment_id);
    g_autoptr(Table) runs = NULL;
    g_autoptr(Table) kinds = NULL;
    g_autoptr(Table) attempts = NULL;
    g_autoptr(Table) unsteady = NULL;
    g_autoptr(Table) environment = NULL;
    const char *uuid = design->uuid;
    GString *page;

    if (!store_read(store, "counted-runs", &runs, error, id, PARAM_END) ||
        !store_read(store, "left-out-kinds", &kinds, error, id, PARAM_END) ||
        !store_read(store, "left-out", &attempts, error, id, PARAM_INTEGER(MOST_LEFT_OUT), PARAM_END) ||
        !store_read(store, "flagged-runs", &unsteady, error, PARAM_TEXT("unsteady"), id, PARAM_END) ||
        !store_read(store, "environment", &environment, error, id, PARAM_END))
        return NULL;
    page = g_string_new(NULL);
    append_head(page, design);
    g_string_append(page, "<h2>Figures</h2>\n"
                          "<p class=\"faint\">Below every figure and table is the query for its numbers, to paste where the lab "
                          "is. sqlite3 needs <code>.load trialbed_stats</code> for functions such as median().</p>\n");
    if (figures->len == 0)
        g_string_append(page, "<p class=\"faint\">There is none: nothing that was asked for has been measured.</p>\n");
    for (guint i = 0; i < figures->len; i++)
        append_figure(page, figures->pdata[i], folder);
    append_factors(page, design);
    append_results(page, summary, uuid);
    append_runs(page, runs, uuid);
    append_unsteady(page, unsteady, uuid);
    append_left_out(page, kinds, attempts, uuid);
    append_environment(page, environment, uuid);
    append_cells(page, design, runs);
    g_string_append_printf(page, "</main>\n<script>%s</script>\n</body>\n</html>\n", template_script);
    return g_string_free(page, FALSE);
}
