// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "reports/compare/compare.h"
#include "runner/base/error.h"
#include "runner/base/log.h"
#include "runner/cmd/support.h"

extern const Command cmd_compare;

static char *metric, *baseline_lab;
static char **baseline;
static gboolean all, medians, csv;

static const GOptionEntry options[] = {
    { "baseline", 0, 0, G_OPTION_ARG_STRING_ARRAY, &baseline,
      "with the cells of this level; may be repeated (default: the first cell)", "FACTOR=LEVEL" },
    { "baseline-lab", 0, 0, G_OPTION_ARG_FILENAME, &baseline_lab, "the first experiment is in this lab", "DIR" },
    { "metric", 0, 0, G_OPTION_ARG_STRING, &metric, "only this metric", "METRIC" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &all, "also the metrics that come without asking (phase.*, capture.*)", NULL },
    { "medians", 0, 0, G_OPTION_ARG_NONE, &medians, "medians and ranks instead of means and Student's t", NULL },
    { "csv", 0, 0, G_OPTION_ARG_NONE, &csv, "print CSV", NULL },
    G_OPTION_ENTRY_NULL,
};

static Store *open_baseline_lab(GError **error)
{
    g_autofree char *path = g_build_filename(baseline_lab, "trialbed.db", NULL);

    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return store_open_readonly(path, error);
    error_set(error, ERROR_USAGE, "there is no lab at '%s'", baseline_lab);
    return NULL;
}

static void print_for_people(const Table *table, bool two_experiments)
{
    g_autoptr(Table) shorter = compare_for_people(table);
    g_autoptr(GPtrArray) notes = compare_notes(table);

    if (two_experiments && table->row_count > 0)
        printf("baseline: experiment %lld; compared with it: experiment %lld\n",
               (long long) table_integer(table, 0, "baseline_experiment_id"),
               (long long) table_integer(table, 0, "experiment_id"));
    print_table(shorter, PRINT_TEXT, stdout);
    for (guint i = 0; i < notes->len; i++)
        printf("note: %s\n", (char *) notes->pdata[i]);
}

static bool compare(const CompareOptions *wanted, const Context *context, bool two_experiments, GError **error)
{
    g_autoptr(Table) table = NULL;
    g_autoptr(GPtrArray) left_out = NULL;

    if (!compare_experiments(wanted, &table, &left_out, error))
        return false;
    if (context->json || csv)
        print_table(table, context->json ? PRINT_JSON : PRINT_CSV, stdout);
    else
        print_for_people(table, two_experiments);
    for (guint i = 0; i < left_out->len; i++)
        log_info("left out: %s", (char *) left_out->pdata[i]);
    return true;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autoptr(Store) base_store = NULL;
    CompareOptions wanted = { .store = context->store, .base_store = context->store, .metric = metric, .all = all,
                              .medians = medians, .baseline = baseline };
    bool two_experiments;

    if (baseline_lab != NULL) {
        if (argc != 2)
            return error_set(error, ERROR_USAGE, "'--baseline-lab' needs two experiments: that lab's and this lab's");
        wanted.base_store = base_store = open_baseline_lab(error);
        if (base_store == NULL)
            return false;
    }
    if (!store_experiment_find(wanted.base_store, argc > 0 ? argv[0] : NULL, &wanted.base_experiment, error)
        || !store_experiment_find(wanted.store, argc > 0 ? argv[argc - 1] : NULL, &wanted.experiment, error))
        return false;
    two_experiments = base_store != NULL || wanted.base_experiment != wanted.experiment;
    return compare(&wanted, context, two_experiments, error);
}

const Command cmd_compare = {
    .name = "compare", .usage = "[EXPERIMENT [EXPERIMENT]] [--baseline FACTOR=LEVEL] [--metric M] [--medians] [--csv]",
    .summary = "difference, ratio, interval, p and effect size against a baseline",
    .details = "One experiment: every cell with the first one, or with the cell that has the levels of --baseline and\n"
               "otherwise the same ones. Two experiments: every cell of the second with its like in the first. Runs\n"
               "are paired by block where the experiment's order is interleaved or blocks. docs/statistics.md says\n"
               "how to read the table.",
    .json = "[{\"metric\", \"unit\", \"baseline_experiment_id\", \"baseline\", \"experiment_id\", \"cell\", \"method\",\n"
            "\"n_baseline\", \"n\", \"value_baseline\", \"value\", \"difference\", \"difference_low\", \"difference_high\",\n"
            "\"ratio\", \"ratio_low\", \"ratio_high\", \"p\", \"p_holm\", \"rank_p\", \"rank_p_holm\", \"cliffs_delta\",\n"
            "\"detectable\", \"verdict\", \"note\"}, ...]",
    .needs = CMD_NEEDS_STORE_READONLY, .options = options, .max_args = 2, .run = run,
};
