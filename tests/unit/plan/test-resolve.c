// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/base/error.h"
#include "runner/plan/run-spec.h"
#include "tests/unit/unit.h"

static Scenario *load(const char *path)
{
    g_autoptr(Problems) problems = problems_new(path);
    Scenario *scenario = scenario_load(path, NULL, problems);

    if (scenario == NULL)
        problems_print(problems, stderr);
    ck_assert_ptr_nonnull(scenario);
    return scenario;
}

START_TEST(the_contracts_example_becomes_what_shall_be_done)
{
    static const char *const levels[] = { "10ms", "1400", NULL };
    g_autoptr(Scenario) scenario = load("tests/data/scenario/good/product.yaml");
    g_autoptr(RunSpec) spec = scenario_resolve(scenario, levels, NULL);
    const StepSpec *ping;

    ck_assert_ptr_nonnull(spec);
    ck_assert_str_eq(spec->platform, "vm");
    ck_assert_str_eq(spec->start, "cold");
    ck_assert_str_eq(spec->accel, "auto");
    ck_assert_int_eq(spec->timeout_ms, 120000);
    ck_assert_int_eq(spec->boot_timeout_ms, 60000);
    ck_assert_uint_eq(spec->machine_count, 2);
    ck_assert_str_eq(spec->machines[1].name, "client");
    ck_assert_str_eq(spec->machines[1].image, "tiny");
    ck_assert_str_eq(spec->machines[1].boot_preset, "fast");
    ck_assert_uint_eq(spec->machines[1].memory_mb, 128);
    ck_assert_uint_eq(spec->machines[1].cpus, 1);
    ck_assert_str_eq(spec->machines[1].interfaces[0].address, "10.0.0.2/24");
    ck_assert_str_eq(spec->machines[1].interfaces[0].mac, "52:54:00:00:01:00");
    ck_assert_uint_eq(spec->bridge_count, 1);
    ck_assert_double_eq_tol(spec->bridges[0].impairment.delay_s, 0.01, 1e-12);
    ck_assert_double_eq(spec->bridges[0].impairment.jitter_s, 0);
    ck_assert_double_eq(spec->bridges[0].impairment.rate_bit_s, 1e8);
    ck_assert_uint_eq(spec->step_count, 2);
    ck_assert(spec->steps[0].background && spec->steps[0].ready_port == 5201);
    ping = &spec->steps[1];
    ck_assert(!ping->background && ping->ready_port == 0);
    ck_assert_str_eq(ping->run, "ping -c 20 -i 0.01 -s 1400 10.0.0.1");
    ck_assert_int_eq(ping->timeout_ms, 30000);
    ck_assert_uint_eq(ping->measure_count, 1);
    ck_assert_str_eq(ping->measures[0].regex, "time=([0-9.]+)");
    ck_assert_ptr_null(ping->measures[0].jsonpath);
    ck_assert_str_eq(ping->measures[0].aggregate, "mean");
    ck_assert_str_eq(ping->measures[0].direction, "lower");
    ck_assert_double_eq(ping->measures[0].scale, 1);
    ck_assert_uint_eq(spec->captures[0].snaplen, 128);
    ck_assert_str_eq(spec->collects[0].path, "/var/log/messages");
    ck_assert_str_eq(spec->environment[0], "TRIALBED_FACTOR_DELAY=10ms");
    ck_assert_str_eq(spec->environment[1], "TRIALBED_FACTOR_SIZE=1400");
    ck_assert_ptr_null(spec->environment[2]);
}
END_TEST

START_TEST(a_factor_reaches_every_kind_of_value)
{
    static const char *const levels[] = { "vm", "other-image_1.0", "64", "7", "br1", "true", "a b", NULL };
    g_autoptr(Scenario) scenario = load("tests/data/scenario/good/everything.yaml");
    g_autoptr(RunSpec) spec = scenario_resolve(scenario, levels, NULL);

    ck_assert_ptr_nonnull(spec);
    ck_assert_str_eq(spec->machines[0].image, "other-image_1.0");
    ck_assert_uint_eq(spec->machines[0].memory_mb, 64);
    ck_assert_str_eq(spec->machines[0].interfaces[0].address, "10.0.7.1/24");
    ck_assert_str_eq(spec->machines[0].interfaces[0].mac, "52:54:00:12:34:56");
    ck_assert_str_eq(spec->machines[0].interfaces[1].bridge, "br1");
    ck_assert_ptr_null(spec->machines[0].interfaces[1].address);
    ck_assert(spec->steps[0].background);
    ck_assert_str_eq(spec->steps[0].run, "echo \"${literal} $$ $TRIALBED_FACTOR_NOTE\"\n\techo a tab here is text\n");
    ck_assert_str_eq(spec->steps[1].run, "nc 10.0.7.1 80"); /* the address is a template itself */
    ck_assert_str_eq(spec->steps[2].run, "get 10.0.7.1 fd00::2 7");
    ck_assert_str_eq(spec->captures[0].filter, "host 10.0.7.1");
    ck_assert_str_eq(spec->collects[0].path, "/var/log/7.log");
    ck_assert_str_eq(spec->steps[2].measures[0].jsonpath, "$.end");
    ck_assert_double_eq(spec->steps[2].measures[0].scale, 1e-6);
    ck_assert_double_eq_tol(spec->bridges[0].impairment.loss_percent, 0.1, 1e-12);
    ck_assert_double_eq_tol(spec->bridges[0].impairment.jitter_s, 1e-4, 1e-15);
    ck_assert_str_eq(spec->environment[6], "TRIALBED_FACTOR_NOTE=a b");
}
END_TEST

