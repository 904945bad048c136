// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/steadiness.h"

#include <math.h>
#include <string.h>

#include "stats/steady.h"

/* Samples of an iteration so far. */
typedef struct Sum {
    double total;
    unsigned count;
} Sum;

GArray *steadiness_iterations(const AttemptRecord *attempt, const char *metric)
{
    g_autoptr(GArray) sums = g_array_new(FALSE, TRUE, sizeof(Sum)); /* iteration 1 is the first */
    GArray *values = g_array_new(FALSE, FALSE, sizeof(double));

    for (size_t i = 0; i < attempt->sample_count; i++) {
        const SampleRecord *sample = &attempt->samples[i];

        if (strcmp(sample->metric, metric) != 0)
            continue;
        if (sample->iteration <= 0) {
            g_array_append_val(values, sample->value);
            continue;
        }
        if (sums->len < sample->iteration)
            g_array_set_size(sums, (guint) sample->iteration);
        g_array_index(sums, Sum, sample->iteration - 1).total += sample->value;
        g_array_index(sums, Sum, sample->iteration - 1).count++;
    }
    for (guint i = 0; i < sums->len; i++) {
        const Sum *sum = &g_array_index(sums, Sum, i);
        double mean = sum->count > 0 ? sum->total / sum->count : NAN;

        if (sum->count > 0) /* one that failed and was allowed to has none */
            g_array_append_val(values, mean);
    }
    return values;
}

static char *describe(const Steady *steady, const Steadiness *found, guint iterations)
{
    if (found->is_steady)
        return g_strdup_printf("metric '%s' is steady from iteration %zu of %u on: %u in a row vary by %.3g %%", steady->metric,
                               found->from + 1, iterations, steady->window, 100 * found->variation);
    if (iterations < steady->window)
        return g_strdup_printf("metric '%s' has no steady state: that takes %u iterations, and there are %u", steady->metric,
                               steady->window, iterations);
    if (isinf(found->variation))
        return g_strdup_printf("metric '%s' has no steady state: its iterations are about 0", steady->metric);
    return g_strdup_printf("metric '%s' has no steady state: of %u iterations the steadiest %u in a row vary by %.3g %%, more "
                           "than %g %%", steady->metric, iterations, steady->window, 100 * found->variation,
                           steady->variation_percent);
}

GArray *steadiness_events(const Scenario *scenario, const AttemptRecord *attempt, GStringChunk *strings)
{
    GArray *events = g_array_new(FALSE, FALSE, sizeof(EventRecord));

    if (attempt->event_count > 0)
        g_array_append_vals(events, attempt->events, (guint) attempt->event_count);
    for (size_t i = 0; i < scenario->steady_count && attempt->status == ATTEMPT_COMPLETED; i++) {
        const Steady *steady = &scenario->steadies[i];
        SteadyRule rule = { steady->window, steady->variation_percent / 100 };
        g_autoptr(GArray) values = steadiness_iterations(attempt, steady->metric);
        Steadiness found = steadiness_of((Sample) { (const double *) (void *) values->data, values->len }, &rule);
        g_autofree char *text = describe(steady, &found, values->len);
        EventRecord event = { .at_ns = attempt->duration_ns, .kind = found.is_steady ? "steady" : "unsteady",
                              .text = g_string_chunk_insert(strings, text) };

        g_array_append_val(events, event);
    }
    return events;
}
