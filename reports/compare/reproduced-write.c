// SPDX-License-Identifier: GPL-3.0-or-later
/* The side-by-side report of a reproduction. */
#include <math.h>
#include <string.h>

#include "reports/compare/reproduced.h"
#include "reports/gnuplot.h"
#include "reports/print.h"
#include "reports/rows.h"
#include "reports/templates.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

#define NAME "reproduction"

/* What differs from one run of the program to the next, or follows from the rest. */
static const char *const fleeting[] = { "command", "host.boot_time", "memory.free", NULL };

static const char *value_of(const Table *environment, const char *key)
{
    for (size_t row = 0; row < environment->row_count; row++)
        if (strcmp(table_text(environment, row, "key"), key) == 0)
            return table_text(environment, row, "value");
    return NULL;
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Every key of either, once, that differs and is not fleeting; in order. */
static GPtrArray *different_keys(const Table *original, const Table *here)
{
    const Table *const sides[] = { original, here };
    GPtrArray *keys = g_ptr_array_new();

    for (size_t side = 0; side < G_N_ELEMENTS(sides); side++) {
        for (size_t row = 0; row < sides[side]->row_count; row++) {
            const char *key = table_text(sides[side], row, "key");
            bool seen = side == 1 && value_of(original, key) != NULL;

            if (!seen && !g_strv_contains(fleeting, key)
                && g_strcmp0(value_of(original, key), value_of(here, key)) != 0)
                g_ptr_array_add(keys, (gpointer) key);
        }
    }
    g_ptr_array_sort(keys, compare_names);
    return keys;
}

bool reproduced_environments(Store *store, int64_t original, int64_t experiment, Table **ret_table, GError **error)
{
    static const char *const columns[] = { "key", "original", "here" };
    g_autoptr(Table) there = NULL;
    g_autoptr(Table) here = NULL;
    g_autoptr(GPtrArray) keys = NULL;

    if (!store_read(store, "environment", &there, error, PARAM_INTEGER(original), PARAM_END)
        || !store_read(store, "environment", &here, error, PARAM_INTEGER(experiment), PARAM_END))
        return false;
    keys = different_keys(there, here);
    *ret_table = rows_table(columns, G_N_ELEMENTS(columns), keys->len);
    for (guint i = 0; i < keys->len; i++) {
        const Value values[] = { rows_text(keys->pdata[i]), rows_text(value_of(there, keys->pdata[i])),
                                 rows_text(value_of(here, keys->pdata[i])) };

        rows_set(*ret_table, i, values);
    }
    return true;
}

/* ---- The figure ---- */

static int series_of(const char *verdict)
{
    return strcmp(verdict, "reproduced") == 0 ? 1 : strcmp(verdict, "not reproduced") == 0 ? 2 : 3;
}

/* How many margins a value of the estimate's column is away from the original's mean: -1 and 1 are the bounds. */
static double in_margins(const Table *cells, size_t row, const char *column)
{
    double low = table_real(cells, row, "margin_low"), high = table_real(cells, row, "margin_high");

    return (table_real(cells, row, column) - (low + high) / 2) / ((high - low) / 2);
}

static void append_field(GString *tsv, double value)
{
    g_autofree char *digits = isfinite(value) ? print_number_exact(value) : g_strdup("NaN");

    g_string_append_printf(tsv, "\t%s", digits);
}

/* A cell without an interval is a point. */
static char *figure_numbers(const Table *cells)
{
    GString *tsv = g_string_new("row\tseries\tat\tlow\thigh\n");

    for (size_t row = 0; row < cells->row_count; row++) {
        double at = in_margins(cells, row, "estimate");
        bool bounded = !isnan(table_real(cells, row, "low"));

        g_string_append_printf(tsv, "%zu\t%d", row + 1, series_of(table_text(cells, row, "verdict")));
        append_field(tsv, at);
        append_field(tsv, bounded ? in_margins(cells, row, "low") : at);
        append_field(tsv, bounded ? in_margins(cells, row, "high") : at);
        g_string_append_c(tsv, '\n');
    }
    return g_string_free(tsv, FALSE);
}

static void set_words(GString *script, const char *name, ...) G_GNUC_NULL_TERMINATED;
static void set_words(GString *script, const char *name, ...)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    const char *word;
    va_list args;

    va_start(args, name);
    while ((word = va_arg(args, const char *)) != NULL)
        g_ptr_array_add(words, (gpointer) word);
    va_end(args);
    gnuplot_set_texts(script, name, words);
}

static char *figure_script(const Table *cells, const char *title)
{
    GString *script = g_string_new("# " NAME ": a figure by trialbed, drawn from " NAME ".tsv. To draw it again: gnuplot "
                                   NAME ".gp\n");
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);

    for (size_t row = 0; row < cells->row_count; row++)
        g_ptr_array_add(rows, g_strdup_printf("%s: %s", table_text(cells, row, "metric"), table_text(cells, row, "cell")));
    gnuplot_set_text(script, "name", NAME);
    gnuplot_set_text(script, "id", NAME);
    gnuplot_set_text(script, "title", title);
    gnuplot_set_text(script, "x_label", "mean here less the original's, in margins");
    gnuplot_set_text(script, "y_label", "");
    gnuplot_set_text(script, "caption", "Bars: 90 % interval. Reproduced: all of it is within the margin (grey).");
    gnuplot_set_number(script, "caption_lines", 1);
    gnuplot_set_number(script, "lanes", cells->row_count);
    gnuplot_set_texts(script, "rows", rows);
    set_words(script, "series", "reproduced", "not reproduced", "inconclusive", NULL);
    g_string_append_printf(script, "\n%s\n%s", template_style, template_reproduction);
    return g_string_free(script, FALSE);
}

