// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "reports/compare/reproduced.h"
#include "runner/base/error.h"
#include "runner/base/log.h"
#include "runner/base/units.h"
#include "runner/cmd/importing.h"
#include "runner/cmd/support.h"
#include "runner/exec/reproduce.h"

extern const Command cmd_reproduce;

static int repetitions;
static char *connect_uri, *key, *machines, *output, *with;
static char **margins, **only;
static gboolean images, quick;

static const GOptionEntry options[] = {
    { "quick", 0, 0, G_OPTION_ARG_NONE, &quick, "a balanced sample: complete blocks, a quarter but at least 5", NULL },
    { "repetitions", 0, 0, G_OPTION_ARG_INT, &repetitions, "of every cell (default: as many as the original)", "N" },
    { "only", 0, 0, G_OPTION_ARG_STRING_ARRAY, &only, "only cells with this level; may be repeated", "FACTOR=LEVEL" },
    { "margin", 0, 0, G_OPTION_ARG_STRING_ARRAY, &margins,
      "before the scenario's, as rtt=5% or rtt=0.2 (in its unit); may be repeated", "METRIC=MARGIN" },
    { "with", 0, 0, G_OPTION_ARG_STRING, &with, "run nothing: judge this experiment, which ran it again before", "EXPERIMENT" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "where the report goes (default: LAB/reports/NAME-reproduced-N)",
      "DIR" },
    { "key", 0, 0, G_OPTION_ARG_FILENAME, &key, "only a bundle signed with this public Ed25519 key (PEM)", "FILE" },
    { "images", 0, 0, G_OPTION_ARG_NONE, &images, "also take the bundle's guest images, as 'import --images'", NULL },
    CAMPAIGN_OPTION_ENTRIES,
    { "connect", 0, 0, G_OPTION_ARG_STRING, &connect_uri, "a libvirt other than the embedded one", "URI" },
    { "machines", 0, 0, G_OPTION_ARG_STRING, &machines, "'libvirt' or 'fake' (default: as the original)", "KIND" },
    G_OPTION_ENTRY_NULL,
};

static bool check_options(GError **error)
{
    if (repetitions < 0)
        return error_set(error, ERROR_USAGE, "'--repetitions %d' is no number of repetitions", repetitions);
    if (quick && repetitions > 0)
        return error_set(error, ERROR_USAGE, "'--quick' and '--repetitions' exclude each other");
    if (with != NULL && (quick || repetitions > 0 || only != NULL))
        return error_set(error, ERROR_USAGE, "'--with' runs nothing, so '--quick', '--repetitions' and '--only' have no meaning");
    if (machines != NULL && strcmp(machines, "libvirt") != 0 && strcmp(machines, "fake") != 0)
        return error_set(error, ERROR_USAGE, "'--machines %s' is neither 'libvirt' nor 'fake'", machines);
    return true;
}

/* "rtt=5%"; the metric's name is cut off in the option's own text. */
static bool parse_margin(char *text, ReproducedMargin *ret_margin, GError **error)
{
    char *equals = strrchr(text, '=');
    Margin margin;

    if (equals == NULL || equals == text || !margin_parse(equals + 1, &margin)) {
        error_set(error, ERROR_USAGE, "'--margin %s' is not of the form METRIC=MARGIN", text);
        error_hint(error, "a margin is a share of the mean below 100%%, such as 5%%, or a number in the metric's unit.");
        return false;
    }
    *equals = '\0';
    *ret_margin = (ReproducedMargin) { text, margin.value, margin.is_share };
    return true;
}

/* Those of the command line before those of the scenario, whose strings are used. */
static GArray *gather_margins(const Scenario *scenario, GError **error)
{
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(ReproducedMargin));

    for (char **text = margins; text != NULL && *text != NULL; text++) {
        ReproducedMargin margin;

        if (!parse_margin(*text, &margin, error))
            return NULL;
        g_array_append_val(all, margin);
    }
    for (size_t i = 0; i < scenario->margin_count; i++) {
        const Margin *from = &scenario->margins[i];
        ReproducedMargin margin = { from->metric, from->value, from->is_share };

        g_array_append_val(all, margin);
    }
    return g_steal_pointer(&all);
}

