// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/log.h"
#include "runner/exec/campaign-private.h"

/* With -v: where the time went. */
static void tell_phases(Campaign *campaign, const AttemptRecord *attempt)
{
    g_autoptr(GString) line = g_string_new("   ");

    if (log_level() < LOG_VERBOSE || attempt->phase_count == 0)
        return;
    for (size_t i = 0; i < attempt->phase_count; i++)
        if (attempt->phases[i].machine == NULL)
            g_string_append_printf(line, "%s %s %.3f s", i > 0 ? "," : "", attempt->phases[i].name,
                                   (double) attempt->phases[i].duration_ns / 1e9);
    progress_line(&campaign->progress, line->str);
}

/* The cells that are under way, each once. */
void campaign_tell_current(Campaign *campaign)
{
    g_autoptr(GPtrArray) cells = g_ptr_array_new();

    for (guint i = 0; i < campaign->active->len; i++) {
        const Active *active = g_ptr_array_index(campaign->active, i);

        if (!g_ptr_array_find_with_equal_func(cells, active->cell, g_str_equal, NULL))
            g_ptr_array_add(cells, active->cell);
    }
    g_ptr_array_add(cells, NULL);
    progress_set_current(&campaign->progress, cells->len > 1 ? g_strjoinv(", ", (char **) cells->pdata) : NULL);
}

void campaign_tell_verdict(Campaign *campaign, const Active *active, BreakerVerdict verdict)
{
    g_autofree char *line = NULL;

    if (verdict == BREAKER_LEAVES_CELL)
        line = g_strdup_printf("cell '%s' is left: its last %u runs failed; its others are not started", active->cell,
                               campaign->breaker.cell_limit);
    else if (verdict == BREAKER_LEAVES_HOST)
        line = g_strdup_printf("no more runs are started: the last %u failed runs may all be this host's fault",
                               campaign->breaker.host_limit);
    if (line == NULL)
        return;
    campaign_log_given_up(campaign, verdict == BREAKER_LEAVES_CELL ? active->cell : NULL);
    progress_line(&campaign->progress, line);
}

void campaign_tell(Campaign *campaign, const Active *active, const AttemptRecord *attempt)
{
    g_autofree char *line = NULL;

    if (attempt->status == ATTEMPT_COMPLETED && progress_is_terse(&campaign->progress))
        return;
    if (attempt->status == ATTEMPT_COMPLETED)
        line = g_strdup_printf("[%zu/%zu] %s: completed in %.1f s%s%s", campaign->progress.done, campaign->progress.total,
                               active->label, (double) attempt->duration_ns / 1e9, active->taint != NULL ? ", but tainted: " : "",
                               active->taint != NULL ? active->taint : "");
    else if (active->stopped)
        line = g_strdup_printf("[%zu/%zu] %s: stopped", campaign->progress.done, campaign->progress.total,
                               active->label);
    else
        line = g_strdup_printf("[%zu/%zu] %s: failed in %s (%s): %s%s", campaign->progress.done, campaign->progress.total,
                               active->label, attempt->failure_phase, attempt->failure_class, attempt->failure_reason,
                               attempt->final ? "" : "; it will be tried again");
    progress_line(&campaign->progress, line);
    tell_phases(campaign, attempt);
}
