// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/exec/campaign-private.h"

/* An attempt's noise may begin a little before it: where the one before it ended, or the gate looked. So every attempt needs one look, and not two. */
enum { BEFORE_NS = 100 * 1000000 };

void campaign_noise_init(Campaign *campaign)
{
    campaign->gate = (NoiseGate) { .policy = &campaign->scenario->noise, .root = "", .ours = getpid() };
    campaign->measures_noise = strcmp(campaign->settings.backend, "fake") != 0 || noise_policy_limits(campaign->gate.policy);
}

bool campaign_noise_allows(Campaign *campaign, char **ret_loud)
{
    NoiseAnswer answer = noise_gate_ask(&campaign->gate, clock_monotonic_ns(), ret_loud);
    g_autofree char *line = NULL;

    if (answer != NOISE_WAIT) {
        campaign->told_wait = false;
        return true;
    }
    if (*ret_loud != NULL && !campaign->told_wait) {
        line = g_strdup_printf("waiting for a quiet host: %s", *ret_loud);
        progress_line(&campaign->progress, line);
        campaign_log_wait(campaign, *ret_loud);
        campaign->told_wait = true;
    }
    g_clear_pointer(ret_loud, g_free);
    return false;
}

void campaign_noise_begin(Campaign *campaign, Active *active)
{
    active->noise_known = campaign->measures_noise && noise_gate_read(&campaign->gate, BEFORE_NS, &active->noise_before);
}

/* What was measured, behind the worker's own samples. */
static void add_samples(Active *active, AttemptRecord *attempt, const Noise *noise)
{
    const SampleRecord samples[] = {
        { .metric = "noise.load", .unit = "CPUs", .direction = "lower", .automatic = true, .value = noise->load },
        { .metric = "noise.steal", .unit = "%", .direction = "lower", .automatic = true, .value = noise->steal_percent },
        { .metric = "noise.memory", .unit = "%", .direction = "lower", .automatic = true, .value = noise->pressure_percent },
        { .metric = "noise.throttles", .unit = "", .direction = "lower", .automatic = true,
          .value = (double) noise->throttles },
    };

    active->samples = g_array_new(FALSE, FALSE, sizeof(SampleRecord));
    g_array_append_vals(active->samples, attempt->samples, (guint) attempt->sample_count);
    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++)
        if (samples[i].value >= 0) /* negative: this host does not tell */
            g_array_append_val(active->samples, samples[i]);
    attempt->samples = (const SampleRecord *) (void *) active->samples->data;
    attempt->sample_count = active->samples->len;
}

/* Why the attempt shall not count; NULL: it may. */
static char *why_tainted(const Campaign *campaign, const Active *active, const Noise *noise, const AttemptRecord *attempt)
{
    g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func(g_free);
    char *during, *image = inputs_other_image(campaign->inputs, attempt);
    int64_t drops = 0;

    for (size_t i = 0; i < attempt->capture_count; i++)
        drops += attempt->captures[i].dropped;
    during = noise_violation(campaign->gate.policy, noise, drops);
    if (active->other_accel != NULL)
        g_ptr_array_add(reasons, g_strdup(active->other_accel));
    if (image != NULL)
        g_ptr_array_add(reasons, image);
    if (active->loud != NULL)
        g_ptr_array_add(reasons, g_strconcat("before it began: ", active->loud, NULL));
    if (during != NULL)
        g_ptr_array_add(reasons, during);
    g_ptr_array_add(reasons, NULL);
    return reasons->len > 1 ? g_strjoinv("; ", (char **) reasons->pdata) : NULL;
}

void campaign_noise_end(Campaign *campaign, Active *active, AttemptRecord *attempt)
{
    Noise noise = { .pressure_percent = -1, .throttles = -1 };
    NoiseReading after;

    if (active->noise_known && noise_gate_read(&campaign->gate, 0, &after)) {
        noise = noise_between(&active->noise_before, &after);
        add_samples(active, attempt, &noise);
    }
    if (attempt->status != ATTEMPT_COMPLETED)
        return;
    active->taint = why_tainted(campaign, active, &noise, attempt);
    if (active->taint == NULL)
        return;
    attempt->failure_class = "tainted";
    attempt->failure_reason = active->taint;
    if (g_strcmp0(campaign->gate.policy->on_violation, "fail") != 0)
        return;
    attempt->status = ATTEMPT_FAILED;
    attempt->failure_phase = "collect";
}
