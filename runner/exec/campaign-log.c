// SPDX-License-Identifier: GPL-3.0-or-later
/* The lines of the experiment's log.jsonl: docs/overnight.md lists them. */
#include "runner/exec/campaign-private.h"

void campaign_log_begin(Campaign *campaign)
{
    const EventField fields[] = { EVENT_INTEGER("left", (int64_t) (campaign->progress.total - campaign->progress.done)),
                                  EVENT_END };

    event_log_write(campaign->events, "begin", fields);
}

void campaign_log_end(Campaign *campaign)
{
    const CampaignResult *result = &campaign->result;
    const EventField fields[] = { EVENT_INTEGER("completed", (int64_t) result->completed),
                                  EVENT_INTEGER("failed", (int64_t) result->failed),
                                  EVENT_INTEGER("tainted", (int64_t) result->tainted),
                                  EVENT_INTEGER("left", (int64_t) result->left), EVENT_END };

    event_log_write(campaign->events, "end", fields);
}

void campaign_log_attempt_begin(Campaign *campaign, const Active *active)
{
    const EventField fields[] = {
        EVENT_INTEGER("run", active->run_id),
        EVENT_INTEGER("attempt", active->attempt),
        EVENT_TEXT("cell", active->cell),
        EVENT_INTEGER("repetition", pending_run(campaign->pending, active->row)->repetition),
        EVENT_INTEGER("concurrent", active->concurrent),
        EVENT_END,
    };

    event_log_write(campaign->events, "attempt-begin", fields);
}

void campaign_log_attempt_end(Campaign *campaign, const Active *active, const AttemptRecord *attempt)
{
    const EventField fields[] = {
        EVENT_INTEGER("run", active->run_id),
        EVENT_INTEGER("attempt", active->attempt),
        EVENT_TEXT("cell", active->cell),
        EVENT_TEXT("status", attempt->status == ATTEMPT_COMPLETED ? "completed" : "failed"),
        EVENT_TEXT("class", attempt->failure_class),
        EVENT_TEXT("phase", attempt->failure_phase),
        EVENT_TEXT("reason", attempt->failure_reason),
        EVENT_REAL("duration_s", (double) attempt->duration_ns / 1e9),
        EVENT_TEXT("final", attempt->final ? "yes" : "no"),
        EVENT_END,
    };

    event_log_write(campaign->events, "attempt-end", fields);
}

void campaign_log_wait(Campaign *campaign, const char *reason)
{
    const EventField fields[] = { EVENT_TEXT("reason", reason), EVENT_END };

    event_log_write(campaign->events, "wait", fields);
}

void campaign_log_given_up(Campaign *campaign, const char *cell)
{
    const EventField fields[] = { EVENT_TEXT("cell", cell), EVENT_END };

    event_log_write(campaign->events, "given-up", fields);
}

void campaign_log_stop(Campaign *campaign)
{
    const EventField fields[] = { EVENT_INTEGER("count", campaign->stops), EVENT_END };

    event_log_write(campaign->events, "stop", fields);
}
