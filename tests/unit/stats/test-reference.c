// SPDX-License-Identifier: GPL-3.0-or-later
/* Every answer of R in tests/data/stats/reference.tsv (make-reference.R made it) is compared; none may be left over. */
#include <Rmath.h>

#include "stats/bootstrap.h"
#include "stats/components.h"
#include "stats/correction.h"
#include "stats/means.h"
#include "stats/outliers.h"
#include "stats/ranks.h"
#include "stats/ratio.h"
#include "tests/unit/reference.h"

#define LEVEL 0.95

/* A data set, and those of R's answers that others are built on. */
typedef struct Case {
    const char *name;
    Sample base, other;
    double margin, pooled_se;
} Case;

/* The functions below are what R's quantities are called here. */
static double mean(const Case *c) { Moments m = moments_of(c->base); return moments_mean(&m); }
static double variance(const Case *c) { return (double) moments_of(c->base).variance; }
static double welch_difference(const Case *c) { return means_welch(c->base, c->other, LEVEL).difference; }
static double welch_df(const Case *c) { return means_welch(c->base, c->other, LEVEL).df; }
static double welch_low(const Case *c) { return means_welch(c->base, c->other, LEVEL).interval.low; }
static double welch_high(const Case *c) { return means_welch(c->base, c->other, LEVEL).interval.high; }
static double welch_p(const Case *c) { return means_welch(c->base, c->other, LEVEL).p; }
static double paired_difference(const Case *c) { return means_paired(c->base, c->other, LEVEL).difference; }
static double paired_low(const Case *c) { return means_paired(c->base, c->other, LEVEL).interval.low; }
static double paired_high(const Case *c) { return means_paired(c->base, c->other, LEVEL).interval.high; }
static double paired_p(const Case *c) { return means_paired(c->base, c->other, LEVEL).p; }
static double ratio(const Case *c) { return ratio_independent(c->base, c->other, LEVEL).ratio; }
static double ratio_low(const Case *c) { return ratio_independent(c->base, c->other, LEVEL).interval.low; }
static double ratio_high(const Case *c) { return ratio_independent(c->base, c->other, LEVEL).interval.high; }
static double paired_ratio_low(const Case *c) { return ratio_paired(c->base, c->other, LEVEL).interval.low; }
static double paired_ratio_high(const Case *c) { return ratio_paired(c->base, c->other, LEVEL).interval.high; }
static double ratio_tost(const Case *c) { return ratio_equivalence(c->base, c->other, 0.8, 1.25); }
static double rank_u(const Case *c) { return ranks_mann_whitney(c->base, c->other).u; }
static double rank_p(const Case *c) { return ranks_mann_whitney(c->base, c->other).p; }
static double signed_rank_p(const Case *c) { return ranks_signed_p(c->base, c->other); }
static double delta(const Case *c) { return ranks_mann_whitney(c->base, c->other).cliffs_delta; }

static double tost(const Case *c)
{
    MeanTest test = means_welch(c->base, c->other, LEVEL);

    return means_equivalence(&test, -c->margin, c->margin);
}

/* power.t.test() is about equal spreads: 2n - 2 degrees of freedom. */
static double detectable(const Case *c)
{
    MeanTest test = { .standard_error = c->pooled_se, .df = (double) (2 * c->base.n - 2) };

    return means_detectable(&test, 0.05, 0.8);
}

static double outliers(const Case *c)
{
    g_autofree double *scores = g_new(double, c->base.n);
    size_t flagged = outliers_scores(c->base, scores);

    return isnan(scores[0]) ? NAN : (double) flagged;
}

/* R says NA where 9999 resamples need not hit the same value. */
static double bootstrap_low(const Case *c)
{
    return bootstrap_centre(BOOTSTRAP_MEDIAN, c->base, LEVEL, BOOTSTRAP_SEED).low;
}

static double bootstrap_high(const Case *c)
{
    return bootstrap_centre(BOOTSTRAP_MEDIAN, c->base, LEVEL, BOOTSTRAP_SEED).high;
}

static const struct {
    const char *name;
    double (*compute)(const Case *c);
    bool may_be_unknown; /* to R only */
} quantities[] = {
    { "mean", mean, false },
    { "variance", variance, false },
    { "outliers", outliers, false },
    { "bootstrap-low", bootstrap_low, true },
    { "bootstrap-high", bootstrap_high, true },
    { "welch-difference", welch_difference, false },
    { "welch-df", welch_df, false },
    { "welch-low", welch_low, false },
    { "welch-high", welch_high, false },
    { "welch-p", welch_p, false },
    { "tost-p", tost, false },
    { "detectable", detectable, false },
    { "paired-difference", paired_difference, false },
    { "paired-low", paired_low, false },
    { "paired-high", paired_high, false },
    { "paired-p", paired_p, false },
    { "signed-rank-p", signed_rank_p, false },
    { "ratio", ratio, false },
    { "ratio-low", ratio_low, false },
    { "ratio-high", ratio_high, false },
    { "paired-ratio-low", paired_ratio_low, false },
    { "paired-ratio-high", paired_ratio_high, false },
    { "ratio-tost-p", ratio_tost, false },
    { "u", rank_u, false },
    { "rank-p", rank_p, false },
    { "cliffs-delta", delta, false },
};

/* One sample's statistics that SQL alone has; tests/unit/db/test-stats-reference.c compares them. */
static bool is_of_sql(const char *what)
{
    static const char *const names[] = { "stddev", "sem",     "ci95_low",      "ci95_high",
                                         "mad",    "geomean", "harmonic_mean", "sum" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i], what) == 0)
            return true;
    return false;
}

