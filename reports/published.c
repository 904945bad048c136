// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/published.h"

#include <Rmath.h>
#include <math.h>
#include <string.h>

#include "reports/gnuplot.h"
#include "reports/series.h"
#include "reports/templates.h"

bool published_read(Store *store, const FigurePlan *plan, Table **ret_rows, GError **error)
{
    Table *rows = NULL;

    *ret_rows = NULL;
    /* A ratio here and a ratio there have baselines of their own. */
    if (plan->figure->published == PUBLISHED_NOWHERE || plan->metric == NULL || plan->base_levels != NULL || plan->run_id > 0)
        return true;
    if (!store_read(store, "figure-published", &rows, error, PARAM_INTEGER(plan->design->experiment_id),
                    PARAM_TEXT(plan->metric), PARAM_END))
        return false;
    if (rows->row_count > 0)
        *ret_rows = rows;
    else
        table_free(rows);
    return true;
}

/* What its bars are: as the figure's own, or the only spread that is ever published. */
static const char *bars_of(const FigurePlan *plan)
{
    return plan->errors != NULL ? plan->errors : "stddev";
}

/* Half the length of its bar; NAN when too little was published. */
static double half_width(const FigurePlan *plan, const Table *rows, size_t row)
{
    double stddev = table_real(rows, row, "stddev"), n = table_real(rows, row, "n");

    if (strcmp(bars_of(plan), "stddev") == 0)
        return stddev;
    if (strcmp(bars_of(plan), "sem") == 0)
        return stddev / sqrt(n);
    return n >= 2 ? qt(0.975, n - 1, 1, 0) * stddev / sqrt(n) : NAN;
}

char *published_note(const FigurePlan *plan, const Table *rows)
{
    static const struct {
        const char *errors, *text;
    } words[] = { { "stddev", " ± standard deviation" },
                  { "sem", " ± standard error" },
                  { "ci95", " with its 95 % confidence interval" } };
    size_t word = 0;

    if (rows == NULL)
        return g_strdup("");
    while (strcmp(words[word].errors, bars_of(plan)) != 0)
        word++;
    for (size_t row = 0; row < rows->row_count; row++) {
        if (!isnan(half_width(plan, rows, row)))
            return g_strconcat("; open symbol: published mean", words[word].text, NULL);
    }
    return g_strdup("; open symbol: published mean");
}

/* Which of the sources this row has, from 1; a new one is added. */
static guint source_number(const Table *rows, size_t row, GPtrArray *sources)
{
    const char *source = table_text(rows, row, "source");
    g_autofree char *label = g_strdup_printf("published: %s", source != NULL ? source : "source not named");
    guint index = 0;

    if (!g_ptr_array_find_with_equal_func(sources, label, g_str_equal, &index)) {
        index = sources->len;
        g_ptr_array_add(sources, g_strdup(label));
    }
    return index + 1;
}

static void append_row(const FigurePlan *plan, const Table *rows, size_t row, const double *positions, guint source,
                       GString *block)
{
    const DesignCell *cell = design_cell(plan->design, table_integer(rows, row, "cell_id"));
    double mean = table_real(rows, row, "mean"), half = half_width(plan, rows, row);

    g_string_append_printf(block, "\t%zu", plan->facet != FIGURE_NO_FACTOR ? cell->levels[plan->facet] + 1 : 1);
    series_append_number(block, plan->x != FIGURE_NO_FACTOR ? positions[cell->levels[plan->x]] : 0);
    series_append_number(block, mean);
    series_append_number(block, isnan(half) ? mean : mean - half);
    series_append_number(block, isnan(half) ? mean : mean + half);
    g_string_append_printf(block, "\t%u\n", source);
}

void published_append(const FigurePlan *plan, const Table *rows, const guint *numbers, const double *positions,
                      GString *variables)
{
    g_autoptr(GPtrArray) sources = g_ptr_array_new_with_free_func(g_free);

    g_string_append(variables, "$published << END\nseries\tfacet\tx\tmean\tlow\thigh\tsource\n");
    for (size_t row = 0; row < rows->row_count; row++) {
        guint source;

        if (numbers[row] == 0)
            continue;
        source = source_number(rows, row, sources);
        g_string_append_printf(variables, "%u", numbers[row]);
        append_row(plan, rows, row, positions, source, variables);
    }
    g_string_append(variables, "END\n");
    if (sources->len == 0) /* an array needs an item */
        g_ptr_array_add(sources, g_strdup("published"));
    gnuplot_set_texts(variables, "published", sources);
}

const char *published_plot(const FigurePlan *plan, const Table *rows)
{
    if (rows == NULL)
        return "";
    switch (plan->figure->published) {
    case PUBLISHED_AT_X: return template_published_at_x;
    case PUBLISHED_ON_X: return template_published_on_x;
    case PUBLISHED_ON_Y: return template_published_on_y;
    case PUBLISHED_NOWHERE: break;
    }
    return "";
}
