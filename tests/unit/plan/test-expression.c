// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "runner/plan/expression.h"
#include "tests/unit/unit.h"

static const struct {
    const char *name, *text;
} variables[] = {
    { "n", "4" },       { "zero", "0" },     { "half", "0.5" },  { "delay", "10ms" }, { "slow", "1s" },
    { "size", "2KiB" }, { "rate", "1mbit" }, { "proto", "tcp" }, { "tls", "true" },   { "odd-name", "7" },
};

/* What an expression gives as a text, or its error's message. */
static char *result_of(const char *text)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(Expression) expression = NULL;
    g_autoptr(GError) error = NULL;
    GStringChunk *texts = g_string_chunk_new(64);
    Datum values[G_N_ELEMENTS(variables)], result;
    char *said;

    for (size_t i = 0; i < G_N_ELEMENTS(variables); i++) {
        g_ptr_array_add(names, (void *) variables[i].name);
        values[i] = datum_from_text(variables[i].text);
    }
    expression = expression_parse(text, names, &error);
    if (expression != NULL && expression_evaluate(expression, values, texts, &result, &error))
        said = datum_text(&result);
    else
        said = g_strdup(error->message);
    g_string_chunk_free(texts);
    return said;
}

static const struct {
    const char *text, *result;
} cases[] = {
    { "1 + 2 * 3", "7" },
    { "(1 + 2) * 3", "9" },
    { "7 / 2", "3.5" },
    { "8 / 2", "4" },
    { "7 // 2", "3" },
    { "-7 // 2", "-4" }, /* rounds down, not towards 0 */
    { "7.5 // 2", "3" },
    { "2 - 3 - 4", "-5" }, /* from the left */
    { "- -3", "3" },
    { "1e3", "1e3" }, /* as typed */
    { "1e3 + 0", "1000" },
    { "0.1 + 0.2", "0.3" },
    { "0 * -1.5", "0" }, /* no -0 */
    { "9223372036854775807 + 1", "9.22337203685478e+18" },
    { "${n} * ${half}", "2" },
    { "${odd-name} + 1", "8" },
    { "${delay}", "10ms" }, /* as typed */
    { "${delay} * 2", "0.02s" },
    { "${delay} + ${slow}", "1.01s" },
    { "${slow} / ${delay}", "100" },
    { "${size} / 2", "1024B" },
    { "50% / 2", "25%" },
    { "number(${rate}) * number(${delay}) / 8", "1250" }, /* bytes in flight */
    { "number(${delay}, 'us')", "10000" },
    { "number(${slow}, 'ms') + 'ms'", "1000ms" },
    { "number('12')", "12" },
    { "${delay} < ${slow}", "true" }, /* by value: as texts it would be the other way round */
    { "${delay} == 0.01s", "true" },
    { "${delay} > 0", "true" }, /* 0 fits every unit */
    { "${proto} == 'tcp'", "true" },
    { "${proto} < \"udp\"", "true" },
    { "${n} == 'four'", "false" },
    { "${n} != 'four'", "true" },
    { "${tls}", "true" },
    { "${tls} == true", "true" },
    { "not ${tls} or ${n} >= 4 and ${n} <= 4", "true" },
    { "not not ${tls}", "true" },
    { "not ${n} == 4", "false" },                    /* 'not' binds less than '==' */
    { "${zero} != 0 and 1 / ${zero} > 2", "false" }, /* the right side is not looked at */
    { "${zero} == 0 or 1 / ${zero} > 2", "true" },
    { "if(${zero} == 0, 'none', 1 / ${zero})", "none" },
    { "'a' + 1 + 2", "a12" },
    { "1 + 2 + 'a'", "3a" },
    { "'d-' + ${delay}", "d-10ms" },
    { "${tls} + '!'", "true!" },
    { "''", "" },
    { "min(3, 1, 2)", "1" },
    { "max(${delay}, 2ms)", "10ms" },
    { "max('a', 'b')", "b" },
    { "abs(-3)", "3" },
    { "abs(0 - ${delay})", "0.01s" },
    { "round(2.5)", "3" },
    { "round(3.14159, 2)", "3.14" },
    { "floor(-0.5)", "-1" },
    { "ceil(0.1)", "1" },
    { "sqrt(16)", "4" },
    { "log2(${n}) + log10(100) + ln(exp(1))", "5" },
    { "pow(2, 10)", "1024" },
    { "pow(2, 0.5) > 1.41", "true" },
    { "mod(7, 3)", "1" },
    { "mod(-1, 3)", "2" },
    { "mod(5.5, 2)", "1.5" },
    { "text(5) == '5'", "true" },

    { "", "is no expression: it ends where a value should be" },
    { "1 +", "is no expression: it ends where a value should be" },
    { "(1", "is no expression: it ends where a ')' should be" },
    { "1 2", "is no expression: at '2' an operator or the end should be" },
    { "1 < 2 < 3", "is no expression: at '< 3' an operator or the end should be" },
    { "* 2", "is no expression: at '* 2' a value should be" },
    { "'abc", "is no expression: the text that begins with 'abc has no end" },
    { "${n", "is no expression: at '${n' a '}' behind a name should be" },
    { "10mss", "is no expression: '10mss' is no number\nhint: units are ns, us, ms, s, min or h; B, KB, KiB, MB, MiB, "
               "GB or GiB; "
               "bit, kbit, mbit or gbit; and %." },
    { "1.2.3", "is no expression: '1.2.3' is no number\nhint: units are ns, us, ms, s, min or h; B, KB, KiB, MB, MiB, "
               "GB or GiB; "
               "bit, kbit, mbit or gbit; and %." },
    { "${dealy}", "is no expression: nothing is known as '${dealy}' here\nhint: did you mean 'delay'?" },
    { "n + 1",
      "is no expression: 'n' is neither a function nor true or false\nhint: write ${n} for the factor, 'n' for a "
      "text." },
    { "maxx(1)", "is no expression: 'maxx' is neither a function nor true or false\nhint: did you mean 'max'?" },
    { "udp == 1",
      "is no expression: 'udp' is neither a function nor true or false\nhint: a text stands in quotes, and a "
      "factor's name in ${...}." },
    { "max()", "is no expression: at ')' a value should be" },
    { "mod(1)", "is no expression: mod() cannot have 1 value\nhint: write mod(x, y)." },
    { "sqrt 4", "is no expression: at '4' a '(' should be" },
    { "1 / ${zero}", "division by 0" },
    { "1 // 0", "division by 0" },
    { "mod(1, 0)", "division by 0" },
    { "1e308 * 10", "the result is no finite number" },
    { "sqrt(-1)", "the result is no finite number" },
    { "${delay} + 1",
      "cannot add a time and a number without a unit\nhint: number(x) is x in its base unit, without the "
      "unit; number(x, 'ms') is x in milliseconds." },
    { "${delay} * ${rate}",
      "cannot multiply a time by a rate\nhint: number(x) is x in its base unit, without the unit; "
      "number(x, 'ms') is x in milliseconds." },
    { "1 / ${delay}",
      "cannot divide a number without a unit by a time\nhint: number(x) is x in its base unit, without the "
      "unit; number(x, 'ms') is x in milliseconds." },
    { "${delay} > 10",
      "cannot compare a time with a number without a unit\nhint: number(x) is x in its base unit, without "
      "the unit; number(x, 'ms') is x in milliseconds." },
    { "${proto} < 1", "a text and a number without a unit have no order" },
    { "${proto} * 2", "'*' is for numbers, not for a text" },
    { "${n} and true", "'and' wants true or false, not a number without a unit" },
    { "if(1, 2, 3)", "if() wants true or false, not a number without a unit" },
    { "round(${delay})",
      "round() wants a number without a unit, not a time\nhint: number(x, 'ms') is x in milliseconds, "
      "without the unit." },
    { "round(1, 99)", "round() wants 0 to 12 digits" },
    { "number(${delay}, 'B')", "a time cannot be expressed in B" },
    { "number(${delay}, 'x')", "number() wants the name of a unit such as 'ms' behind the comma" },
    { "number(${proto})", "number() wants a number, not a text" },
};