static void check_answer(Case *c, const char *what, double expected)
{
    if (strcmp(what, "margin") == 0) {
        c->margin = expected;
    } else if (strcmp(what, "pooled-se") == 0) {
        c->pooled_se = expected;
    } else if (g_str_has_prefix(what, "percentile-")) {
        double at = reference_number(what + strlen("percentile-"));

        reference_check(c->name, what, sample_quantile(c->base, at / 100), expected);
    } else if (!is_of_sql(what)) {
        size_t i = 0;

        while (i < G_N_ELEMENTS(quantities) && strcmp(quantities[i].name, what) != 0)
            i++;
        ck_assert_msg(i < G_N_ELEMENTS(quantities), "nothing is compared with R's '%s'", what);
        if (!quantities[i].may_be_unknown || !isnan(expected))
            reference_check(c->name, what, quantities[i].compute(c), expected);
    }
}

START_TEST(every_answer_of_r_is_ours)
{
    g_auto(GStrv) sets = reference_lines("samples.tsv");
    g_auto(GStrv) answers = reference_lines("reference.tsv");
    unsigned set_count = 0, answer_count = 0;

    for (char **set = sets; *set != NULL; set++, set_count++) {
        g_auto(GStrv) fields = g_strsplit(*set, "\t", 3);
        Numbers x = reference_numbers(fields[1]), y = reference_numbers(fields[2]);
        Case c = { fields[0], { x.values, x.n }, { y.values, y.n }, NAN, NAN };

        for (char **answer = answers; *answer != NULL; answer++) {
            g_auto(GStrv) parts = g_strsplit(*answer, "\t", 3);

            if (strcmp(parts[0], c.name) != 0)
                continue;
            check_answer(&c, parts[1], reference_number(parts[2]));
            answer_count++;
        }
        g_free(x.values);
        g_free(y.values);
    }
    ck_assert_uint_ge(set_count, 30);
    ck_assert_uint_eq(answer_count, g_strv_length(answers));
}
END_TEST

START_TEST(holm_corrects_as_r_does)
{
    g_auto(GStrv) lines = reference_lines("holm.tsv");

    for (char **line = lines; *line != NULL; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, "\t", 2);
        Numbers p = reference_numbers(fields[0]), expected = reference_numbers(fields[1]);
        g_autofree double *adjusted = g_new(double, p.n);

        correction_holm(p.values, p.n, adjusted);
        for (size_t i = 0; i < p.n; i++)
            reference_check(fields[0], "Holm", adjusted[i], expected.values[i]);
        g_free(p.values);
        g_free(expected.values);
    }
}
END_TEST

static void check_components(const char *runs, char **expected)
{
    g_auto(GStrv) texts = g_strsplit(runs, "|", -1);
    size_t count = g_strv_length(texts);
    g_autofree Group *groups = g_new(Group, count);
    Components components;
    double iterations;

    for (size_t i = 0; i < count; i++) {
        Numbers values = reference_numbers(texts[i]);
        Moments moments = moments_of((Sample) { values.values, values.n });

        groups[i] = (Group) { values.n, moments_mean(&moments), (double) moments.variance };
        g_free(values.values);
    }
    ck_assert(components_split(groups, count, &components));
    reference_check(runs, "mean", components.mean, reference_number(expected[0]));
    reference_check(runs, "within", components.within, reference_number(expected[1]));
    reference_check(runs, "between", components.between, reference_number(expected[2]));
    iterations = components_iterations(&components, 9, 0.25);
    reference_check(runs, "iterations", iterations, reference_number(expected[3]));
    if (iterations > 0)
        reference_check(runs, "runs", components_runs(&components, iterations, fabs(components.mean) * 0.05, LEVEL),
                        reference_number(expected[4]));
}

START_TEST(the_split_of_variance_is_that_of_aov)
{
    g_auto(GStrv) lines = reference_lines("groups.tsv");

    for (char **line = lines; *line != NULL; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, "\t", 6);

        check_components(fields[0], fields + 1);
    }
}
END_TEST

static double rank_p_of(const double *arguments)
{
    size_t base_n = (size_t) arguments[0], other_n = (size_t) arguments[1];

    return ranks_mann_whitney((Sample) { arguments + 2, base_n }, (Sample) { arguments + 2 + base_n, other_n }).p;
}

/* Our distributions come from R's library, so R's word for them would prove little: these are SciPy's. */
START_TEST(the_distributions_are_those_of_scipy)
{
    g_auto(GStrv) lines = reference_lines("distributions.tsv");

    for (char **line = lines; *line != NULL; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, "\t", 3);
        Numbers a = reference_numbers(fields[1]);
        double value = NAN;

        if (strcmp(fields[0], "qt") == 0)
            value = qt(a.values[0], a.values[1], 1, 0);
        else if (strcmp(fields[0], "pt") == 0)
            value = pt(a.values[0], a.values[1], 1, 0);
        else if (strcmp(fields[0], "pnorm-upper") == 0)
            value = pnorm(a.values[0], 0, 1, 0, 0);
        else if (strcmp(fields[0], "pnt-upper") == 0)
            value = pnt(a.values[0], a.values[1], a.values[2], 0, 0);
        else if (strcmp(fields[0], "rank-p") == 0)
            value = rank_p_of(a.values);
        reference_check(fields[0], fields[1], value, reference_number(fields[2]));
        g_free(a.values);
    }
    ck_assert_uint_gt(g_strv_length(lines), 80);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, every_answer_of_r_is_ours);
    tcase_add_test(tcase, holm_corrects_as_r_does);
    tcase_add_test(tcase, the_split_of_variance_is_that_of_aov);
    tcase_add_test(tcase, the_distributions_are_those_of_scipy);
}

int main(void)
{
    return unit_run("stats/reference", add_tests);
}