static bool write_text(const char *folder, const char *name, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    return file_write_atomic(path, text, strlen(text), error);
}

static bool write_figure(const Table *cells, const char *folder, const char *title, GError **error)
{
    g_autofree char *numbers = figure_numbers(cells);
    g_autofree char *script = figure_script(cells, title);

    return write_text(folder, NAME ".tsv", numbers, error) && write_text(folder, NAME ".gp", script, error)
           && gnuplot_run(folder, NAME ".gp", (const char *const[]) { "svg", NULL }, error);
}

/* ---- The page ---- */

static void append_section(GString *page, const char *heading, const char *explanation, const Table *table)
{
    g_autofree char *html = print_table_text(table, PRINT_HTML);

    g_string_append_printf(page, "<h2>%s</h2>\n<p class=\"faint\">%s</p>\n", heading, explanation);
    if (table->row_count > 0)
        g_string_append_printf(page, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">\n%s</div>\n",
                               heading, html);
}

static void append_figure(GString *page, const char *folder)
{
    static const char what[] = "Mean of every metric and cell here, less the original's, with its 90 % interval, in margins";
    g_autofree char *path = g_build_filename(folder, NAME ".svg", NULL);
    g_autofree char *picture = NULL, *base64 = NULL;
    gsize size = 0;

    if (!g_file_get_contents(path, &picture, &size, NULL)) {
        g_string_append(page, "<p>The figure is not drawn: gnuplot was missing or failed.</p>\n");
        return;
    }
    base64 = g_base64_encode((const guchar *) picture, size);
    g_string_append_printf(page,
                           "<figure>\n<img alt=\"%s\" src=\"data:image/svg+xml;base64,%s\">\n<figcaption>%s. Files: <a "
                           "href=\"" NAME ".svg\">figure</a>, <a href=\"" NAME ".tsv\">numbers</a>, <a href=\"" NAME
                           ".gp\">gnuplot script</a>.</figcaption>\n</figure>\n",
                           what, base64, what);
}

static char *page_text(const Reproduced *reproduced, const Table *environments, const char *name, const char *about,
                       const char *folder)
{
    GString *page = g_string_new("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
                                 "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta "
                                 "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
                                 "style-src 'unsafe-inline'\">\n");
    g_autofree char *title = print_html(name), *verdict = print_html(reproduced->words), *html = print_html(about);
    g_autoptr(Table) cells = reproduced_for_people(reproduced);

    g_string_append_printf(page, "<title>%s: reproduction</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n"
                                 "<h1>%s: %s</h1>\n<p>%s</p>\n",
                           title, template_page, title, verdict, html);
    append_figure(page, folder);
    append_section(page, "Metrics", "A metric is reproduced when every cell is.", reproduced->metrics);
    append_section(page, "Cells",
                   "Means with their standard deviations over n runs, there and here. The estimate is the ratio of the "
                   "means, or their difference where the margin is in the metric's unit, with its 90 % interval. <a "
                   "href=\"" NAME ".csv\">" NAME ".csv</a> has all digits.",
                   cells);
    append_section(page, "Environments", environments->row_count > 0 ? "What differs." : "Nothing recorded differs.",
                   environments);
    if (reproduced->notes->len > 0)
        g_string_append(page, "<h2>Not compared</h2>\n<ul>\n");
    for (guint i = 0; i < reproduced->notes->len; i++) {
        g_autofree char *note = print_html(reproduced->notes->pdata[i]);

        g_string_append_printf(page, "<li>%s</li>\n%s", note, i + 1 == reproduced->notes->len ? "</ul>\n" : "");
    }
    g_string_append(page, "</main>\n</body>\n</html>\n");
    return g_string_free(page, FALSE);
}

static bool write_tables(const Reproduced *reproduced, const char *folder, GError **error)
{
    g_autoptr(Table) people = reproduced_for_people(reproduced);
    g_autofree char *csv = print_table_text(reproduced->cells, PRINT_CSV);
    g_autofree char *markdown = print_table_text(people, PRINT_MARKDOWN);

    return write_text(folder, NAME ".csv", csv, error) && write_text(folder, NAME ".md", markdown, error);
}

bool reproduced_write(const ReproducedOptions *options, const Reproduced *reproduced, const char *folder, GError **error)
{
    g_autoptr(Table) original = NULL;
    g_autoptr(Table) here = NULL;
    g_autoptr(Table) environments = NULL;
    g_autoptr(GError) not_drawn = NULL;
    g_autofree char *title = NULL, *about = NULL, *page = NULL;

    if (!store_read(options->store, "experiment", &original, error, PARAM_INTEGER(options->original), PARAM_END)
        || !store_read(options->store, "experiment", &here, error, PARAM_INTEGER(options->experiment), PARAM_END)
        || !reproduced_environments(options->store, options->original, options->experiment, &environments, error)
        || !folder_make(folder, error) || !write_tables(reproduced, folder, error))
        return false;
    title = g_strdup_printf("%s: %s", table_text(original, 0, "name"), reproduced_name(reproduced->verdict));
    about = g_strdup_printf("Experiment %s of %s, and the same scenario run again as %s on %s.",
                            table_text(original, 0, "uuid"), table_text(original, 0, "created_at"),
                            table_text(here, 0, "uuid"), table_text(here, 0, "created_at"));
    if (!write_figure(reproduced->cells, folder, title, &not_drawn) && error_kind(not_drawn) != ERROR_HOST) {
        g_propagate_error(error, g_steal_pointer(&not_drawn));
        return false;
    }
    page = page_text(reproduced, environments, table_text(original, 0, "name"), about, folder);
    if (!write_text(folder, "index.html", page, error))
        return false;
    if (not_drawn == NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(&not_drawn));
    return false;
}