START_TEST(every_expression_gives_what_it_says)
{
    g_autofree char *said = result_of(cases[_i].text);

    ck_assert_msg(strcmp(said, cases[_i].result) == 0, "%s: '%s' instead of '%s'", cases[_i].text, said,
                  cases[_i].result);
}
END_TEST

static char *repeated(const char *piece, unsigned times, const char *end)
{
    GString *text = g_string_new(NULL);

    while (times-- > 0)
        g_string_append(text, piece);
    g_string_append(text, end);
    return g_string_free(text, FALSE);
}

static const struct {
    const char *piece, *end, *message;
    unsigned times;
} limits[] = {
    { "(", "1", "is no expression: it is more than 64 levels deep", 100 },
    { "-", "1", "is no expression: it is more than 64 levels deep", 100 },
    { "not ", "true", "is no expression: it is more than 64 levels deep", 100 },
    { "max(", "1", "is no expression: it is more than 64 levels deep", 100 },
    { "1+", "1", "is longer than 1000 bytes", 500 },
    { "1+", "1", "500", 499 },
    { "'0123456789012345678901234567890123456789'+", "'x'", "841", 21 },
};

START_TEST(length_and_depth_are_bounded)
{
    g_autofree char *text = repeated(limits[_i].piece, limits[_i].times, limits[_i].end);
    g_autofree char *said = result_of(text);

    if (limits[_i].piece[0] == '\'') /* the text's length */
        ck_assert_uint_eq(strlen(said), strtoul(limits[_i].message, NULL, 10));
    else
        ck_assert_str_eq(said, limits[_i].message);
}
END_TEST

START_TEST(a_text_that_grows_too_long_is_refused)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(Expression) expression = NULL;
    g_autofree char *long_text = repeated("x", 300, "");
    Datum value = datum_from_text(long_text), result;
    GStringChunk *texts = g_string_chunk_new(64);

    g_ptr_array_add(names, (void *) "a");
    expression = expression_parse("${a} + ${a} + ${a} + ${a}", names, NULL);
    ck_assert(!expression_evaluate(expression, &value, texts, &result, &error));
    ck_assert_str_eq(error->message, "the text is longer than 1000 bytes");
    ck_assert(expression_uses(expression, 0) && !expression_uses(expression, 1));
    g_string_chunk_free(texts);
}
END_TEST

START_TEST(what_a_result_says_means_the_same_again)
{
    static const char *const texts[] = { "64", "-3", "0.02s", "1250B", "true", "tcp", "1e-05s", "25%", "0.3" };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        Datum datum = datum_from_text(texts[i]);
        g_autofree char *again = NULL;

        if (datum.type != DATUM_TEXT)
            datum.text = NULL;
        again = datum_text(&datum);
        ck_assert_str_eq(again, texts[i]);
    }
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_loop_test(tcase, every_expression_gives_what_it_says, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(tcase, length_and_depth_are_bounded, 0, G_N_ELEMENTS(limits));
    tcase_add_test(tcase, a_text_that_grows_too_long_is_refused);
    tcase_add_test(tcase, what_a_result_says_means_the_same_again);
}

int main(void)
{
    return unit_run("plan/expression", add_tests);
}
