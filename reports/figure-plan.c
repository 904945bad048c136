// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "reports/figure.h"
#include "runner/base/error.h"

enum {
    NAME_LIMIT = 160, /* a file name has at most 255 bytes */
    MOST_LINES = 6,   /* in one panel, without a wish */
    MOST_PANELS = 9,
};

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
    if (plan->metrics != NULL && request->x != NULL)
        return error_set(error, ERROR_USAGE, "its metrics are on its x axis, where factor '%s' cannot be", request->x);
    if (plan->metrics != NULL)
        return true;
    if (request->x != NULL)
        return design_factor_find(plan->design, request->x, &plan->x, error);
    plan->x = design_factor_for_x(plan->design);
    /* Whoever asks only for `by` does not want it on the axis. */
    if (request->by != NULL && strcmp(design_factor(plan->design, plan->x)->name, request->by) == 0 &&
        plan->design->factors->len > 1)
        plan->x = plan->x == 0 ? 1 : 0;
    return true;
}

char **figure_metrics(const FigureRequest *request)
{
    return g_strsplit(request->metric, "\n", -1);
}

static bool choose_metrics(FigurePlan *plan, const FigureRequest *request, GError **error)
{
    g_auto(GStrv) metrics = NULL;

    if (plan->figure->flags & FIGURE_WITHOUT_METRIC)
        return true;
    metrics = figure_metrics(request);
    if (metrics[1] == NULL)
        plan->metric = g_strdup(metrics[0]);
    if (metrics[1] == NULL)
        return true;
    plan->metrics = g_steal_pointer(&metrics);
    if (plan->figure->flags & FIGURE_METRICS)
        return true;
    error_set(error, ERROR_USAGE, "it shows one metric, not '%s' and '%s' side by side", plan->metrics[0], plan->metrics[1]);
    error_hint(error, "'bars' can.");
    return false;
}

static bool choose_facet(FigurePlan *plan, const FigureRequest *request, GError **error)
{
    plan->facet = FIGURE_NO_FACTOR;
    if (request->facet == NULL)
        return true;
    if (plan->figure->flags & FIGURE_ONE_PANEL)
        return error_set(error, ERROR_USAGE, "it has no panels, not for factor '%s' either", request->facet);
    if (!design_factor_find(plan->design, request->facet, &plan->facet, error))
        return false;
    if (plan->facet == plan->x)
        return error_set(error, ERROR_USAGE, "factor '%s' cannot be both x and facet", request->facet);
    if (request->by != NULL && strcmp(request->by, request->facet) == 0)
        return error_set(error, ERROR_USAGE, "factor '%s' cannot be both by and facet", request->facet);
    return true;
}

static guint level_count(const FigurePlan *plan, size_t factor)
{
    return design_factor(plan->design, factor)->levels->len;
}

/* More lines than that cannot be told apart, so without a wish the factor that takes most of them away gets panels. */
static void choose_facet_for_clarity(FigurePlan *plan, bool has_by)
{
    guint lines = 1, most = 1, place = 0;

    for (guint i = 0; i < plan->others->len; i++)
        lines *= level_count(plan, g_array_index(plan->others, size_t, i));
    if (plan->figure->flags & (FIGURE_ONE_PANEL | FIGURE_ROWS) || plan->others->len < 2 || lines <= MOST_LINES)
        return;
    for (guint i = has_by ? 1 : 0; i < plan->others->len; i++) {
        guint levels = level_count(plan, g_array_index(plan->others, size_t, i));

        if (levels > most && levels <= MOST_PANELS) {
            most = levels;
            place = i;
        }
    }
    if (most == 1)
        return;
    plan->facet = g_array_index(plan->others, size_t, place);
    g_array_remove_index(plan->others, place);
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
        if (i != plan->x && i != by && i != plan->facet)
            g_array_append_val(plan->others, i);
    }
    if (request->facet == NULL && request->run_id == 0)
        choose_facet_for_clarity(plan, by != FIGURE_NO_FACTOR);
    return true;
}

static bool choose_errors(FigurePlan *plan, const FigureRequest *request, GError **error)
{
    static const char *const kinds[] = { "stddev", "sem", "ci95", NULL };

    plan->errors = request->errors != NULL ? request->errors : plan->figure->errors;
    if (request->errors == NULL)
        return true;
    if (!(plan->figure->flags & FIGURE_WITH_BARS))
        return error_set(error, ERROR_USAGE, "it has no error bars, so none that are '%s'", request->errors);
    if (g_strv_contains(kinds, request->errors))
        return true;
    error_set(error, ERROR_USAGE, "there are no error bars '%s'", request->errors);
    error_hint(error, "error bars are 'stddev', 'sem' or 'ci95'.");
    return false;
}

