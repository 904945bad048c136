// SPDX-License-Identifier: GPL-3.0-or-later
/* Some thousand mutations of the good scenarios, the same ones every time: nothing may crash, hang or leak (which the
 * sanitizers see). */
#include <string.h>

#include "runner/base/files.h"
#include "runner/base/random.h"
#include "tests/fuzz/fuzz-scenario.c"
#include "tests/unit/unit.h"

enum { MUTATIONS = 1500 };

static const char *const seeds[] = {
    "tests/data/scenario/good/product.yaml",
    "tests/data/scenario/good/everything.yaml",
    "tests/data/scenario/good/factors.yaml",
    "tests/data/scenario/good/counted.yaml",
    "tests/data/scenario/good/steps.yaml",
    "scenarios/quickstart/scenario.yaml",
};

/* What turns one valid document into an almost valid one. */
static const char *const pieces[] = {
    "${",   "}",           "$${",     "${delay}", "${server.address}",
    "[",    "]",           "{",       "}",        "- ",
    ": ",   "\n",          "\t",      "&a ",      "*a",
    "'",    "\"",          "~",       "#",        "0",
    "-1",   "99999999999", "1e309",   "10ms",     "true",
    "\377", "\303\251",    "\n---\n", "|\n",      "!!str ",
    "? ",   "exclude: [{", ", ",      " > ",      "zip: [[",
    "if(",  "from: 1",     "+ 1",
};

static size_t place(Random *random, const GString *text)
{
    return text->len > 0 ? random_below(random, (uint32_t) text->len) : 0;
}

static void mutate_once(Random *random, GString *text)
{
    size_t at = place(random, text);
    size_t wanted = random_below(random, 40);
    size_t length = MIN(wanted, text->len - at);

    switch (random_below(random, 5)) {
    case 0: g_string_erase(text, (gssize) at, (gssize) length); break;
    case 1: g_string_insert(text, (gssize) at, pieces[random_below(random, G_N_ELEMENTS(pieces))]); break;
    case 2: {
        g_autofree char *copy = g_strndup(text->str + at, length);

        g_string_insert(text, (gssize) place(random, text), copy);
        break;
    }
    case 3:
        if (text->len > 0)
            text->str[at] = (char) random_below(random, 256);
        break;
    default:
        if (text->len > 0)
            text->str[at] = text->str[place(random, text)];
        break;
    }
}

START_TEST(mutated_scenarios_are_refused_or_work)
{
    g_autofree char *seed = NULL;
    size_t size = 0;
    Random random;

    ck_assert(file_read(seeds[_i], 1 << 20, &seed, &size, NULL));
    random_init(&random, 2026, (uint64_t) _i);
    for (int i = 0; i < MUTATIONS; i++) {
        g_autoptr(GString) text = g_string_new_len(seed, (gssize) size);

        for (unsigned n = 1 + random_below(&random, 4); n > 0; n--)
            mutate_once(&random, text);
        LLVMFuzzerTestOneInput((const uint8_t *) text->str, text->len);
    }
}
END_TEST

START_TEST(every_beginning_of_a_scenario_is_refused_or_works)
{
    g_autofree char *seed = NULL;
    size_t size = 0;

    ck_assert(file_read(seeds[_i], 1 << 20, &seed, &size, NULL));
    for (size_t end = 0; end <= size; end++)
        LLVMFuzzerTestOneInput((const uint8_t *) seed, end);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, mutated_scenarios_are_refused_or_work, 0, G_N_ELEMENTS(seeds));
    tcase_add_loop_test(tcase, every_beginning_of_a_scenario_is_refused_or_works, 0, G_N_ELEMENTS(seeds));
}

int main(void)
{
    return unit_run("plan/fuzz", add_tests);
}