static bool is_bundle(const char *path)
{
    g_autofree char *first = g_strconcat(path, ".001", NULL);

    return g_file_test(path, G_FILE_TEST_IS_REGULAR) || g_file_test(first, G_FILE_TEST_IS_REGULAR);
}

/* A file is a bundle, which is imported; anything else is an experiment of this lab. */
static bool find_original(const Context *context, const char *wanted, int64_t *ret_experiment, GError **error)
{
    ImportOptions how = { key, images };
    Merged merged;

    if (wanted == NULL || !is_bundle(wanted))
        return store_experiment_find(context->store, wanted, ret_experiment, error);
    if (!import_bundle(context, wanted, &how, &merged, ret_experiment, error))
        return false;
    log_info("bundle '%s' is experiment %lld%s", wanted, (long long) *ret_experiment,
             merged.report.added > 0 ? "" : ", which was here already");
    return true;
}

static void print_environments(const Table *environments)
{
    if (environments->row_count == 0) {
        puts("environment: the same in all that is recorded");
        return;
    }
    puts("environment: what differs");
    print_table(environments, PRINT_TEXT, stdout);
    putchar('\n');
}

/* Make the experiment and run it. Failed runs are no reason not to compare the others: *ret_failed keeps their error. */
static bool run_again(const Context *context, const Lab *lab, int64_t original, const Scenario *scenario,
                      int64_t *ret_experiment, GError **ret_failed, GError **error)
{
    ReproduceOptions wanted = { machines, connect_uri, only, (unsigned) repetitions, quick };
    Context silent = *context;
    CampaignOptions campaign;
    g_autoptr(Table) environments = NULL;
    GError *problem = NULL;

    silent.json = false; /* ours is the only JSON on stdout */
    if (!support_campaign_options(context, &campaign, error)
        || !reproduce_prepare(context->store, lab, original, scenario, &wanted, ret_experiment, error)
        || !reproduced_environments(context->store, original, *ret_experiment, &environments, error))
        return false;
    if (!context->json) {
        print_environments(environments);
        fflush(stdout);
    }
    if (support_campaign(&silent, lab, *ret_experiment, &campaign, &problem))
        return true;
    if (error_kind(problem) == ERROR_RUNS) {
        *ret_failed = problem;
        return true;
    }
    error_hint(&problem, "'trialbed reproduce %lld --with %lld' then compares.", (long long) original,
               (long long) *ret_experiment);
    g_propagate_error(error, problem);
    return false;
}

static bool print_json_result(const Context *context, const ReproducedOptions *what, const Reproduced *reproduced,
                              const char *folder, GError **error)
{
    g_autoptr(Table) environments = NULL;
    g_autofree char *words = print_json(reproduced->words), *quoted = print_json(folder);

    if (!reproduced_environments(context->store, what->original, what->experiment, &environments, error))
        return false;
    printf("{\"original\": %lld, \"experiment\": %lld, \"verdict\": \"%s\", \"words\": %s, \"report\": %s,\n"
           "\"environment\": ", (long long) what->original, (long long) what->experiment, reproduced_name(reproduced->verdict), words,
           quoted);
    print_table(environments, PRINT_JSON, stdout);
    printf(",\n\"metrics\": ");
    print_table(reproduced->metrics, PRINT_JSON, stdout);
    printf(",\n\"cells\": ");
    print_table(reproduced->cells, PRINT_JSON, stdout);
    puts("}");
    return true;
}

static void print_for_people(const ReproducedOptions *what, const Reproduced *reproduced, const char *folder)
{
    g_autoptr(Table) cells = reproduced_for_people(reproduced);

    print_table(cells, PRINT_TEXT, stdout);
    putchar('\n');
    print_table(reproduced->metrics, PRINT_TEXT, stdout);
    for (guint i = 0; i < reproduced->notes->len; i++)
        printf("note: %s\n", (const char *) reproduced->notes->pdata[i]);
    printf("\nexperiment %lld, run again as experiment %lld: %s\n", (long long) what->original,
           (long long) what->experiment, reproduced->words);
    printf("%s/index.html\n", folder);
}

