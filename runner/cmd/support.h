// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_CMD_SUPPORT_H
#define RUNNER_CMD_SUPPORT_H

#include "runner/cmd/cmd.h"
#include "runner/exec/campaign.h"
#include "runner/plan/scenario.h"

/* What several commands need. */

/* Load a scenario, with the values of `--set` (NULL-terminated "KEY=VALUE", or NULL) in it; prints all its problems and
 * sets ERROR_SCENARIO when it has any. */
Scenario *support_load_scenario(const Context *context, const char *path, char **set, GError **error);

/* The option `--set` of the commands that read a scenario. */
#define SUPPORT_SET_OPTION(variable) \
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(variable), \
      "another value for a key: machines.NAME.memory_mb=256; nothing behind '=' removes it", "KEY=VALUE" }

/* The experiment of the first argument, or the newest when there is none. */
bool support_find_experiment(const Context *context, int argc, char **argv, int64_t *ret_id, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* A run number of this lab from the command line; ERROR_USAGE when there is no such run. */
bool support_find_run(const Context *context, const char *text, int64_t *ret_id, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Run a named query and print its table to stdout: JSON with --json, else `format`. A title line goes before text
 * tables that are not empty; empty text tables print nothing. */
bool support_print(const Context *context, PrintFormat format, const char *title, const char *query, GError **error,
                   Param parameter) G_GNUC_WARN_UNUSED_RESULT;

/* The options that `run` and `resume` share, and where they go. */
typedef struct CampaignChoice {
    int jobs, halt;
    char *until, *notify;
    gboolean keep_going;
} CampaignChoice;
extern CampaignChoice campaign_choice;
#define CAMPAIGN_OPTION_ENTRIES \
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &campaign_choice.jobs, "runs side by side (default: what the CPUs allow)", "N" }, \
    { "until", 0, 0, G_OPTION_ARG_STRING, &campaign_choice.until, "start no run after that time of day", "HH:MM" }, \
    { "halt", 0, 0, G_OPTION_ARG_INT, &campaign_choice.halt, "start no run after N have failed", "N" }, \
    { "notify", 0, 0, G_OPTION_ARG_STRING, &campaign_choice.notify, \
      "at the end run this shell command, with a JSON summary on its standard input", "CMD" }, \
    { "keep-going", 0, 0, G_OPTION_ARG_NONE, &campaign_choice.keep_going, \
      "go on however many failed in a row (the scenario's 'breaker')", NULL }

/* What the command line says about how to run: ERROR_USAGE when it makes no sense. To be called before anything is
 * stored. */
bool support_campaign_options(const Context *context, CampaignOptions *ret_options, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Do an experiment's planned runs and say how it ended: ERROR_RUNS when runs failed, ERROR_HOST when that looks like the
 * host's fault, ERROR_INTERRUPTED with the line that resumes when some are left. */
bool support_campaign(const Context *context, const Lab *lab, int64_t experiment_id, const CampaignOptions *options,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether every file of a scenario that the experiment's environment has a digest of (key "file.NAME") is in `folder`, unchanged.
 * ERROR_DATA names the first that is not. */
bool support_check_scenario_files(Store *store, int64_t experiment_id, const char *folder, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* "s" behind a count of things, or nothing. */
static inline const char *support_plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

/* A scratch folder in the lab, locked by the descriptor *ret_lock for as long as we live. NULL and *error on failure. */
char *support_scratch_make(const Context *context, int *ret_lock, GError **error);

/* Whether an entry of the lab's folder is a scratch folder whose maker is gone. False when in doubt. */
bool support_scratch_is_abandoned(const char *path);

#endif
