// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/plan/template.h"
#include "tests/unit/unit.h"

/* Knows `a`, `tricky`, and remembers in `data` how often something else was asked for. */
static char *lookup(const char *name, void *data)
{
    unsigned *unknown = data;

    if (strcmp(name, "a") == 0)
        return g_strdup("1");
    if (strcmp(name, "tricky") == 0)
        return g_strdup("${a} $${a}");
    ++*unknown;
    return NULL;
}

static const struct {
    const char *text, *result;
    unsigned unknown;
} cases[] = {
    { "", "", 0 },
    { "plain", "plain", 0 },
    { "${a}", "1", 0 },
    { "x${a}y${a}z", "x1y1z", 0 },
    { "${a}${a}", "11", 0 },
    { "$${a}", "${a}", 0 },                                /* the literal */
    { "$$${a}", "$${a}", 0 },                              /* a dollar, and the literal */
    { "$a $$ $(a) {a} $ {a}", "$a $$ $(a) {a} $ {a}", 0 }, /* the shell's */
    { "${tricky}", "${a} $${a}", 0 },                      /* what was put in is not looked at again */
    { "${b}-${a}-${c}", "-1-", 2 },
    { "${}", "", 1 },
    { "${ a }", "", 1 }, /* names are taken as they are */
    { "${a", NULL, 0 },
    { "${b} ${", NULL, 1 },
    { "$${a", "${a", 0 },
    { "\303\251${a}\303\251", "\303\2511\303\251", 0 },
};

START_TEST(every_text_becomes_what_it_should)
{
    unsigned unknown = 0;
    GError *error = NULL;
    g_autofree char *result = template_expand(cases[_i].text, lookup, &unknown, &error);

    ck_assert_pstr_eq(result, cases[_i].result);
    ck_assert_uint_eq(unknown, cases[_i].unknown);
    ck_assert((error == NULL) == (result != NULL));
    if (error != NULL)
        ck_assert_str_eq(error->message, "has a '${' without a '}'\n"
                                         "hint: write '$${' where the text itself shall have '${'.");
    g_clear_error(&error);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, every_text_becomes_what_it_should, 0, G_N_ELEMENTS(cases));
}

int main(void)
{
    return unit_run("plan/template", add_tests);
}
