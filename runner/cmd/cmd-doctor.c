// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "runner/base/error.h"
#include "runner/cmd/doctor-host.h"
#include "runner/cmd/doctor-lab.h"
#include "runner/cmd/support.h"

extern const Command cmd_doctor;

/* `--lab`, here: check the lab, not the host. It may name the lab as everywhere. */
static bool wants_lab;
static char *lab_folder;

static gboolean take_lab(const char *name, const char *value, void *data, GError **error)
{
    (void) name, (void) data, (void) error;
    wants_lab = true;
    g_free(lab_folder);
    lab_folder = g_strdup(value);
    return TRUE;
}

static const GOptionEntry options[] = {
    { "lab", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK, (void *) take_lab,
      "check a lab instead: its database, its artifacts, files that belong to nothing", "DIR" },
    G_OPTION_ENTRY_NULL,
};

static const PrintColumn shown[] = { { .name = "check" }, { .name = "state" }, { .name = "note" }, { 0 } };

static void print_hints(const Table *table)
{
    for (size_t row = 0; row < table->row_count; row++) {
        const char *text = table_text(table, row, "hint");
        g_auto(GStrv) hints = text != NULL ? g_strsplit(text, "\n", -1) : NULL;

        for (char **hint = hints; hint != NULL && *hint != NULL; hint++)
            printf("%s%s: %s\n", hint == hints ? "\n" : "", table_text(table, row, "check"), *hint);
    }
}

/* What the scenario's cells need. */
static bool read_needs(const Context *context, const char *path, PreflightNeeds *ret_needs, GError **error)
{
    g_autoptr(Scenario) scenario = support_load_scenario(context, path, NULL, error);
    g_autoptr(Matrix) matrix = scenario != NULL ? matrix_expand(scenario, error) : NULL;

    return matrix != NULL && preflight_needs(matrix, ret_needs, error);
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_auto(Lab) lab = { 0 };
    g_auto(PreflightNeeds) needs = { 0 };
    g_autoptr(Table) table = NULL;
    size_t lacks;

    if (wants_lab && argc == 0)
        return doctor_lab(context, lab_folder != NULL ? lab_folder : context->lab, error);
    if (argc > 0 && !read_needs(context, argv[0], &needs, error))
        return false;
    if (!lab_open(lab_folder != NULL ? lab_folder : context->lab, &lab, error))
        return false;
    table = doctor_host(&lab, argc > 0 ? &needs : NULL, &lacks);
    if (context->json) {
        print_table(table, PRINT_JSON, stdout);
    } else {
        print_columns(table, shown, stdout);
        print_hints(table);
    }
    return lacks == 0
           || error_set(error, ERROR_HOST, "%zu of %zu checks found something missing", lacks, table->row_count);
}

const Command cmd_doctor = {
    .name = "doctor", .usage = "[SCENARIO | --lab [DIR]]",
    .summary = "what this host can do, what is missing, and the command that mends it",
    .details = "With SCENARIO: what its cells need, every image, accelerator, memory and processors. Without KVM machines\n"
               "are emulated (TCG): slower, but nothing is missing. With --lab behind the command and no SCENARIO it\n"
               "checks a lab instead, one problem a line: the database's integrity, stored values and statistics\n"
               "against the samples, every artifact against its SHA-256, and files of no row.",
    .json = "[{\"check\", \"state\": \"ok\" or \"missing\", \"note\", \"hint\"}]; with --lab [{\"problem\"}]",
    .exits = "3 when the scenario has problems, 4 when something is missing; with --lab: 5 when something is\nwrong",
    .options = options, .max_args = 1, .run = run,
};
