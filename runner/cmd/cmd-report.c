// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <unistd.h>

#include "reports/advice.h"
#include "reports/print.h"
#include "reports/report.h"
#include "runner/base/error.h"
#include "runner/base/log.h"
#include "runner/cmd/support.h"

extern const Command cmd_report;

static char *output, *format, *figure, *metric, *metrics, *x, *by, *facet, *errors, *normalize_to, *expected;
static gint64 run_id;
static gboolean check, redraw;

static const GOptionEntry options[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "where to (default: LAB/reports/NAME)", "DIR" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &format, "also as pdf, png or latex; svg is always there",
      "svg,pdf,png,latex" },
    { "figure", 0, 0, G_OPTION_ARG_STRING, &figure, "this figure instead of the scenario's", "KIND" },
    { "metric", 0, 0, G_OPTION_ARG_STRING, &metric, "of this metric", "METRIC" },
    { "metrics", 0, 0, G_OPTION_ARG_STRING, &metrics, "of these metrics side by side (bars)", "METRIC,METRIC..." },
    { "x", 0, 0, G_OPTION_ARG_STRING, &x, "over this factor", "FACTOR" },
    { "by", 0, 0, G_OPTION_ARG_STRING, &by, "one line for each level of this factor", "FACTOR" },
    { "facet", 0, 0, G_OPTION_ARG_STRING, &facet, "one panel for each level of this factor", "FACTOR" },
    { "errors", 0, 0, G_OPTION_ARG_STRING, &errors, "what error bars are: stddev, sem or ci95", "KIND" },
    { "normalize-to", 0, 0, G_OPTION_ARG_STRING, &normalize_to, "bars as ratios to the cells with this level",
      "FACTOR=LEVEL" },
    { "expected", 0, 0, G_OPTION_ARG_STRING, &expected,
      "what was expected of a level of x: 'LEVEL = METRIC[LEVEL] - 2.5; ...'", "TEXT" },
    { "check", 0, 0, G_OPTION_ARG_NONE, &check, "write nothing; say what a reviewer would ask about", NULL },
    { "redraw", 0, 0, G_OPTION_ARG_NONE, &redraw, "draw figures again that have not changed", NULL },
    { "run", 0, 0, G_OPTION_ARG_INT64, &run_id, "show this run (timeseries, gantt)", "N" },
    G_OPTION_ENTRY_NULL,
};

static bool default_folder(const Context *context, int64_t experiment, char **ret_folder, GError **error)
{
    g_autoptr(Table) table = NULL;

    if (!store_read(context->store, "experiment", &table, error, PARAM_INTEGER(experiment), PARAM_END))
        return false;
    *ret_folder = g_build_filename(context->lab, "reports", table_text(table, 0, "name"), NULL);
    return true;
}

static void print_result(const Context *context, const char *folder, const GPtrArray *files)
{
    g_autofree char *quoted_folder = print_json(folder);

    if (!context->json) {
        for (guint i = 0; i < files->len; i++)
            log_debug("%s/%s", folder, (const char *) g_ptr_array_index(files, i));
        printf("%s/index.html\n", folder);
        return;
    }
    printf("{\"folder\": %s, \"files\": [", quoted_folder);
    for (guint i = 0; i < files->len; i++) {
        g_autofree char *quoted = print_json(g_ptr_array_index(files, i));

        printf("%s%s", i > 0 ? ", " : "", quoted);
    }
    puts("]}");
}

/* What is there in spite of the error, or where else it could be. */
static void hint_folder(const char *folder, GError **error)
{
    g_autofree char *page = g_build_filename(folder, "index.html", NULL);

    if (access(folder, W_OK) == 0 && g_file_test(page, G_FILE_TEST_EXISTS))
        error_hint(error, "everything else is in '%s'.", page);
    else if (output == NULL && error_kind(*error) == ERROR_HOST)
        error_hint(error, "-o DIR chooses another folder than '%s'.", folder);
}

/* Advice is a result: one piece a paragraph, most serious first. */
static bool print_advice(const Context *context, int64_t experiment, GError **error)
{
    g_autoptr(Table) advice = NULL;

    if (!advice_read(context->store, experiment, &advice, error))
        return false;
    if (context->json)
        print_table(advice, PRINT_JSON, stdout);
    for (size_t row = 0; row < advice->row_count && !context->json; row++) {
        const char *where = table_text(advice, row, "where");

        printf("%s (%s)\n    %s%s%s\n", table_text(advice, row, "rule"), table_text(advice, row, "item"), where,
               where[0] != '\0' ? ": " : "", table_text(advice, row, "advice"));
    }
    if (advice->row_count == 0)
        return true;
    return error_set(error, ERROR_RUNS, "%zu of a reviewer's questions are open", advice->row_count);
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autofree char *several = metrics != NULL ? g_strdelimit(g_strdup(metrics), ",", '\n') : NULL;
    FigureRequest request = { figure != NULL ? figure : several != NULL ? "bars" : "errorbars", several != NULL ? several : metric, x, by, facet, errors,
                              normalize_to, expected, run_id };
    bool asked = figure != NULL || request.metric != NULL || x != NULL || by != NULL || facet != NULL ||
                 errors != NULL || normalize_to != NULL || expected != NULL || run_id != 0;
    unsigned formats = 0;
    g_autofree char *folder = g_strdup(output);
    g_autoptr(GPtrArray) files = NULL;
    int64_t experiment;

    if ((format != NULL && !report_formats_parse(format, &formats, error))
        || !support_find_experiment(context, argc, argv, &experiment, error))
        return false;
    if (check)
        return print_advice(context, experiment, error);
    if (folder == NULL && !default_folder(context, experiment, &folder, error))
        return false;
    if (!report_write_formats(context->store, experiment, folder, formats | (redraw ? REPORT_AGAIN : 0), &request, asked ? 1 : 0, &files,
                              error)) {
        hint_folder(folder, error);
        return false;
    }
    print_result(context, folder, files);
    return true;
}

const Command cmd_report = {
    .name = "report",
    .usage = "[EXPERIMENT] [-o DIR] [--format LIST] [--figure KIND --metric M --x FACTOR --by FACTOR]",
    .summary = "figures and tables of an experiment",
    .details = "Writes for every figure NAME.tsv (the numbers), NAME.gp (gnuplot runs it alone) and NAME.svg; the\n"
               "summary as summary.md, .csv, .txt and .tex; its numbers as LaTeX macros (numbers.tex); and index.html\n"
               "with all of it. The same lab gives the same bytes. Kinds of figures: errorbars, lines, bars, box, violin,\n"
               "cdf, ccdf, histogram, scatter, heatmap, order, convergence, timeseries, phases, gantt and\n"
               "expected-vs-measured. Without EXPERIMENT: the newest. --check asks what SIGPLAN's checklist for empirical\n"
               "evaluations asks, as far as data can answer it.",
    .json = "{\"folder\": PATH, \"files\": [NAME, ...]}; with --check\n"
            "an array of {\"rule\", \"item\", \"where\", \"advice\"}",
    .exits = "4 when a figure could not be drawn; everything else is written. With --check, 1\n"
             "when there is advice",
    .needs = CMD_NEEDS_STORE_READONLY, .options = options, .max_args = 1, .run = run,
};