static bool write_report(const Context *context, const ReproducedOptions *what, const Reproduced *reproduced,
                         char **ret_folder, GError **error)
{
    g_autoptr(Table) about = NULL;
    g_autoptr(GError) problem = NULL;
    g_autofree char *name = NULL;

    if (!store_read(context->store, "experiment", &about, error, PARAM_INTEGER(what->experiment), PARAM_END))
        return false;
    name = g_strdup_printf("%s-reproduced-%" G_GINT64_FORMAT, table_text(about, 0, "name"), what->experiment);
    *ret_folder = output != NULL ? g_strdup(output) : g_build_filename(context->lab, "reports", name, NULL);
    if (reproduced_write(what, reproduced, *ret_folder, &problem))
        return true;
    if (error_kind(problem) != ERROR_HOST) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    log_warning("%s", problem->message); /* the verdict is not lost for want of a picture */
    return true;
}

static bool judge(const Context *context, const ReproducedOptions *what, GError **error)
{
    g_auto(Reproduced) reproduced = { 0 };
    g_autofree char *folder = NULL;

    if (!reproduced_compare(what, &reproduced, error) || !write_report(context, what, &reproduced, &folder, error))
        return false;
    if (context->json && !print_json_result(context, what, &reproduced, folder, error))
        return false;
    if (!context->json)
        print_for_people(what, &reproduced, folder);
    return reproduced.verdict == REPRODUCED
           || error_set(error, ERROR_RUNS, "experiment %" G_GINT64_FORMAT ": %s", what->original, reproduced.words);
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_auto(Lab) lab = { 0 };
    g_autoptr(Scenario) scenario = NULL;
    g_autoptr(GArray) limits = NULL;
    g_autoptr(GError) failed = NULL;
    ReproducedOptions what = { .store = context->store };

    if (!check_options(error) || !lab_open(context->lab, &lab, error)
        || !find_original(context, argc > 0 ? argv[0] : NULL, &what.original, error))
        return false;
    scenario = reproduce_scenario(context->store, &lab, what.original, error);
    limits = scenario != NULL ? gather_margins(scenario, error) : NULL;
    if (limits == NULL)
        return false;
    what.margins = (const ReproducedMargin *) (const void *) limits->data;
    what.margin_count = limits->len;
    if (!reproduced_check(&what, error))
        return false;
    if (with != NULL) {
        if (!store_experiment_find(context->store, with, &what.experiment, error)
            || !reproduce_check(context->store, what.original, what.experiment, error))
            return false;
    } else if (!run_again(context, &lab, what.original, scenario, &what.experiment, &failed, error)) {
        return false;
    }
    if (!judge(context, &what, error))
        return false;
    if (failed == NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(&failed));
    return false;
}

const Command cmd_reproduce = {
    .name = "reproduce", .usage = "[EXPERIMENT|FILE] [--quick] [--margin METRIC=MARGIN]... [-o DIR]",
    .summary = "run an experiment or bundle again here, and say whether it came out the same",
    .details = "Shows what differs between the environments, runs the stored scenario again as a new experiment, and\n"
               "compares every metric of every cell: 'reproduced' when the mean is shown to be within its margin of\n"
               "the original's (two one-sided tests), 'not reproduced' when it is shown to be outside, otherwise\n"
               "'inconclusive' with the number of runs that would tell. Margins come from --margin, then from the\n"
               "scenario's key 'reproduce', and are 10% otherwise. A FILE is a bundle: it is imported first. Without\n"
               "EXPERIMENT: the newest. docs/bundles.md says more.",
    .json = "{\"original\": N, \"experiment\": N, \"verdict\": TEXT, \"words\": TEXT, \"report\": DIR,\n"
            "\"environment\": [{\"key\", \"original\", \"here\"}, ...], \"metrics\": [{...}, ...], \"cells\": [{...}, ...]}",
    .exits = "1 when it is not reproduced or inconclusive, or runs failed; 4 when this host cannot run it;\n"
             "5 when the bundle is not what it says; 130 when runs are left",
    .needs = CMD_NEEDS_STORE | CMD_MAKES_STORE, .options = options, .max_args = 1, .run = run,
};
