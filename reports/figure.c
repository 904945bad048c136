// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/figure.h"

#include <string.h>

#include "reports/format.h"
#include "reports/gnuplot.h"
#include "reports/published.h"
#include "reports/templates.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

static const Figure *const figures[] = {
    &figure_errorbars, &figure_lines,   &figure_bars,  &figure_box,         &figure_violin,     &figure_cdf,
    &figure_ccdf,      &figure_histogram, &figure_scatter, &figure_heatmap, &figure_order, &figure_convergence,
    &figure_timeseries, &figure_phases, &figure_gantt, &figure_expected, NULL,
};

const Figure *figure_get(size_t index)
{
    return figures[index];
}

const Figure *figure_find(const char *name, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (size_t i = 0; figures[i] != NULL; i++) {
        if (strcmp(figures[i]->name, name) == 0)
            return figures[i];
        g_string_append_printf(names, "%s'%s'", i == 0 ? "" : ", ", figures[i]->name);
    }
    error_set(error, ERROR_USAGE, "there is no figure '%s'", name);
    error_hint(error, "the figures are %s.", names->str);
    return NULL;
}

/* The name as gnuplot's svg terminal wants it for the ids inside the file. */
static char *identifier(const char *name)
{
    return g_strcanon(g_strdup(name), G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS, '_');
}

/* Its template's last command is a `plot`, to which what was published is added; with panels it comes once for each. */
static void append_drawing(const FigurePlan *plan, const FigureData *data, GString *text)
{
    const char *plot = strstr(plan->figure->template, "\nplot ") + 1;
    g_autofree char *main = g_strdup(plot);
    g_autofree char *marks = g_strdup(template_marks_at_x);
    const char *published = published_plot(plan, data->published);
    g_autofree char *drawing = g_strconcat(g_strchomp(main), data->marked ? g_strchomp(marks) : "", NULL);

    g_string_append_len(text, plan->figure->template, plot - plan->figure->template);
    if (plan->facet == FIGURE_NO_FACTOR) {
        g_string_append_printf(text, "set output name.ending\n%s%s", drawing, published);
    } else {
        g_string_append_printf(text, "%s%s%s%s%s%s%s%s", template_panels_begin, drawing, published, template_panels,
                               drawing, published, template_panels_end,
                               published[0] != '\0' ? template_panels_published : "\n");
        g_string_append(text, "unset multiplot\n");
    }
    if (!g_str_has_suffix(text->str, "\n"))
        g_string_append_c(text, '\n');
    g_string_append(text, "set output\n"); /* otherwise the next format's terminal would open, and so empty, this file again */
}

static char *script(const FigurePlan *plan, const FigureData *data)
{
    GString *text = g_string_new(NULL);
    g_autofree char *id = identifier(plan->name);

    g_string_printf(text, "# %s: a figure by trialbed, drawn from %s.tsv. To draw it again: gnuplot %s.gp\n",
                    plan->name, plan->name, plan->name);
    gnuplot_set_text(text, "name", plan->name);
    gnuplot_set_text(text, "id", id);
    g_string_append_printf(text, "%s\n%s\n", data->variables->str, template_style);
    append_drawing(plan, data, text);
    return g_string_free(text, FALSE);
}

static void fill_in(GString *query, const char *what, const char *text)
{
    g_string_replace(query, what, text, 0);
}

/* As SQL's texts are: in single quotes, which are doubled inside. */
static char *sql_text(const char *text)
{
    GString *quoted = g_string_new(text);

    g_string_replace(quoted, "'", "''", 0);
    g_string_prepend_c(quoted, '\'');
    g_string_append_c(quoted, '\'');
    return g_string_free(quoted, FALSE);
}

static char *sql_metrics(const FigurePlan *plan)
{
    GString *list;

    if (plan->metric != NULL)
        return sql_text(plan->metric);
    list = g_string_new(NULL);
    for (size_t i = 0; plan->metrics != NULL && plan->metrics[i] != NULL; i++) {
        g_autofree char *name = sql_text(plan->metrics[i]);

        g_string_append_printf(list, "%s%s", i > 0 ? ", " : "", name);
    }
    return g_string_free(list, FALSE);
}