static bool find_level(const DesignFactor *factor, const char *level, size_t *ret_level, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; i < factor->levels->len; i++) {
        if (strcmp(factor->levels->pdata[i], level) == 0) {
            *ret_level = i;
            return true;
        }
        g_string_append_printf(names, "%s%s", i == 0 ? "" : ", ", (const char *) factor->levels->pdata[i]);
    }
    error_set(error, ERROR_USAGE, "factor '%s' has no level '%s'", factor->name, level);
    error_hint(error, "its levels are %s.", names->str);
    return false;
}

static bool add_base_level(FigurePlan *plan, const char *text, GString *names, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, "=", 2);
    size_t factor;

    if (g_strv_length(parts) != 2)
        return error_set(error, ERROR_USAGE, "baseline '%s' is not FACTOR=LEVEL", text);
    g_string_append_printf(names, "%s%s = %s", names->len > 0 ? ", " : "", parts[0], parts[1]);
    return design_factor_find(plan->design, parts[0], &factor, error) &&
           find_level(design_factor(plan->design, factor), parts[1], &plan->base_levels[factor], error);
}

static bool choose_baseline(FigurePlan *plan, const FigureRequest *request, GError **error)
{
    g_auto(GStrv) lines = request->normalize_to != NULL ? g_strsplit(request->normalize_to, "\n", -1) : NULL;
    GString *names;

    if (lines == NULL)
        return true;
    if (!(plan->figure->flags & FIGURE_RELATIVE)) {
        error_set(error, ERROR_USAGE, "it cannot be relative to '%s'", request->normalize_to);
        error_hint(error, "'bars' can.");
        return false;
    }
    plan->base_levels = g_new(size_t, plan->design->factors->len);
    for (guint i = 0; i < plan->design->factors->len; i++)
        plan->base_levels[i] = FIGURE_NO_FACTOR;
    names = g_string_new(NULL);
    for (size_t i = 0; lines[i] != NULL; i++) {
        if (!add_base_level(plan, lines[i], names, error)) {
            g_string_free(names, TRUE);
            return false;
        }
    }
    plan->baseline = g_string_free(names, FALSE);
    return true;
}

static bool choose_expected(FigurePlan *plan, const FigureRequest *request, GError **error)
{
    plan->expected = g_strdup(request->expected);
    if ((request->expected != NULL) == ((plan->figure->flags & FIGURE_EXPECTED) != 0))
        return true;
    if (request->expected != NULL)
        return error_set(error, ERROR_USAGE, "it does not show what was expected");
    error_set(error, ERROR_USAGE, "it needs what was expected");
    error_hint(error, "'expected' says it: LEVEL = METRIC[LEVEL] - METRIC[LEVEL].");
    return false;
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
    if (plan->facet != FIGURE_NO_FACTOR)
        g_string_append_printf(name, "-facet-%s", design_factor(plan->design, plan->facet)->name);
}

static char *file_name(const FigurePlan *plan)
{
    GString *name = g_string_new(plan->figure->name);

    if (plan->metric != NULL)
        g_string_append_printf(name, "-%s", plan->metric);
    for (size_t i = 0; plan->metrics != NULL && plan->metrics[i] != NULL; i++)
        g_string_append_printf(name, "-%s", plan->metrics[i]);
    if (plan->run_id > 0)
        g_string_append_printf(name, "-run-%" G_GINT64_FORMAT, plan->run_id);
    else if (!(plan->figure->flags & FIGURE_OF_ONE_RUN))
        append_factors(plan, name);
    if (plan->base_levels != NULL)
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
    if (!choose_metrics(plan, request, error) || !choose_x(plan, request, error) || !choose_facet(plan, request, error) ||
        !choose_others(plan, request, error) || !choose_errors(plan, request, error) ||
        !choose_baseline(plan, request, error) || !choose_expected(plan, request, error) ||
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
    g_strfreev(plan->metrics);
    g_array_unref(plan->others);
    g_free(plan->base_levels);
    g_free(plan->baseline);
    g_free(plan->expected);
    g_free(plan->name);
    g_free(plan);
}
