// SPDX-License-Identifier: GPL-3.0-or-later
/* What `run` and `resume` share. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/log.h"
#include "runner/cmd/notify.h"
#include "runner/cmd/support.h"
#include "runner/exec/environment.h"
#include "runner/exec/progress.h"

CampaignChoice campaign_choice;

bool support_campaign_options(const Context *context, CampaignOptions *ret_options, GError **error)
{
    const CampaignChoice *choice = &campaign_choice;
    CampaignOptions options = { .program = context->program, .jobs = (unsigned) choice->jobs,
                                .halt_failures = (unsigned) choice->halt, .keep_going = choice->keep_going,
                                .notify = choice->notify };

    if (choice->jobs < 0)
        return error_set(error, ERROR_USAGE, "'-j %d' is no number of runs side by side", choice->jobs);
    if (choice->halt < 0)
        return error_set(error, ERROR_USAGE, "'--halt %d' is no number of failed runs", choice->halt);
    if (choice->until != NULL
        && !clock_next_time_of_day(choice->until, clock_realtime_ns(), &options.until_realtime_ns))
        return error_set(error, ERROR_USAGE, "'--until %s' is no time of day such as 07:00", choice->until);
    *ret_options = options;
    return true;
}

/* "trialbed --lab 'my lab' resume 3": to be pasted into a shell. */
static char *resume_command(const Context *context, int64_t experiment_id)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    bool quote = context->lab[strspn(context->lab, plain)] != '\0';
    g_autofree char *lab = quote ? g_shell_quote(context->lab) : g_strdup(context->lab);

    if (strcmp(context->lab, "lab") == 0)
        return g_strdup_printf("trialbed resume %" G_GINT64_FORMAT, experiment_id);
    return g_strdup_printf("trialbed --lab %s resume %" G_GINT64_FORMAT, lab, experiment_id);
}