START_TEST(derived_values_go_where_factors_go)
{
    static const char *const levels[] = { "2", "10ms", "tcp", "80", "true", "1mbit", "1", NULL };
    g_autoptr(Scenario) scenario = load("tests/data/scenario/good/factors.yaml");
    g_autoptr(RunSpec) spec = scenario_resolve(scenario, levels, NULL);

    ck_assert_ptr_nonnull(spec);
    ck_assert_uint_eq(spec->machines[0].memory_mb, 160);
    ck_assert_str_eq(spec->machines[0].interfaces[0].address, "10.0.0.12/24");
    ck_assert_double_eq_tol(spec->bridges[0].impairment.jitter_s, 0.001, 1e-12);
    ck_assert(spec->steps[0].background);
    ck_assert_str_eq(spec->steps[0].run, "echo tcp/80 true 1 $TRIALBED_FACTOR_FLIGHT");
    ck_assert_uint_eq(g_strv_length(spec->environment), 12);
    ck_assert_str_eq(spec->environment[5], "TRIALBED_FACTOR_RATE=1mbit");
    ck_assert_str_eq(spec->environment[7], "TRIALBED_FACTOR_MEMORY=160");
    ck_assert_str_eq(spec->environment[8], "TRIALBED_FACTOR_JITTER=0.001s");
    ck_assert_str_eq(spec->environment[9], "TRIALBED_FACTOR_FLIGHT=1250");
    ck_assert_str_eq(spec->environment[10], "TRIALBED_FACTOR_LABEL=tcp/80");
}
END_TEST

START_TEST(defaults_vary_as_what_they_stand_for)
{
    static const char *const levels[] = { "other", "128", "2s", NULL };
    g_autoptr(Scenario) scenario = load("tests/data/scenario/good/defaults.yaml");
    g_autoptr(RunSpec) spec = scenario_resolve(scenario, levels, NULL);

    ck_assert_ptr_nonnull(spec);
    ck_assert_str_eq(spec->machines[0].image, "other");
    ck_assert_uint_eq(spec->machines[0].memory_mb, 128);
    ck_assert_uint_eq(spec->machines[1].memory_mb, 64); /* its own */
    ck_assert_int_eq(spec->steps[0].timeout_ms, 2000);
    ck_assert_uint_eq(spec->steps[0].repeat, 3);
}
END_TEST

static const struct {
    const char *text, *level, *message;
} refusals[] = {
    { "machines: [{name: a, image: tiny, cpus: '${f}'}]\nmatrix: {factors: {f: [1]}}\n", "1000",
      "x.yaml:1:41: key 'cpus' must be a whole number from 1 to 256, not '1000'\nhint: this is with f=1000." },
    { "machines: [{name: a, image: tiny}]\nsteps: [{name: s, on: '${f}', run: x}]\nmatrix: {factors: {f: [a]}}\n", "b",
      "x.yaml:2:23: there is no machine 'b'\nhint: known machines: a. this is with f=b." },
    { "machines: [{name: a, image: tiny, cpus: '${d}'}]\nmatrix: {factors: {f: [1]}, derived: {d: '2 / ${f}'}}\n", "0",
      "x.yaml:2:42: derived value 'd': division by 0\nhint: this is with f=0." },
};

START_TEST(levels_that_no_check_has_seen_can_be_refused)
{
    const char *levels[] = { refusals[_i].level, NULL };
    const char *text = refusals[_i].text;
    g_autoptr(Problems) problems = problems_new("x.yaml");
    g_autoptr(Scenario) scenario = scenario_parse("x.yaml", text, strlen(text), NULL, problems);
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_nonnull(scenario);
    ck_assert_ptr_null(scenario_resolve(scenario, levels, &error));
    ck_assert_int_eq(error_kind(error), ERROR_SCENARIO);
    ck_assert_str_eq(error->message, refusals[_i].message);
}
END_TEST

START_TEST(every_card_gets_a_hardware_address_of_its_own)
{
    g_autoptr(GString) text = g_string_new("bridges: [{name: br0}, {name: br1}]\nmachines:\n");
    g_autoptr(Problems) problems = problems_new("x");
    g_autoptr(Scenario) scenario = NULL;
    g_autoptr(RunSpec) spec = NULL;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (int i = 0; i < 600; i++)
        g_string_append_printf(text, "  - {name: m%d, image: tiny, interfaces: [{bridge: br0}, {bridge: br1}]}\n", i);
    scenario = scenario_parse("x", text->str, text->len, NULL, problems);
    ck_assert_ptr_nonnull(scenario);
    spec = scenario_resolve(scenario, NULL, NULL); /* without factors there are no levels */
    ck_assert_uint_eq(spec->machine_count, 600);
    for (size_t i = 0; i < 600; i++)
        for (size_t j = 0; j < 2; j++)
            ck_assert(g_hash_table_add(seen, spec->machines[i].interfaces[j].mac));
    ck_assert_str_eq(spec->machines[599].interfaces[1].mac, "52:54:00:02:57:01");
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, the_contracts_example_becomes_what_shall_be_done);
    tcase_add_test(tcase, a_factor_reaches_every_kind_of_value);
    tcase_add_test(tcase, derived_values_go_where_factors_go);
    tcase_add_test(tcase, defaults_vary_as_what_they_stand_for);
    tcase_add_loop_test(tcase, levels_that_no_check_has_seen_can_be_refused, 0, G_N_ELEMENTS(refusals));
    tcase_add_test(tcase, every_card_gets_a_hardware_address_of_its_own);
}

int main(void)
{
    return unit_run("plan/resolve", add_tests);
}
