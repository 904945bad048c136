// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/figure.h"

#include <string.h>

#include "reports/gnuplot.h"
#include "reports/templates.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

static const Figure *const figures[] = { &figure_errorbars, NULL };

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
    size_t by = G_MAXSIZE;

    if (request->by != NULL && !design_factor_find(plan->design, request->by, &by, error))
        return false;
    if (by == plan->x)
        return error_set(error, ERROR_USAGE, "factor '%s' cannot be both x and by", request->by);
    if (by != G_MAXSIZE)
        g_array_append_val(plan->others, by);
    for (size_t i = 0; i < plan->design->factors->len; i++) {
        if (i != plan->x && i != by)
            g_array_append_val(plan->others, i);
    }
    return true;
}

static char *file_name(const FigurePlan *plan)
{
    GString *name = g_string_new(NULL);

    g_string_printf(name, "%s-%s-by-%s", plan->figure->name, plan->metric, design_factor(plan->design, plan->x)->name);
    for (guint i = 0; i < plan->others->len; i++)
        g_string_append_printf(name, "-%s", design_factor(plan->design, g_array_index(plan->others, size_t, i))->name);
    g_string_truncate(name, MIN(name->len, NAME_LIMIT));
    for (char *at = name->str; *at != '\0'; at++)
        *at = g_ascii_isalnum(*at) || strchr("-._", *at) != NULL ? g_ascii_tolower(*at) : '_';
    return g_string_free(name, FALSE);
}

FigurePlan *figure_plan(const Design *design, const FigureRequest *request, GError **error)
{
    g_autoptr(FigurePlan) plan = g_new0(FigurePlan, 1);

    plan->design = design;
    plan->metric = g_strdup(request->metric);
    plan->others = g_array_new(FALSE, FALSE, sizeof(size_t));
    plan->figure = figure_find(request->figure, error);
    if (plan->figure == NULL)
        return NULL;
    if (!choose_x(plan, request, error) || !choose_others(plan, request, error)) {
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

bool figure_draw(const FigurePlan *plan, const char *folder, GError **error)
{
    g_autofree char *file = g_strconcat(plan->name, ".gp", NULL);

    return gnuplot_run(folder, file, error);
}
