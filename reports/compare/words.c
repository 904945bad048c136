// SPDX-License-Identifier: GPL-3.0-or-later
/* The plain words of a comparison. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "reports/compare/pair.h"
#include "reports/print.h"

/* Of a time less is faster, of a rate more. */
static bool is_time(const char *unit)
{
    static const char *const units[] = { "ns", "us", "\302\265s", "\316\274s", "ms", "s", "min", "h" };

    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (strcmp(unit, units[i]) == 0)
            return true;
    return false;
}

static bool is_rate(const char *unit)
{
    return g_str_has_suffix(unit, "/s") || g_str_has_suffix(unit, "bps");
}

static const char *word(const SideMetric *metric, bool higher)
{
    bool better = higher == (metric->direction == DIRECTION_HIGHER);

    if (metric->direction == DIRECTION_NONE)
        return higher ? "higher" : "lower";
    if (metric->direction == DIRECTION_LOWER ? is_time(metric->unit) : is_rate(metric->unit))
        return better ? "faster" : "slower";
    if (higher)
        return better ? "higher (better)" : "higher (worse)";
    return better ? "lower (better)" : "lower (worse)";
}

static char *count_text(const Pair *pair)
{
    if (pair->paired)
        return g_strdup_printf("n = %zu pairs", pair->n);
    if (pair->base_n == pair->n)
        return g_strdup_printf("n = %zu", pair->n);
    return g_strdup_printf("n = %zu and %zu", pair->base_n, pair->n);
}

/* Two digits are enough for what could have been. */
static char *rounded(double value)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    double magnitude = value == 0 ? 1 : pow(10, floor(log10(fabs(value))) - 1);

    return g_strdup(g_ascii_formatd(digits, sizeof digits, "%.6g", round(value / magnitude) * magnitude));
}

static char *detectable_text(const Pair *pair)
{
    double percent = 100 * pair->detectable / fabs(pair->base_centre);
    g_autofree char *relative = rounded(percent);
    g_autofree char *absolute = rounded(pair->detectable);

    if (isfinite(percent))
        return g_strdup_printf("could have seen %s %%", relative);
    return g_strdup_printf("could have seen %s%s%s", absolute, pair->metric->unit[0] == '\0' ? "" : " ",
                           pair->metric->unit);
}

static char *interval_text(const Pair *pair)
{
    g_autofree char *low = NULL, *high = NULL;

    if (!interval_is_known(pair->ratio_interval))
        return g_strdup("no interval");
    low = rounded(100 * (pair->ratio_interval.low - 1));
    high = rounded(100 * (pair->ratio_interval.high - 1));
    return g_strdup_printf("%s %% to %s %%", low, high);
}

static bool is_same(const Pair *pair)
{
    return fabs(pair->difference) <= 10 * DBL_EPSILON * fmax(fabs(pair->base_centre), fabs(pair->centre));
}

static char *verdict_without_spread(const Pair *pair)
{
    if (is_same(pair))
        return g_strdup(pair->paired ? "the same in every block" : "the same in every run");
    return g_strdup_printf("%s, by the same in every %s", word(pair->metric, pair->difference > 0),
                           pair->paired ? "block" : "run");
}

char *pair_verdict(const Pair *pair)
{
    g_autofree char *count = count_text(pair);
    g_autofree char *seen = NULL;

    if (pair->base_n < 2 || pair->n < 2)
        return g_strdup_printf("too few runs to say (%s)", count);
    if (pair->test.no_spread && (isnan(pair->p) || !pair->medians))
        return verdict_without_spread(pair);
    if (isnan(pair->p))
        return g_strdup_printf("too few runs to say (%s, ranks need %d a side)", count, FLOOR_RANK_TEST);
    /* ranks can differ where medians do not */
    if (pair->p_holm < COMPARE_ALPHA)
        return g_strdup(word(pair->metric, pair->medians ? pair->ranks.cliffs_delta > 0 : pair->difference > 0));
    seen = pair->medians ? interval_text(pair) : detectable_text(pair);
    return g_strdup_printf("no difference shown (%s, %s)", count, seen);
}

static void add_note(GString *notes, const char *note)
{
    if (notes->len > 0)
        g_string_append(notes, "; ");
    g_string_append(notes, note);
}

static bool is_shown(double p_holm)
{
    return p_holm < COMPARE_ALPHA; /* NAN is not */
}

static bool tests_disagree(const Pair *pair)
{
    return !pair->medians && !isnan(pair->p) && !isnan(pair->ranks.p)
           && is_shown(pair->p_holm) != is_shown(pair->rank_p_holm);
}

char *pair_note(const Pair *pair)
{
    g_autoptr(GString) notes = g_string_new(NULL);
    g_autofree char *alone = g_strdup_printf("%zu runs without a partner in their block", pair->without_partner);
    bool enough = pair->base_n >= FLOOR_RANK_TEST && pair->n >= FLOOR_RANK_TEST;

    if (pair->base_n == 0 || pair->n == 0)
        add_note(notes, "a side has no counted run with this metric");
    else if (!enough)
        add_note(notes, "no rank test under 4 runs a side");
    if (pair->medians && enough && (pair->base_n < FLOOR_MEDIAN_INTERVAL || pair->n < FLOOR_MEDIAN_INTERVAL))
        add_note(notes, "no interval of medians under 6 runs a side");
    if (interval_is_known(pair->difference_interval) && !interval_is_known(pair->ratio_interval))
        add_note(notes, isnan(pair->ratio) ? "no ratio: a side is 0 or they have not the same sign"
                                           : "no interval of the ratio: the baseline is not clearly off 0");
    if (pair->without_partner > 0)
        add_note(notes, alone);
    if (tests_disagree(pair))
        add_note(notes, is_shown(pair->p_holm) ? "the rank test shows none" : "the rank test shows a difference");
    return notes->len == 0 ? NULL : g_strdup(notes->str);
}