/* Without a run: all that count, or the first of them where only one is shown. */
static char *run_condition(const FigurePlan *plan)
{
    if (plan->run_id > 0)
        return g_strdup_printf("r.run_id = %" G_GINT64_FORMAT, plan->run_id);
    if (plan->figure->flags & FIGURE_OF_ONE_RUN)
        return g_strdup("r.run_id = (SELECT run_id FROM run_facts WHERE experiment_id = {experiment} AND counted = 1 "
                        "ORDER BY position LIMIT 1)");
    return g_strdup("r.warmup = 0 AND r.status IN ('completed', 'tainted')");
}

char *figure_query(const FigurePlan *plan)
{
    GString *query = g_string_new(plan->figure->query);
    g_autofree char *run = run_condition(plan);
    g_autofree char *name = sql_text(plan->design->uuid);
    g_autofree char *experiment = g_strdup_printf("(SELECT experiment_id FROM experiment WHERE uuid = %s)", name);
    g_autofree char *metric = sql_metrics(plan);

    fill_in(query, "{run}", run);
    fill_in(query, "{experiment}", experiment);
    fill_in(query, "{metric}", metric); /* last: it may hold anything */
    return g_string_free(query, FALSE);
}

static bool write_file(const char *folder, const char *name, const char *ending, const char *text, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/%s%s", folder, name, ending);

    return file_write_atomic(path, text, strlen(text), error);
}

static size_t count_rows(const char *tsv)
{
    size_t lines = 0;

    for (const char *at = tsv; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    return lines > 0 ? lines - 1 : 0; /* the first is the header */
}

bool figure_write(Store *store, const FigurePlan *plan, const char *folder, char **ret_description, size_t *ret_rows,
                  GError **error)
{
    g_autoptr(GString) tsv = g_string_new(NULL);
    g_autoptr(GString) variables = g_string_new(NULL);
    g_autofree char *text = NULL;
    g_autoptr(Table) published = NULL;
    FigureData data = { .tsv = tsv, .variables = variables };

    if (!published_read(store, plan, &published, error))
        return false;
    data.published = published;
    if (!plan->figure->collect(store, plan, &data, error)) {
        g_prefix_error(error, "figure '%s': ", plan->figure->name);
        return false;
    }
    *ret_description = data.description;
    *ret_rows = count_rows(tsv->str);
    text = script(plan, &data);
    return write_file(folder, plan->name, ".tsv", tsv->str, error) &&
           write_file(folder, plan->name, ".gp", text, error);
}

/* A PDF says when it was made. The same number of characters keeps its table of offsets right. */
static void pin_creation_date(char *pdf, gsize size)
{
    static const char key[] = "/CreationDate (D:", date[] = "20000101000000";
    char *at = memmem(pdf, size, key, strlen(key));

    if (at != NULL && (gsize) (pdf + size - at) > strlen(key) + strlen(date))
        memcpy(at + strlen(key), date, strlen(date));
}

static bool forget_time(const FigurePlan *plan, const char *folder, const char *ending, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/%s%s", folder, plan->name, ending);
    g_autofree char *pdf = NULL;
    gsize size = 0;

    if (!g_file_get_contents(path, &pdf, &size, NULL))
        return error_set(error, ERROR_HOST, "could not read '%s': gnuplot left no such file", path);
    pin_creation_date(pdf, size);
    return file_write_atomic(path, pdf, size, error);
}

static bool escape_labels(const FigurePlan *plan, const char *folder, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/%s-latex.tex", folder, plan->name);
    g_autofree char *picture = NULL;
    g_autofree char *escaped = NULL;

    if (!g_file_get_contents(path, &picture, NULL, NULL))
        return error_set(error, ERROR_HOST, "could not read '%s': gnuplot left no such file", path);
    escaped = format_latex_labels(picture);
    return file_write_atomic(path, escaped, strlen(escaped), error);
}

bool figure_draw(const FigurePlan *plan, const char *folder, const char *const *formats, GError **error)
{
    g_autofree char *file = g_strconcat(plan->name, ".gp", NULL);

    return gnuplot_run(folder, file, formats, error) &&
           (!g_strv_contains(formats, "pdf") || forget_time(plan, folder, ".pdf", error)) &&
           (!g_strv_contains(formats, "latex") ||
            (forget_time(plan, folder, "-latex.pdf", error) && escape_labels(plan, folder, error)));
}
