// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/figure.h"

#include <string.h>

#include "reports/gnuplot.h"
#include "reports/templates.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

static const Figure *const figures[] = {
    &figure_errorbars, &figure_lines,   &figure_bars,  &figure_box,         &figure_violin,     &figure_cdf,
    &figure_ccdf,      &figure_histogram, &figure_scatter, &figure_heatmap, &figure_order, &figure_convergence,
    &figure_timeseries, &figure_phases, &figure_gantt, NULL,
};


enum { NAME_LIMIT = 160 }; /* a file name has at most 255 bytes */

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

static bool choose_x(FigurePlan *plan, const FigureRequest *request, GError **error)
{
    plan->x = FIGURE_NO_FACTOR;
    if (plan->figure->flags & FIGURE_WITHOUT_X) {
        if (request->x == NULL)
            return true;
        error_set(error, ERROR_USAGE, "no factor can be on its x axis, not '%s' either", request->x);
        error_hint(error, "every factor makes lines of its own; 'by' says which comes first.");
        return false;
    }
    if (request->x != NULL)
        return design_factor_find(plan->design, request->x, &plan->x, error);
    plan->x = design_factor_for_x(plan->design);
    /* Whoever asks only for `by` does not want it on the axis. */
    if (request->by != NULL && strcmp(design_factor(plan->design, plan->x)->name, request->by) == 0 &&
        plan->design->factors->len > 1)
        plan->x = plan->x == 0 ? 1 : 0;
    return true;
}

static bool choose_others(FigurePlan *plan, const FigureRequest *request, GError **error)
{
    size_t by = FIGURE_NO_FACTOR;

    if (request->by != NULL && !design_factor_find(plan->design, request->by, &by, error))
        return false;
    if (by != FIGURE_NO_FACTOR && by == plan->x)
        return error_set(error, ERROR_USAGE, "factor '%s' cannot be both x and by", request->by);
    if (by != FIGURE_NO_FACTOR)
        g_array_append_val(plan->others, by);
    for (size_t i = 0; i < plan->design->factors->len; i++) {
        if (i != plan->x && i != by)
            g_array_append_val(plan->others, i);
    }
    return true;
}

static bool choose_bars(FigurePlan *plan, const FigureRequest *request, GError **error)
{
    static const char *const bars[] = { "stddev", "sem", "ci95", NULL };

    plan->bars = request->bars != NULL ? request->bars : plan->figure->bars;
    if (request->bars == NULL)
        return true;
    if (!(plan->figure->flags & FIGURE_WITH_BARS))
        return error_set(error, ERROR_USAGE, "it has no error bars, so none that are '%s'", request->bars);
    if (g_strv_contains(bars, request->bars))
        return true;
    error_set(error, ERROR_USAGE, "there are no error bars '%s'", request->bars);
    error_hint(error, "error bars are 'stddev', 'sem' or 'ci95'.");
    return false;
}

static bool find_level(FigurePlan *plan, const char *level, GError **error)
{
    const DesignFactor *factor = design_factor(plan->design, plan->base_factor);
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; i < factor->levels->len; i++) {
        if (strcmp(factor->levels->pdata[i], level) == 0) {
            plan->base_level = i;
            return true;
        }
        g_string_append_printf(names, "%s%s", i == 0 ? "" : ", ", (const char *) factor->levels->pdata[i]);
    }
    error_set(error, ERROR_USAGE, "factor '%s' has no level '%s'", factor->name, level);
    error_hint(error, "its levels are %s.", names->str);
    return false;
}

static bool choose_baseline(FigurePlan *plan, const FigureRequest *request, GError **error)
{
    g_auto(GStrv) parts = request->relative_to != NULL ? g_strsplit(request->relative_to, "=", 2) : NULL;

    plan->base_factor = FIGURE_NO_FACTOR;
    if (parts == NULL)
        return true;
    if (!(plan->figure->flags & FIGURE_RELATIVE)) {
        error_set(error, ERROR_USAGE, "it cannot be relative to '%s'", request->relative_to);
        error_hint(error, "'bars' can.");
        return false;
    }
    if (g_strv_length(parts) != 2) {
        error_set(error, ERROR_USAGE, "baseline '%s' is not FACTOR=LEVEL", request->relative_to);
        return false;
    }
    return design_factor_find(plan->design, parts[0], &plan->base_factor, error) && find_level(plan, parts[1], error);
}

static bool choose_run(FigurePlan *plan, const FigureRequest *request, GError **error)
{
    plan->run_id = request->run_id;
    if (plan->run_id == 0 || plan->figure->flags & (FIGURE_OF_RUNS | FIGURE_OF_ONE_RUN))
        return true;
    error_set(error, ERROR_USAGE, "it cannot show run %" G_GINT64_FORMAT " alone", plan->run_id);
    error_hint(error, "'timeseries' and 'gantt' can.");
    return false;
}