/* Emulation is slower: nobody shall have to find out by himself that it is used. */
static bool tell_accelerator(const Context *context, int64_t experiment_id, GError **error)
{
    g_autoptr(Table) environment = NULL;

    if (!store_read(context->store, "environment", &environment, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    if (g_strcmp0(environment_stored(environment, "accelerator.auto"), "tcg") == 0)
        log_info("machines are emulated (TCG): %s", environment_stored(environment, "accelerator.auto.why"));
    return true;
}

static bool report_begin(const Context *context, int64_t experiment_id, GError **error)
{
    g_autoptr(Table) counts = NULL;
    const char *name;
    int64_t cells, runs, left;

    if (!store_read(context->store, "experiment-counts", &counts, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return false;
    name = table_text(counts, 0, "name");
    cells = table_integer(counts, 0, "cells");
    runs = table_integer(counts, 0, "runs");
    left = table_integer(counts, 0, "left");
    if (left == runs)
        log_info("experiment %lld '%s': %lld cell%s, %lld run%s", (long long) experiment_id, name, (long long) cells,
                 support_plural(cells), (long long) runs, support_plural(runs));
    else
        log_info("experiment %lld '%s': %lld of %lld run%s left to do", (long long) experiment_id, name,
                 (long long) left, (long long) runs, support_plural(runs));
    return left == 0 || tell_accelerator(context, experiment_id, error);
}

static void print_result(const Context *context, int64_t experiment_id, const CampaignResult *result)
{
    g_autofree char *duration = progress_duration((double) result->duration_ns / 1e9);
    int64_t completed = (int64_t) result->completed;

    if (context->json)
        printf("{\"experiment\": %lld, \"completed\": %zu, \"failed\": %zu, \"left\": %zu, \"interrupted\": %s}\n",
               (long long) experiment_id, result->completed, result->failed, result->left,
               result->stop == CAMPAIGN_INTERRUPTED && result->left > 0 ? "true" : "false");
    if (result->completed + result->failed > 0)
        log_info("experiment %lld: %zu run%s completed and %zu failed in %s, %zu left", (long long) experiment_id,
                 result->completed, support_plural(completed), result->failed, duration, result->left);
    if (result->tainted > 0)
        log_info("%zu of the completed run%s tainted and not counted: the host was not quiet; 'trialbed status' tells more",
                 result->tainted, result->tainted == 1 ? " is" : "s are");
}

/* Status 0 would say that all is done. */
static bool report_left(const CampaignResult *result, const char *resume, GError **error)
{
    g_autofree char *left = g_strdup_printf("%zu run%s left", result->left, support_plural((int64_t) result->left));

    if (result->stop == CAMPAIGN_HOST_BROKEN) {
        error_set(error, ERROR_HOST, "given up with %s: run after run failed, and that may be this host's fault", left);
        error_hint(error, "'trialbed status' lists the failures, 'trialbed doctor' looks at the host.");
        error_hint(error, "'%s' goes on once that is mended, '%s --keep-going' in any case.", resume, resume);
    } else if (result->stop == CAMPAIGN_HALTED) {
        error_set(error, ERROR_RUNS, "halted with %s: %zu failed", left, result->failed);
        error_hint(error, "'%s' goes on.", resume);
    } else if (result->stop == CAMPAIGN_TO_THE_END && result->left == result->left_in_cells) {
        error_set(error, ERROR_RUNS, "%zu run%s failed, and %s in %zu cell%s given up for it", result->failed,
                  support_plural((int64_t) result->failed), left, result->left_cells,
                  support_plural((int64_t) result->left_cells));
        error_hint(error, "'trialbed status' lists the failures.");
        error_hint(error, "'%s' does the others once that is mended, '%s --keep-going' in any case.", resume, resume);
    } else {
        error_set(error, ERROR_INTERRUPTED, "%s with %s; nothing is lost",
                  result->stop == CAMPAIGN_INTERRUPTED ? "interrupted" : "its time is over,", left);
        error_hint(error, "'%s' goes on.", resume);
    }
    return false;
}

static bool report_end(const Context *context, int64_t experiment_id, const CampaignResult *result, GError **error)
{
    g_autofree char *resume = resume_command(context, experiment_id);
    int64_t done = (int64_t) (result->completed + result->failed);

    print_result(context, experiment_id, result);
    if (result->left > 0)
        return report_left(result, resume, error);
    if (result->failed > 0) {
        error_set(error, ERROR_RUNS, "%zu of %lld run%s failed", result->failed, (long long) done,
                  support_plural(done));
        error_hint(error, "'trialbed status %lld' lists them, 'trialbed show RUN' tells more.",
                   (long long) experiment_id);
        return false;
    }
    return true;
}

static bool run_and_report(const Context *context, const Lab *lab, int64_t experiment_id, const CampaignOptions *options,
                           CampaignResult *result, GError **error)
{
    g_autofree char *resume = resume_command(context, experiment_id);
    CampaignOptions with_resume = *options;

    with_resume.resume = resume;
    if (!report_begin(context, experiment_id, error))
        return false;
    if (!campaign_run(context->store, lab, experiment_id, &with_resume, result, error)) {
        error_hint(error, "'%s' goes on once that is mended; completed runs are kept.", resume);
        return false;
    }
    return report_end(context, experiment_id, result, error);
}

static void notify(const Context *context, const Lab *lab, int64_t experiment_id, const char *command,
                   const CampaignResult *result, const GError *end)
{
    g_autofree char *resume = resume_command(context, experiment_id);
    g_autoptr(Table) counts = NULL;
    Notice notice = { experiment_id, NULL, NULL, lab->folder, *result, end, resume };

    if (store_read(context->store, "experiment-counts", &counts, NULL, PARAM_INTEGER(experiment_id), PARAM_END)
        && counts->row_count > 0) {
        notice.name = table_text(counts, 0, "name");
        notice.uuid = table_text(counts, 0, "uuid");
    }
    notify_send(command, &notice);
}

bool support_campaign(const Context *context, const Lab *lab, int64_t experiment_id, const CampaignOptions *options,
                      GError **error)
{
    g_autoptr(GError) end = NULL;
    CampaignResult result = { 0 };
    bool ok;

    signal(SIGPIPE, SIG_IGN); /* that nobody reads along any more is no reason to end an experiment */
    ok = run_and_report(context, lab, experiment_id, options, &result, &end);
    fflush(stdout);
    if (options->notify != NULL)
        notify(context, lab, experiment_id, options->notify, &result, end);
    if (!ok)
        g_propagate_error(error, g_steal_pointer(&end));
    return ok;
}