static void append_factors(const FigurePlan *plan, GString *name)
{
    const char *separator = "-by-";

    if (plan->x != FIGURE_NO_FACTOR) {
        g_string_append_printf(name, "%s%s", separator, design_factor(plan->design, plan->x)->name);
        separator = "-";
    }
    for (guint i = 0; i < plan->others->len; i++) {
        size_t factor = g_array_index(plan->others, size_t, i);

        g_string_append_printf(name, "%s%s", separator, design_factor(plan->design, factor)->name);
        separator = "-";
    }
}

static char *file_name(const FigurePlan *plan)
{
    GString *name = g_string_new(plan->figure->name);

    if (plan->metric != NULL)
        g_string_append_printf(name, "-%s", plan->metric);
    if (plan->run_id > 0)
        g_string_append_printf(name, "-run-%" G_GINT64_FORMAT, plan->run_id);
    else if (!(plan->figure->flags & FIGURE_OF_ONE_RUN))
        append_factors(plan, name);
    if (plan->base_factor != FIGURE_NO_FACTOR)
        g_string_append(name, "-relative");
    g_string_truncate(name, MIN(name->len, NAME_LIMIT));
    for (char *at = name->str; *at != '\0'; at++)
        *at = g_ascii_isalnum(*at) || strchr("-._", *at) != NULL ? g_ascii_tolower(*at) : '_';
    return g_string_free(name, FALSE);
}

FigurePlan *figure_plan(const Design *design, const FigureRequest *request, GError **error)
{
    g_autoptr(FigurePlan) plan = g_new0(FigurePlan, 1);

    plan->design = design;
    plan->others = g_array_new(FALSE, FALSE, sizeof(size_t));
    plan->figure = figure_find(request->figure, error);
    if (plan->figure == NULL)
        return NULL;
    if (!(plan->figure->flags & FIGURE_WITHOUT_METRIC))
        plan->metric = g_strdup(request->metric);
    if (!choose_x(plan, request, error) || !choose_others(plan, request, error) ||
        !choose_bars(plan, request, error) || !choose_baseline(plan, request, error) ||
        !choose_run(plan, request, error)) {
        g_prefix_error(error, "figure '%s': ", request->figure);
        return NULL;
    }
    plan->name = file_name(plan);
    return g_steal_pointer(&plan);
}

void figure_plan_free(FigurePlan *plan)
{
    g_free(plan->metric);
    g_array_unref(plan->others);
    g_free(plan->name);
    g_free(plan);
}

/* The name as gnuplot's svg terminal wants it for the ids inside the file. */
static char *identifier(const char *name)
{
    return g_strcanon(g_strdup(name), G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS, '_');
}

static char *script(const FigurePlan *plan, const FigureData *data)
{
    GString *text = g_string_new(NULL);
    g_autofree char *id = identifier(plan->name);

    g_string_printf(text, "# %s: a figure by trialbed, drawn from %s.tsv. To draw it again: gnuplot %s.gp\n",
                    plan->name, plan->name, plan->name);
    gnuplot_set_text(text, "name", plan->name);
    gnuplot_set_text(text, "id", id);
    g_string_append_printf(text, "%s\n%s\n%s", data->variables->str, template_style, plan->figure->template);
    return g_string_free(text, FALSE);
}

static bool write_file(const char *folder, const char *name, const char *ending, const char *text, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/%s%s", folder, name, ending);

    return file_write_atomic(path, text, strlen(text), error);
}

bool figure_write(Store *store, const FigurePlan *plan, const char *folder, char **ret_description, GError **error)
{
    g_autoptr(GString) tsv = g_string_new(NULL);
    g_autoptr(GString) variables = g_string_new(NULL);
    g_autofree char *text = NULL;
    FigureData data = { tsv, variables, NULL };

    if (!plan->figure->collect(store, plan, &data, error)) {
        g_prefix_error(error, "figure '%s': ", plan->figure->name);
        return false;
    }
    *ret_description = data.description;
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

static bool forget_time(const FigurePlan *plan, const char *folder, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/%s.pdf", folder, plan->name);
    g_autofree char *pdf = NULL;
    gsize size = 0;

    if (!g_file_get_contents(path, &pdf, &size, NULL))
        return error_set(error, ERROR_HOST, "could not read '%s': gnuplot left no such file", path);
    pin_creation_date(pdf, size);
    return file_write_atomic(path, pdf, size, error);
}

bool figure_draw(const FigurePlan *plan, const char *folder, const char *const *formats, GError **error)
{
    g_autofree char *file = g_strconcat(plan->name, ".gp", NULL);

    return gnuplot_run(folder, file, formats, error) &&
           (!g_strv_contains(formats, "pdf") || forget_time(plan, folder, error));
}
